"""Charts of marks: a total against the pass mark, totals over time, categories, and a metric among its bands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from mockexam.exam.attempt import Attempt
from mockexam.exam.outcome import Outcome
from mockexam.exam.scoring import MARKS_PER_QUESTION, marks_for
from mockexam.exam.standing import CategoryStanding
from mockexam.text import formats
from mockexam.text.status import percent
from mockexam.text.units import number_text
from mockexam.tui.labels import Rows, category_word, cut, rows_content, trend

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character's dots: four rows of two (Unicode, block U+2800)."""

_AXIS = 5
"""Cells left of the plot: a number, a space and the axis."""
_BARS = " ▏▎▍▌▋▊▉█"
_NARROWEST = 6
"""Minimum width of a band in cells: its value must fit beside the next one."""
_SYMBOL_CELLS = 2
"""Cells that a total's own symbol needs."""


class TotalsChart(Widget):
    """Exam totals as a line of braille dots, oldest left, evenly spaced; a symbol per exam if there is room.

    Exams that share a column are averaged.
    """

    DEFAULT_CSS = "TotalsChart { height: 1fr; width: 1fr; padding: 0 1; }"

    totals: reactive[tuple[Outcome, ...] | None] = reactive(None)
    """None while loading."""

    def render(self) -> Content:
        """The plot, or why there is none."""
        width, height = self.content_size
        if self.totals is None:
            return Content.styled("Loading …", "$muted")
        if not self.totals:
            return Content.styled("No finished exam yet. Your totals will appear here against the pass mark.", "$muted")
        if width < _AXIS + 10 or height < 3:
            return _words(self.totals)
        return Content("\n").join(plot(self.totals, width, height))


def plot(totals: Sequence[Outcome], width: int, height: int) -> list[Content]:
    """The lines of a plot of this size in cells; the last line has the dates. The pass mark is the newest exam's."""
    pass_mark = totals[-1].pass_mark
    canvas = BrailleCanvas(width - _AXIS, height - 1)
    points = thin(totals, canvas.width * 2)
    columns = [_spread(i, len(points), canvas.width * 2) for i in range(len(points))]
    rows = [canvas.row(value) for value in points]
    ends = list(zip(columns, rows, strict=True))
    for start, end in pairwise(ends):
        canvas.line(start, end)
    canvas.dot(*ends[0])
    roomy = len(totals) * _SYMBOL_CELLS <= canvas.width
    if roomy:
        for total, (x, y) in zip(totals, ends, strict=True):
            canvas.symbols[y // 4][x // 2] = total.passed
    mark_row = canvas.row(pass_mark) // 4
    labels = {0: "100", canvas.height - 1: "0", mark_row: str(pass_mark)}
    if canvas.height >= 5:
        labels.setdefault(canvas.row(50) // 4, "50")
    lines = [
        Content.assemble((f"{labels.get(y, ''):>3} │", "$muted"), canvas.render(y, pass_line=y == mark_row, bare=roomy))
        for y in range(canvas.height)
    ]
    return [*lines, _dates(totals, width)]


def thin(totals: Sequence[Outcome], columns: int) -> list[float]:
    """The totals in per cent, averaged over neighbours to at most `columns` values."""
    count = len(totals)
    if count <= columns:
        return [total.percent for total in totals]
    edges = [i * count // columns for i in range(columns + 1)]
    return [sum(t.percent for t in totals[a:b]) / (b - a) for a, b in pairwise(edges)]


def _spread(index: int, count: int, columns: int) -> int:
    """The column of a point: the first at the left end, the last at the right one; a single one in the middle."""
    return columns // 2 if count == 1 else 1 + round(index * (columns - 3) / (count - 1))


class BrailleCanvas:
    """A grid of braille cells; symbols replace some of them."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bits = [[0] * width for _ in range(height)]
        self.symbols: list[list[bool | None]] = [[None] * width for _ in range(height)]

    def row(self, percent: float) -> int:
        """The dot row of a total."""
        return round((100 - min(100.0, max(0.0, percent))) / 100 * (self.height * 4 - 1))

    def bits(self, x: int, y: int) -> int:
        """The dots of a cell, as the bits of its character."""
        return self._bits[y][x]

    def dot(self, x: int, y: int) -> None:
        self._bits[y // 4][x // 2] |= _DOTS[y % 4][x % 2]

    def line(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        (x0, y0), (x1, y1) = start, end
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for i in range(steps + 1):
            self.dot(x0 + round((x1 - x0) * i / steps), y0 + round((y1 - y0) * i / steps))

    def render(self, y: int, *, pass_line: bool, bare: bool) -> Content:
        """One row of cells; with `bare` the line is muted."""
        cells = (self._cell(x, y, pass_line, bare) for x in range(self.width))
        runs = groupby(cells, key=lambda cell: cell[1])
        return Content.assemble(*(("".join(sign for sign, _ in run), tone) for tone, run in runs))

    def _cell(self, x: int, y: int, pass_line: bool, bare: bool) -> tuple[str, str]:
        passed = self.symbols[y][x]
        if passed is not None:
            return ("●", "$text-success") if passed else ("○", "bold $primary")
        if self._bits[y][x]:
            return chr(0x2800 + self._bits[y][x]), "$muted" if bare else "$primary"
        return ("┄", "$text-success") if pass_line else (" ", "")


def _dates(totals: Sequence[Outcome], width: int) -> Content:
    first, last = formats.day(totals[0].started), formats.day(totals[-1].started)
    if len(totals) == 1 or first == last or len(first) + len(last) + _AXIS + 2 > width:
        return Content.styled(" " * _AXIS + last, "$muted")
    return Content.styled(" " * _AXIS + first + last.rjust(width - _AXIS - len(first)), "$muted")


def _words(totals: Sequence[Outcome]) -> Content:
    newest = totals[-1]
    reached = "passed" if newest.passed else "not passed"
    return Content(f"newest exam {newest.percent:g} %, {reached} (pass mark {newest.pass_mark} %)")


class Score(Widget):
    """Three lines: the weighted total, a bar with the pass mark in it, and whether it is enough to pass."""

    DEFAULT_CSS = "Score { height: 3; padding: 0 1; }"

    attempt: reactive[Attempt | None] = reactive(None)

    def render(self) -> Content:
        now = self.attempt
        if now is None:
            return Content("")
        verdict, tone = ("enough to pass", "$text-success") if now.passed else ("not enough yet", "")
        total = (f"{percent(now):g} %", "bold")
        parts = [("so far ", "$muted"), total, (f"  {now.earned} of {now.possible}", "$muted")]
        words = Content.assemble((verdict, tone), (f" · needs {now.rules.pass_mark} %", "$muted"))
        return Content("\n").join([Content.assemble(*parts), self._drawn(now), words])

    def _drawn(self, now: Attempt) -> Content:
        width = max(4, self.size.width)
        filled = min(width, int(percent(now) / 100 * width))
        mark = min(width - 1, int(now.rules.pass_mark / 100 * width))
        cells = ["━" if column < filled else "┄" for column in range(width)]
        cells[mark] = "┃"
        line = Content("".join(cells)).stylize("$muted").stylize("$success" if now.passed else "$primary", 0, filled)
        return line.stylize("bold $foreground", mark, mark + 1)


class Numbers(Widget):
    """A question's numbers, as names and values."""

    DEFAULT_CSS = "Numbers { height: auto; padding: 0 1; }"

    rows: reactive[Rows] = reactive((), layout=True)

    def render(self) -> Content:
        return rows_content(self.rows)


class StandingTable(Widget):
    """One line per category: recent average as bar and number, best, trend."""

    DEFAULT_CSS = "StandingTable { height: auto; padding: 0 1; }"

    standings: reactive[tuple[CategoryStanding, ...] | None] = reactive(None, layout=True)
    """None while loading."""

    def render(self) -> Content:
        if self.standings is None:
            return Content.styled("Loading …", "$muted")
        lines = [Content.styled(f"{'':13}{'recent':>10}{'best':>6}  trend", "$muted")]
        return Content("\n").join([*lines, *map(_line, self.standings)])


def _line(standing: CategoryStanding) -> Content:
    name = (cut(category_word(standing.category), 12) + " ", "bold")
    if standing.mean is None:
        return Content.assemble(name, ("not tried yet", "$muted"))
    words, tone = trend(standing.trend, "too few")
    return Content.assemble(
        name, (bar(standing.mean / MARKS_PER_QUESTION, 5), "$primary"), f"{standing.mean:>5.1f}", f"{standing.best:>6}",
        (f"  {words}", tone),
    )  # fmt: skip


def bar(part: float, width: int) -> str:
    """A fraction from 0 to 1 as a bar of `width` cells, in eighths of a cell; the rest is dotted."""
    eighths = round(max(0.0, min(1.0, part)) * width * 8)
    full, rest = divmod(eighths, 8)
    text = "█" * full + (_BARS[rest] if rest else "")
    return text + "·" * (width - len(text))


def band_scale(value: float | None, bands: Sequence[float], *, larger_is_better: bool, width: int) -> list[Content]:
    """Three lines: the marks, a bar with the value on it, and the value where each mark begins; better is right.

    All bands have the same width. Without a value the bar is empty.
    """
    cells = max(_NARROWEST, min(12, width // (MARKS_PER_QUESTION + 1)))
    marks = None if value is None else marks_for(value, bands, larger_is_better=larger_is_better)
    at = -1 if value is None or marks is None else _column(value, bands, marks, cells)
    return [_marks(marks, cells), _bar(at, cells), _values(bands, cells)]


def _column(value: float, bands: Sequence[float], marks: int, cells: int) -> int:
    """The cell of a value: in proportion within its band; an open end counts as long as the band beside it."""
    if marks == 0:
        step = abs(bands[1] - bands[0])
        part = 1 - abs(bands[0] - value) / step
    else:
        low = bands[marks - 1]
        high = bands[marks] if marks < MARKS_PER_QUESTION else low + (low - bands[marks - 2])
        part = abs(value - low) / abs(high - low)
    return marks * cells + min(cells - 2, max(0, int(part * (cells - 1))))


def _marks(marks: int | None, cells: int) -> Content:
    parts = []
    for each in range(MARKS_PER_QUESTION + 1):
        words = f"{each} {'mark' if each == 1 else 'marks'}" if each == marks and cells > 8 else str(each)
        parts.append((words.center(cells - 1) + " ", "bold" if each == marks else "$muted"))
    return Content.assemble(*parts)


def _bar(at: int, cells: int) -> Content:
    end = cells * (MARKS_PER_QUESTION + 1) - 1
    dashes = ["┼" if (column + 1) % cells == 0 else "━" if column < at else "┄" for column in range(end)]
    line = Content("".join(dashes)).stylize("$muted")
    if at < 0:
        return line
    line = line.stylize("$primary", 0, at)
    return Content.assemble(line[:at], ("●", "bold $primary"), line[at + 1 :])


def _values(bands: Sequence[float], cells: int) -> Content:
    digits = next((d for d in (4, 3, 2) if all(len(number_text(b, d)) < cells for b in bands)), 1)
    row = [" "] * (cells * (MARKS_PER_QUESTION + 1))
    for index, band in enumerate(bands, 1):
        text = number_text(band, digits)[:cells]
        start = index * cells - 1 - len(text) // 2
        row[start : start + len(text)] = text
    return Content.styled("".join(row).rstrip(), "$muted")
