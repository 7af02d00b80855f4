"""The whole grader with TensorFlow, and somebody who kills its processes."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from mockexam.exam.scoring import Verdict
from mockexam.grading import protocol as p
from mockexam.grading.client import Grader
from mockexam.grading.examiner_process import ExaminerProcess
from mockexam.paths import BANK_VARIABLE
from tests.faults.messages import ask_at_messages
from tests.faults.story import SAVES, Corpus, Room

BANK = Path(__file__).parents[1] / "grading" / "bank"
FILES = {
    # Far from the edge of a band, whichever hold-out is drawn.
    "a": ("near.keras", (Verdict.GRADED, 2)),
    "b": ("good.keras", (Verdict.GRADED, 5)),
    "c": ("newer.keras", (Verdict.INVALID_MODEL, None)),
    "d": ("nan.keras", (Verdict.INVALID_MODEL, None)),
}
"""Which file of `tests/grading/make_models.py` is saved when, and what it deserves."""


@dataclass(frozen=True)
class Sabotage:
    """Somebody kills a process of the grader's."""

    whom: str
    """`examiner` or `predictor`."""
    when: str
    """`spawn`: once it is there; `job`: once the examiner has said that it works on a model."""
    after: float
    """So many seconds later."""
    times: int = 1


def corpus(folder: Path) -> Corpus:
    """Real models, made by `tests/grading/make_models.py` in this folder."""
    models = {content: (folder / FILES[content][0]).read_bytes() for _, content in SAVES}
    deserved = {hashlib.sha256(models[content]).hexdigest(): FILES[content][1] for content in models}
    return Corpus(models, deserved.__getitem__)


def real_grader(room: Room, sabotage: Sabotage | None) -> Grader:
    """The whole grader. To be made in the process that uses it, in its event loop."""
    ask_at_messages()
    if sabotage is not None:
        works = asyncio.Event()
        receive = ExaminerProcess.receive

        async def noticing(self: ExaminerProcess) -> p.Message:
            message = await receive(self)
            if isinstance(message, p.Working):
                works.set()
            return message

        ExaminerProcess.receive = noticing  # type: ignore[method-assign]
        saboteur = asyncio.get_running_loop().create_task(_sabotage(room, sabotage, works))
        _tasks.add(saboteur)
    return Grader(room.state, environment={BANK_VARIABLE: str(BANK)})


_tasks: set[asyncio.Task[None]] = set()


async def _sabotage(room: Room, plan: Sabotage, works: asyncio.Event) -> None:
    killed: set[int] = set()
    for _ in range(plan.times):
        if plan.when == "job":
            works.clear()
            await works.wait()
            await asyncio.sleep(plan.after)
        while not (found := set(_processes(plan.whom)) - killed):
            await asyncio.sleep(0.002)
        if plan.when == "spawn":
            await asyncio.sleep(plan.after)
        killed |= found
        for one in found:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        with (room.folder / "struck").open("a") as file:
            file.write("x")


def _processes(whom: str) -> Iterator[int]:
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if f"mockexam.grading.{whom}" in " ".join(process.cmdline()):
                yield process.pid
