"""Runs a candidate's script, finds it again after a restart of the app, and turns its output into lines to show."""

from __future__ import annotations

import asyncio
import codecs
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from mockexam.errors import UserError
from mockexam.files import reason_of, remove, write_error
from mockexam.workspace import notebook
from mockexam.workspace.interpreter import PYTHON_VARIABLE, script_python
from mockexam.workspace.layout import SOLUTION
from mockexam.workspace.run_supervisor import ENDED, OLDER, OUTPUT, RUN, STOP, is_supervised, process_identity

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

    def skip(self) -> None:
        """Some output was lost: end the line being written, and count one as dropped."""
        if self._line:
            self._end_line()
        self._dropped += 1

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


KEEP_LINES = 2000
"""This many lines of unread output are kept."""
OUTPUT_SECONDS = 0.2
"""Output is reported at most this often."""
INTERRUPT_SECONDS = 5.0
"""Between SIGINT and SIGTERM: a training step ends first, and then the script may save."""
TERMINATE_SECONDS = 2.0
"""Between SIGTERM and SIGKILL."""
MAX_BYTES = 32 << 20
"""What a run's output may take on the disk, so that a script that prints without end does not fill it."""
_OVERTIME_SECONDS = 5.0
"""How long after its limit a run is stopped: the app looks for saved models first."""
_FIRST_SECONDS = 0.02
"""How often to look for the first output, so that a start is felt at once."""
_ALIVE_SECONDS = 1.0
"""How often to check that a run without an end still has somebody to end it."""
_STOP_SECONDS = 3.0
"""How long after the last signal of a stop the app kills the script itself."""
_CHUNK = 1 << 16
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

    code: int | None
    """The exit code, or the negative number of the signal that ended it; None if nobody was there to see it."""
    seconds: float
    stopped: bool
    """Whether a stop was asked for."""

    @property
    def text(self) -> str:
        """For example `ended after 12 s`."""
        after = f"after {self.seconds:.0f} s"
        if self.stopped:
            return f"stopped {after}"
        if self.code is None:
            return "ended while nothing watched it"
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
    """One run of a script as the app follows it; the run itself belongs to its supervisor and outlives the app.

    Start it with `ScriptRun.start`, or find one again with `ScriptRun.adopt`. `home` is the folder of its files.
    """

    def __init__(self, home: Path, run: dict[str, Any]) -> None:
        """Follow the run described by its `run.json`. Raises OSError."""
        self._home = home
        self.started: float = float(run["started"])
        """Wall seconds since 1970 UTC."""
        self.python = str(run.get("python", ""))
        """The interpreter that runs it; empty if an earlier version started it."""
        self._pid, self._identity = int(run["pid"]), str(run["identity"])
        self._printed: IO[bytes] = (home / OUTPUT).open("rb", buffering=0)
        self._lines = TerminalLines(KEEP_LINES)
        self._news = asyncio.Event()
        self._checked = 0.0
        self._ended: RunEnded | None = None
        self._watching = asyncio.create_task(self._watch())

    @classmethod
    async def start(
        cls,
        folder: Path,
        home: Path,
        *,
        script: str = SOLUTION,
        env: Mapping[str, str] | None = None,
        limit: float | None = None,
    ) -> ScriptRun:
        """Run a script or a notebook in a question's folder, by default in the app's environment. Raises UserError.

        `home` is emptied. The run is stopped after `limit` seconds, whether an app is there or not.
        """
        _check(folder, script)
        environment = dict(os.environ if env is None else env)
        python = script_python(environment)
        # Nobody could use a pager, colours or a prompt here.
        settings = {"PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "2", "PYTHONIOENCODING": "utf-8", "TERM": "dumb"}
        spec = {
            "folder": str(home),
            "command": [python, *([notebook.__file__] if script.endswith(notebook.ENDING) else []), script],
            "cwd": str(folder),
            "limit": None if limit is None else limit + _OVERTIME_SECONDS,
            "interrupt": INTERRUPT_SECONDS,
            "terminate": TERMINATE_SECONDS,
            "most_bytes": MAX_BYTES,
        }
        error = await asyncio.to_thread(_launch, home, spec, {**environment, **settings})
        run = None if error else cls.adopt(home)
        if run is None:
            raise UserError(
                f"The script can't be started: {error or 'its supervisor does not answer'}.",
                location=python,
                hint=f"Set {PYTHON_VARIABLE} to the Python that has TensorFlow, or leave it unset.",
            )
        return run

    @classmethod
    def adopt(cls, home: Path) -> ScriptRun | None:
        """The run whose files lie there, whether it goes on or has ended; None if there is none."""
        try:
            return cls(home, json.loads((home / RUN).read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @property
    def ended(self) -> RunEnded | None:
        """How the script ended, once all it printed has been read; None before."""
        return self._ended

    def recorded_end(self) -> RunEnded | None:
        """How the script ended, as far as that is on record; None while it runs."""
        try:
            end = json.loads((self._home / ENDED).read_text(encoding="utf-8"))
            return RunEnded(int(end["code"]), float(end["seconds"]), bool(end["stopped"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    async def output(self) -> AsyncIterator[RunOutput]:
        """What the script prints, at most every OUTPUT_SECONDS, until its end. One caller at a time.

        Of an adopted run that is all it has printed so far, from the beginning as far as it is kept.
        """
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

    def ask_to_stop(self) -> None:
        """Have it interrupted as Ctrl+C does; after 5 s terminated, after 2 more killed with all it started."""
        with suppress(OSError):  # `stop` has another way
            (self._home / STOP).touch()

    async def stop(self) -> RunEnded:
        """Ask to stop, and wait for the end."""
        self.ask_to_stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(INTERRUPT_SECONDS + TERMINATE_SECONDS + _STOP_SECONDS):
                return await self.wait()
        if sys.platform != "win32" and self._is_script():  # nobody passed the stop on
            with suppress(OSError):
                os.killpg(self._pid, _KILL)
        return await self.wait()

    async def leave(self) -> None:
        """Follow it no longer; it goes on."""
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        self._printed.close()

    async def _watch(self) -> None:
        ended: RunEnded | None = None
        while ended is None:
            ended = self._end()  # before the output is read, which then is all there is
            with suppress(OSError):
                await self._read()
            if ended is None:
                await asyncio.sleep(OUTPUT_SECONDS if self._printed.tell() else _FIRST_SECONDS)
        self._printed.close()
        self._lines.feed(b"", final=True)
        self._ended = ended
        self._news.set()

    def _end(self) -> RunEnded | None:
        ended = self.recorded_end()
        if ended is None and time.monotonic() - self._checked >= _ALIVE_SECONDS:
            self._checked = time.monotonic()
            if not is_supervised(self._home) and not self._is_script():
                last = os.fstat(self._printed.fileno()).st_mtime
                unseen = RunEnded(None, max(0.0, last - self.started), (self._home / STOP).exists())
                ended = self.recorded_end() or unseen
        return ended

    def _is_script(self) -> bool:
        """Whether the process of that number is still the script, not another one after it or after a reboot."""
        return bool(self._identity) and process_identity(self._pid) == self._identity

    async def _read(self) -> None:
        """Read what there is. Raises OSError."""
        at = self._printed.tell()
        if at == 0 and (self._home / OLDER).exists():
            self._lines.skip()
            await self._feed((self._home / OLDER).read_bytes())
        elif os.fstat(self._printed.fileno()).st_size < at:  # emptied meanwhile
            self._lines.skip()
            self._printed.seek(0)
        while chunk := self._printed.read(_CHUNK):
            await self._feed(chunk)

    async def _feed(self, output: bytes) -> None:
        for start in range(0, len(output), _CHUNK):
            self._lines.feed(output[start : start + _CHUNK])
            self._news.set()
            await asyncio.sleep(0)  # a flood of output must not block other tasks


def _launch(home: Path, spec: dict[str, Any], environment: dict[str, str]) -> str:
    """Start the supervisor; returns what went wrong, in a user's words. Raises UserError if `home` can't be made."""
    try:
        remove(home)
        home.mkdir(parents=True)
    except OSError as error:
        raise write_error(error, home, what="The script's output") from None
    flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
    command = [sys.executable, "-P", "-m", "mockexam.workspace.run_supervisor", json.dumps(spec)]
    try:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            creationflags=flags,
        )
    except OSError as error:
        return reason_of(error)
    assert process.stdout is not None
    with process.stdout as answers:
        answer = answers.readline()
    if hasattr(os, "fork"):
        process.wait()
    try:
        return str(json.loads(answer).get("error", ""))
    except ValueError:
        return "its supervisor does not answer"


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
