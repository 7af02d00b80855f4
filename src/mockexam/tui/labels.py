"""Labels: pure functions from an attempt to words, symbols and styles."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from textwrap import wrap
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from mockexam.bank.category import category_of
from mockexam.exam import events as ev
from mockexam.exam.attempt import AttemptQuestion, Phase, Submission, WorkEvent
from mockexam.exam.class_report import ClassReport
from mockexam.exam.outcome import Outcome, time_spent
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.review.detail import SubmissionDetail
from mockexam.session.ports import Snapshot
from mockexam.session.script_runs import ScriptRuns
from mockexam.text import formats
from mockexam.text.class_tables import class_lines
from mockexam.text.formats import questions
from mockexam.text.units import metric_numbers, metric_text, number_text


class State(StrEnum):
    """The state of a question's newest submission, as shown."""

    NONE = ""
    RECEIVED = "received"
    GRADING = "grading…"
    GRADED = "graded"
    INVALID = "refused"
    LIMIT = "over limit"
    FAULT = "grader error"


STATES = {
    Verdict.GRADED: State.GRADED,
    Verdict.INVALID_MODEL: State.INVALID,
    Verdict.LIMIT_EXCEEDED: State.LIMIT,
    Verdict.GRADER_ERROR: State.FAULT,
}
"""How a verdict is shown."""

TONES = {
    State.NONE: "",
    State.RECEIVED: "$text-secondary",
    State.GRADING: "$text-secondary",
    State.GRADED: "$text-success",
    State.INVALID: "$text-error",
    State.LIMIT: "$text-error",
    State.FAULT: "$text-warning",
}

STEADY = 0.15
"""Marks gained or lost per attempt; a smaller slope counts as steady."""

Toned = tuple[str, str]
"""A text and its style."""
Rows = tuple[tuple[str, str], ...]
"""Names and values."""


class QuestionRow(NamedTuple):
    """One row of the question table."""

    number: int
    title: str
    category: str
    weight: int | None
    """None if there is only one question."""
    marks: int | None
    state: State
    missing: bool = False
    run: str = ""
    """What the script is doing: `running`, `stopping`, `queued`, or nothing."""
    pace: str = ""
    """The time spent on it against its minutes; nothing in the review."""


def category_word(category: str) -> str:
    """A category in one or two short words."""
    return category_of(category).short


def cut(text: str, width: int) -> str:
    """The text in exactly `width` cells, with … if it does not fit."""
    return set_cell_size(text, width) if cell_len(text) <= width else set_cell_size(text, max(1, width - 1)) + "…"


def trend(slope: float | None, unknown: str = "") -> Toned:
    """The trend of recent marks (`slope`: marks per attempt); `unknown` if there are too few."""
    if slope is None:
        return unknown, "$muted"
    if slope >= STEADY:
        return "↗ rising", "$text-success"
    return ("↘ falling", "$text-warning") if slope <= -STEADY else ("→ steady", "$muted")


def wrapped(text: str, width: int, tone: str) -> list[Content]:
    """A paragraph, indented by two cells and wrapped to `width` cells."""
    return [Content.styled(f"  {line}", tone) for line in wrap(text, max(10, width - 2))]


def state_of(question: AttemptQuestion, grading: str | None) -> State:
    """The state of the newest submission; `grading` is the id of the one being graded now."""
    if any(s.id == grading for s in question.submissions if s.waiting):
        return State.GRADING
    if question.waiting:
        return State.RECEIVED
    if not question.submissions:
        return State.NONE
    graded = question.submissions[-1].grading
    assert graded is not None
    return STATES[graded.verdict]


def question_rows(snapshot: Snapshot, runs: ScriptRuns) -> tuple[QuestionRow, ...]:
    """All rows."""
    spent = _time_spent(snapshot.attempt.work_events)
    return tuple(
        QuestionRow(
            number=q.item.number,
            title=q.item.title,
            category=category_word(q.item.category),
            weight=q.item.weight if policy_of(snapshot.attempt).shows_weights else None,
            marks=q.marks,
            state=state_of(q, snapshot.grading),
            missing=q.item.number in snapshot.missing,
            run=_run_word(q.item.number, runs),
            pace=formats.pace(spent.get(q.item.number, 0.0), q.item.minutes),
        )
        for q in snapshot.attempt.questions
    )


@lru_cache(maxsize=1)
def _time_spent(work: tuple[WorkEvent, ...]) -> dict[int, float]:
    """As the review counts it; once an event, not once a second."""
    return time_spent(work)


def pace_tone(pace: str) -> str:
    """A warning if it is over."""
    return "$text-warning" if pace.startswith("!") else "$muted"


def task_heading(row: QuestionRow) -> tuple[str, Content]:
    """A question's number and title, and its weight and pace."""
    weight = f" · ×{row.weight}" if row.weight else ""
    return f"{row.number} {row.title}", Content.assemble(f"{weight} · ", (row.pace, pace_tone(row.pace)))


def _run_word(number: int, runs: ScriptRuns) -> str:
    view = runs.view(number)
    if view is not None and view.running:
        return "stopping" if view.stopping else "running"
    return "queued" if number in runs.queued else ""


def refusal(question: AttemptQuestion) -> ev.GradingResult | None:
    """The newest verdict if it gave no marks; else None."""
    newest = last_graded(question)
    if newest is None or newest.grading is None or newest.grading.verdict is Verdict.GRADED:
        return None
    return newest.grading


def last_graded(question: AttemptQuestion) -> Submission | None:
    """The newest submission that has a verdict."""
    return next((s for s in reversed(question.submissions) if s.grading is not None), None)


def still_open(snapshot: Snapshot) -> tuple[str, ...]:
    """What to know before finishing: questions without a model, and models without marks."""
    known = snapshot.attempt.questions
    bare = [q.item.number for q in known if not q.submissions]
    waiting = sum(q.waiting for q in known)
    lines = []
    if bare:
        lines.append(f"No model received for {questions(bare)}.")
    ungraded = [q.item.number for q in known if q.submissions and q.marks is None and not q.waiting]
    if ungraded:
        lines.append(f"No marks for {questions(ungraded)}: no model could be graded.")
    if waiting:
        lines.append(f"{formats.plural(waiting, 'model')} not graded yet; grading continues after you finish.")
    return tuple(lines)


def result(outcome: Outcome) -> Toned:
    """`pass` or `fail` for an ended exam, nothing for an ended retry, else the phase."""
    if outcome.phase is not Phase.ENDED:
        return outcome.phase.value, "$text-secondary"
    if not policy_of(outcome).has_verdict:
        return "", ""
    return ("pass", "$text-success") if outcome.passed else ("fail", "$text-error")


def title(outcome: Outcome) -> str:
    """An attempt in one line."""
    kind = f"Retry of {outcome.questions[0].title}" if policy_of(outcome).single_question else outcome.title
    return f"{kind} · {formats.paper(outcome.code, repeat=outcome.repeat)} · {formats.minute(outcome.started)}"


def verdict(submission: SubmissionDetail) -> Toned:
    """A submission's marks, or its verdict if it has none."""
    if submission.verdict is None:
        return "waiting", TONES[State.RECEIVED]
    if submission.verdict is Verdict.GRADED:
        return formats.marks(submission.marks), "bold"
    return STATES[submission.verdict].value, TONES[STATES[submission.verdict]]


def no_snapshot() -> Snapshot:
    """Default of a snapshot that `__init__` always sets. Raises LookupError."""
    raise LookupError("the screen has no snapshot yet")


class Feedback(NamedTuple):
    """A question's numbers, row by row, and the diagnosis of its last graded model."""

    rows: Rows
    diagnosis: ev.Diagnosed | None = None


def feedback_of(question: AttemptQuestion, state: State, hints: str) -> Feedback:
    """The feedback on a question in this state; `hints` says how many were used."""
    last = last_graded(question)
    rows: Rows = (("new model", state.value),) if state in {State.RECEIVED, State.GRADING} else ()
    rows += (("last model", "none yet" if last is None else _verdict(last)),)
    if last is not None:
        rows += metric_rows(last)
    if question.counted is not None and question.counted is not last:
        rows += (("counts so far", bands_text(question.marks)),)
    return Feedback((*rows, ("hints used", hints)), last.diagnosis if last is not None else None)


def in_short(question: AttemptQuestion, state: State) -> str:
    """The same in one line, for a small terminal."""
    last = last_graded(question)
    if last is None or last.grading is None or last.grading.metric is None or last.grading.value is None:
        return f"{formats.marks(question.marks)} {state}".strip()
    waiting = f" · {state.value}" if state in {State.RECEIVED, State.GRADING} else ""
    metric = metric_text(last.grading.metric, last.grading.value, last.grading.next_at)
    return f"last {formats.marks(last.marks)} · {metric}{waiting}"


def metric_rows(submission: Submission) -> Rows:
    """A graded submission's metric, its value on the training data, and how far the next mark is; else nothing."""
    grading, diagnosis = submission.grading, submission.diagnosis
    if grading is None or grading.metric is None or grading.value is None:
        return ()
    shown, missing, begins = metric_numbers(grading.value, grading.next_at)
    rows: Rows = ((grading.metric, shown),)
    if diagnosis is not None and diagnosis.train_value is not None:
        rows += (("in training", number_text(diagnosis.train_value)),)
    if begins:
        rows += (("next mark at", begins), ("still missing", missing))
    return rows


def bands_text(marks: int | None) -> str:
    """The bands reached, one mark each: `■■■□□ 3/5`."""
    reached = marks or 0
    return f"{'■' * reached}{'□' * (MARKS_PER_QUESTION - reached)} {formats.marks(marks)}"


def rows_content(rows: Rows) -> Content:
    """Names and values, one pair per line, aligned."""
    width = max((len(name) for name, _ in rows), default=0)
    lines = [Content.assemble((f"{name:<{width}}  ", "$muted"), (value, "bold")) for name, value in rows]
    return Content("\n").join(lines)


def diagnosis_content(
    diagnosis: ev.Diagnosed | None, width: int, head: str = "What the last model shows"
) -> Content | None:
    """Findings, and recall by class in `width` cells, under a heading; None if there are none."""
    if diagnosis is None or not (diagnosis.findings or diagnosis.class_report):
        return None
    lines = [Content.styled(head, "bold $primary")]
    lines += (Content.assemble(("· ", "bold $primary"), text) for text in diagnosis.findings)
    if diagnosis.class_report is not None:
        lines += class_content(diagnosis.class_report, width)
    return Content("\n").join(lines)


def class_content(report: ClassReport, width: int) -> list[Content]:
    """Recall by class and the confusion matrix, indented by two cells."""
    head, *lines = class_lines(report, max(20, width - 2))
    return [Content.styled(f"  {head}", "$muted"), *(Content(f"  {line}") for line in lines)]


def _verdict(submission: Submission) -> str:
    grading = submission.grading
    assert grading is not None
    return bands_text(grading.marks) if grading.verdict is Verdict.GRADED else STATES[grading.verdict].value
