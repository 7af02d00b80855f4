"""The totals of the exams as a chart of plain text."""

from __future__ import annotations

from collections.abc import Sequence

from mockexam.report import formats
from mockexam.report.selection import TotalPoint

WIDTH = 64
"""Columns for the points; more exams share columns."""
STEP = 10
"""Per cent a line."""
PASSED, FAILED, MARK = "●", "○", "┄"


def chart_lines(points: Sequence[TotalPoint]) -> list[str]:
    """Lines of at most 80 columns, the pass mark as a dotted one; empty for under two exams.

    The points come oldest first and stand evenly spaced, whatever lay between them. Where exams share a column their
    mean is shown, and as passed only if all were.
    """
    if len(points) < 2:
        return []
    columns = _columns(points)
    spread = max(1, min(6, WIDTH // len(columns)))
    width = len(columns) * spread
    pass_mark = points[-1].pass_mark
    lines = []
    for floor in range(100, -1, -STEP):
        line = [MARK if floor <= pass_mark < floor + STEP else " "] * width
        for number, (percent, passed) in enumerate(columns):
            if floor <= percent < floor + STEP:
                line[number * spread + spread // 2] = PASSED if passed else FAILED
        lines.append(f"{floor:>5} % │{''.join(line)}".rstrip())
    first, last = formats.day(points[0].started), formats.day(points[-1].started)
    lines.append(f"        └{'─' * width}")
    lines.append(f"         {first}{last:>{max(len(last) + 2, width - len(first))}}")
    legend = f"{PASSED} passed  {FAILED} failed  {MARK}{MARK} pass mark {pass_mark} %"
    lines.append(f"         {legend}")
    if len(points) > WIDTH:
        lines.append(f"         a point is the mean of up to {-(-len(points) // WIDTH)} exams")
    return lines


def _columns(points: Sequence[TotalPoint]) -> list[tuple[float, bool]]:
    """Total and whether passed, a column."""
    each = -(-len(points) // WIDTH)
    groups = [points[start : start + each] for start in range(0, len(points), each)]
    return [(sum(p.percent for p in group) / len(group), all(p.passed for p in group)) for group in groups]
