"""How it ended: pass or fail, marks and weights, the receipt."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Static

from mockexam.exam.attempt import Attempt, Phase, Question
from mockexam.exam.marking import MARKS_PER_QUESTION
from mockexam.report.summary import percent
from mockexam.sitting.snapshot import Snapshot
from mockexam.tui.services import Services
from mockexam.tui.widgets.banner import Banner
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.widgets.question_table import cut
from mockexam.tui.wording import State, category_word, marks_text, no_picture, state_of
from mockexam.wording import time_text

_HELP = (
    "The total is the sum of weight × marks over the sum of weight × 5. Weights and pass mark are assumptions: the "
    "real exam's were never published. The receipt is the hash over everything that was recorded of this attempt."
)

_REVIEW = "All is kept for `mockexam review`, which comes in a later version."


class ResultScreen(Screen[None]):
    """Also shows that marking goes on, until the result stands."""

    CSS_PATH = "result.tcss"
    HELP_TEXT = _HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "home", "Home", tooltip="Back to the first screen"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What this means"),
        Binding("q", "app.leave", "Quit", tooltip="Leave mockexam"),
    ]

    snapshot: var[Snapshot] = var(no_picture, init=False)

    def __init__(self, snapshot: Snapshot, services: Services) -> None:
        super().__init__()
        self._services = services
        self.set_reactive(ResultScreen.snapshot, snapshot)

    def compose(self) -> ComposeResult:
        """Verdict, marks, facts."""
        with VerticalScroll(id="result"), Vertical(id="sheet"):
            with Horizontal(id="verdict"):
                yield Banner()
                yield Static("", id="words")
            yield Static("", id="marks")
            yield Static("", id="facts")
        yield KeyBar()

    def on_mount(self) -> None:
        """Draw the first picture."""
        self.watch_snapshot(self.snapshot)

    def on_resize(self) -> None:
        """The table has the sheet's width."""
        self.watch_snapshot(self.snapshot)

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Draw; while marking goes on there is no verdict."""
        if not self.children:
            return
        attempt = snapshot.attempt
        settled = attempt.settled
        self.set_class(settled is not None and settled.passed, "-pass")
        self.set_class(settled is not None and not settled.passed, "-fail")
        banner = self.query_one(Banner)
        banner.display = settled is not None
        if settled is not None:
            banner.word = "PASS" if settled.passed else "FAIL"
        self.query_one("#words", Static).update(words(attempt))
        width = self.query_one("#sheet").size.width or 76
        self.query_one("#marks", Static).update(marks_table(snapshot, width))
        self.query_one("#facts", Static).update(self._facts(snapshot))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """Home is open once the result stands."""
        return not (action == "home" and self.snapshot.phase is not Phase.ENDED)

    def action_home(self) -> None:
        """Back."""
        self.dismiss()

    def _facts(self, snapshot: Snapshot) -> Content:
        attempt = snapshot.attempt
        used = f"time used {time_text(attempt.time_used(snapshot.now))}"
        lines = [Content.styled(f"{used} · paper {attempt.paper.code} · attempt {attempt.id}", "$muted")]
        if attempt.settled is not None:
            receipt = self._services.receipt(attempt.id)
            lines += [Content.styled(f"receipt {receipt}", "$muted")] if receipt else []
            lines.append(Content(_REVIEW))
        return Content("\n").join(lines)


def words(attempt: Attempt) -> Content:
    """The verdict in words, honest about what is not marked."""
    total = (f"{percent(attempt):g} %", "bold")
    weighted = f" of the weighted marks ({attempt.earned} of {attempt.possible})"
    if attempt.settled is None:
        waiting = len(attempt.waiting)
        models = "1 received model is" if waiting == 1 else f"{waiting} received models are"
        why = "The time is up." if attempt.finished and attempt.finished.reason == "time_up" else "You finished."
        head = Content.styled(f"{why} Marking goes on: {models} waiting.", "bold $text-warning")
        rest = "What was received is safe; if you leave, it is marked at the next start."
        return Content("\n").join([head, Content.assemble("So far ", total, weighted), Content(rest)])
    reached = "reaches" if attempt.settled.passed else "misses"
    head = Content.assemble(total, weighted)
    lines = [head, Content(f"That {reached} the pass mark of {attempt.rules.pass_mark} %.")]
    if any(state_of(q, None) is State.FAULT for q in attempt.questions):
        lines.append(Content.styled("The marker failed on a model: not your fault, and no zero.", "$text-warning"))
    return Content("\n").join(lines)


def marks_table(snapshot: Snapshot, width: int) -> Content:
    """A line a question: marks, weight, what they add up to, and what became of the newest model."""
    questions = snapshot.attempt.questions
    notes = [_note(question, snapshot.marking) for question in questions]
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


def _note(question: Question, marking: str | None) -> str:
    state = state_of(question, marking)
    told = {State.NONE: "no model", State.GRADED: ""}.get(state, state.value)
    return f"  {told}" if told else ""
