"""One examiner child process: sends requests, reads replies, and ends the whole process tree."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Self

from pydantic import ValidationError

import mockexam
from mockexam.errors import GraderFaultError
from mockexam.grading import protocol as p
from mockexam.grading.ipc import kill_group
from mockexam.paths import DOWNLOADS_VARIABLE, HOME_VARIABLE, StatePaths, downloads_dir

READY_SECONDS = 60.0
GRACE_SECONDS = 1.5
MAX_LINE = 1 << 22
MAX_LOG = 1 << 20
LOG_NAME = "marker.log"  # the name on disk since the first release


class ExaminerProcess:
    """A running examiner."""

    def __init__(self, process: asyncio.subprocess.Process, on_state: Callable[[p.PredictorState], None]) -> None:
        self._process = process
        self._on_state = on_state
        self._replies: asyncio.Queue[p.Message | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read())
        self._broken = ""
        self.ready: p.Ready | None = None

    @classmethod
    async def start(
        cls, state: StatePaths, environment: Mapping[str, str], on_state: Callable[[p.PredictorState], None]
    ) -> Self:
        """Start an examiner and wait until it is ready. Raises GraderFaultError."""
        # Cancelled inside this call, asyncio would wait for pipes that never come.
        launching = asyncio.create_task(_launch(state, environment))
        try:
            process = await asyncio.shield(launching)
        except asyncio.CancelledError:
            with contextlib.suppress(OSError, RuntimeError):
                await cls(await launching, on_state).close()
            raise
        except OSError as error:
            raise _no_start(error.strerror or str(error), str(error.filename or state.logs)) from None
        except RuntimeError as error:  # asyncio waits for it in a thread, and there may be too many
            raise _no_start(str(error), "") from None
        examiner = cls(process, on_state)
        try:
            async with asyncio.timeout(READY_SECONDS):
                first = await examiner.receive()
            if isinstance(first, p.JobFailed):
                raise GraderFaultError(first.message, location=first.location, hint=first.hint)
            if not isinstance(first, p.Ready) or first.protocol != p.VERSION:
                raise GraderFaultError("The grader belongs to another version of mockexam.", hint="Reinstall mockexam.")
        except TimeoutError:
            await examiner.close()
            raise _no_start("no reply", str(state.logs / LOG_NAME)) from None
        except BaseException:
            await examiner.close()
            raise
        examiner.ready = first
        return examiner

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None and not self._reading.done()

    async def send(self, message: p.Message) -> None:
        """Send a request. Raises GraderFaultError if the process has ended."""
        stdin = self._process.stdin
        assert stdin is not None  # a pipe, as asked for
        try:
            stdin.write(p.encode(message))
            await stdin.drain()
        except (ConnectionError, RuntimeError):
            raise self._gone() from None

    async def receive(self) -> p.Message:
        """The next reply. Raises GraderFaultError if the process has ended or sent something unreadable."""
        message = await self._replies.get()
        if message is None:
            self._replies.put_nowait(None)
            raise self._gone()
        return message

    def _gone(self) -> GraderFaultError:
        message = self._broken or "The grader ended unexpectedly."
        hint = f"It restarts by itself. If this happens again, read logs/{LOG_NAME} in mockexam's home folder."
        return GraderFaultError(message, hint=hint)

    async def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None  # a pipe, as asked for
        try:
            while line := await stdout.readline():
                message = p.read_reply(line)
                if isinstance(message, p.PredictorState):
                    self._on_state(message)
                else:
                    self._replies.put_nowait(message)
        except (ValidationError, ValueError):
            self._broken = "The grader sent an unreadable reply."
        finally:
            self._replies.put_nowait(None)

    async def close(self) -> None:
        """End it and all its child processes: close its stdin, wait a moment, then kill the group."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GRACE_SECONDS):
                    await self._process.wait()
        finally:
            kill_group(self._process)
            self._reading.cancel()
        await self._process.wait()
        # Else a pipe whose end was not read yet is closed after the event loop, with a traceback on the terminal.
        self._process._transport.close()  # type: ignore[attr-defined]  # noqa: SLF001  # asyncio offers nothing else


async def _launch(state: StatePaths, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Raises OSError, RuntimeError."""
    with _open_log(state) as log:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "mockexam.grading.examiner",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
            env={**_environment(state), **environment}, start_new_session=True, limit=MAX_LINE,
        )  # fmt: skip


def _no_start(reason: str, location: str) -> GraderFaultError:
    return GraderFaultError(f"The grader can't be started: {reason}.", location=location)


def _environment(state: StatePaths) -> dict[str, str]:
    """This environment, with the same home and the same mockexam package, whether installed or run from a checkout."""
    code = str(Path(mockexam.__file__).parents[1])
    given = os.environ.get("PYTHONPATH", "")
    parts = [code, *(part for part in given.split(os.pathsep) if part and part != code)]
    return os.environ | {
        HOME_VARIABLE: str(state.root),
        DOWNLOADS_VARIABLE: str(downloads_dir()),
        "PYTHONPATH": os.pathsep.join(parts),
        # NumPy's threads: to start them is most of its import, and the data must not depend on the number of cores.
        "OPENBLAS_NUM_THREADS": "1",
    }


def write_log(state: StatePaths, line: str) -> None:
    """Add a line to the grader's log, if it is writable."""
    with contextlib.suppress(OSError), _open_log(state) as log:
        log.write(f"{line}\n".encode())


def _open_log(state: StatePaths) -> IO[bytes]:
    """The log; one that has grown too long is moved aside first."""
    state.logs.mkdir(parents=True, exist_ok=True)
    path = state.logs / LOG_NAME
    with contextlib.suppress(FileNotFoundError, PermissionError):  # Windows: another grader writes to it
        if path.stat().st_size > MAX_LOG:
            path.replace(path.with_suffix(".old.log"))
    return path.open("ab")
