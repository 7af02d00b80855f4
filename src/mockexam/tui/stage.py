"""How far the start of an attempt is."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """From drawing a paper to the typed word."""

    DRAWING = "drawing"
    CHOOSING = "choosing"
    PREPARING = "preparing"
    READY = "ready"


def told(stage: Stage, *, timed: bool) -> str:
    """What stands beside the action of a stage."""
    return {
        Stage.DRAWING: "Drawing a paper …",
        Stage.CHOOSING: "The clock does not run yet." if timed else "Nothing has started yet.",
        Stage.PREPARING: "",
        Stage.READY: f"and press Enter: the {'clock' if timed else 'attempt'} starts.",
    }[stage]
