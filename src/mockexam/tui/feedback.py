"""What a retry tells of a question beyond its marks: pure functions from the attempt to words."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from mockexam.exam.attempt import AttemptQuestion, Submission
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.text.units import metric_numbers, metric_text, number_text
from mockexam.tui.wording import STATES, State, last_graded, marks_text

Rows = tuple[tuple[str, str], ...]
"""Names and values."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A question's numbers, line by line, and what was found out about its last marked model."""

    rows: Rows
    findings: tuple[str, ...] = ()
    """In a learner's words, the weightiest first."""


def feedback_of(question: AttemptQuestion, state: State, hints: str) -> Feedback:
    """The feedback on a question, whose newest submission stands as `state`; `hints` says how many were used."""
    last = last_graded(question)
    rows: Rows = (("new model", state.value),) if state in {State.RECEIVED, State.GRADING} else ()
    rows += (("last model", "none yet" if last is None else _verdict(last)),)
    if last is not None:
        rows += numbers(last)
    if question.counted is not None and question.counted is not last:
        rows += (("counts so far", bands_text(question.marks)),)
    findings = last.diagnosis.findings if last is not None and last.diagnosis is not None else ()
    return Feedback((*rows, ("hints used", hints)), findings)


def in_short(question: AttemptQuestion, state: State) -> str:
    """The weightiest of it in a line, for a terminal that has room for no more."""
    last = last_graded(question)
    if last is None or last.grading is None or last.grading.metric is None or last.grading.value is None:
        return f"{marks_text(question.marks)} {state}".strip()
    waiting = f" · {state.value}" if state in {State.RECEIVED, State.GRADING} else ""
    metric = metric_text(last.grading.metric, last.grading.value, last.grading.next_at)
    return f"last {marks_text(last.marks)} · {metric}{waiting}"


def numbers(submission: Submission) -> Rows:
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
    """The bands that were reached, each a mark: `■■■□□ 3/5`."""
    reached = marks or 0
    return f"{'■' * reached}{'□' * (MARKS_PER_QUESTION - reached)} {marks_text(marks)}"


def findings_content(findings: tuple[str, ...], head: str = "What the last model shows") -> Content | None:
    """The findings as text, under a heading; None if there are none."""
    if not findings:
        return None
    lines = [Content.styled(head, "bold $primary")]
    return Content("\n").join([*lines, *(Content.assemble(("· ", "bold $primary"), text) for text in findings)])


def _verdict(submission: Submission) -> str:
    grading = submission.grading
    assert grading is not None
    return bands_text(grading.marks) if grading.verdict is Verdict.GRADED else STATES[grading.verdict].value
