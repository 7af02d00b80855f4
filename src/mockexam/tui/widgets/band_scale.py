"""Where a metric lies among the bands of a question's marks, drawn on three lines."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from mockexam.exam.scoring import MARKS_PER_QUESTION, marks_for
from mockexam.text.units import number_text

_NARROWEST = 6
"""Cells of a band, below which its value can't stand beside the next one's."""


def band_scale(value: float | None, bands: Sequence[float], *, larger_is_better: bool, width: int) -> list[Content]:
    """The marks, a bar with the value on it, and the five values at which the next mark begins; better is right.

    Every band is as wide as the others, however far apart their values lie. Without a value the bar is empty.
    """
    cells = max(_NARROWEST, min(12, width // (MARKS_PER_QUESTION + 1)))
    marks = None if value is None else marks_for(value, bands, larger_is_better=larger_is_better)
    at = -1 if value is None or marks is None else _column(value, bands, marks, cells)
    return [_marks(marks, cells), _bar(at, cells), _values(bands, cells)]


def _column(value: float, bands: Sequence[float], marks: int, cells: int) -> int:
    """The cell of a value: within its band in proportion; an open end is taken to be as long as the band beside it."""
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
    signs = ["┼" if (column + 1) % cells == 0 else "━" if column < at else "┄" for column in range(end)]
    line = Content("".join(signs)).stylize("$muted")
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
