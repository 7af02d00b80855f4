"""Runs a solution as a candidate would, and measures it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

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
