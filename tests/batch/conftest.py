"""Real models, made once, and items that ask for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.batch.job import BatchItem
from tests.shared import models_to_grade

GRADING = Path(__file__).parents[1] / "grading"
BANK = GRADING / "bank"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models that are graded; treat them as read-only."""
    return models_to_grade(tmp_path_factory)


@pytest.fixture
def make_item(tmp_path: Path) -> Callable[[str], BatchItem]:
    """Makes an item with a small file of its own, which is no real model."""

    def make(name: str) -> BatchItem:
        path = tmp_path / "models" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
        return BatchItem(
            name=name,
            path=path,
            format="keras",
            question="simple_model/tiny_line",
            fingerprint="f",
            edition="e",
            data_seed="seed-0",
            seed=0,
            holdout_seed="grade-0",
        )

    return make
