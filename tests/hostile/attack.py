"""What an attack is, what it goes for, and the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Format = Literal["keras", "h5", "saved_model"]
Label = Literal["code", "files_read", "files_written", "network", "processes", "resources", "structure"]
Works = Literal["here", "unsafe", "no"]
"""Whether it works on the installed libraries with the grader's own flags (`here`), with `safe_mode=False` and
`compile=True` alone (`unsafe`), or not at all, because Keras or TensorFlow stops it or nothing of it can be seen."""
SLEEP = "31536.5"
"""Seconds that a process of an attack would sleep: nothing else on a machine does that."""
LISTENER = 9
"""The port of the bait if nobody listens: discard."""


@dataclass(frozen=True)
class Bait:
    """What attacks go for; whoever touches it has broken out."""

    folder: Path
    port: int = LISTENER
    """Of a listener on 127.0.0.1."""

    @property
    def secret(self) -> Path:
        """Files to be read: `line.bin`, `line.txt`, `line.weights.h5`, `line` (checkpoint), `model` (SavedModel)."""
        return self.folder / "secret"

    @property
    def spot(self) -> Path:
        """A folder to write into; it holds `precious.txt`."""
        return self.folder / "spot"


Make = Callable[[Path, Bait], None]


@dataclass(frozen=True)
class Attack:
    """One hostile file."""

    name: str
    format: Format
    label: Label
    make: Make
    works: Works
    stripped: bool = False
    """What is hostile lies in a part that is never loaded: the rest may then be graded as it deserves."""
    gate: bool = True
    """The gate can know it. Else it is in what a model computes, and the limits or the look at its answer hold it."""
    lasting: bool = False
    """It takes seconds: for the slow run."""
    keras2: bool = False
    """It is for tf-keras."""

    def path(self, folder: Path) -> Path:
        """Where its file lies below a folder."""
        return folder / (self.name if self.format == "saved_model" else f"{self.name}.{self.format}")


ATTACKS: dict[str, Attack] = {}


def attack(
    format: Format,
    label: Label,
    works: Works = "no",
    *,
    stripped: bool = False,
    gate: bool = True,
    lasting: bool = False,
) -> Callable[[Make], Make]:
    """Put a maker on the list, under its own name and its format's."""

    def add(make: Make) -> Make:
        name = f"{make.__name__}_{format}"
        assert name not in ATTACKS, name
        ATTACKS[name] = Attack(name, format, label, make, works, stripped, gate, lasting)
        return make

    return add
