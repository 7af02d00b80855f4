"""One run of the examiner as a child process: lines in, lines out, an end of the whole tree."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Self

from pydantic import ValidationError

import mockexam
from mockexam.errors import GraderFaultError
from mockexam.grading import protocol as p
from mockexam.paths import HOME_VARIABLE, StatePaths

READY_SECONDS = 60.0
GRACE_SECONDS = 1.5
MAX_LINE = 1 << 22
MAX_LOG = 1 << 20
LOG_NAME = "marker.log"


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
        """Start one and wait until it is ready. Raises GraderFaultError."""
        try:
            with _open_log(state) as log:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-P", "-m", "mockexam.grading.examiner",
                    stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
                    env={**_environment(state), **environment}, start_new_session=True, limit=MAX_LINE,
                )  # fmt: skip
        except OSError as error:
            raise GraderFaultError(
                f"The marker can't be started: {error.strerror}.", location=str(error.filename or state.logs)
            ) from None
        except RuntimeError as error:  # asyncio waits for it in a thread, and there may be too many
            raise GraderFaultError(f"The marker can't be started: {error}.") from None
        examiner = cls(process, on_state)
        try:
            async with asyncio.timeout(READY_SECONDS):
                first = await examiner.receive()
            if isinstance(first, p.JobFailed):
                raise GraderFaultError(first.message, location=first.location, hint=first.hint)
            if not isinstance(first, p.Ready) or first.protocol != p.VERSION:
                raise GraderFaultError("The marker is of another version.", hint="Reinstall mockexam.")
        except TimeoutError:
            await examiner.close()
            raise GraderFaultError("The marker does not start.", location=str(state.logs / LOG_NAME)) from None
        except BaseException:
            await examiner.close()
            raise
        examiner.ready = first
        return examiner

    @property
    def pid(self) -> int:
        """Its process id, which is its process group's."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._process.returncode is None and not self._reading.done()

    async def send(self, message: p.Message) -> None:
        """Send a request. Raises GraderFaultError if it is gone."""
        stdin = self._process.stdin
        assert stdin is not None  # a pipe, as asked for
        try:
            stdin.write(p.encode(message))
            await stdin.drain()
        except (ConnectionError, RuntimeError):
            raise self._gone() from None

    async def receive(self) -> p.Message:
        """The next reply. Raises GraderFaultError when it has ended or talks nonsense."""
        message = await self._replies.get()
        if message is None:
            self._replies.put_nowait(None)
            raise self._gone()
        return message

    def _gone(self) -> GraderFaultError:
        what = self._broken or "The marker has ended unexpectedly."
        return GraderFaultError(what, hint="It starts anew by itself; its log is in mockexam's home folder.")

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
            self._broken = "The marker answered what is no message."
        finally:
            self._replies.put_nowait(None)

    async def close(self) -> None:
        """End it with all that it has started. It is asked by the end of its input, then killed."""
        stdin = self._process.stdin
        if stdin is not None:
            stdin.close()
        try:
            async with asyncio.timeout(GRACE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            pass
        finally:
            self._kill_group()
            self._reading.cancel()
        await self._process.wait()

    def _kill_group(self) -> None:
        """Kill what is left of the group that the examiner leads."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            elif self._process.returncode is None:
                self._process.kill()


def _environment(state: StatePaths) -> dict[str, str]:
    """This environment, with the same home and the same mockexam, whether it is installed or run from a checkout."""
    code = str(Path(mockexam.__file__).parents[1])
    given = os.environ.get("PYTHONPATH", "")
    parts = [code, *(part for part in given.split(os.pathsep) if part and part != code)]
    return os.environ | {HOME_VARIABLE: str(state.root), "PYTHONPATH": os.pathsep.join(parts)}


def write_log(state: StatePaths, line: str) -> None:
    """Add a line to the marker's log, if it can be written."""
    with contextlib.suppress(OSError), _open_log(state) as log:
        log.write(f"{line}\n".encode())


def _open_log(state: StatePaths) -> IO[bytes]:
    """The log, begun anew when it has grown too long."""
    state.logs.mkdir(parents=True, exist_ok=True)
    path = state.logs / LOG_NAME
    try:
        long = path.stat().st_size > MAX_LOG
    except FileNotFoundError:
        long = False
    if long:
        path.replace(path.with_suffix(".old.log"))
    return path.open("ab")
