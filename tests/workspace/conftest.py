"""Real saved models, made once by one process with TensorFlow."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockexam.exam.paper import Paper
from mockexam.workspace.layout import Workspace
from tests import factories
from tests.shared import made_once, quick_tensorflow


class KerasWorker:
    """Asks the process with TensorFlow to do something."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("w")
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("keras_worker.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=quick_tensorflow(),
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n", log.read_text()

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, *command: Any) -> None:
        """Begin to do it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([str(c) if isinstance(c, Path) else c for c in command]) + "\n")
        self._process.stdin.flush()

    def reply(self) -> Any:
        """What came of it; waits."""
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())

    def do(self, *command: Any) -> Any:
        """Do it and wait."""
        self.send(*command)
        return self.reply()

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()
        self._log.close()


@pytest.fixture(scope="session")
def keras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KerasWorker]:
    """The process with TensorFlow."""
    worker = KerasWorker(tmp_path_factory.mktemp("keras") / "log")
    yield worker
    worker.close()


@pytest.fixture(scope="session")
def samples(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one real model in each format; treat it as read-only."""

    def make(folder: Path) -> None:
        keras: KerasWorker = request.getfixturevalue("keras")
        for name in ("mymodel.keras", "mymodel.h5", "mymodel"):
            keras.do("save", folder / name, 0.5)

    return made_once(tmp_path_factory, "models-to-watch", make)


@pytest.fixture
def paper() -> Paper:
    """A paper of two questions."""
    return factories.paper((1, 2))


@pytest.fixture
def workspace(tmp_path: Path, paper: Paper) -> Workspace:
    """A workspace with empty question folders."""
    made = Workspace(tmp_path / "work")
    for item in paper.items:
        made.question(item.folder).mkdir(parents=True)
    return made
