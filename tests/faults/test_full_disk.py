"""Grading on a real disk that is full: the right marks or a fault of the grader, never a refusal."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.real import BANK
from tests.shared import mounting

SCRIPT = Path(__file__).parent / "grading_on_a_full_disk.py"
SRC = Path(__file__).parents[2] / "src"


@pytest.mark.slow
@pytest.mark.parametrize("isolation", ["", "limits"])
def test_a_full_disk_makes_no_model_a_bad_one(models: Path, tmp_path: Path, isolation: str) -> None:
    """GIVEN not one free block in mockexam's home WHEN kept models are graded THEN none is refused or loses a mark."""
    home = tmp_path / "home"
    home.mkdir()
    mount = mounting("--dev-bind", "/", "/", "--size", "2000000", "--tmpfs", str(home))
    variables = {"MOCKEXAM_ISOLATION": isolation, "MOCKEXAM_BANK": str(BANK), "PYTHONPATH": str(SRC)}
    done = subprocess.run(
        [*mount, sys.executable, str(SCRIPT), str(home), str(models)],
        capture_output=True, text=True, timeout=110, check=False, env={**os.environ, **variables},
    )  # fmt: skip
    first, *said = (line.partition(": ")[2].strip() for line in done.stdout.splitlines())
    assert (first, len(said)) == ("graded 1", 6), done.stderr
    assert all(line == "graded 5" or line.startswith("fault") for line in said[:3])
    assert said[3:] == ["graded 5"] * 3
