"""What holds for every test."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from mockexam.bank import loader
from mockexam.bank.models import Question
from mockexam.paths import exams_dir
from tests.shared import quick_tensorflow

# A busy machine is slow, not wrong: an example may take its time.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# The tests are compiled once for all workers, and the app once for the hundreds of processes that run it, also on
# machines that are set to keep no bytecode.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A test process is large and soon over: looking for garbage as often as usual took a quarter of the time of the tests
# that drive the app.
gc.set_threshold(100_000, 50, 1000)

# Six workers and their processes share two cores: threads of NumPy and TensorFlow would only wait for each other.
for name in ("OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(name, "1")


@pytest.fixture(autouse=True, scope="session")
def shipped_questions_read_once() -> Iterator[None]:
    """The shipped bank, which no test changes, is loaded hundreds of times; most of that is reading its questions."""
    read, shipped, known = loader.load_question, exams_dir(), dict[Path, Question]()

    def read_once(folder: Path, *arguments: Any, **named: Any) -> Question:
        if folder.parents[1] != shipped:
            return read(folder, *arguments, **named)
        if folder not in known:
            known[folder] = read(folder, *arguments, **named)
        return known[folder]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loader, "load_question", read_once)
        yield


def pytest_sessionfinish() -> None:
    """Nothing is left to find for the last collections of pytest and Python, which would take seconds a worker."""
    gc.freeze()


TESTS = Path(__file__).parent

LONGEST_FIRST = (
    "grading/test_grade_model.py",
    "end_to_end/test_sitting.py",
    "end_to_end/test_classics.py",
    "workspace/test_watch.py",
    "tui/test_training_curve.py",
    "cli/test_serve.py",
    "grading/test_keras2.py",
    "session/test_finish.py",
    "end_to_end/test_app_ends.py",
    "grading/test_packs.py",
    "workspace/test_script_run.py",
    "batch/test_grade_many.py",
    "grading/test_compat.py",
    "tui/test_exam_keys.py",
    "session/test_not_received.py",
    "verify/test_solution_run.py",
    "workspace/test_file_events.py",
    "workspace/test_layout.py",
    "end_to_end/test_retry.py",
    "grading/gate/test_own_size.py",
    "fuzz/test_fuzz.py",
    "session/test_exam_session.py",
    "doctor/test_full.py",
    "tools/test_setup.py",
    "verify/test_verification.py",
    "session/test_transfer.py",
    "cli/test_prompt.py",
    "hostile/test_corpus.py",
    "tui/test_terminal.py",
    "tui/test_sizes_and_looks.py",
    "session/test_script_runs.py",
    "grading/test_remedies.py",
    "workspace/test_pack.py",
    "end_to_end/test_bad_input.py",
    "verify/test_static.py",
    "golden/test_graded.py",
    "tui/test_result.py",
    "tui/test_start.py",
    "end_to_end/test_kills.py",
    "grading/test_client.py",
    "bank/test_data_makers.py",
    "tui/review/test_history.py",
    "tui/review/test_attempt.py",
    "tui/test_exam_screen.py",
    "bank/test_screening.py",
    "grading/test_batch_independence.py",
    "workspace/test_completeness.py",
    "tui/test_signals.py",
    "platforms/test_start.py",
    "test_layering.py",
    "grading/gate/test_saved_model_gate.py",
    "faults/test_messages.py",
    "faults/test_walk.py",
    "test_wheel.py",
    "workspace/test_receive.py",
)
"""By processor time, and between them the files that compute little and wait."""

GROUPS = {
    "grading": ("test_grade_model", "test_keras2", "test_remedies", "test_regrade", "test_batch_independence"),
    "workspace": ("test_watch", "test_completeness", "test_receive"),
}
"""By folder: files that share a process with TensorFlow (the fixtures `grader` and `keras`), whose start costs more
than many tests: one worker has them all."""
GROUP_OF = {f"tests/{folder}/{name}.py": folder for folder, names in GROUPS.items() for name in names}


class _Scheduling(LoadFileScheduling):
    """A file to a worker at a time, those of a group to one."""

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return GROUP_OF.get(file, file)


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling | None:
    """For the whole suite; other distributions can still be asked for."""
    return _Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Each worker begins to read the tests elsewhere: in a fresh clone it finds compiled what another has met."""
    report = yield
    if isinstance(collector, pytest.Directory) and (worker := getattr(collector.config, "workerinput", None)):
        first = int(worker["workerid"].removeprefix("gw")) * len(report.result) // worker["workercount"]
        report.result = report.result[first:] + report.result[:first]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files begin, so that no worker is left alone with one at the end; the others come by name."""
    rank = {TESTS / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: (rank.get(item.path, len(rank)), item.path))


@pytest.fixture
def quick_scripts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripts that the app starts import TensorFlow in less time; the sandbox has an environment of its own."""
    monkeypatch.setenv("PYTHONPATH", quick_tensorflow()["PYTHONPATH"])
