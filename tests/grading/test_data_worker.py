"""Samples that are drawn for the marker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mockexam import paths
from mockexam.bank.loader import find_question
from mockexam.grading.examiner.data_worker import SampleCache, Samples
from tests.grading.conftest import BANK

NOISE, LINE = "simple_model/tiny_noise", "simple_model/tiny_line"


def train(folder: Path, question: str, at_most: int) -> Samples | None:
    """Training samples from a separate cache."""
    folder.mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        return SampleCache(folder, log).train(find_question(question), "mae", "7K3Q", at_most)


def test_training_samples_are_drawn_from_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most so many, the same each time, in order; their labels are never on disk."""
    monkeypatch.setenv(paths.BANK_VARIABLE, str(BANK))

    every, some, again = train(tmp_path, NOISE, 99), train(tmp_path, NOISE, 10), train(tmp_path / "again", NOISE, 10)

    assert every is not None
    assert some is not None
    assert again is not None
    known = dict(zip(np.load(every.features).ravel(), every.labels.ravel(), strict=True))
    picked = np.load(some.features).ravel()
    assert (every.count, some.count) == (41, 10)
    assert picked.tolist() == sorted(picked)
    assert [known[x] for x in picked] == some.labels.ravel().tolist()
    np.testing.assert_array_equal(np.load(again.features), picked[:, None])
    assert sorted(path.suffix for path in tmp_path.rglob("*") if path.is_file()) == ["", "", ".npy", ".npy", ".npy"]


def test_a_pack_may_give_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is nothing to compare with, and no fault."""
    monkeypatch.setenv(paths.BANK_VARIABLE, str(BANK))

    assert train(tmp_path, LINE, 10) is None
