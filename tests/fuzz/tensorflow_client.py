"""The program `tensorflow_process.py`, asked from here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.shared import quick_tensorflow

ROOT = Path(__file__).resolve().parents[2]


class TensorFlowProcess:
    """A running `tensorflow_process.py`. Use it as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.tensorflow_process"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, env=quick_tensorflow(),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def ask(self, do: str, **given: object) -> str:
        """Have one of its tasks done."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({"do": do, **given}).encode() + b"\n")
        stdin.flush()
        return str(json.loads(stdout.readline()))
