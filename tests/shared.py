"""What is dear to make and only read, made by the first worker that needs it for all of them; and mounting."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock

from mockexam.bank.loader import load_bank
from mockexam.bank.screening import Screening
from mockexam.grading.examiner.sandbox import find_bubblewrap
from mockexam.paths import StatePaths

TESTS = Path(__file__).parent
GOLDEN_BANK = TESTS / "golden" / "bank"
MAKE_MODELS = TESTS / "grading" / "make_models.py"


def quick_tensorflow(**more: str) -> dict[str, str]:
    """The environment of a script that trains or saves models: TensorFlow is imported in less time, and says little."""
    path = os.pathsep.join(map(str, (TESTS / "quick_site", TESTS.parent)))
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    return {**os.environ, **quiet, "PYTHONPATH": path, **more}


def train(*folders: Path) -> None:
    """Run the `solution.py` of one question's folder after the other, with one start of TensorFlow."""
    program = (
        "import os, runpy, sys\n"
        "for folder in sys.argv[1:]:\n"
        "    os.chdir(folder)\n"
        "    sys.path[0] = folder\n"
        "    runpy.run_path('solution.py', run_name='__main__')\n"
    )
    command = [sys.executable, "-c", program, *map(str, folders)]
    subprocess.run(command, env=quick_tensorflow(), check=True, capture_output=True)


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder of this name that `make` has filled; a second worker waits for the first."""
    root = factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        root = root.parent
    folder = root / name
    with FileLock(root / f"{name}.lock"):
        if not folder.exists():
            making = factory.mktemp(name)
            make(making)
            making.rename(folder)
    return folder


def models_to_grade(factory: pytest.TempPathFactory) -> Path:
    """A folder with every model of `grading/make_models.py`; treat it as read-only."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, MAKE_MODELS, folder], env=quick_tensorflow(), check=True, capture_output=True)

    return made_once(factory, "models-to-grade", make)


def checked_questions(factory: pytest.TempPathFactory) -> Path:
    """A `scratch` folder by which the app knows the questions of the golden bank as checked, which takes seconds."""

    def make(folder: Path) -> None:
        questions = load_bank(GOLDEN_BANK / "exams").questions.values()
        assert Screening(folder / StatePaths(folder).screening_cache.name).faults(questions) == {}

    return made_once(factory, "checked-questions", make)


def mounting(*mounts: str) -> list[str]:
    """What to put before a command so that it sees these mounts, as `bwrap` takes them; skips where that can't work."""
    program = find_bubblewrap()
    if program is None:
        pytest.skip("there is no bubblewrap to mount with")
    if reason := _can_not_mount(program):
        pytest.skip(f"bubblewrap does not work here: {reason}")
    return [program, *mounts]


@cache
def _can_not_mount(program: str) -> str:
    probe = [program, "--dev-bind", "/", "/", "--tmpfs", "/tmp", "true"]
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    return done.stderr.strip() or f"exit code {done.returncode}" if done.returncode else ""
