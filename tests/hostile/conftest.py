"""The hostile corpus, made once, and what watches over its bait."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mockexam.grading.client import Grader
from mockexam.paths import BANK_VARIABLE, StatePaths
from tests.hostile.attack import Bait, Format
from tests.hostile.detectors import Detectors, Listener, watching
from tests.shared import quick_tensorflow

ROOT = Path(__file__).parents[2]
BANK = ROOT / "tests" / "grading" / "bank"


@dataclass(frozen=True)
class Hostile:
    """One hostile file."""

    name: str
    path: Path
    format: Format
    label: str
    works: str
    stripped: bool
    gate: bool
    lasting: bool
    keras2: bool


@dataclass(frozen=True)
class Corpus:
    """All of them, and their bait."""

    files: tuple[Hostile, ...]
    honest: tuple[Path, ...]
    detectors: Detectors


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """Made by a process of its own: TensorFlow stays out of this one."""
    folder = tmp_path_factory.mktemp("hostile")
    listener = Listener()
    command = [sys.executable, "-m", "tests.hostile.make_corpus", str(folder), str(listener.port)]
    done = subprocess.run(command, cwd=ROOT, env=quick_tensorflow(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    made: dict[str, dict[str, Any]] = json.loads((folder / "made.json").read_text())["attacks"]
    files = [Hostile(name, folder / "models" / facts.pop("file"), **facts) for name, facts in made.items()]
    with watching(Bait(folder / "bait", listener.port), listener) as detectors:
        yield Corpus(tuple(files), (folder / "honest.keras", folder / "honest2.keras"), detectors)
    listener.close()


@pytest.fixture
def new_grader(tmp_path: Path) -> Callable[..., Grader]:
    """Makes a grader, on the tests' bank."""

    def make(**environment: str) -> Grader:
        return Grader(StatePaths(tmp_path / "home"), environment={BANK_VARIABLE: str(BANK), **environment})

    return make
