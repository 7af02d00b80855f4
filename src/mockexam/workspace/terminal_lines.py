"""What a program prints, as lines to show: progress bars overwrite themselves, colours go, nothing grows forever."""

from __future__ import annotations

import codecs
import re
from collections import deque

MAX_LINE = 2000
"""Characters of one line; the rest is cut."""
_CONTROL = re.compile(
    r"(\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\^_]|[\x00-\x08\x0b-\x1f\x7f-\x9f])"
)
"""Terminal sequences (ECMA-48, section 5.4) and control characters but tab and newline."""
_OPEN_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*|\][^\x07\x1b]{0,200})?$")
"""The begin of a sequence whose end has not come yet."""


class TerminalLines:
    """Turns a stream of bytes into finished lines and the one being written. Keeps the newest `keep` unread lines."""

    def __init__(self, keep: int) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""
        self._line = ""
        self._cursor = 0
        self._done: deque[str] = deque(maxlen=keep)
        self._dropped = 0

    @property
    def live(self) -> str:
        """The line that is being written, for example a progress bar in its newest state."""
        return self._line.rstrip()

    def feed(self, data: bytes, *, final: bool = False) -> None:
        """Take what was printed. With `final`, a line without an end is finished too."""
        text = self._rest + self._decoder.decode(data, final)
        self._rest = ""
        opened = None if final else _OPEN_SEQUENCE.search(text)
        if opened:
            self._rest = text[opened.start() :]
            text = text[: opened.start()]
        first, *others = text.split("\n")
        self._write(first)
        # Of very much output at once only the end is looked at: nobody can read the rest.
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
        """The lines finished since the last call, and how many before them were dropped."""
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
