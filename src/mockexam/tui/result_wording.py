"""What the result says: pure functions from a snapshot to words."""

from __future__ import annotations

from textual.content import Content

from mockexam.exam.attempt import Attempt, AttemptQuestion
from mockexam.exam.outcome import time_spent
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.session.ports import Snapshot
from mockexam.text.status import percent
from mockexam.text.units import time_text
from mockexam.tui.feedback import Rows, bands_text, findings_content, numbers
from mockexam.tui.widgets.numbers import numbers_content
from mockexam.tui.widgets.question_table import cut
from mockexam.tui.wording import State, category_word, marks_text, state_of

_FAULT = "The marker failed on a model: not your fault, and no zero."


def banner_word(attempt: Attempt) -> str:
    """The result in a word: `PASS` or `FAIL` of an exam, the marks of a retry; empty before it stands."""
    if attempt.settled is None:
        return ""
    if not policy_of(attempt).has_verdict:
        return marks_text(attempt.questions[0].marks)
    return "PASS" if attempt.settled.passed else "FAIL"


def words(attempt: Attempt) -> Content:
    """The verdict in words, honest about what is not marked."""
    if attempt.settled is None:
        return _waiting(attempt)
    exam = policy_of(attempt).has_verdict
    lines = _exam_words(attempt, attempt.settled.passed) if exam else _retry_words(attempt)
    if any(state_of(q, None) is State.FAULT for q in attempt.questions):
        lines.append(Content.styled(_FAULT, "$text-warning"))
    return Content("\n").join(lines)


def _waiting(attempt: Attempt) -> Content:
    waiting = len(attempt.waiting)
    models = "1 received model is" if waiting == 1 else f"{waiting} received models are"
    why = "The time is up." if attempt.finished and attempt.finished.reason == "time_up" else "You finished."
    head = Content.styled(f"{why} Marking goes on: {models} waiting.", "bold $text-warning")
    rest = "What was received is safe; if you leave, it is marked at the next start."
    if not policy_of(attempt).has_verdict:
        so_far = Content.assemble("So far ", (marks_text(attempt.questions[0].marks), "bold"))
    else:
        so_far = Content.assemble("So far ", _total(attempt))
    return Content("\n").join([head, so_far, Content(rest)])


def _exam_words(attempt: Attempt, passed: bool) -> list[Content]:
    reaches = "reaches" if passed else "misses"
    return [_total(attempt), Content(f"That {reaches} the pass mark of {attempt.rules.pass_mark} %.")]


def _total(attempt: Attempt) -> Content:
    weighted = f" of the weighted marks ({attempt.earned} of {attempt.possible})"
    return Content.assemble((f"{percent(attempt):g} %", "bold"), weighted)


def _retry_words(attempt: Attempt) -> list[Content]:
    question = attempt.questions[0]
    if question.counted is None:
        told = "No model could be marked." if question.submissions else "No model was received."
    elif question.marks == MARKS_PER_QUESTION:
        told = "All five bands reached."
    else:
        told = f"{question.marks or 'None'} of five bands reached."
    return [Content.styled(question.item.title, "bold"), Content(attempt.rules.title), Content(told)]


def retry_numbers(snapshot: Snapshot) -> Content:
    """What the model that counts reached, what it took, and what was found out about it."""
    attempt = snapshot.attempt
    question = attempt.questions[0]
    number = question.item.number
    rows: Rows = (("marks", bands_text(question.marks)),)
    rows += numbers(question.counted) if question.counted else ()
    rows += (
        ("hints used", str(attempt.hints(number) or "none")),
        ("models received", str(len(question.submissions) or "none")),
        ("time worked", time_text(time_spent(attempt.signs).get(number, 0.0))),
    )
    diagnosis = question.counted.diagnosis if question.counted else None
    findings = findings_content(diagnosis.findings, "What the model that counts shows") if diagnosis else None
    table = numbers_content(rows)
    return table if findings is None else Content("\n\n").join([table, findings])


def marks_table(snapshot: Snapshot, width: int) -> Content:
    """A line a question: marks, weight, what they add up to, and what became of the newest model."""
    questions = snapshot.attempt.questions
    notes = [_note(question, snapshot.grading) for question in questions]
    category = 13 if width >= 66 else 0
    # Beside the title and the category: number 4, marks 7, weight 8, weighted 11, and the notes.
    title = max(8, width - 30 - category - max(map(len, notes)))
    head = f" {'#':>2} {'question':<{title}}{'':<{category}}{'marks':>7}{'weight':>8}{'weighted':>11}"
    lines = [Content.styled(head, "$muted")]
    for question, note in zip(questions, notes, strict=True):
        item = question.item
        share = f"{item.weight * (question.marks or 0)} of {item.weight * MARKS_PER_QUESTION:>2}"
        lines.append(
            Content.assemble(
                f" {item.number:>2} ",
                (cut(item.title, title), "bold"),
                (f" {category_word(item.category):<12}"[:category], "$muted"),
                (f"{marks_text(question.marks):>7}", "bold"),
                f"{'×' + str(item.weight):>8}{share:>11}",
                (note, "$muted"),
            )
        )
    return Content("\n").join(lines)


def _note(question: AttemptQuestion, grading: str | None) -> str:
    state = state_of(question, grading)
    told = {State.NONE: "no model", State.GRADED: ""}.get(state, state.value)
    return f"  {told}" if told else ""
