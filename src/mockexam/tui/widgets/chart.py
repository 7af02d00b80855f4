"""Exam totals over time, with the pass mark: a line of braille dots, and a sign an exam while there is room."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from mockexam.review.selection import TotalPoint
from mockexam.text import formats

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille character's dots: four rows of two (Unicode, block U+2800)."""

_AXIS = 5
"""Cells left of the plot: a number, a space and the axis."""
_ROOM = 2
"""Cells a total needs to have its own sign."""


class TotalsChart(Widget):
    """Oldest left, newest right, evenly spaced; several exams a column are shown as their mean."""

    DEFAULT_CSS = "TotalsChart { height: 1fr; width: 1fr; padding: 0 1; }"

    totals: reactive[tuple[TotalPoint, ...] | None] = reactive(None)
    """None while they are being read."""

    def render(self) -> Content:
        """The plot, or why there is none."""
        width, height = self.content_size
        if self.totals is None:
            return Content.styled("Reading …", "$muted")
        if not self.totals:
            return Content.styled("No exam has ended yet. Its total will stand here, beside the pass mark.", "$muted")
        if width < _AXIS + 10 or height < 3:
            return _words(self.totals)
        return Content("\n").join(plot(self.totals, width, height))


def plot(totals: Sequence[TotalPoint], width: int, height: int) -> list[Content]:
    """The lines of a plot of so many cells; the last line has the dates. The pass mark is the newest exam's."""
    pass_mark = totals[-1].pass_mark
    canvas = _Canvas(width - _AXIS, height - 1)
    points = thin(totals, canvas.width * 2)
    columns = [_spread(i, len(points), canvas.width * 2) for i in range(len(points))]
    rows = [canvas.row(value) for value in points]
    ends = list(zip(columns, rows, strict=True))
    for start, end in pairwise(ends):
        canvas.line(start, end)
    canvas.dot(*ends[0])
    signs = len(totals) * _ROOM <= canvas.width
    if signs:
        for total, (x, y) in zip(totals, ends, strict=True):
            canvas.signs[y // 4][x // 2] = total.passed
    mark_row = canvas.row(pass_mark) // 4
    labels = {0: "100", canvas.height - 1: "0", mark_row: str(pass_mark)}
    if canvas.height >= 5:
        labels.setdefault(canvas.row(50) // 4, "50")
    lines = [
        Content.assemble((f"{labels.get(y, ''):>3} │", "$muted"), canvas.render(y, pass_line=y == mark_row, bare=signs))
        for y in range(canvas.height)
    ]
    return [*lines, _dates(totals, width)]


def thin(totals: Sequence[TotalPoint], columns: int) -> list[float]:
    """The totals in per cent, at most so many: neighbours become their mean."""
    count = len(totals)
    if count <= columns:
        return [total.percent for total in totals]
    edges = [i * count // columns for i in range(columns + 1)]
    return [sum(t.percent for t in totals[a:b]) / (b - a) for a, b in pairwise(edges)]


def _spread(index: int, count: int, columns: int) -> int:
    """The column of a point: the first at the left end, the last at the right one; a single one in the middle."""
    return columns // 2 if count == 1 else 1 + round(index * (columns - 3) / (count - 1))


class _Canvas:
    """Cells of braille dots, and signs that take the place of some."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._bits = [[0] * width for _ in range(height)]
        self.signs: list[list[bool | None]] = [[None] * width for _ in range(height)]

    def row(self, percent: float) -> int:
        """The dot row of a total."""
        return round((100 - min(100.0, max(0.0, percent))) / 100 * (self.height * 4 - 1))

    def dot(self, x: int, y: int) -> None:
        """Set one."""
        self._bits[y // 4][x // 2] |= _DOTS[y % 4][x % 2]

    def line(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Set the dots between two."""
        (x0, y0), (x1, y1) = start, end
        steps = max(abs(x1 - x0), abs(y1 - y0), 1)
        for i in range(steps + 1):
            self.dot(x0 + round((x1 - x0) * i / steps), y0 + round((y1 - y0) * i / steps))

    def render(self, y: int, *, pass_line: bool, bare: bool) -> Content:
        """One row of cells; with signs the line between them steps back."""
        cells = (self._cell(x, y, pass_line, bare) for x in range(self.width))
        runs = groupby(cells, key=lambda cell: cell[1])
        return Content.assemble(*(("".join(sign for sign, _ in run), tone) for tone, run in runs))

    def _cell(self, x: int, y: int, pass_line: bool, bare: bool) -> tuple[str, str]:
        passed = self.signs[y][x]
        if passed is not None:
            return ("●", "$text-success") if passed else ("○", "bold $primary")
        if self._bits[y][x]:
            return chr(0x2800 + self._bits[y][x]), "$muted" if bare else "$primary"
        return ("┄", "$text-success") if pass_line else (" ", "")


def _dates(totals: Sequence[TotalPoint], width: int) -> Content:
    first, last = formats.day(totals[0].started), formats.day(totals[-1].started)
    if len(totals) == 1 or first == last or len(first) + len(last) + _AXIS + 2 > width:
        return Content.styled(" " * _AXIS + last, "$muted")
    return Content.styled(" " * _AXIS + first + last.rjust(width - _AXIS - len(first)), "$muted")


def _words(totals: Sequence[TotalPoint]) -> Content:
    newest = totals[-1]
    reached = "passed" if newest.passed else "not passed"
    return Content(f"newest exam {newest.percent:g} %, {reached} (pass mark {newest.pass_mark} %)")
