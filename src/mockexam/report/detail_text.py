"""One attempt as text of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator

from mockexam.exam.marking import Verdict
from mockexam.exam.policy import policy_of
from mockexam.report import formats
from mockexam.report.detail import AttemptDetail, QuestionDetail, SubmissionDetail, TimelineLine
from mockexam.report.history_text import result_word, total_text, wrapped
from mockexam.wording import metric_text, number_text, size_text, time_text


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
