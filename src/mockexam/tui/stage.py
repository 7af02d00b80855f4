"""How far the start of an exam is."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """From drawing a paper to the typed word."""

    DRAWING = "drawing"
    CHOOSING = "choosing"
    PREPARING = "preparing"
    READY = "ready"


TOLD = {
    Stage.DRAWING: "Drawing a paper …",
    Stage.CHOOSING: "The clock does not run yet.",
    Stage.PREPARING: "",
    Stage.READY: "and press Enter: the clock starts.",
}
"""What stands beside the action of each stage."""
