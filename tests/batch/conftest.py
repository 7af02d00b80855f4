"""Real models, made once, and items that ask for them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.batch.job import BatchItem
from tests.shared import made_once

GRADING = Path(__file__).parents[1] / "grading"
BANK = GRADING / "bank"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every model of `grading/make_models.py`; treat it as read-only."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, GRADING / "make_models.py", folder], check=True, capture_output=True)

    return made_once(tmp_path_factory, "models-to-mark", make)


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
