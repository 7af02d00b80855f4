"""Mutations on the whole way: app's client, examiner, predictor; what is wrong with a verdict is reported."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from mockexam.errors import GraderFaultError
from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.examiner_process import LOG_NAME
from mockexam.grading.protocol import ModelGraded
from mockexam.paths import BANK_VARIABLE, StatePaths
from tests.fuzz.case import Case
from tests.fuzz.heldout import BANK, DATA_SEED, HOLDOUT_SEED, HeldOut
from tests.fuzz.tensorflow_client import TensorFlowProcess

SLACK_SECONDS = 30.0
"""Beyond a question's limit: drawing the hold-out, and a warm-up on a busy machine."""
_ENDS = (f"{Verdict.LIMIT_EXCEEDED.value}: The model", f"{Verdict.INVALID_MODEL.value}: The process")
"""How the outcomes begin after which a fresh predictor is due: a model that crashed or had to be ended."""
TOLERANCE = 0.011
"""A tie that falls the other way is one sample of two hundred."""


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case."""

    case: Case
    outcome: str
    """The verdict with its message, without what differs from file to file."""
    wrong: str = ""
    """Why it must not be so; empty if it is well."""


class CheckedGrader:
    """A grader of its own, and a program beside it that loads again what got marks. Use it as a context manager."""

    def __init__(self, folder: Path, heldouts: Mapping[str, HeldOut], **environment: str) -> None:
        self._heldouts = heldouts
        self._answer = folder / "answer.npy"
        self._starts = self._ended = 0
        self._last = ""
        variables = {BANK_VARIABLE: str(BANK), **environment}
        self.grader = Grader(StatePaths(folder / "home"), on_change=self._changed, environment=variables)
        self._logs = StatePaths(folder / "home").logs
        self._process: TensorFlowProcess | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.grader.close()
        if self._process is not None:
            self._process.__exit__(kind, error, trace)

    @property
    def process(self) -> TensorFlowProcess:
        """The program beside it, started when first needed."""
        self._process = self._process or TensorFlowProcess()
        return self._process

    def _changed(self) -> None:
        if self.grader.state == "starting" != self._last:
            self._starts += 1
        self._last = self.grader.state

    async def see(self, case: Case) -> Result:
        """Grade it, and check what the grader says."""
        begun = time.monotonic()
        try:
            graded = await self.grader.grade(
                case.question, data_seed=DATA_SEED, holdout_seed=HOLDOUT_SEED, model=case.path, format=case.kind
            )
        except GraderFaultError as fault:
            return Result(case, "fault", f"the grader failed: {fault}; the log ends: {self._log_end()}")
        seconds = time.monotonic() - begun
        outcome = _short(graded)
        self._ended += outcome.startswith(_ENDS)
        if seconds > self._heldouts[case.base].question.contract.max_seconds + SLACK_SECONDS:
            return Result(case, outcome, f"it took {seconds:.0f} s")
        if self._starts > self._ended + 1:
            self._ended += 1  # reported once
            return Result(case, outcome, f"the predictor had ended; the log ends: {self._log_end()}")
        wrong = await asyncio.to_thread(self._check_marks, case, graded) if graded.marks is not None else ""
        return Result(case, outcome, wrong)

    def _log_end(self) -> str:
        log = self._logs / LOG_NAME
        return repr(log.read_text(encoding="utf-8", errors="replace")[-500:]) if log.exists() else "none"

    def _check_marks(self, case: Case, graded: ModelGraded) -> str:
        if case.never:
            return "it got marks"
        heldout = self._heldouts[case.base]
        bare = self.process.ask(
            "bare", path=str(case.path), kind=case.kind, features=str(heldout.features), out=str(self._answer),
            honest=str(case.source),
        )  # fmt: skip
        if bare != "answered":
            return f"it got marks, and {bare} in a bare process"
        value = heldout.value(np.load(self._answer))
        if value is None or graded.value is None or abs(value - graded.value) > TOLERANCE * max(1.0, abs(value)):
            return f"it was graded at {graded.value}, a bare process comes to {value}"
        return ""


def _short(graded: ModelGraded) -> str:
    if graded.verdict is Verdict.GRADED:
        return "graded"
    return f"{graded.verdict.value}: {re.sub(r'[0-9(`].*|of .layer.*', '…', graded.message)[:70]}"
