"""Keeps each run as it ends, so that a verification that was interrupted goes on where it was.

A run is known by all that it hangs on: data maker, contract, metric, the solution's text, the seed and the libraries.
The bands are none of these: marks follow from the metric anew, so tuning bands trains nothing.
"""

from __future__ import annotations

import contextlib
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from pydantic import ValidationError

from mockexam.bank.evidence import Run, write_whole
from mockexam.bank.fingerprint import digest, file_hash
from mockexam.bank.models import Question
from mockexam.bank.rubric import Rubric
from mockexam.exam.marking import marks_for
from mockexam.paths import scoring_of

STUB = "stub"
"""The untouched stub among the solutions."""


def solution_path(question: Question, file: str) -> Path:
    """Where a solution lies: the stub, or a file below the scoring folder."""
    return question.folder / "stub.py" if file == STUB else scoring_of(question.folder) / file


def versions() -> dict[str, str]:
    """The libraries that a result hangs on."""
    names = {"tensorflow": "tensorflow", "keras": "keras", "numpy": "numpy", "scikit-learn": "scikit-learn"}
    return {"python": platform.python_version()} | {name: metadata.version(package) for name, package in names.items()}


class KeptRuns:
    """The runs in a folder."""

    def __init__(self, folder: Path, used: Mapping[str, str]) -> None:
        self._folder = folder
        self._versions = [f"{name} {version}" for name, version in sorted(used.items())]

    def get(self, question: Question, rubric: Rubric, file: str, seed: int) -> Run | None:
        """The run, with marks by the bands of today; None if there is none."""
        path = self._path(question, rubric, file, seed)
        try:
            run = Run.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None
        if run.value is None:
            return run
        marks = marks_for(run.value, rubric.bands, larger_is_better=rubric.larger_is_better)
        return run.model_copy(update={"marks": marks})

    def put(self, question: Question, rubric: Rubric, file: str, run: Run) -> None:
        """Keep it. Raises ToldError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(question, rubric, file, run.seed), run.model_dump_json())

    def forget(self, question: Question, rubric: Rubric, file: str, seed: int) -> None:
        """Have it trained again."""
        with contextlib.suppress(OSError):
            self._path(question, rubric, file, seed).unlink(missing_ok=True)

    def _path(self, question: Question, rubric: Rubric, file: str, seed: int) -> Path:
        solution = file_hash(solution_path(question, file))
        known_by = [question.id, question.fingerprint, rubric.metric, file, solution, str(seed)]
        key = digest([*known_by, *self._versions])
        return self._folder / f"{question.folder.name}-{key[:32]}.json"
