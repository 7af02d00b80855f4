"""One attempt, or two side by side, as text of 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.review.compare import CategoryPair, Comparison, QuestionPair
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail, TimelineLine
from mockexam.review.history_text import result_word, total_text, wrapped
from mockexam.text import formats
from mockexam.text.units import metric_text, number_text, size_text, time_text


def detail_lines(detail: AttemptDetail) -> Iterator[str]:
    """Result, record, questions with their submissions, timeline."""
    yield from _head(detail)
    for question in detail.questions:
        yield ""
        yield from _question_lines(question)
    yield ""
    yield "Timeline"
    for line in detail.timeline:
        yield from _timeline_lines(line)


def _head(detail: AttemptDetail) -> Iterator[str]:
    outcome = detail.outcome
    yield f"{outcome.title} · paper {outcome.code} · attempt {outcome.attempt}"
    if policy_of(outcome).has_verdict:
        weighted = f"{outcome.earned} of {outcome.possible} weighted marks"
        word = result_word(outcome).upper()
        yield f"{word}: {outcome.percent:g} % ({weighted}), the pass mark is {outcome.pass_mark} %"
    else:
        yield f"{outcome.phase.value}: {total_text(outcome)}"
    allowed = "untimed" if outcome.duration is None else f"of {time_text(outcome.duration)}"
    submitted = formats.plural(outcome.submissions, "submission")
    yield f"  {formats.minute(outcome.started)} · {time_text(outcome.time_used)} used, {allowed} · {submitted}"
    for jump in detail.jumps:
        way = "forward" if jump.seconds > 0 else "back"
        moved = f"set {way} by {formats.lasting(abs(jump.seconds))}"
        yield f"  the computer's clock was {moved}, {formats.minute(jump.wall)}"
    if outcome.receipt:
        yield f"  receipt {outcome.receipt}"
    yield from wrapped(_chain(detail), 2, 4)
    yield from wrapped(f"workspace {detail.workspace}, kept here: {size_text(detail.kept_bytes)}", 2, 4)


def _chain(detail: AttemptDetail) -> str:
    if detail.broken_at is None:
        return f"record: {formats.plural(detail.events, 'event')}, the chain is intact"
    return f"RECORD ALTERED at event {detail.broken_at} of {detail.events}: {detail.broken_reason}"


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
        yield "   nothing was submitted"
    for word, shown in (("shown", True), ("missing", False)):
        titles = [skill.title for skill in question.skills if skill.shown is shown]
        if titles:
            yield from wrapped(f"skills {word}: {'; '.join(titles)}", 3, 5)
    if question.reference:
        yield from wrapped(f"reference {question.reference}", 3, 5)
    if question.not_regradable and not question.closed:
        yield from wrapped(f"can't be marked again: {question.not_regradable}", 3, 5)


def _submission_lines(submission: SubmissionDetail) -> Iterator[str]:
    counts = " ← counts" if submission.counts else ""
    file = f"{submission.name}, {size_text(submission.size)}"
    yield f"   {formats.at(submission.elapsed)}  {submission.id}  {_marks(submission)}{counts}"
    lines = []
    if submission.value is not None and submission.metric:
        lines.append(metric_text(formats.metric(submission.metric), submission.value, submission.next_at))
    if submission.message:
        lines.append(f"{submission.message} {submission.remedy}".rstrip())
    if submission.train_value is not None:
        lines.append(f"on the training data {number_text(submission.train_value)}")
    lines += submission.findings
    late = ", saved before the time was up" if submission.swept else ""
    lines.append(f"{file}{late} · {submission.isolation or 'not marked'} · kept: {_kept(submission)}")
    for regrade in submission.regrades:
        again = formats.verdict(regrade.verdict) if regrade.marks is None else formats.marks(regrade.marks)
        value = "" if regrade.value is None else f" ({number_text(regrade.value)})"
        lines.append(f"marked again {formats.day(regrade.wall)}: {again}{value}")
    for line in lines:
        yield from wrapped(line, 12, 14)


def _marks(submission: SubmissionDetail) -> str:
    if submission.verdict is Verdict.GRADED:
        return formats.marks(submission.marks)
    return formats.verdict(submission.verdict)


def _kept(submission: SubmissionDetail) -> str:
    kept = [word for word, path in (("model", submission.model), ("scripts", submission.scripts)) if path]
    return " and ".join(kept) or "nothing"


def _timeline_lines(line: TimelineLine) -> list[str]:
    about = "" if line.number is None else f"Q{line.number} "
    return wrapped(f"{formats.at(line.elapsed):>8}  {about}{line.text}", 2, 12)


def comparison_lines(comparison: Comparison) -> Iterator[str]:
    """The earlier one on the left; changes are right minus left."""
    left, right = comparison.left, comparison.right
    yield f"{'':<23}{left.attempt:>17}{right.attempt:>18}  change"
    yield _row("date", [f"{formats.local(o.started):%Y-%m-%d %H:%M}" for o in (left, right)])
    yield _row("mode", (left.mode.value, right.mode.value))
    yield _row("total", (total_text(left), total_text(right)), f"{formats.signed(comparison.percent_change)} points")
    times = formats.lasting(left.time_used), formats.lasting(right.time_used)
    yield _row("time used", times, _longer(comparison.seconds_change))
    yield ""
    yield "Categories, marks"
    yield from (_category_line(pair) for pair in comparison.categories)
    for pair in comparison.questions:
        yield ""
        yield from _pair_lines(pair)
    if comparison.versions:
        yield ""
        yield "Marked with"
        yield from (_row(f"  {v.name}", (v.left or "–", v.right or "–")) for v in comparison.versions)
    if comparison.remarks:
        yield ""
        yield from (line for remark in comparison.remarks for line in wrapped(remark, 0, 2))


def _category_line(pair: CategoryPair) -> str:
    sides = (_of(pair.left, pair.left_of), _of(pair.right, pair.right_of))
    change = "" if pair.left is None or pair.right is None else formats.signed(pair.right - pair.left, 0)
    return _row(f"  {formats.category(pair.category)}", sides, change)


def _of(marks: int | None, of: int) -> str:
    return "–" if marks is None else f"{marks}/{of}"


def _pair_lines(pair: QuestionPair) -> Iterator[str]:
    def sides(told: Callable[[QuestionDetail], str]) -> list[str]:
        return [told(question) if question else "–" for question in (pair.left, pair.right)]

    yield _heading(pair)
    yield _row("  marks", sides(lambda q: formats.marks(q.marks)), _change(pair.marks_change))
    yield _row("  metric", sides(_metric), _metric_change(pair))
    yield _row("  worked", sides(lambda q: formats.lasting(q.seconds)), _longer(pair.seconds_change))
    yield _row("  submissions", sides(lambda q: str(len(q.submissions))), _change(pair.submissions_change))


def _heading(pair: QuestionPair) -> str:
    titles = list(dict.fromkeys(q.item.title for q in (pair.left, pair.right) if q))
    if pair.left is None or pair.right is None:
        return f"{titles[0]} (only {'right' if pair.left is None else 'left'})"
    if not pair.same_question:
        return f"{titles[0]} | {titles[-1]}"
    return titles[0] + ("" if pair.same_edition else " (another edition of the question)")


def _row(name: str, sides: Sequence[str], change: str = "") -> str:
    return f"{name:<23}{sides[0]:>17}{sides[1]:>18}  {change:<20}".rstrip()


def _metric(question: QuestionDetail) -> str:
    best = question.counted
    if best is None or best.value is None:
        return "–"
    return f"{formats.metric(best.metric)} {number_text(best.value)}"


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
