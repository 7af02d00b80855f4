"""Runs a candidate's script and turns its output into lines to show."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import os
import re
import signal
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mockexam.errors import UserError
from mockexam.workspace.layout import SOLUTION

MAX_LINE = 2000
"""Characters of one line; the rest is cut."""
_CONTROL = re.compile(
    r"(\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]|[\x00-\x08\x0b-\x1f\x7f-\x9f])"
)
"""Terminal sequences (ECMA-48, section 5.4) and control characters, except tab and newline."""
_OPEN_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*|\][^\x07\x1b]{0,200})?$")
"""The beginning of a sequence whose end has not arrived."""


class TerminalLines:
    """Turns bytes into lines, and keeps the newest `keep` unread ones. Progress bars overwrite themselves."""

    def __init__(self, keep: int) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""
        self._line = ""
        self._cursor = 0
        self._done: deque[str] = deque(maxlen=keep)
        self._dropped = 0

    @property
    def live(self) -> str:
        """The line being written, for example the current state of a progress bar."""
        return self._line.rstrip()

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Add output. With `final`, an unfinished last line is finished too."""
        text = self._rest + self._decoder.decode(data, final)
        self._rest = ""
        opened = None if final else _OPEN_SEQUENCE.search(text)
        if opened:
            self._rest = text[opened.start() :]
            text = text[: opened.start()]
        first, *others = text.split("\n")
        self._write(first)
        # Of a flood of output, only the end is processed.
        keep = self._done.maxlen or 0
        skipped = max(0, len(others) - keep - 1)
        if others:
            self._end_line()
        self._dropped += skipped
        for number, part in enumerate(others[skipped:], skipped + 1):
            self._write(part)
            if number < len(others):
                self._end_line()
        if final and self._line:
            self._end_line()

    def take(self) -> tuple[tuple[str, ...], int]:
        """The lines finished since the last call, and the number of lines dropped before them."""
        taken, dropped = tuple(self._done), self._dropped
        self._done.clear()
        self._dropped = 0
        return taken, dropped

    def _end_line(self) -> None:
        if len(self._done) == self._done.maxlen:
            self._dropped += 1
        self._done.append(self.live)
        self._line, self._cursor = "", 0

    def _write(self, text: str) -> None:
        for part in _CONTROL.split(text):
            if not part:
                continue
            if part == "\r":
                self._cursor = 0
            elif part == "\b":
                self._cursor = max(0, self._cursor - 1)
            elif part in ("\x1b[K", "\x1b[0K"):
                self._line = self._line[: self._cursor]
            elif part == "\t" or part[0].isprintable() or not _CONTROL.match(part):
                self._put(part)

    def _put(self, text: str) -> None:
        text = text.expandtabs(8)[: max(0, MAX_LINE - self._cursor)]
        end = self._cursor + len(text)
        self._line = self._line[: self._cursor].ljust(self._cursor) + text + self._line[end:]
        self._cursor = end


PYTHON_VARIABLE = "MOCKEXAM_PYTHON"
"""The environment variable that names a Python for the scripts, if it is not the app's own."""
KEEP_LINES = 2000
"""This many lines of unread output are kept."""
OUTPUT_SECONDS = 0.1
"""Output is reported at most this often."""
INTERRUPT_SECONDS = 5.0
"""Between SIGINT and SIGTERM: a training step ends first, and then the script may save."""
TERMINATE_SECONDS = 2.0
"""Between SIGTERM and SIGKILL."""
_CHUNK = 1 << 16
_MAX_FILE_BYTES = 32 << 20
"""At this size the output file is emptied, so that a script that prints without end does not fill the disk."""
_POLL_SECONDS = 0.2
"""How often to check whether the script has ended."""
_LINGER_SECONDS = 0.5
"""How long to wait for output of processes that outlive the script."""
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class RunOutput:
    """What was printed since the last report."""

    lines: tuple[str, ...]
    live: str
    """The line being written, such as a progress bar; empty if there is none."""
    dropped: int
    """Lines before `lines` that came too fast and were dropped."""


@dataclass(frozen=True, slots=True)
class RunEnded:
    """How a run ended."""

    code: int
    """The exit code, or the negative number of the signal that ended it."""
    seconds: float
    stopped: bool
    """Whether `stop` was called."""

    @property
    def text(self) -> str:
        """For example `ended after 12 s`."""
        after = f"after {self.seconds:.0f} s"
        if self.stopped:
            return f"stopped {after}"
        if self.code == 0:
            return f"ended {after}"
        if self.code == -signal.SIGINT:
            return f"interrupted {after}"
        if self.code == -_KILL:
            return f"killed by the system {after}: the computer probably ran out of memory"
        if self.code < 0:
            return f"crashed {after} ({_signal_name(-self.code)})"
        return f"ended with an error {after} (exit code {self.code})"


class ScriptRun:
    """One run of a script, in its own process group. Start it with `ScriptRun.start`."""

    def __init__(self, process: asyncio.subprocess.Process, printed: IO[bytes]) -> None:
        self._process = process
        self._printed = printed
        self._started = time.monotonic()
        self._lines = TerminalLines(KEEP_LINES)
        self._news = asyncio.Event()
        self._gone = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None
        self._ended: RunEnded | None = None
        self._watching = asyncio.create_task(self._watch())

    @classmethod
    async def start(cls, folder: Path, *, script: str = SOLUTION, env: Mapping[str, str] | None = None) -> ScriptRun:
        """Run a script in a question's folder, by default in the app's environment. Raises UserError."""
        _check(folder, script)
        environment = dict(os.environ if env is None else env)
        python = environment.get(PYTHON_VARIABLE) or sys.executable
        # Nobody could use a pager, colours or a prompt here.
        settings = {"PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONIOENCODING": "utf-8", "TERM": "dumb"}
        try:
            written, printed = _output_file()
            with _interruptible():
                process = await asyncio.create_subprocess_exec(
                    python,
                    script,
                    cwd=folder,
                    env={**environment, **settings},
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=written,
                    stderr=asyncio.subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise UserError(
                f"The script can't be started: {error.strerror or error}.",
                location=python,
                hint=f"Set {PYTHON_VARIABLE} to the Python that has TensorFlow, or leave it unset.",
            ) from None
        written.close()
        return cls(process, printed)

    @property
    def ended(self) -> RunEnded | None:
        """How the script ended; None while it runs."""
        return self._ended

    async def output(self) -> AsyncIterator[RunOutput]:
        """What the script prints, at most every OUTPUT_SECONDS, until its end. One caller at a time."""
        reported = ""
        while True:
            await self._news.wait()
            self._news.clear()
            over = self._ended is not None
            lines, dropped = self._lines.take()
            if lines or self._lines.live != reported:
                reported = self._lines.live
                yield RunOutput(lines, reported, dropped)
            if over:
                return
            await asyncio.sleep(OUTPUT_SECONDS)

    async def wait(self) -> RunEnded:
        """Wait for the end of the script."""
        await asyncio.shield(self._watching)
        assert self._ended is not None
        return self._ended

    async def stop(self) -> RunEnded:
        """Interrupt the script as Ctrl+C does; after 5 s terminate it, after 2 more kill it with all it started."""
        if self._ended is None and self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())
        return await self.wait()

    async def _stop(self) -> None:
        for number, seconds in ((signal.SIGINT, INTERRUPT_SECONDS), (signal.SIGTERM, TERMINATE_SECONDS)):
            self._signal(number)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._gone.wait()
                    return
        self._signal(_KILL)

    def _signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, number)
            else:
                self._process.terminate()

    async def _watch(self) -> None:
        reading = asyncio.create_task(self._read())
        waiting = asyncio.create_task(self._process.wait())
        try:
            while self._process.returncode is None:
                await asyncio.wait({waiting}, timeout=_POLL_SECONDS)
            code = self._process.returncode
            self._gone.set()
            await asyncio.wait({reading}, timeout=_LINGER_SECONDS)
        finally:
            # Processes that the script left behind, and the script itself if the app ends.
            self._signal(_KILL)
            reading.cancel()
            waiting.cancel()
            await asyncio.gather(reading, waiting, return_exceptions=True)
            self._printed.close()
        self._lines.feed(b"", final=True)
        self._ended = RunEnded(code, time.monotonic() - self._started, stopped=self._stopping is not None)
        self._news.set()

    async def _read(self) -> None:
        """Read the output file until the script has ended."""
        while True:
            while chunk := self._printed.read(_CHUNK):
                self._lines.feed(chunk)
                self._news.set()
                await asyncio.sleep(0)  # a flood of output must not block other tasks
                if self._printed.tell() > _MAX_FILE_BYTES:
                    self._printed.seek(0)
                    self._printed.truncate()
            if self._gone.is_set():
                return
            await asyncio.sleep(OUTPUT_SECONDS)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let a child started meanwhile react to interrupts, even if the app ignores them as a shell's background job."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
        yield
        return
    signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _output_file() -> tuple[IO[bytes], IO[bytes]]:
    """A nameless temporary file, opened for the script to append and for the app to read. Raises OSError.

    After the file was emptied, appending starts at its new beginning. Where an open file can't be unlinked, it stays.
    """
    descriptor, path = tempfile.mkstemp(prefix="mockexam-run-")
    os.close(descriptor)
    written = Path(path).open("ab", buffering=0)  # noqa: SIM115  # for the script; closed once it has started
    printed = Path(path).open("r+b", buffering=0)  # noqa: SIM115  # closed when the run has ended
    with contextlib.suppress(OSError):
        Path(path).unlink()
    return written, printed


def _check(folder: Path, script: str) -> None:
    message = "The question's folder is missing." if not folder.is_dir() else ""
    if not message and not (folder / script).is_file():
        message = f"There is no {script} in the question's folder."
    if message:
        raise UserError(message, location=str(folder), hint="Put the missing files back from the app.")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
