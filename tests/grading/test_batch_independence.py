"""A forecast must depend on its own window only: the future of one window is in the features of another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.examiner import prediction_result
from mockexam.grading.examiner.contract import Refusal

RNG = np.random.default_rng(1)


def test_the_same_holdout_seed_draws_the_same_samples() -> None:
    """As many as a batch, whatever the size of the hold-out; another seed draws others."""
    drawn = prediction_result.batch_sample(1000, "s")
    assert drawn == prediction_result.batch_sample(1000, "s") != prediction_result.batch_sample(1000, "t")
    assert len(set(drawn)) == prediction_result.COUNT
    few = prediction_result.batch_sample(5, "s")
    assert len(few) == prediction_result.COUNT
    assert set(few) <= set(range(5))


@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_rounding_passes_and_a_look_up_does_not(dtype: str) -> None:
    """Batches of other sizes round differently; a prediction that is looked up differs more."""
    again = prediction_result.batch_sample(300, "s")
    predictions = RNG.normal(10, 3, (300, 4)).astype(dtype)
    noise = 1e-3 if dtype == "float16" else 1e-6
    rounded = (predictions[again] * (1 + noise)).astype(dtype)
    looked_up = predictions[again].copy()
    looked_up[3] += 1

    assert prediction_result.check_batch_independence(predictions, rounded, again) is None
    refused = prediction_result.check_batch_independence(predictions, looked_up, again)
    assert isinstance(refused, Refusal)
    assert refused.verdict is Verdict.INVALID_MODEL
    assert "batch" in refused.message


def test_a_constant_prediction_is_not_a_look_up() -> None:
    """It has no variation to compare with."""
    again = prediction_result.batch_sample(80, "s")
    predictions = np.full((80, 1), 3.5, np.float32)
    assert prediction_result.check_batch_independence(predictions, predictions[again], again) is None


@pytest.mark.asyncio(loop_scope="session")
async def test_a_model_that_mixes_its_batch_is_refused_where_that_helps(grader: Grader, models: Path) -> None:
    """In a time series; elsewhere a sample tells nothing about another, and the same predictions get the same marks."""
    graded = {}
    for question in ("simple_model/tiny_line", "time_series/tiny_series"):
        for name in ("good", "mixing"):
            model = models / f"{name}.keras"
            graded[question[:4], name] = await grader.grade(
                question, data_seed="W", holdout_seed="s", model=model, format="keras"
            )

    assert graded["simp", "good"].marks == graded["time", "good"].marks == 5
    assert graded["simp", "mixing"].verdict is Verdict.GRADED
    assert graded["time", "mixing"].verdict is Verdict.INVALID_MODEL
    assert "other samples" in graded["time", "mixing"].message


async def test_a_model_that_remembers_its_inputs_is_refused(new_grader: Callable[..., Grader], models: Path) -> None:
    """GIVEN that it gets past the gate THEN a second process, which is fed other samples first, exposes it.

    It predicts the same for every sample as for the ones it was fed first: within one process nothing changes.
    """
    graded = {}
    async with new_grader(MOCKEXAM_GATE="off") as grader:
        for question in ("simple_model/tiny_line", "time_series/tiny_series"):
            graded[question[:4]] = await grader.grade(
                question, data_seed="W", holdout_seed="s", model=models / "rogue_keep", format="saved_model"
            )

    assert graded["simp"].verdict is Verdict.GRADED
    assert graded["time"].verdict is Verdict.INVALID_MODEL
    assert "from call to call" in graded["time"].message
