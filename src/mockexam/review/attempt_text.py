"""One attempt, or two side by side, as text of 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.review.compare import Comparison, QuestionPair
from mockexam.review.detail import AttemptDetail, QuestionDetail, Regrade, SubmissionDetail
from mockexam.review.history_text import COLUMNS, result_word, total_text, wrapped
from mockexam.text import formats
from mockexam.text.class_tables import class_lines
from mockexam.text.event_text import missed_text
from mockexam.text.units import metric_text, number_text, size_text, time_text

_LEFT, _RIGHT = 42, 18
"""Least columns of a comparison for a name with the left value, and for the right value."""


def detail_lines(detail: AttemptDetail) -> Iterator[str]:
    """Result, record, questions with their submissions, timeline."""
    yield from _head(detail)
    for question in detail.questions:
        yield ""
        yield from _question_lines(question)
    yield ""
    yield "Timeline"
    for line in detail.timeline:
        about = "" if line.number is None else f"Q{line.number} "
        yield from wrapped(f"{formats.at(line.elapsed):>8}  {about}{line.text}", 2, 12)


def _head(detail: AttemptDetail) -> Iterator[str]:
    outcome = detail.outcome
    yield f"{outcome.title} · {formats.paper(outcome.code, repeat=outcome.repeat)} · attempt {outcome.attempt}"
    if policy_of(outcome).has_verdict:
        weighted = f"{outcome.earned} of {outcome.possible} weighted marks"
        yield f"{result_word(outcome).upper()}: {outcome.percent:g} % ({weighted}), pass mark {outcome.pass_mark} %"
    else:
        yield f"{formats.phase(outcome.phase)}: {total_text(outcome)}"
    allowed = "untimed" if outcome.duration is None else f"of {time_text(outcome.duration)}"
    submitted = formats.plural(outcome.submissions, "submission")
    yield f"  {formats.minute(outcome.started)} · {formats.at(outcome.time_used)} used, {allowed} · {submitted}"
    for jump in detail.jumps:
        yield f"  the computer's clock was {formats.clock_change(jump.seconds)}, {formats.minute(jump.wall)}"
    for missed in detail.not_received:
        yield from wrapped(f"not received: {missed_text(missed.number, missed.name, missed.reason)}", 2, 4)
    if outcome.receipt:
        yield f"  receipt {outcome.receipt}"
    if detail.intact:
        yield f"  record: {formats.plural(detail.events, 'event')}, unaltered"
    else:
        where = f"event {detail.broken_at} of {detail.events}"
        yield from wrapped(f"RECORD ALTERED at {where}: {detail.broken_reason}", 2, 4)
    yield from wrapped(f"workspace {detail.workspace}, stored copies: {size_text(detail.kept_bytes)}", 2, 4)


def _question_lines(question: QuestionDetail) -> Iterator[str]:
    item = question.item
    hints = f" · {formats.plural(question.hints, 'hint')}" if question.hints else ""
    yield (
        f"{item.number}  {item.title} · {formats.marks(question.marks)} ×{item.weight} · "
        f"{formats.lasting(question.seconds)} worked{hints}"
    )
    yield f"   {item.question}"
    if question.bands:
        sign = "≥" if question.larger_is_better else "≤"
        bands = ", ".join(f"{number} {sign} {number_text(b)}" for number, b in enumerate(question.bands, 1))
        yield from wrapped(f"marks by {formats.metric(question.metric)}: {bands}", 3, 5)
    if question.closed:
        yield from wrapped(question.closed, 3, 5)
    for submission in question.submissions:
        yield from _submission_lines(submission)
    if not question.submissions:
        yield "   no submission"
    for word, titles in question.skills_by_state:
        yield from wrapped(f"skills {word}: {'; '.join(titles)}", 3, 5)
    if question.reference:
        yield from wrapped(f"reference {question.reference}", 3, 5)
    if question.not_regradable and not question.closed:
        yield from wrapped(f"can't be regraded: {question.not_regradable}", 3, 5)


def _submission_lines(submission: SubmissionDetail) -> Iterator[str]:
    counts = " ← counts" if submission.counts else ""
    file = f"{submission.name}, {size_text(submission.size)}"
    yield f"   {formats.at(submission.elapsed)}  {submission.id}  {_verdict(submission)}{counts}"
    lines = []
    if submission.value is not None and submission.metric:
        lines.append(metric_text(formats.metric(submission.metric), submission.value, submission.next_at))
    if submission.message:
        lines.append(f"{submission.message} {submission.remedy}".rstrip())
    if submission.train_value is not None:
        lines.append(f"on the training data {number_text(submission.train_value)}")
    lines += submission.findings
    if submission.training:
        lines.append(f"training: {formats.training(submission.training)}")
    table = class_lines(submission.class_report, COLUMNS - 14) if submission.class_report else []
    late = ", saved before time was up" if submission.swept else ""
    late += "" if submission.saved_again is None else f", saved again {formats.at(submission.saved_again)}"
    stored = [word for word, path in (("model", submission.model), ("scripts", submission.scripts)) if path]
    copies = " and ".join(stored) or "nothing"
    lines.append(f"{file}{late} · {' · '.join(submission.grader) or 'not graded'} · stored: {copies}")
    for regrade in submission.regrades:
        value = "" if regrade.value is None else f" ({number_text(regrade.value)})"
        lines.append(f"regraded {formats.day(regrade.wall)}: {_verdict(regrade)}{value}")
    for line in lines:
        yield from wrapped(line, 12, 14)
    yield from (f"{'':12}{line}" for line in table)


def _verdict(of: SubmissionDetail | Regrade) -> str:
    return formats.marks(of.marks) if of.verdict is Verdict.GRADED else formats.verdict(of.verdict)


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """Two attempts in columns, as wide as their longest values; changes are right minus left."""
    lines = list(_comparison(comparison))
    rows = [line for line in lines if isinstance(line, _Row)]
    left = max(_LEFT, *(len(f"{row.name} {row.sides[0]}") for row in rows))
    right = max(_RIGHT, *(len(f" {row.sides[1]}") for row in rows))
    for line in lines:
        if isinstance(line, str):
            yield line
        else:
            first = line.name + line.sides[0].rjust(left - len(line.name))
            yield f"{first}{line.sides[1]:>{right}}  {line.change}".rstrip()


def _comparison(comparison: Comparison) -> Iterator[_Row | str]:
    left, right = comparison.left, comparison.right
    yield _row("", (left.attempt, right.attempt), "change")
    yield _row("date", [f"{formats.local(o.started):%Y-%m-%d %H:%M}" for o in (left, right)])
    yield _row("mode", [formats.kind(o.mode, repeat=o.repeat) for o in (left, right)])
    points = comparison.percent_change
    totals = (total_text(left), total_text(right))
    yield _row("total", totals, *([] if points is None else [f"{formats.signed(points)} points"]))
    times = formats.lasting(left.time_used), formats.lasting(right.time_used)
    yield _row("time used", times, _longer(comparison.seconds_change))
    yield ""
    yield "Categories, marks"
    for category in comparison.categories:
        left_of, right_of = _of(category.left, category.left_of), _of(category.right, category.right_of)
        change = None if category.left is None or category.right is None else category.right - category.left
        yield _row(f"  {formats.category(category.category)}", (left_of, right_of), _change(change))
    for pair in comparison.questions:
        yield ""
        yield from _pair_lines(pair)
    if comparison.versions:
        yield ""
        yield "Graded with"
        yield from (_row(f"  {v.name}", (v.left or "–", v.right or "–")) for v in comparison.versions)
    if comparison.remarks:
        yield ""
        yield from (line for remark in comparison.remarks for line in wrapped(remark, 0, 2))


def _of(marks: int | None, of: int) -> str:
    return "–" if marks is None else f"{marks}/{of}"


def _pair_lines(pair: QuestionPair) -> Iterator[_Row | str]:
    def sides(text: Callable[[QuestionDetail], str]) -> list[str]:
        return [text(question) if question else "–" for question in (pair.left, pair.right)]

    yield _heading(pair)
    yield _row("  marks", sides(lambda q: formats.marks(q.marks)), _change(pair.marks_change))
    metrics = {formats.metric(q.counted.metric) for q in (pair.left, pair.right) if q and q.counted}
    if len(metrics) == 1:
        yield _row(f"  {metrics.pop()}", sides(_value), _metric_change(pair))
    else:
        yield _row("  metric", sides(lambda q: f"{_name(q)} {_value(q)}".strip()))
    yield _row("  worked", sides(lambda q: formats.lasting(q.seconds)), _longer(pair.seconds_change))
    yield _row("  submissions", sides(lambda q: str(len(q.submissions))), _change(pair.submissions_change))


def _heading(pair: QuestionPair) -> str:
    titles = list(dict.fromkeys(q.item.title for q in (pair.left, pair.right) if q))
    if pair.left is None or pair.right is None:
        return f"{titles[0]} (only {'right' if pair.left is None else 'left'})"
    if not pair.same_question:
        return f"{titles[0]} | {titles[-1]}"
    return titles[0] + ("" if pair.same_edition else " (the question has changed)")


class _Row(NamedTuple):
    name: str
    sides: tuple[str, str]
    change: str


def _row(name: str, sides: Sequence[str], change: str = "") -> _Row:
    return _Row(name, (sides[0], sides[1]), change)


def _name(question: QuestionDetail) -> str:
    return "" if question.counted is None else formats.metric(question.counted.metric)


def _value(question: QuestionDetail) -> str:
    best = question.counted
    return "–" if best is None or best.value is None else number_text(best.value)


def _metric_change(pair: QuestionPair) -> str:
    if pair.value_better is None or pair.value_change is None:
        return ""
    sign = "+" if pair.value_change > 0 else "−"
    return f"{sign}{number_text(abs(pair.value_change), 2)} {'better' if pair.value_better else 'worse'}"


def _longer(seconds: float | None) -> str:
    if not seconds:
        return ""
    return f"{formats.lasting(abs(seconds))} {'longer' if seconds > 0 else 'shorter'}"


def _change(count: int | None) -> str:
    return "" if count is None else formats.signed(count, 0)
