"""The training of the running script: time left, curves of loss and metric, the best epoch, and overfitting in words.

Drawn in braille, as the chart of totals is: that takes no library and draws two curves in a cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive, var
from textual.widget import Widget

from mockexam.exam.training_history import FitHistory
from mockexam.text import formats
from mockexam.text.units import number_text
from mockexam.tui.labels import cut
from mockexam.tui.widgets.mark_charts import BrailleCanvas

if TYPE_CHECKING:
    from mockexam.session.ports import Snapshot
    from mockexam.workspace.training_log import TrainingLog

_BOTH_FROM = 10
"""Rows from which loss and metric are drawn one below the other."""
_LEAST_WIDTH, _LEAST_ROWS = 30, 2
_MOST_LABEL = 12


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """When the current fit will be done."""

    seconds: float
    done: float
    """Wall seconds since 1970 UTC."""
    before_end: float | None
    """Seconds from then to the end of the exam, negative if that comes first; None without a time limit."""

    def text(self, width: int) -> str:
        """`about 12 min more: done about 14:20, 35 min before the end`, shorter if it must be."""
        if self.seconds < 1:
            return "done any moment"
        more, clock = formats.lasting(self.seconds), formats.clock(self.done)
        if self.before_end is None:
            ends = ""
        elif self.late:
            ends = f", {formats.lasting(-self.before_end)} after the end"
        else:
            ends = f", {formats.lasting(self.before_end)} before the end"
        short = f"done {clock}{': too late' if self.late else ''}"
        wordings = (
            f"about {more} more: done about {clock}{ends}",
            f"{more} more: done {clock}{ends}",
            f"done {clock}{ends}",
        )
        return next((text for text in wordings if cell_len(text) + 2 * self.late <= width), short)

    @property
    def late(self) -> bool:
        return self.before_end is not None and self.before_end < 0


class TrainingCurve(Widget):
    """What `training_log` has read so far. On a narrow screen only the time left."""

    DEFAULT_CSS = "TrainingCurve { padding: 0 1; }"

    fit: reactive[FitHistory | None] = reactive(None)
    """The newest fit with an epoch."""
    time_left: reactive[TimeLeft | None] = reactive(None)
    shows_metric = reactive(False)
    """Where there is room for one curve: the metric's, not the loss's."""
    heading = var("")

    def __init__(self) -> None:
        super().__init__(id="training", classes="panel")
        self.border_title = "Training"
        self._remaining: float | None = None
        self._done_at = 0.0
        """When the fit will be done: wall seconds since 1970 UTC."""

    def show(self, log: TrainingLog | None, snapshot: Snapshot, *, running: bool) -> None:
        """Show the newest fit of a run: here, and by the class `-training` of its pane."""
        fits = () if log is None else log.history.fits
        self.fit = fits[-1] if fits else None
        self.heading = f"fit {len(fits)}" if len(fits) > 1 else ""
        remaining = log.remaining if log is not None and running else None
        now, exam_left = snapshot.now.wall, snapshot.remaining
        if remaining is None:
            self.time_left = None
        else:
            if remaining != self._remaining:  # between two lines of output the end stays where it is
                self._done_at = now + remaining
            before_end = None if exam_left is None else now + exam_left - self._done_at
            self.time_left = TimeLeft(max(0.0, self._done_at - now), self._done_at, before_end)
        self._remaining = remaining
        self.screen.query_one("#lower").set_class(self.fit is not None or remaining is not None, "-training")

    @property
    def is_drawn(self) -> bool:
        """Whether there is room for a curve."""
        width, height = self.content_size
        return self.display and width >= _LEAST_WIDTH and height - (self.time_left is not None) - 1 >= _LEAST_ROWS

    @property
    def shows_both(self) -> bool:
        """Whether there is room for the curves of loss and metric, one below the other."""
        return self.content_size.height - (self.time_left is not None) - 1 >= _BOTH_FROM

    def watch_heading(self, heading: str) -> None:
        self.border_title = f"Training · {heading}" if heading else "Training"

    def render(self) -> Content:
        width, height = self.content_size
        lines: list[Content] = []
        if self.time_left is not None:
            tone = "bold $text-warning" if self.time_left.late else ""
            sign = "! " if self.time_left.late else ""
            lines.append(Content.styled(f"{sign}{self.time_left.text(width)}", tone))
        fit = self.fit
        if fit is not None and len(lines) < height:
            rows = height - len(lines) - 1
            lines += [*self._curves(fit, width, rows), _note(fit, width, self._curves_of(fit, rows))]
        return Content("\n").join(lines[:height])

    def _curves(self, fit: FitHistory, width: int, rows: int) -> list[Content]:
        if width < _LEAST_WIDTH or rows < _LEAST_ROWS:
            return []
        upper, *lower = self._curves_of(fit, rows)
        height = (rows + 1) // 2 if lower else rows
        return [*curve(fit, upper, width, height), *(row for n in lower for row in curve(fit, n, width, rows - height))]

    def _curves_of(self, fit: FitHistory, rows: int) -> tuple[str, ...]:
        """Whose curves are drawn in so many rows."""
        metric = fit.main_metric
        if metric and rows >= _BOTH_FROM:
            return ("loss", metric)
        return (metric if metric and self.shows_metric else "loss",)


def _note(fit: FitHistory, width: int, names: Sequence[str]) -> Content:
    """Overfitting by name, else the best epoch of each of these curves."""
    if fit.gap_opens is not None:
        stale = formats.plural(fit.stale_epochs, "epoch")
        wordings = (
            f"val_loss has not improved for {stale} while loss falls: overfitting",
            f"overfitting: val_loss no better for {stale}",
        )
        text = next((text for text in wordings if cell_len(text) + 2 <= width), wordings[-1])
        return Content.styled(f"! {text}", "$text-warning")
    found = [f"{best[0]} {number_text(best[2])} at epoch {best[1]}" for best in map(fit.best, names) if best]
    if not found:
        return Content(cut(formats.plural(fit.epochs[-1], "epoch"), width))
    wordings = (", ".join(found), found[0])
    text = next((text for text in wordings if cell_len(text) + 7 <= width), found[0])
    return Content.styled(cut(f"◆ best {text}", width), "$text-success")


def curve(fit: FitHistory, name: str, width: int, height: int) -> list[Content]:
    """The lines of a plot of a value and its `val_` twin by epoch, with their names at the right end."""
    series = [(n, fit.series[n]) for n in (name, f"val_{name}") if any(v is not None for v in fit.series.get(n, ()))]
    values = [v for _, some in series for v in some if v is not None]
    if not values:
        return [Content.styled(f"no {name} yet", "$muted"), *[Content("")] * (height - 1)]
    low, high = min(values), _top(values)
    bounds = {0: number_text(high, 3), height - 1: number_text(low, 3)}
    if bounds[0] == bounds[height - 1]:
        bounds = {_row(low, low, high, height) // 4: bounds[0]}
    left = max(map(len, bounds.values())) + 2
    names = [n[:_MOST_LABEL] if n == name else n if len(n) <= _MOST_LABEL else "val" for n, _ in series]
    right = max(map(cell_len, names)) + 1
    plots = [BrailleCanvas(max(4, width - left - right), height) for _ in series]
    labels: dict[int, int] = {}
    best: tuple[int, int] | None = None
    for at, (n, some) in enumerate(series):
        points = list(_points(some, plots[at], low, high))
        for part in points:
            plots[at].dot(*part[0])
            for start, end in pairwise(part):
                plots[at].line(start, end)
        x, y = points[-1][-1]
        row = y // 4
        if row in labels:  # the names of two curves that end in one row stand below each other
            row = row + 1 if row + 1 < height else row - 1
        labels[row] = at
        if (found := fit.best(name)) is not None and n == found[0]:
            x = _column(fit.epochs.index(found[1]), len(some), plots[at].width * 2)
            best = (x // 2, _row(found[2], low, high, height) // 4)
    tones = ("$text-secondary", "$text-primary")
    lines = []
    for y in range(height):
        cells = (_cell(plots, tones, x, y, best) for x in range(plots[0].width))
        runs = groupby(cells, key=lambda cell: cell[1])
        axis = bounds.get(y, "")
        name_of = names[labels[y]] if y in labels else ""
        lines.append(
            Content.assemble(
                (f"{axis:>{left - 2}} │", "$muted"),
                *(("".join(sign for sign, _ in run), tone) for tone, run in runs),
                (f" {name_of}", tones[labels[y]] if y in labels else ""),
            )
        )
    return lines


def _top(values: Sequence[float]) -> float:
    """The upper end of the scale: a few first epochs far above all others would flatten the curve."""
    ordered = sorted(values)
    usual, most = ordered[int(len(ordered) * 0.9)], ordered[-1]
    return usual if len(values) >= 10 and most - ordered[0] > 4 * (usual - ordered[0]) > 0 else most


def _points(
    values: Sequence[float | None], plot: BrailleCanvas, low: float, high: float
) -> Iterator[list[tuple[int, int]]]:
    """The dots of a curve, in parts where values are missing between. Values of one column follow each other."""
    columns = plot.width * 2
    places = (
        None if v is None else (_column(i, len(values), columns), _row(v, low, high, plot.height))
        for i, v in enumerate(values)
    )
    for there, run in groupby(places, key=lambda place: place is not None):
        if there:
            yield [place for place in run if place is not None]


def _column(index: int, count: int, columns: int) -> int:
    return 0 if count < 2 else round(index * (columns - 1) / (count - 1))


def _row(value: float, low: float, high: float, height: int) -> int:
    share = 0.5 if high <= low else (min(value, high) - low) / (high - low)
    return round((1 - share) * (height * 4 - 1))


def _cell(
    plots: Sequence[BrailleCanvas], tones: Sequence[str], x: int, y: int, best: tuple[int, int] | None
) -> tuple[str, str]:
    """The last curve's colour where several meet."""
    if (x, y) == best:
        return "◆", "bold $text-success"
    bits = [plot.bits(x, y) for plot in plots]
    drawn = [at for at, some in enumerate(bits) if some]
    if not drawn:
        return " ", ""
    return chr(0x2800 + sum(1 << n for n in range(8) if any(some >> n & 1 for some in bits))), tones[drawn[-1]]
