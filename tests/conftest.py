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
    "workspace/test_watch.py",
    "grading/test_grade_model.py",
    "batch/test_grade_many.py",
    "session/test_finish.py",
    "verify/test_verification.py",
    "fuzz/test_fuzz.py",
    "tui/test_training_curve.py",
    "doctor/test_full.py",
    "grading/test_packs.py",
    "workspace/test_completeness.py",
    "hostile/test_corpus.py",
    "grading/test_client.py",
    "tui/test_exam_keys.py",
    "workspace/test_receive.py",
    "end_to_end/test_bad_input.py",
    "end_to_end/test_kills.py",
    "end_to_end/test_retry.py",
    "verify/test_static.py",
    "tui/test_sizes_and_looks.py",
    "test_layering.py",
    "test_wheel.py",
    "session/test_not_received.py",
    "faults/test_walk.py",
    "workspace/test_script_run.py",
    "grading/gate/test_saved_model_gate.py",
    "session/test_exam_session.py",
    "tui/test_terminal.py",
    "grading/test_batch_independence.py",
)
"""Files that work long and files that wait long, in turn: the processor is never idle while some test waits."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin, so that no worker is left alone with one at the end; the others keep their order."""
    rank = {TESTS / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))
