"""Kills of the app, the examiner and the predictor, with TensorFlow: at their starts and in the middle of jobs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.examiner.predictor_host import OVERTIME_SECONDS
from mockexam.grading.ipc import BUSY_TIMES
from mockexam.paths import BANK_VARIABLE, StatePaths
from tests.faults.driver import Tally, Zygote, kills
from tests.faults.real import BANK, Sabotage

LIMIT = 3.0
"""The question's `max_seconds`."""
AT_START = {"examiner": (0.0, 0.1, 0.4, 1.0), "predictor": (0.0, 0.1, 0.5, 1.5, 2.5)}
"""Seconds after a process is there: while it is loading, to the time at which it is ready."""
AT_WORK = (0.0, 0.005, 0.02, 0.05, 0.1, 0.2)
"""Seconds after a part of a job has begun."""


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_no_kill_of_any_process_costs_a_mark(
    models: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Good models keep their marks, others their refusal, and nothing of the grader is left running."""
    tally = Tally()
    with Zygote(tmp_path, models) as zygote:
        calm = zygote.play("real")
        assert (calm["how"], calm["wrong"]) == ("ended", [])
        for fault in kills(calm["names"]):
            tally.add("app killed", fault, zygote.play("real", fault=fault, reboot=fault.number % 2 == 0))
        for whom, moments in AT_START.items():
            for after in moments:
                for times in (1, 2):
                    plan = Sabotage(whom, "spawn", after, times)
                    tally.add(f"{whom} killed at its start", plan, zygote.play("real", sabotage=plan))
            for after in AT_WORK:
                plan = Sabotage(whom, "job", after)
                tally.add(f"{whom} killed at work", plan, zygote.play("real", sabotage=plan))
    tally.report(record_property)


@pytest.mark.slow
async def test_a_hanging_model_delays_the_next_by_its_limit_at_most(models: Path, tmp_path: Path) -> None:
    """The question allows three seconds; then the hanging model is refused and the next one graded."""
    question = "simple_model/tiny_line"
    async with Grader(StatePaths(tmp_path / "home"), environment={BANK_VARIABLE: str(BANK)}) as grader:
        await grader.grade(question, data_seed="W", holdout_seed="s", model=models / "good.keras", format="keras")
        begun = time.monotonic()
        hanging = asyncio.create_task(
            grader.grade(question, data_seed="W", holdout_seed="s", model=models / "rogue_loop", format="saved_model")
        )
        await asyncio.sleep(0.05)
        good = await grader.grade(
            question, data_seed="W", holdout_seed="s", model=models / "good.keras", format="keras"
        )
        assert time.monotonic() - begun < LIMIT * BUSY_TIMES + OVERTIME_SECONDS / 2  # it waits beside other work
        assert good.marks == 5
        assert (await hanging).verdict is Verdict.LIMIT_EXCEEDED
