"""A numbered mutation: the same number of the same format is the same file each time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import get_args

from mockexam.exam.events import ModelFormat
from tests.fuzz import archives, folders, weights
from tests.fuzz.change import Change

FORMATS: tuple[ModelFormat, ...] = get_args(ModelFormat)
SUFFIXES: dict[ModelFormat, str] = {"keras": ".keras", "h5": ".h5", "saved_model": ""}
BASES = ("line", "classes", "image", "words")
"""What `tensorflow_process.py` makes in each format; there is no `words.h5`, which does not come back."""
QUESTIONS = {
    "line": "simple_model/tiny_line",
    "classes": "simple_model/tiny_classes",
    "image": "image_classification/tiny_image",
    "words": "text_classification/tiny_words",
}
SPLICED = 0.08
"""How many are made of two models."""


@dataclass(frozen=True, slots=True)
class Case:
    """A file to be graded."""

    kind: ModelFormat
    number: int
    base: str
    source: Path
    """The honest model that was changed."""
    path: Path
    how: str
    never: bool
    """It must not get marks, whatever Keras thinks of it."""

    @property
    def question(self) -> str:
        """What its base was an answer to."""
        return QUESTIONS[self.base]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} ({self.base}; {self.how[:300]})"


def make(kind: ModelFormat, number: int, seeds: Path, folder: Path) -> Case:
    """Write a mutation of one of the models in `seeds` into an empty folder."""
    rng = Random(f"{kind} {number}")  # a text seeds alike in every process
    names = [name for name in BASES if (kind, name) != ("h5", "words")]
    base, other = rng.sample(names, 2)
    spliced = rng.random() < SPLICED
    source, second = (seeds / f"{name}{SUFFIXES[kind]}" for name in (base, other))
    target = folder / f"model{SUFFIXES[kind]}"
    if kind == "saved_model":
        how = folders.splice(source, second, target, rng) if spliced else folders.mutate(source, target, rng)
        return Case(kind, number, base, source, target, how, never=False)
    change = _change(kind, source.read_bytes(), second.read_bytes() if spliced else None, rng)
    target.write_bytes(change.data)
    return Case(kind, number, base, source, target, change.how, change.never)


def _change(kind: ModelFormat, data: bytes, second: bytes | None, rng: Random) -> Change:
    if kind == "keras":
        return archives.mutate(data, rng) if second is None else archives.splice(data, second, rng)
    return weights.mutate(data, rng) if second is None else archives.cut_and_join(data, second, rng)
