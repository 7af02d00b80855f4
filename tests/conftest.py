"""What holds for every test."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is slow, not wrong: an example may take its time.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# The tests are compiled once for all workers, and the app once for the hundreds of processes that run it, also on
# machines that are set to keep no bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

TESTS = Path(__file__).parent

LONGEST_FIRST = (
    "end_to_end/test_sitting.py",
    "tui/test_sizes_and_looks.py",
    "session/test_finish.py",
    "grading/test_grade_model.py",
    "grading/test_compat.py",
    "workspace/test_watch.py",
    "tui/test_exam_keys.py",
    "verify/test_verification.py",
    "batch/test_grade_many.py",
    "workspace/test_script_run.py",
    "fuzz/test_fuzz.py",
    "end_to_end/test_bad_input.py",
    "session/test_not_received.py",
    "hostile/test_corpus.py",
    "grading/test_packs.py",
    "workspace/test_receive.py",
    "tui/test_training_curve.py",
    "end_to_end/test_kills.py",
    "test_layering.py",
    "doctor/test_full.py",
    "session/test_exam_session.py",
    "end_to_end/test_retry.py",
    "verify/test_static.py",
    "workspace/test_completeness.py",
    "grading/test_client.py",
    "grading/test_batch_independence.py",
    "test_wheel.py",
    "tui/test_terminal.py",
    "faults/test_walk.py",
    "grading/gate/test_saved_model_gate.py",
)
"""Files that start TensorFlow, and between them files that compute little and wait, or need no other process."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin, so that no worker is left alone with one at the end; the others keep their order."""
    rank = {TESTS / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
