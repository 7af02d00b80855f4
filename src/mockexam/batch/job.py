"""What `--seed` and `--secret` stand for: the numbers of the training data, and those of the hold-out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import mockexam
from mockexam.batch.model_payload import ModelPayload
from mockexam.exam.events import ModelFormat
from mockexam.workspace.signature import Signature


def world_of_seed(seed: int) -> str:
    """Names the numbers that `--seed` stands for, apart from any paper's."""
    return f"seed-{seed}"


def secret_of(seed: int, chosen: str | None) -> str:
    """What the hold-out of `mockexam grade` is drawn from: the seed, and what `--secret` says if it says something."""
    return f"grade-{seed}-{chosen}" if chosen else f"grade-{seed}"


def name_of_holdout(secret: str) -> str:
    """Tells hold-outs apart in a record without telling what they were drawn from."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()[:16]


_LIBRARIES = ("tensorflow", "keras", "numpy")


def versions() -> dict[str, str]:
    """Versions by name; what is installed under another name is left out."""
    found = {"mockexam": mockexam.__version__}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


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
class GradingJob:
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
    payload: ModelPayload | None = None
    """The model itself, for a worker that may be on another machine."""
    environment: tuple[tuple[str, str], ...] = ()
    """Further variables for the marker's processes."""


@dataclass(frozen=True, slots=True)
class GradingFault:
    """Why a job came to nothing, through no fault of the model's."""

    what: str
    where: str = ""
    remedy: str = ""
