"""The result: pass or fail, or a retry's marks; numbers and the receipt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive, var
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from mockexam.exam.attempt import Attempt, AttemptQuestion, Phase
from mockexam.exam.outcome import time_spent
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.session.ports import RetryChoice, Snapshot
from mockexam.text import formats
from mockexam.text.event_text import missed_text
from mockexam.text.status import percent
from mockexam.tui.app_base import RetryRequested
from mockexam.tui.labels import (
    Rows,
    State,
    bands_text,
    category_word,
    cut,
    diagnosis_content,
    metric_rows,
    no_snapshot,
    rows_content,
    state_of,
)  # fmt: skip
from mockexam.tui.screens.modal import Modal
from mockexam.tui.services import Services
from mockexam.tui.widgets.status_lines import KeyBar

_HELP = (
    "The total is the sum of weight × marks, divided by the sum of weight × 5. Weights and pass mark are assumptions: "
    "those of the real exam were never published. The receipt is a hash of everything on record for this attempt."
)

_RETRY_HELP = (
    "Each band that the metric reached is one mark. The best model counts, or the last one if the exam says so. "
    "The review shows all bands, every model, and the reference solution beside your scripts. Another retry gives you "
    "an unseen question of this category, or new data for the one with your fewest marks."
)
_REVIEW = "V: review with metrics, bands, your scripts and the reference solutions"
_RETRY_REVIEW = "V: review with the reference solution beside your script · A: another retry"
_FAULT = "The grader failed on a model. It is not your fault and does not count as zero."
_LETTERS = {
    "P": ("█▀▀▄", "█▄▄▀", "█   "),
    "A": ("▄▀▀▄", "█▄▄█", "█  █"),
    "S": ("▄▀▀▀", "▀▄▄ ", "▄▄▄▀"),
    "F": ("█▀▀▀", "█▀▀ ", "█   "),
    "I": ("▀█▀", " █ ", "▄█▄"),
    "L": ("█   ", "█   ", "█▄▄▄"),
    "0": ("▄▀▀▄", "█  █", "▀▄▄▀"),
    "1": ("▄█ ", " █ ", "▄█▄"),
    "2": ("▀▀▀▄", "▄▀▀ ", "█▄▄▄"),
    "3": ("▀▀▀▄", " ▀▀▄", "▄▄▄▀"),
    "4": ("█  █", "▀▀▀█", "   █"),
    "5": ("█▀▀▀", "▀▀▀▄", "▄▄▄▀"),
    "/": ("  ▄▀", " █  ", "▀   "),
    "–": ("    ", "▀▀▀▀", "    "),
}


class Banner(Widget):
    """`PASS`, `FAIL` or marks as `4/5`, on three rows."""

    DEFAULT_CSS = "Banner { height: 3; width: auto; }"

    word = reactive("", layout=True)

    def render(self) -> Content:
        rows = ("  ".join(_LETTERS[letter][row] for letter in self.word) for row in range(3))
        return Content("\n".join(rows))


class ResultScreen(Screen[None]):
    """The result; until it is final, what is still being graded."""

    CSS_PATH = "screens.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("V", "review", "Review", tooltip="Review this attempt: bands, scripts, reference solutions"),
        Binding("A", "again", "Again", tooltip="Another retry of the same category"),
        Binding("enter", "dismiss", "Home", tooltip="Back to the home screen"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What this means"),
        Binding("q", "app.leave", "Quit", tooltip="Leave mockexam"),
    ]

    snapshot: var[Snapshot] = var(no_snapshot, init=False)

    @dataclass
    class ReviewRequested(Message):
        """The user asks for the review of this attempt."""

        attempt: str

    def __init__(self, snapshot: Snapshot, services: Services) -> None:
        super().__init__()
        self._exam = policy_of(snapshot.attempt).has_verdict
        self.HELP_TEXT = _HELP if self._exam else _RETRY_HELP
        self._services = services
        self.set_reactive(ResultScreen.snapshot, snapshot)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="result"), Vertical(id="sheet"):
            with Horizontal(id="verdict"):
                yield Banner()
                yield Static("", id="words")
            yield Static("", id="marks")
            yield Static("", id="missed", markup=False)
            yield Static("", id="diagnosis", markup=False)
            yield Static("", id="facts")
        yield KeyBar()

    def on_mount(self) -> None:
        self.app.clear_notifications()  # they were about work that is over
        self.watch_snapshot(self.snapshot)

    def on_resize(self) -> None:
        self.watch_snapshot(self.snapshot)

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Draw; there is no verdict while grading continues."""
        if not self.children:
            return
        attempt = snapshot.attempt
        settled = attempt.settled
        self.set_class(settled is not None and settled.passed, "-pass")
        self.set_class(settled is not None and not settled.passed and self._exam, "-fail")
        banner = self.query_one(Banner)
        banner.display = settled is not None
        banner.word = banner_word(attempt)
        self.query_one("#words", Static).update(result_words(attempt))
        width = self.query_one("#sheet").size.width or 76
        numbers = marks_table(snapshot, width) if self._exam else retry_numbers(snapshot)
        self.query_one("#marks", Static).update(numbers)
        missed = self.query_one("#missed", Static)
        missed.display = bool(attempt.not_received)
        missed.update(missed_lines(attempt))
        diagnosis = self.query_one("#diagnosis", Static)
        found = diagnosis_text(snapshot, width)
        diagnosis.display = found is not None
        diagnosis.update(found or "")
        self.query_one("#facts", Static).update(self._facts(snapshot))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """Home, review and retry work once the result is final."""
        if action == "again" and self._exam:
            return False
        return action not in {"dismiss", "again", "review"} or self.snapshot.phase is Phase.ENDED

    def action_review(self) -> None:
        self.post_message(self.ReviewRequested(self.snapshot.attempt.id))

    def action_again(self) -> None:
        attempt = self.snapshot.attempt
        timed = attempt.rules.duration is not None
        category = attempt.paper.items[0].category
        self.app.pop_screen()
        self.app.post_message(RetryRequested(RetryChoice(category=category, timed=timed, exam=attempt.rules.exam)))

    def _facts(self, snapshot: Snapshot) -> Content:
        attempt = snapshot.attempt
        used = f"time used {formats.at(attempt.time_used(snapshot.now))}"
        paper = formats.paper(attempt.paper.code, repeat=attempt.repeat)
        lines = [Content.styled(f"{used} · {paper} · attempt {attempt.id}", "$muted")]
        if attempt.settled is not None:
            receipt = self._services.receipt(attempt.id)
            lines += [Content.styled(f"receipt {receipt}", "$muted")] if receipt else []
            lines.append(Content(_REVIEW if self._exam else _RETRY_REVIEW))
        return Content("\n").join(lines)


class TimeUp(Modal[None]):
    """Opens by itself when the time is up: what is still being graded, and what was not received and why."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,escape,q", "dismiss", "Result")]

    def __init__(self) -> None:
        super().__init__("Time is up", "enter Result")

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box"):
            yield Static("", id="time-up", markup=False)

    def on_mount(self) -> None:
        self.watch(self.app, "snapshot", self._show)

    def _show(self, snapshot: Snapshot) -> None:
        self.query_one("#time-up", Static).update(time_up_text(snapshot))


def time_up_text(snapshot: Snapshot) -> Content:
    """What is still being graded, and what was not received."""
    attempt = snapshot.attempt
    lines = [Content("Nothing more is received."), Content()]
    if attempt.waiting:
        lines.append(Content.styled("Still being graded", "bold $text-secondary"))
        for submission in reversed(attempt.waiting):
            now = " · grading…" if submission.id == snapshot.grading else ""
            lines.append(Content.assemble(("· ", "bold"), f"Q{submission.number} {submission.received.name}{now}"))
    else:
        graded = "All received models are graded." if attempt.submissions else "No model was received."
        lines.append(Content.styled(graded, "$text-success" if attempt.submissions else "$text-warning"))
    if attempt.not_received:
        lines += [Content(), missed_lines(attempt)]
    return Content("\n").join(lines)


def missed_lines(attempt: Attempt) -> Content:
    """What was not received, a line each, under a heading."""
    head = Content.styled("Not received", "bold $text-warning")
    lines = (Content.assemble(("· ", "bold"), missed_text(m.number, m.name, m.reason)) for m in attempt.not_received)
    return Content("\n").join([head, *lines])


def banner_word(attempt: Attempt) -> str:
    """The result in a word: `PASS` or `FAIL` of an exam, the marks of a retry; empty until it is final."""
    if attempt.settled is None:
        return ""
    if not policy_of(attempt).has_verdict:
        return formats.marks(attempt.questions[0].marks)
    return "PASS" if attempt.settled.passed else "FAIL"


def result_words(attempt: Attempt) -> Content:
    """The verdict in words; says if the grader failed on a model."""
    if attempt.settled is None:
        return _waiting(attempt)
    place = "This reaches" if attempt.settled.passed else "This is below"
    lines = [_total(attempt), Content(f"{place} the pass mark of {attempt.rules.pass_mark} %.")]
    if not policy_of(attempt).has_verdict:
        lines = _retry_words(attempt)
    if any(state_of(q, None) is State.FAULT for q in attempt.questions):
        lines.append(Content.styled(_FAULT, "$text-warning"))
    return Content("\n").join(lines)


def _waiting(attempt: Attempt) -> Content:
    waiting = len(attempt.waiting)
    models = "1 received model is" if waiting == 1 else f"{waiting} received models are"
    why = "The time is up." if attempt.finished and attempt.finished.reason == "time_up" else "You finished."
    head = Content.styled(f"{why} Grading continues: {models} waiting.", "bold $text-warning")
    rest = "Received models are safe. If you leave, grading continues at the next start."
    marks = Content.styled(formats.marks(attempt.questions[0].marks), "bold")
    so_far = Content.assemble("So far ", _total(attempt) if policy_of(attempt).has_verdict else marks)
    return Content("\n").join([head, so_far, Content(rest)])


def _total(attempt: Attempt) -> Content:
    weighted = f" of the weighted marks ({attempt.earned} of {attempt.possible})"
    return Content.assemble((f"{percent(attempt):g} %", "bold"), weighted)


def _retry_words(attempt: Attempt) -> list[Content]:
    question = attempt.questions[0]
    if question.counted is None:
        text = "No model could be graded." if question.submissions else "No model was received."
    elif question.marks == MARKS_PER_QUESTION:
        text = "All five bands reached."
    else:
        text = f"{question.marks or 'None'} of five bands reached."
    return [Content.styled(question.item.title, "bold"), Content(attempt.rules.title), Content(text)]


def retry_numbers(snapshot: Snapshot) -> Content:
    """Numbers of the model that counts."""
    attempt = snapshot.attempt
    question = attempt.questions[0]
    number = question.item.number
    rows: Rows = (("marks", bands_text(question.marks)),)
    rows += metric_rows(question.counted) if question.counted else ()
    rows += (
        ("hints used", str(attempt.hints(number) or "none")),
        ("models received", str(len(question.submissions) or "none")),
        ("time worked", formats.at(time_spent(attempt.work_events).get(number, 0.0))),
    )
    return rows_content(rows)


def diagnosis_text(snapshot: Snapshot, width: int) -> Content | None:
    """What the models that count show, and how many are still to be diagnosed; None without either."""
    attempt = snapshot.attempt
    policy = policy_of(attempt)
    if not policy.runs_diagnosis(snapshot.phase):
        return None
    parts = []
    for question in attempt.questions:
        head = "What the model that counts shows"
        if not policy.single_question:
            head = f"{question.item.number} {question.item.title} · {formats.marks(question.marks)}"
        diagnosis = question.counted.diagnosis if question.counted else None
        if (part := diagnosis_content(diagnosis, width, head)) is not None:
            parts.append(part)
    if snapshot.diagnosing:
        waiting = formats.plural(snapshot.diagnosing, "model")
        parts.append(Content.styled(f"Diagnosing {waiting} … You need not wait.", "$text-secondary"))
    if parts and not policy.single_question:
        parts.insert(0, Content.styled("What the models that count show", "bold $primary"))
    return Content("\n\n").join(parts) if parts else None


def marks_table(snapshot: Snapshot, width: int) -> Content:
    """One line per question: marks, weight, weighted marks, and the newest model's state."""
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
                (f"{formats.marks(question.marks):>7}", "bold"),
                f"{'×' + str(item.weight):>8}{share:>11}",
                (note, "$muted"),
            )
        )
    return Content("\n").join(lines)


def _note(question: AttemptQuestion, grading: str | None) -> str:
    state = state_of(question, grading)
    text = {State.NONE: "no model", State.GRADED: ""}.get(state, state.value)
    return f"  {text}" if text else ""
