"""A model of a series must answer for each window alone: the future of one lies in the features of another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.examiner import prediction_result
from mockexam.grading.examiner.prediction_result import Refused

RNG = np.random.default_rng(1)


def test_the_same_secret_draws_the_same_samples() -> None:
    """As many as a batch, whatever the hold-out's size; another secret draws others."""
    drawn = prediction_result.batch_sample(1000, "s")
    assert drawn == prediction_result.batch_sample(1000, "s") != prediction_result.batch_sample(1000, "t")
    assert len(set(drawn)) == prediction_result.COUNT
    few = prediction_result.batch_sample(5, "s")
    assert len(few) == prediction_result.COUNT
    assert set(few) <= set(range(5))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rounding_is_let_pass_and_a_look_up_is_not(dtype: str) -> None:
    """Batches of other sizes round otherwise; an answer that is looked up for some of the samples is another one."""
    again = prediction_result.batch_sample(300, "s")
    answers = RNG.normal(10, 3, (300, 4)).astype(dtype)
    noise = 1e-3 if dtype == "float16" else 1e-6
    rounded = (answers[again] * (1 + noise)).astype(dtype)
    looked_up = answers[again].copy()
    looked_up[3] += 1

    passed = prediction_result.check_batch_independence(answers, rounded, again)
    assert not isinstance(passed, Refused)
    assert np.array_equal(passed, answers)
    refused = prediction_result.check_batch_independence(answers, looked_up, again)
    assert isinstance(refused, Refused)
    assert refused.verdict is Verdict.INVALID_MODEL
    assert "mixes samples" in refused.refusal.message


def test_a_constant_answer_is_no_look_up() -> None:
    """It has no spread to compare with."""
    again = prediction_result.batch_sample(80, "s")
    answers = np.full((80, 1), 3.5, np.float32)
    assert not isinstance(prediction_result.check_batch_independence(answers, answers[again], again), Refused)


@pytest.mark.asyncio(loop_scope="session")
async def test_a_model_that_mixes_its_batch_is_refused_where_that_helps(grader: Grader, models: Path) -> None:
    """In a series; elsewhere samples know nothing of one another, and the same answers get the same marks as before."""
    told = {}
    for question in ("simple_model/tiny_line", "time_series/tiny_series"):
        for name in ("good", "mixing"):
            model = models / f"{name}.keras"
            told[question[:4], name] = await grader.grade(
                question, data_seed="W", holdout_seed="s", model=model, format="keras"
            )

    assert told["simp", "good"].marks == told["time", "good"].marks == 5
    assert told["simp", "mixing"].verdict is Verdict.GRADED
    assert told["time", "mixing"].verdict is Verdict.INVALID_MODEL
    assert "other samples" in told["time", "mixing"].message


async def test_a_model_that_keeps_what_it_is_fed_is_refused(new_grader: Callable[..., Grader], models: Path) -> None:
    """GIVEN that it gets past the gate THEN a process that was fed other samples first tells on it.

    It answers all the same for the samples that it was fed first, whenever they come: within one process it is alike.
    """
    told = {}
    async with new_grader(MOCKEXAM_GATE="off") as grader:
        for question in ("simple_model/tiny_line", "time_series/tiny_series"):
            told[question[:4]] = await grader.grade(
                question, data_seed="W", holdout_seed="s", model=models / "rogue_keep", format="saved_model"
            )

    assert told["simp"].verdict is Verdict.GRADED
    assert told["time"].verdict is Verdict.INVALID_MODEL
    assert "asked again" in told["time"].message
