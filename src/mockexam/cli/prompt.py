"""A prompt on the last row of a terminal: a line is typed there while other lines are printed above it."""

from __future__ import annotations

import asyncio
import codecs
import math
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from types import TracebackType
from typing import Any, Self, TextIO, cast

from rich.cells import cell_len

_KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[\s\S]|[^\[O])|[^\x1b]")
"""A character, or the sequence of a key such as an arrow."""
_OPEN_KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?$")
"""The beginning of a sequence whose end has not arrived."""
_MAX_OPEN_KEY = 64
MAX_LINE = 1000
"""Characters of a line; what is typed or pasted beyond is left out."""
MAX_LINES_AT_ONCE = 20
"""More lines in one read, which holds 4096 bytes, were pasted by mistake."""
_PASTE_SECONDS = 0.3
"""A paste is over when nothing came for so long."""
_END_OF_INPUT = "\x04"
_CLEAR = "\r\x1b[K"
_SHORTENED = "…"


def can_prompt() -> bool:
    """Whether lines are typed and shown in a terminal that can erase a row."""
    if sys.platform == "win32":  # it has no termios
        return False
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


class LineEditor:
    """The line being typed, its cursor, and the lines before it: keys as in a shell."""

    def __init__(self) -> None:
        self.text = ""
        self.cursor = 0
        """Characters before it."""
        self._earlier: list[str] = []
        self._place = 0
        """Of the line shown, among the earlier ones and the new one."""
        self._keys: dict[str, Callable[[], None]] = {}
        for keys, does in (
            (("\x7f", "\b"), lambda: self._delete(self.cursor - 1, self.cursor)),
            (("\x1b[3~", "\x04"), lambda: self._delete(self.cursor, self.cursor + 1)),
            (("\x15",), lambda: self._delete(0, self.cursor)),
            (("\x0b",), lambda: self._delete(self.cursor, len(self.text))),
            (("\x17", "\x1b\x7f"), lambda: self._delete(self._word_start(), self.cursor)),
            (("\x1b[D", "\x1bOD", "\x02"), lambda: self._move(self.cursor - 1)),
            (("\x1b[C", "\x1bOC", "\x06"), lambda: self._move(self.cursor + 1)),
            (("\x1b[H", "\x1bOH", "\x1b[1~", "\x01"), lambda: self._move(0)),
            (("\x1b[F", "\x1bOF", "\x1b[4~", "\x05"), lambda: self._move(len(self.text))),
            (("\x1b[A", "\x1bOA", "\x10"), lambda: self._recall(self._place - 1)),
            (("\x1b[B", "\x1bOB", "\x0e"), lambda: self._recall(self._place + 1)),
        ):
            self._keys.update(dict.fromkeys(keys, does))

    def press(self, key: str) -> None:
        """Take a key other than Enter; an unknown one does nothing."""
        if key in self._keys:
            self._keys[key]()
        elif key.isprintable() and len(self.text) < MAX_LINE:
            self.text = self.text[: self.cursor] + key + self.text[self.cursor :]
            self.cursor += 1

    def take(self) -> str:
        """The line, which is finished; a new one begins."""
        line, self.text, self.cursor = self.text, "", 0
        if line.strip() and self._earlier[-1:] != [line]:
            self._earlier.append(line)
        self._place = len(self._earlier)
        return line

    def _delete(self, start: int, end: int) -> None:
        start = max(0, start)
        self.text = self.text[:start] + self.text[end:]
        self.cursor = start

    def _move(self, to: int) -> None:
        self.cursor = min(max(0, to), len(self.text))

    def _word_start(self) -> int:
        return self.text[: self.cursor].rstrip().rfind(" ") + 1

    def _recall(self, place: int) -> None:
        if 0 <= place <= len(self._earlier):
            self._place = place
            self.text = self._earlier[place] if place < len(self._earlier) else ""
            self.cursor = len(self.text)


class Prompt:
    """Reads lines from a terminal in the event loop. Use it as a context manager, which gives the terminal back.

    Meanwhile what is written to standard output and error appears above the prompt, whole lines at a time.
    """

    def __init__(self, label: Callable[[], str]) -> None:
        """`label` gives what stands before the typed line."""
        self._label = label
        self._shown_label: str | None = None
        """None while the prompt is not on the screen."""
        self._editor = LineEditor()
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""
        self._pasted = -math.inf
        """When text was last ignored: monotonic seconds."""
        self._lines: asyncio.Queue[str | None] = asyncio.Queue()
        self._held: list[tuple[TextIO, str]] = []
        """What was written while the terminal was lent."""
        self._cleanup = ExitStack()
        self.lent = False
        """Whether another program has the terminal."""

    def __enter__(self) -> Self:
        self._input, self._output = sys.stdin.fileno(), sys.stdout
        if sys.platform == "win32":
            raise NotImplementedError  # `can_prompt` says no there
        import termios

        self._modes = termios.tcgetattr(self._input)
        self._cleanup.enter_context(redirect_stdout(cast("TextIO", _Above(self, sys.stdout))))
        if sys.stderr.isatty():
            self._cleanup.enter_context(redirect_stderr(cast("TextIO", _Above(self, sys.stderr))))
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGCONT, self._take_terminal)
        self._cleanup.callback(loop.remove_signal_handler, signal.SIGCONT)
        self._cleanup.callback(self._give_terminal)
        self._take_terminal()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._cleanup.close()

    async def read(self) -> str | None:
        """The next line; None where the input ends, as with Ctrl+D on an empty line."""
        return await self._lines.get()

    def refresh(self) -> None:
        """Show the label of now, if it has changed."""
        if self._shown_label is not None and self._shown_label != self._label():
            self._draw()

    def write(self, stream: TextIO, text: str) -> None:
        """Write above the prompt, which is back after a whole line."""
        if self.lent:
            self._held.append((stream, text))
            if "\a" in text:
                self._send("\a")
            return
        self._hide()
        with suppress(OSError):  # a closed terminal must not stop the session: the app is being left
            stream.write(text)
            if text.endswith("\n"):
                stream.flush()
                self._draw()

    @contextmanager
    def lend(self) -> Iterator[None]:
        """Leave the terminal to another program, as it was; what is written meanwhile is shown afterwards."""
        self._give_terminal()
        self.lent = True
        try:
            yield
        finally:
            self.lent = False
            held, self._held = self._held, []
            for stream, text in held:
                stream.write(text.replace("\a", ""))
                stream.flush()
            self._take_terminal()

    def _take_terminal(self) -> None:
        """Keys come one by one and unechoed; Ctrl+C and Ctrl+Z remain signals. Also after Ctrl+Z and `fg`."""
        if sys.platform == "win32":
            return  # never entered there
        import termios

        if self.lent or not self._in_foreground():
            return
        modes = termios.tcgetattr(self._input)
        modes[0] &= ~termios.IXON  # Ctrl+S would stop the clock and the receiving
        modes[3] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
        modes[6][termios.VMIN], modes[6][termios.VTIME] = 1, 0
        termios.tcsetattr(self._input, termios.TCSADRAIN, modes)
        asyncio.get_running_loop().add_reader(self._input, self._read)
        self._draw()

    def _give_terminal(self) -> None:
        if sys.platform == "win32":
            return  # never entered there
        import termios

        asyncio.get_running_loop().remove_reader(self._input)
        self._hide()
        with suppress(OSError, termios.error):  # the terminal may be gone
            if self._in_foreground():
                termios.tcsetattr(self._input, termios.TCSADRAIN, self._modes)

    def _in_foreground(self) -> bool:
        """Whether the terminal is ours to set; a program in the background would be stopped for it."""
        if sys.platform == "win32":
            return False  # never entered there
        try:
            return os.tcgetpgrp(self._input) == os.getpgrp()
        except OSError:  # not the terminal that controls this program
            return True

    def _read(self) -> None:
        try:
            data = os.read(self._input, 4096)
        except OSError:
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._input)
            self._lines.put_nowait(None)
            return
        text = self._rest + self._decoder.decode(data)
        now, before = time.monotonic(), self._pasted
        if text.count("\r") + text.count("\n") > MAX_LINES_AT_ONCE or now - before < _PASTE_SECONDS:
            self._pasted, self._rest = now, ""
            if now - before >= _PASTE_SECONDS:
                self.write(self._output, "Pasted text was ignored: too many lines at once.\n")
            return
        opened = _OPEN_KEY.search(text)
        self._rest = text[opened.start() :][:_MAX_OPEN_KEY] if opened else ""
        for key in _KEY.findall(text[: opened.start()] if opened else text):
            if key in "\r\n":
                self._draw()
                self._send("\n")
                self._lines.put_nowait(self._editor.take())
            elif key == _END_OF_INPUT and not self._editor.text:
                self._lines.put_nowait(None)
            else:
                self._editor.press(key)
        self._draw()

    def _draw(self) -> None:
        """On one row: a line that is too long is shown around its cursor."""
        columns = max(2, shutil.get_terminal_size().columns)
        self._shown_label = self._label()
        label = _first_cells(self._shown_label, columns // 2)
        room = columns - cell_len(label) - 1
        before, after = self._editor.text[: self._editor.cursor], self._editor.text[self._editor.cursor :]
        if cell_len(before) > room:
            before = _SHORTENED + _first_cells(before[::-1], room - 1)[::-1]
        after = _first_cells(after, room - cell_len(before))
        back = f"\x1b[{cell_len(after)}D" if after else ""
        self._send(f"{_CLEAR}{label}{before}{after}{back}")

    def _hide(self) -> None:
        if self._shown_label is not None:
            self._shown_label = None
            self._send(_CLEAR)

    def _send(self, text: str) -> None:
        with suppress(OSError):
            self._output.write(text)
            self._output.flush()


class _Above:
    """A stream whose lines appear above the prompt."""

    def __init__(self, prompt: Prompt, stream: TextIO) -> None:
        self._prompt = prompt
        self._stream = stream

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError("text is written here, not bytes")
        if text:
            self._prompt.write(self._stream, text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _first_cells(text: str, cells: int) -> str:
    """The longest beginning that takes at most so many cells."""
    while cell_len(text) > max(0, cells):
        text = text[:-1]
    return text
