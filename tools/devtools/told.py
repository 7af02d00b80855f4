"""Talking to the person at the terminal: everything goes to standard error."""

from __future__ import annotations

import sys


class TellError(Exception):
    """Something that a person must know, and what to do about it."""

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what + (f"\n  what to do: {remedy}" if remedy else ""))


def tell(text: str) -> None:
    """One line of narration."""
    print(f"· {text}", file=sys.stderr, flush=True)


class Counter:
    """A line that counts: rewritten in place on a terminal, told once in a while elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = max(1, total)
        self._done = 0
        self._terminal = sys.stderr.isatty()

    def step(self, name: str) -> None:
        """One more is being worked on."""
        self._done += 1
        line = f"  {min(self._done, self._total)}/{self._total} {name}"
        if self._terminal:
            print(f"\r\033[K{line[:78]}", end="", file=sys.stderr, flush=True)
        elif self._done % 25 == 0:
            print(line, file=sys.stderr, flush=True)

    def end(self) -> None:
        """Leave the line."""
        if self._terminal and self._done:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
