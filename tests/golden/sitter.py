"""A candidate who types a script of commands, and a grader that answers at once."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from mockexam.exam.scoring import Verdict
from mockexam.grading import protocol
from tests.golden.old_record import RECORD, attempts, rows

PATIENCE = 60.0
"""Seconds."""
VERDICTS: dict[str, dict[str, Any]] = {
    "simple_model/fence_line": {"marks": 4, "metric": "mae", "value": 0.09, "next_at": 0.05},
    "learning_dataset/ferry_deck": {
        "verdict": Verdict.INVALID_MODEL, "message": "It answers no probabilities.", "remedy": "End with a softmax.",
    },
    "time_series/mill_pond": {"marks": 5, "metric": "mae", "value": 0.5},
}  # fmt: skip
"""What each question's models get; others get full marks."""


class QuickGrader:
    """In place of the grader's client and its processes, which are tested for real elsewhere."""

    state = "warm"
    isolation = "bubblewrap"
    detail = ""

    def __init__(self, *_: object, **__: object) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    async def close(self) -> None: ...

    async def warm_up(self) -> None: ...

    async def prepare(self, *_: object, **__: object) -> None: ...

    async def make_data(self, question: str, *, folder: Path, progress: Callable[[float], None], **_: object) -> None:
        (folder / "table.csv").write_text("1,2\n", encoding="utf-8")
        progress(1.0)

    async def grade(self, question: str, **_: object) -> protocol.ModelGraded:
        verdict = {"verdict": Verdict.GRADED, **VERDICTS.get(question, {"marks": 5})}
        return protocol.ModelGraded(job="j", isolation="bubblewrap", versions={"keras": "3"}, seconds=0.5, **verdict)

    async def diagnose(self, question: str, **_: object) -> protocol.ModelDiagnosed:
        return protocol.ModelDiagnosed(job="j", train_value=0.03, findings=["It overfits."])

    async def inspect(self, *, model: Path, **_: object) -> protocol.ModelInspected:
        return protocol.ModelInspected(
            job="j", format="keras", size=1281, saved_with="Keras 3.15.1", inputs=["float32 (None, 1)"],
            outputs=["float32 (None, 1)"], layers=["Dense 1"], parameters=2, findings=[],
        )  # fmt: skip


@dataclass(frozen=True)
class Watched:
    """The record of a home while an attempt runs, to wait on: it tells the same whatever is printed."""

    home: Path

    def wait_for(self, kind: str, times: int = 1) -> None:
        """Until so many events of this kind are on record for the newest attempt."""
        deadline = time.monotonic() + PATIENCE
        while (found := self._kinds().count(kind)) < times:
            assert time.monotonic() < deadline, f"{found} of {times} {kind}: {self._kinds()}"
            time.sleep(0.02)

    def _kinds(self) -> list[str]:
        try:
            return [kind for _, kind, *_ in rows(self.home / RECORD, attempts(self.home / RECORD)[-1])]
        except (IndexError, sqlite3.Error):
            return []


class Typed:
    """Standard input: what the script yields is typed, a line at a time, when the one before was obeyed."""

    def __init__(self, script: Iterator[str]) -> None:
        self._script = script
        self._turn = threading.Lock()
        self.fault: BaseException | None = None

    def isatty(self) -> bool:
        return False

    def readline(self) -> str:
        with self._turn:
            try:
                line = next(self._script, None)
                return "" if line is None else f"{line}\n"
            except BaseException as fault:  # noqa: BLE001  # it would be lost in the thread that reads
                self.fault = fault
                return "quit\n"
