"""What is to be marked, as it is found and as it travels to whoever marks it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mockexam.batch.parcel import Parcel
from mockexam.exam.events import ModelFormat
from mockexam.workspace.signature import Signature


@dataclass(frozen=True, slots=True)
class Item:
    """One model that is to be marked for one question."""

    name: str
    """What it is called in a line: its path below the folder, or its name in the list. Printable."""
    path: Path
    format: ModelFormat
    question: str
    """Id."""
    fingerprint: str
    """Of the question, see `Question.fingerprint`."""
    edition: str
    """Changes with any file of the question, its rubric too, as they lie on this machine."""
    world: str
    seed: int
    secret: str
    """What the hold-out is drawn from."""
    hindrance: str = ""
    """Why it can't be given to a marker at all; empty if it can."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is told of one model. Plain data, to be pickled."""

    question: str
    fingerprint: str
    world: str
    secret: str
    format: ModelFormat
    path: Path
    """Where the model lies on this machine."""
    state: Signature | None
    """How it looked when it was hashed; None if it was not."""
    sha256: str | None = None
    """Of its content, if that has one."""
    parcel: Parcel | None = None
    """The model itself, for a worker that may be on another machine."""
    environment: tuple[tuple[str, str], ...] = ()
    """Further variables for the marker's processes."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a job came to nothing, through no fault of the model's."""

    what: str
    where: str = ""
    remedy: str = ""
