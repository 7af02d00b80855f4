"""What came of marking one model, as it is kept and told."""

from __future__ import annotations

import math
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mockexam.batch.item import Item
from mockexam.batch.worlds import name_of_holdout
from mockexam.exam.events import ModelFormat
from mockexam.exam.marking import MARKS_PER_QUESTION, Verdict

MAX_TEXT = 4000


class Verdicted(BaseModel):
    """A verdict with all that belongs to it. Only `graded` has marks, and it always has."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    verdict: Verdict
    marks: int | None = Field(default=None, ge=0, le=MARKS_PER_QUESTION)
    metric: str | None = Field(default=None, max_length=100)
    value: float | None = None
    next_at: float | None = None
    message: str = Field(default="", max_length=MAX_TEXT)
    remedy: str = Field(default="", max_length=MAX_TEXT)
    isolation: str = Field(default="", max_length=200)
    versions: dict[str, str] = {}
    seconds: float = 0.0

    @model_validator(mode="after")
    def _marks_are_of_graded_alone(self) -> Self:
        graded = self.verdict is Verdict.GRADED
        if graded != (self.marks is not None):
            raise ValueError("marks and verdict contradict each other")
        if graded and (self.value is None or not math.isfinite(self.value)):
            raise ValueError("marks need a value")
        return self


class Result(Verdicted):
    """One line of the record."""

    name: str
    model: str
    """The path, as text."""
    question: str
    world: str
    seed: int
    holdout: str
    """A name of the numbers that it was marked on."""
    format: ModelFormat
    sha256: str | None
    edition: str
    at: str
    """When it was marked: ISO 8601, UTC."""

    @classmethod
    def of(cls, item: Item, verdict: Verdicted, *, sha256: str | None, at: str) -> Self:
        """The result of an item."""
        return cls(
            **verdict.model_dump(include=set(Verdicted.model_fields)),
            name=item.name,
            model=as_text(str(item.path)),
            question=item.question,
            world=item.world,
            seed=item.seed,
            holdout=name_of_holdout(item.secret),
            format=item.format,
            sha256=sha256,
            edition=item.edition,
            at=at,
        )

    def renamed(self, item: Item) -> Self:
        """The same result for an item with the same content."""
        return self.model_copy(update={"name": item.name, "model": as_text(str(item.path))})

    def fields(self) -> dict[str, Any]:
        """As data for JSON, what a reader looks for first."""
        values = self.model_dump(mode="json")
        return {name: values.pop(name) for name in ("name", "question", "verdict", "marks")} | values

    @property
    def key(self) -> tuple[str, ...]:
        """What the verdict hangs on, but for the versions."""
        return key_of(self.sha256 or "", self.format, self.question, self.edition, self.world, self.holdout)


def key_of(sha256: str, form: ModelFormat, question: str, edition: str, world: str, holdout: str) -> tuple[str, ...]:
    """What a verdict hangs on, but for the versions."""
    return (sha256, form, question, edition, world, holdout)


def as_text(text: str) -> str:
    """A text that others wrote, without what would move the cursor or can't be encoded."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
