"""Runs a solution as a candidate would, and measures it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pydantic import ValidationError

from mockexam.bank.calibration import SolutionRun, write_whole
from mockexam.bank.fingerprint import digest, file_hash
from mockexam.bank.models import Question
from mockexam.bank.rubric import Rubric
from mockexam.exam.scoring import marks_for
from mockexam.paths import scoring_of

LIMIT_SECONDS = 1800.0
LOG_NAME = "output.log"


@dataclass(frozen=True)
class Ran:
    """How a script ended."""

    code: int
    """Its exit code; negative for a signal."""
    seconds: float
    """Wall time from start to end."""
    peak_megabytes: float
    """The most memory it held, in units of 10**6 bytes; 0 where the system does not tell.

    Never less than what the starting process held then: Linux counts that, up to the child's exec, as the child's.
    """
    said: str
    """The end of what it wrote."""
    timed_out: bool = False

    @property
    def last_line(self) -> str:
        """The last line that it wrote."""
        lines = [line for line in self.said.splitlines() if line.strip()]
        return lines[-1].strip()[:300] if lines else ""


async def run_solution(folder: Path, limit: float = LIMIT_SECONDS) -> Ran:
    """Run `solution.py` in this folder. It is ended with all it started when the limit is over or this is cancelled."""
    log = folder / LOG_NAME
    begun = time.monotonic()
    with log.open("wb") as output:
        # Not asyncio's: its memory is told by wait4 alone, to the one who waits.
        process = subprocess.Popen(  # noqa: ASYNC220  # starting takes a moment, waiting is in a thread
            [sys.executable, "solution.py"],
            cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    waiting = asyncio.create_task(asyncio.to_thread(_wait, process))
    timed_out = False
    try:
        async with asyncio.timeout(limit):
            await asyncio.shield(waiting)
    except TimeoutError:
        timed_out = True
    finally:
        if not waiting.done():
            _kill(process)
            await waiting
    code, peak = waiting.result()
    said = log.read_bytes()[-20_000:].decode(errors="replace")
    return Ran(code, time.monotonic() - begun, peak, said, timed_out)


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Exit code and peak memory of the process and those it has waited for."""
    if not hasattr(os, "wait4"):
        return process.wait(), 0.0
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes on macOS, kilobytes on Linux
    return process.returncode, usage.ru_maxrss * unit / 10**6


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


STUB = "stub"
"""The untouched stub among the solutions."""


def solution_path(question: Question, file: str) -> Path:
    """Where a solution lies: the stub, or a file below the scoring folder."""
    return question.folder / "stub.py" if file == STUB else scoring_of(question.folder) / file


def versions() -> dict[str, str]:
    """The libraries that a result hangs on."""
    names = {"tensorflow": "tensorflow", "keras": "keras", "numpy": "numpy", "scikit-learn": "scikit-learn"}
    return {"python": platform.python_version()} | {name: metadata.version(package) for name, package in names.items()}


class RunCache:
    """The runs in a folder."""

    def __init__(self, folder: Path, used: Mapping[str, str]) -> None:
        self._folder = folder
        self._versions = [f"{name} {version}" for name, version in sorted(used.items())]

    def get(self, question: Question, rubric: Rubric, file: str, seed: int) -> SolutionRun | None:
        """The run, with marks by the bands of today; None if there is none."""
        path = self._path(question, rubric, file, seed)
        try:
            run = SolutionRun.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            return None
        if run.value is None:
            return run
        marks = marks_for(run.value, rubric.bands, larger_is_better=rubric.larger_is_better)
        return run.model_copy(update={"marks": marks})

    def put(self, question: Question, rubric: Rubric, file: str, run: SolutionRun) -> None:
        """Keep it. Raises UserError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_whole(self._path(question, rubric, file, run.seed), run.model_dump_json())

    def forget(self, question: Question, rubric: Rubric, file: str, seed: int) -> None:
        """Have it trained again."""
        with contextlib.suppress(OSError):
            self._path(question, rubric, file, seed).unlink(missing_ok=True)

    def _path(self, question: Question, rubric: Rubric, file: str, seed: int) -> Path:
        solution = file_hash(solution_path(question, file))
        known_by = [question.id, question.fingerprint, rubric.metric, file, solution, str(seed)]
        key = digest([*known_by, *self._versions])
        return self._folder / f"{question.folder.name}-{key[:32]}.json"
