"""Progress on stderr: a bar on a terminal, plain lines elsewhere. Rich is imported when a bar is drawn."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from mockexam.text.units import time_text

if TYPE_CHECKING:
    from rich.progress import Progress

DELAY_SECONDS = 1.0
"""What takes no longer shows no progress where it is usually quick."""
_DRAW_EVERY_SECONDS = 0.1
"""Between two pictures of the same step: of thousands of attempts, each takes less."""
_BAR_COLUMNS = 24
_MIN_GRADED = 4
"""Graded models needed to estimate the time left."""
_LINE_EVERY_SECONDS = 15.0
"""Between two lines of a batch without a terminal."""


class ProgressBar:
    """A bar below other output on a terminal; it leaves nothing behind."""

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def show(self, fraction: float | None, text: str) -> None:
        """Draw a fraction from 0 to 1; None for an unknown one, which moves by itself."""
        if self._bar is None:
            self._bar = self._make(moving=fraction is None)
        self._bar.update(self._bar.task_ids[0], completed=fraction or 0.0, description=text)
        if self._bar.live.is_started:
            self._bar.refresh()
        else:
            self._bar.start()

    def clear(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.stop()

    def _make(self, *, moving: bool) -> Progress:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        bar = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            BarColumn(_BAR_COLUMNS),
            console=Console(stderr=True),
            auto_refresh=moving,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        bar.add_task("", total=None if moving else 1.0)
        return bar


class CommandProgress:
    """Call it with a fraction (None: unknown) and a step; 1, and the command's end, remove the bar."""

    def __init__(self, delay: float = 0.0) -> None:
        """Show nothing in the first `delay` seconds."""
        self._show_from = time.monotonic() + delay
        self._shown = delay == 0
        self._step = ""
        self._drawn = 0.0
        self._bar = ProgressBar()
        if (command := click.get_current_context(silent=True)) is not None:
            command.call_on_close(self.stop)

    def __call__(self, fraction: float | None, text: str) -> None:
        """Show the progress, unless it is too early."""
        self._shown = self._shown or (fraction != 1 and time.monotonic() > self._show_from)
        if not self._shown:
            return
        if sys.stderr.isatty():
            if fraction is not None and fraction >= 1:
                self.stop()
            elif text != self._step or time.monotonic() - self._drawn >= _DRAW_EVERY_SECONDS:
                self._drawn = time.monotonic()
                self._bar.show(fraction, text if fraction is None else f"{fraction:4.0%}  {text}")
        elif text != self._step:
            click.echo(text if fraction is None else f"{fraction:4.0%}  {text}", err=True)
        self._step = text

    def stop(self) -> None:
        """Remove the bar."""
        self._bar.clear()


def delayed_progress() -> CommandProgress:
    """Progress of what is usually quick."""
    return CommandProgress(DELAY_SECONDS)


def reading_progress() -> Callable[[int, int], None]:
    """Progress of reading attempts, which takes long only after an update, when summaries are computed again."""
    progress = delayed_progress()
    return lambda done, total: progress(done / total, f"reading {done:,} of {total:,} attempts")


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show this text while something of unknown length takes longer than a second."""
    progress = CommandProgress()
    timer = threading.Timer(DELAY_SECONDS, progress, (None, text))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        progress.stop()


class BatchProgress:
    """Counts models, and prints each result above the bar."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._clock = clock
        self._bar = ProgressBar() if sys.stderr.isatty() else None
        self._reported = clock()
        self._done = self._graded = 0
        self._first = 0.0
        """When the first model was graded; before that, TensorFlow started."""

    def begin(self) -> None:
        """Show that grading has begun: TensorFlow starts before the first result."""
        if self._bar is None:
            click.echo(f"grading {self._total} model{'s' * (self._total != 1)}", err=True)
        self._draw()

    def line(self, text: str, *, graded: bool) -> None:
        """Print the result of one model. `graded`: in this run, not in an earlier one."""
        self._done += 1
        self._graded += graded
        if graded and self._graded == 1:
            self._first = self._clock()
        self.clear()
        click.echo(text)
        sys.stdout.flush()
        self._draw()
        if self._bar is None and self._clock() - self._reported >= _LINE_EVERY_SECONDS and self._done < self._total:
            self._reported = self._clock()
            click.echo(self._text(), err=True)

    def note(self, text: str) -> None:
        """Say something on stderr; the bar is back with the next result."""
        self.clear()
        click.echo(text, err=True)

    def clear(self) -> None:
        """Remove the bar."""
        if self._bar is not None:
            self._bar.clear()

    def _draw(self) -> None:
        if self._bar is not None:
            self._bar.show(self._done / self._total, self._text())

    def _text(self) -> str:
        left = self._total - self._done
        text = f"{self._done} of {self._total}"
        if not self._graded:
            return f"{text} · TensorFlow is starting" if left else text
        if self._graded < _MIN_GRADED or not left:
            return text
        seconds = (self._clock() - self._first) / (self._graded - 1) * left
        return f"{text} · about {time_text(seconds)} left"
