"""How far a batch is, on standard error: a bar below the lines on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable

import click

from mockexam.wording import time_text

_BAR = 24
_ENOUGH = 4
"""Marked models from which the time left can be told."""
_QUIET_SECONDS = 15.0
"""Between two lines where there is no terminal."""


class BatchProgress:
    """Counts models; prints lines of results without spoiling the bar."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._terminal = sys.stderr.isatty()
        self._told = clock()
        self._done = self._marked = 0
        self._first = 0.0
        """When the first was marked: before it, TensorFlow started, which comes once."""

    def begin(self) -> None:
        """Show that something is about to come: the first model waits for TensorFlow."""
        if self._terminal:
            self._draw()
        else:
            click.echo(f"marking {self._total} model{'s' * (self._total != 1)}", err=True)

    def line(self, text: str, *, marked: bool) -> None:
        """One model is settled: print its line. `marked`: now, not in an earlier run."""
        self._done += 1
        self._marked += marked
        if marked and self._marked == 1:
            self._first = self._clock()
        self.clear()
        click.echo(text)
        sys.stdout.flush()
        if self._terminal:
            self._draw()
        elif self._clock() - self._told >= _QUIET_SECONDS and self._done < self._total:
            self._told = self._clock()
            click.echo(self._text(), err=True)

    def clear(self) -> None:
        """Take the bar away."""
        if self._terminal:
            click.echo("\r\x1b[K", err=True, nl=False)

    def _draw(self) -> None:
        filled = _BAR * self._done // self._total
        text = self._text()
        # One column short: a line that fills the width would be broken in two. The words come before the bar.
        room = shutil.get_terminal_size().columns - 1
        bar = f"{'━' * filled}{'─' * (_BAR - filled)}  " if _BAR + 2 + len(text) <= room else ""
        click.echo(f"{bar}{text}"[:room], err=True, nl=False)

    def _text(self) -> str:
        left = self._total - self._done
        text = f"{self._done} of {self._total}"
        if not self._marked:
            return f"{text} · TensorFlow is starting" if left else text
        if self._marked < _ENOUGH or not left:
            return text
        seconds = (self._clock() - self._first) / (self._marked - 1) * left
        return f"{text} · about {time_text(seconds)} left"
