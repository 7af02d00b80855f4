"""Seeds, and the samples that a data module must return."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.bank.models import Contract
from mockexam.grading.examiner.data_module import rng_for, samples_problem, seed_of

WORDS = st.text(max_size=10)


@given(WORDS, WORDS, WORDS, WORDS)
def test_every_part_makes_another_seed(data_seed: str, question: str, holdout_seed: str, other: str) -> None:
    """No two purposes, questions, data seeds or hold-out seeds share a seed, however the parts are split."""
    seeds = {seed_of(data_seed, question, purpose, holdout_seed) for purpose in ("world", "train", "holdout")}
    assert len(seeds) == 3
    if other != holdout_seed:
        assert seed_of(data_seed, question, "holdout", other) not in seeds
    assert seed_of(data_seed + "x", question, "world") != seed_of(data_seed, "x" + question, "world")


def test_numbers_are_the_same_in_another_process() -> None:
    """An exam replays on any machine."""
    program = "from mockexam.grading.examiner.data_module import rng_for"
    code = f"{program}; print(rng_for('W', 'q', 'train').integers(1 << 60))"
    output = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert int(output) == rng_for("W", "q", "train").integers(1 << 60)


def contract(dtype: str = "float32", form: str = "values", out: tuple[int, ...] = (1,)) -> Contract:
    """A contract with the parts that matter here."""
    return Contract.model_validate(
        {
            "max_megabytes": 1.0,
            "input": {"shape": (2,), "dtype": dtype, "meaning": "x", "range": (0.0, 9.0)},
            "output": {"shape": out, "form": form, "meaning": "x"},
        }
    )


GOOD = np.ones((5, 2), np.float32)
LABELS = np.ones((5, 1), np.float32)


@pytest.mark.parametrize(
    ("wanted", "metric", "features", "labels", "words"),
    [
        (contract(), "mae", GOOD, LABELS, ""),
        (contract(), "mae", np.where(np.eye(5, 2) > 0, np.nan, GOOD).astype(np.float32), LABELS, ""),
        (contract(), "mae", GOOD, LABELS[:, 0], ""),
        (contract(form="probabilities", out=(3,)), "accuracy", GOOD, np.arange(5) % 3, ""),
        (contract(form="unit_interval"), "auc", GOOD, np.arange(5) % 2, ""),
        (contract(), "mae", GOOD.astype(np.float64), LABELS, "dtype float64"),
        (contract(), "mae", np.ones((5, 3), np.float32), LABELS, "shape"),
        (contract(), "mae", GOOD[:0], LABELS[:0], "no samples"),
        (contract(), "mae", GOOD * 20, LABELS, "range"),
        (contract(), "mae", np.full((5, 2), np.inf, np.float32), LABELS, "infinite"),
        (contract("string"), "mae", GOOD, LABELS, "string"),
        (contract(), "mae", GOOD, LABELS[:4], "5 samples"),
        (contract(), "mae", GOOD, LABELS * np.nan, "not finite"),
        (contract(), "mae", GOOD, np.ones((5, 2)), "labels have shape"),
        (contract(form="probabilities", out=(3,)), "accuracy", GOOD, np.arange(5), "classes from 0 to 2"),
        (contract(form="probabilities", out=(3,)), "accuracy", GOOD, np.ones(5), "classes from 0 to 2"),
        (contract(form="unit_interval"), "f1", GOOD, np.arange(5), "not 0 or 1"),
    ],
)
def test_a_holdout_keeps_to_the_contract(
    wanted: Contract, metric: str, features: np.ndarray, labels: np.ndarray, words: str
) -> None:
    """The problem is named; missing values in features are allowed."""
    problem = samples_problem(wanted.model_dump(), metric, features, labels)
    assert words in problem
    assert bool(problem) == bool(words)
