"""Progress on stderr: a bar on a terminal, plain lines elsewhere. The bar's library loads when a bar is drawn."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from mockexam.text.units import time_text

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

MOMENT_SECONDS = 1.0
"""How long something may take before `LateProgress` shows it."""
_BAR_COLUMNS = 24
_ENOUGH = 4
"""Graded models from which the time left can be estimated."""
_LINE_EVERY_SECONDS = 15.0
"""Between two lines of a batch where there is no terminal."""


def _bar() -> tuple[Progress, TaskID]:
    """A bar that is drawn only when it is told to, and leaves nothing behind."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    bar = Progress(
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
        BarColumn(_BAR_COLUMNS),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    return bar, bar.add_task("", total=1.0)


def _draw(bar: Progress, task: TaskID, fraction: float, text: str) -> None:
    bar.update(task, completed=fraction, description=text)
    if bar.live.is_started:
        bar.refresh()
    else:
        bar.start()


class ProgressLine:
    """Call it with a fraction from 0 to 1 and what is being done; a fraction of 1 takes the bar away.

    So does the end of the command: an error is reported on a line of its own, with the cursor visible.
    """

    def __init__(self) -> None:
        self._step = ""
        self._bar: tuple[Progress, TaskID] | None = None
        if (command := click.get_current_context(silent=True)) is not None:
            command.call_on_close(self.stop)

    def __call__(self, fraction: float, text: str) -> None:
        """Show how far it is."""
        if not sys.stderr.isatty():
            if text != self._step:
                click.echo(f"{fraction:4.0%}  {text}", err=True)
            self._step = text
            return
        if fraction >= 1:
            self.stop()
            return
        self._bar = self._bar or _bar()
        _draw(*self._bar, fraction, f"{fraction:4.0%}  {text}")

    def stop(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar[0].stop()


class LateProgress(ProgressLine):
    """The same, but silent for the first second: most calls take no longer."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = time.monotonic()
        self._shown = False

    def __call__(self, fraction: float, text: str) -> None:
        """Show how far it is, if it has lasted."""
        self._shown = self._shown or (fraction < 1 and time.monotonic() - self._begun > MOMENT_SECONDS)
        if self._shown:
            super().__call__(fraction, text)


def reading_progress() -> Callable[[int, int], None]:
    """Shows how many attempts have been read, once it takes long: after an update, summaries are computed anew."""
    progress = LateProgress()
    return lambda done, total: progress(done / total, f"reading the record: {done:,} of {total:,} attempts")


class BatchProgress:
    """Counts models, and prints each result above the bar."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._bar = _bar() if sys.stderr.isatty() else None
        self._reported = clock()
        self._done = self._graded = 0
        self._first = 0.0
        """When the first was graded: before it, TensorFlow started, which happens once."""

    def begin(self) -> None:
        """Show that something is about to come: the first model waits for TensorFlow."""
        if self._bar is None:
            click.echo(f"marking {self._total} model{'s' * (self._total != 1)}", err=True)
        self._draw()

    def line(self, text: str, *, graded: bool) -> None:
        """One model is done: print its line. `graded`: now, not in an earlier run."""
        self._done += 1
        self._graded += graded
        if graded and self._graded == 1:
            self._first = self._clock()
        self.clear()
        click.echo(text)
        sys.stdout.flush()
        self._draw()
        waited = self._clock() - self._reported
        if self._bar is None and waited >= _LINE_EVERY_SECONDS and self._done < self._total:
            self._reported = self._clock()
            click.echo(self._text(), err=True)

    def clear(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar[0].stop()

    def _draw(self) -> None:
        if self._bar is not None:
            _draw(*self._bar, self._done / self._total, self._text())

    def _text(self) -> str:
        left = self._total - self._done
        text = f"{self._done} of {self._total}"
        if not self._graded:
            return f"{text} · TensorFlow is starting" if left else text
        if self._graded < _ENOUGH or not left:
            return text
        seconds = (self._clock() - self._first) / (self._graded - 1) * left
        return f"{text} · about {time_text(seconds)} left"
