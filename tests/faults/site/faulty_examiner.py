"""The examiner's own loop serves, but grades by a model's bytes alone, without TensorFlow.

What it says or hears goes wrong where `MOCKEXAM_TEST_FAULT` (a `MessageFault` as JSON) says so.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import signal
import sys
import time
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from mockexam.exam.scoring import Verdict
from mockexam.grading import protocol as p
from mockexam.grading.examiner import server

_NONE = {"at": "", "number": 0, "what": "", "times": 0}
_fault: dict[str, Any] = json.loads(os.environ.get("MOCKEXAM_TEST_FAULT", "null")) or _NONE
_count = {"reply": 0, "request": 0}
_really_read = p.read_request


def begin() -> None:
    """Change this process before the examiner's `__main__` runs."""
    server._write = _write
    server.__dict__["p"] = types.SimpleNamespace(**{**vars(p), "read_request": _read})
    stand_ins: dict[str, dict[str, object]] = {
        "predictor_host": {"PredictorHost": _Host},
        "data_worker": {"SampleCache": lambda *_: None},
        "grade_model": {"GradingContext": _Context, "grade_model": _grade_model, "prepare": lambda *_: None},
    }
    for name, content in stand_ins.items():
        module = types.ModuleType(f"mockexam.grading.examiner.{name}")
        assert importlib.util.find_spec(module.__name__), f"nothing imports {module.__name__}"
        vars(module).update(content)
        sys.modules[module.__name__] = module


def _due(at: str) -> str:
    """What goes wrong at this message, if anything; so often over all examiners of the round."""
    _count[at] += 1
    if _fault["at"] != at or _count[at] != _fault["number"]:
        return ""
    struck = Path(os.environ["MOCKEXAM_TEST_STRUCK"])
    if struck.exists() and struck.stat().st_size >= _fault["times"]:
        return ""
    with struck.open("a") as file:
        file.write("x")
    return str(_fault["what"])


def _write(replies: int, message: p.Message) -> None:
    what, line, job = _due("reply"), p.encode(message), str(getattr(message, "job", ""))
    said = {
        "": [line],
        "kill before": [],
        "kill after": [line],
        "half and kill": [line[: len(line) // 2]],
        "half and silence": [line[: len(line) // 2]],
        "garbage": [b"Welcome to my library!\n"],
        "binary": [bytes(range(256)) * 4 + b"\n"],
        "endless": [b"x" * 1_000_000] * 6,
        "wrong job": [p.encode(message.model_copy(update={"job": "j999"}))],
        "twice": [line, line],
        "another answer": [p.encode(p.DataMade(job=job, files=1, size=1))],
        "no marks": [p.encode(message.model_copy(update={"marks": None}))],
        "too many marks": [line.replace(b'"marks":', b'"marks":7')],
        "failed": [p.encode(p.JobFailed(job=job, message="No space left on device."))],
        "silence": [],
    }
    for part in said[what]:
        with suppress(BrokenPipeError):
            os.write(replies, part)
    if "kill" in what:
        _die()


def _read(line: bytes) -> object:
    what = _due("request")
    if what == "kill before":
        _die()
    if what == "lost":
        return None
    if what == "hang":
        time.sleep(600)
    if what == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    return _really_read(line)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Host:
    def __init__(self, sandbox: object, log: object, on_state: Callable[[str, str], None], on_lost: object) -> None:
        self._on_state = on_state

    def start(self) -> None:
        self._on_state("starting", "")
        self._on_state("warm", "")

    def kill(self) -> None:
        """There is nothing to kill."""


class _Context:
    def __init__(
        self, host: object, jobs: object, stock: object, versions: object, announce: Callable[[float], None]
    ) -> None:
        self.announce = announce


def _grade_model(context: _Context, request: p.GradeModel) -> p.ModelGraded:
    context.announce(0.3)
    digest = hashlib.sha256(Path(request.model).read_bytes()).hexdigest()
    return p.ModelGraded(
        job=request.job,
        verdict=Verdict.GRADED,
        marks=1 + int(digest, 16) % 5,
        metric="mae",
        value=1.0,
        isolation="x",
        versions={},
        seconds=0.1,
    )
