"""Two attempts side by side, as text of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from mockexam.exam.outcome import Outcome
from mockexam.report import formats
from mockexam.report.compare import CategoryPair, Comparison, QuestionPair
from mockexam.report.detail import QuestionDetail
from mockexam.report.history_text import total_text, wrapped
from mockexam.wording import number_text


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """The earlier one on the left; changes are right minus left."""
    left, right = comparison.left, comparison.right
    yield f"{'':<23}{left.attempt:>17}{right.attempt:>18}  change"
    yield _row("date", (_date(left), _date(right)))
    yield _row("mode", (left.mode.value, right.mode.value))
    yield _row("total", (total_text(left), total_text(right)), f"{formats.signed(comparison.percent_change)} points")
    times = formats.lasting(left.time_used), formats.lasting(right.time_used)
    yield _row("time used", times, _longer(comparison.seconds_change))
    yield ""
    yield "Categories, marks"
    yield from (_category_line(pair) for pair in comparison.categories)
    for pair in comparison.questions:
        yield ""
        yield from _question_lines(pair)
    if comparison.versions:
        yield ""
        yield "Marked with"
        yield from (_row(f"  {v.name}", (v.left or "–", v.right or "–")) for v in comparison.versions)
    if comparison.remarks:
        yield ""
        yield from (line for remark in comparison.remarks for line in wrapped(remark, 0, 2))


def _category_line(pair: CategoryPair) -> str:
    sides = (_of(pair.left, pair.left_of), _of(pair.right, pair.right_of))
    change = "" if pair.left is None or pair.right is None else _signed(pair.right - pair.left)
    return _row(f"  {formats.category(pair.category)}", sides, change)


def _of(marks: int | None, of: int) -> str:
    return "–" if marks is None else f"{marks}/{of}"


def _question_lines(pair: QuestionPair) -> Iterator[str]:
    left, right = pair.left, pair.right
    yield _heading(pair)
    yield _row("  marks", (_marks(left), _marks(right)), _signed(pair.marks_change))
    yield _row("  metric", (_metric(left), _metric(right)), _metric_change(pair))
    yield _row("  worked", (_worked(left), _worked(right)), _longer(pair.seconds_change))
    yield _row("  submissions", (_submitted(left), _submitted(right)), _signed(pair.submissions_change))


def _heading(pair: QuestionPair) -> str:
    titles = list(dict.fromkeys(q.item.title for q in (pair.left, pair.right) if q))
    if pair.left is None or pair.right is None:
        return f"{titles[0]} (only {'right' if pair.left is None else 'left'})"
    if not pair.same_question:
        return f"{titles[0]} | {titles[-1]}"
    return titles[0] + ("" if pair.same_edition else " (another edition of the question)")


def _row(name: str, sides: tuple[str, str], change: str = "") -> str:
    return f"{name:<23}{sides[0]:>17}{sides[1]:>18}  {change:<20}".rstrip()


def _date(outcome: Outcome) -> str:
    return f"{formats.local(outcome.started):%Y-%m-%d %H:%M}"


def _marks(question: QuestionDetail | None) -> str:
    return "–" if question is None else formats.marks(question.marks)


def _metric(question: QuestionDetail | None) -> str:
    best = question.counted if question else None
    if best is None or best.value is None:
        return "–"
    return f"{formats.metric(best.metric)} {number_text(best.value)}"


def _metric_change(pair: QuestionPair) -> str:
    if pair.value_better is None or pair.value_change is None:
        return ""
    sign = "+" if pair.value_change > 0 else "−"
    return f"{sign}{number_text(abs(pair.value_change), 2)} {'better' if pair.value_better else 'worse'}"


def _worked(question: QuestionDetail | None) -> str:
    return "–" if question is None else formats.lasting(question.seconds)


def _submitted(question: QuestionDetail | None) -> str:
    return "–" if question is None else str(len(question.submissions))


def _longer(seconds: float | None) -> str:
    if not seconds:
        return ""
    return f"{formats.lasting(abs(seconds))} {'longer' if seconds > 0 else 'shorter'}"


def _signed(change: int | None) -> str:
    return "" if change is None else (f"{change:+d}".replace("-", "−") if change else "±0")
