"""Runs a solution as a candidate would, measures it, and caches what the run showed."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pydantic import ValidationError

from mockexam.bank.loader import digest, file_hash
from mockexam.bank.models import Question
from mockexam.bank.rubric import EVIDENCE, Rubric, SolutionRun, read_evidence
from mockexam.errors import UserError
from mockexam.files import write_atomic
from mockexam.grading.ipc import kill_group
from mockexam.paths import scoring_of

LIMIT_SECONDS = 1800.0
LOG_NAME = "output.log"
REFERENCE = "reference.py"
STUB = "stub"  # the untouched stub among the solutions


@dataclass(frozen=True)
class ScriptResult:
    """How a script ended."""

    exit_code: int  # negative for a signal
    seconds: float
    """Wall time, or processor time where that is less: what the script needs on a machine that does nothing else."""
    peak_megabytes: float
    """Peak memory in units of 10**6 bytes; 0 where the system does not report it.

    At least what the starting process held: Linux counts that, up to the child's exec, as the child's.
    """
    output: str  # the end of what it wrote
    timed_out: bool = False

    @property
    def last_line(self) -> str:
        lines = [line for line in self.output.splitlines() if line.strip()]
        return lines[-1].strip()[:300] if lines else ""


async def run_solution(folder: Path, limit: float = LIMIT_SECONDS) -> ScriptResult:
    """Run `solution.py` in this folder; at the limit or when cancelled, it and its children are killed."""
    log = folder / LOG_NAME
    begun = time.monotonic()
    with log.open("wb") as output:
        # Not asyncio's: only wait4 reports the memory, and only to the process that waits.
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
            kill_group(process)
            await waiting
    exit_code, peak, worked = waiting.result()
    text = log.read_bytes()[-20_000:].decode(errors="replace")
    seconds = time.monotonic() - begun
    return ScriptResult(exit_code, seconds if timed_out else min(seconds, worked), peak, text, timed_out)


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, float, float]:
    """Exit code, peak memory and processor time of the process and of those that it waited for."""
    if not hasattr(os, "wait4"):
        return process.wait(), 0.0, math.inf
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): bytes on macOS, kilobytes on Linux
    return process.returncode, usage.ru_maxrss * unit / 10**6, usage.ru_utime + usage.ru_stime


def expectations(rubric: Rubric) -> dict[str, int]:
    """Marks by solution: the reference, the jury, the untouched stub."""
    return {REFERENCE: rubric.reference.marks, **{f"jury/{j.file}": j.marks for j in rubric.jury}, STUB: 0}


def solution_path(question: Question, file: str) -> Path:
    """The path of a solution: the stub, or a file below the scoring folder."""
    return question.folder / "stub.py" if file == STUB else scoring_of(question.folder) / file


def versions() -> dict[str, str]:
    """The versions that a result depends on."""
    packages = ("tensorflow", "keras", "numpy", "scikit-learn")
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in packages}


def machine() -> str:
    """This machine and its software, in words."""
    used = versions()
    software = f"Python {used['python']}, TensorFlow {used['tensorflow']} Keras {used['keras']}"
    return f"{os.cpu_count()} cores, {_processor()}, {platform.system()} {platform.machine()}, {software}"


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all. Raises UserError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text)
    except OSError as error:
        message = f"The file can't be written: {error.strerror}."
        raise UserError(message, location=str(path), hint="Free some disk space, or check the folder.") from None


class RunCache:
    """Runs in a folder and in the questions' evidence, so that nothing is trained twice."""

    def __init__(self, folder: Path, used: Mapping[str, str], *, fresh: bool = False) -> None:
        """`used`: the versions of all libraries; a run of other versions does not count. `fresh`: nor does evidence."""
        self._folder = folder
        self._used = dict(used)
        self._fresh = fresh

    def get(self, question: Question, rubric: Rubric, file: str, seed: int) -> SolutionRun | None:
        """The run, with marks by the current bands; None if there is none."""
        try:
            run = SolutionRun.model_validate_json(self._path(question, rubric, file, seed).read_bytes())
        except (OSError, ValidationError):
            found = None if self._fresh else self._proved(question, rubric, file, seed)
            if found is None:
                return None
            run = found
        return run if run.value is None else run.model_copy(update={"marks": rubric.marks(run.value)})

    def _proved(self, question: Question, rubric: Rubric, file: str, seed: int) -> SolutionRun | None:
        """The run in the question's evidence, if data, metric, script and versions are those of today."""
        evidence = read_evidence(scoring_of(question.folder) / EVIDENCE)
        if evidence is None or (evidence.data, evidence.metric) != (question.fingerprint, rubric.metric):
            return None
        solution = evidence.models.get(file)
        if evidence.versions != self._used or solution is None:
            return None
        if solution.sha256 != file_hash(solution_path(question, file)):
            return None
        return next((run for run in solution.runs if run.seed == seed), None)

    def put(self, question: Question, rubric: Rubric, file: str, run: SolutionRun) -> None:
        write_text(self._path(question, rubric, file, run.seed), run.model_dump_json())

    def forget(self, question: Question, rubric: Rubric, file: str, seed: int) -> None:
        with contextlib.suppress(OSError):
            self._path(question, rubric, file, seed).unlink(missing_ok=True)

    def _path(self, question: Question, rubric: Rubric, file: str, seed: int) -> Path:
        solution = file_hash(solution_path(question, file))
        used = [f"{name} {version}" for name, version in sorted(self._used.items())]
        key = digest([question.id, question.fingerprint, rubric.metric, file, solution, str(seed), *used])
        return self._folder / f"{question.folder.name}-{key[:32]}.json"
