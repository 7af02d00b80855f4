"""How it ended: pass or fail, or what a retry reached; marks, numbers, the receipt."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Static

from mockexam.exam.attempt import Phase
from mockexam.exam.policy import policy_of
from mockexam.session.ports import RetryChoice, Snapshot
from mockexam.text.units import time_text
from mockexam.tui.result_wording import banner_word, marks_table, retry_numbers, words
from mockexam.tui.services import Services
from mockexam.tui.widgets.banner import Banner
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.wording import no_picture

if TYPE_CHECKING:
    from mockexam.tui.app import MockexamApp

_HELP = (
    "The total is the sum of weight × marks over the sum of weight × 5. Weights and pass mark are assumptions: the "
    "real exam's were never published. The receipt is the hash over everything that was recorded of this attempt."
)

_RETRY_HELP = (
    "Each band that the metric reached is one mark; what counts is the best model, or the last one where the exam says "
    "so. The review has all bands, every model, and the reference solution beside your scripts. Another retry draws a "
    "question of the category that you have not met, or new numbers for the one with the fewest marks."
)
_REVIEW = "v: the review, with metrics, bands, your scripts and the reference"
_RETRY_REVIEW = "v: the review, the reference solution beside your script · a: another retry"


class ResultScreen(Screen[None]):
    """Also shows that marking goes on, until the result stands."""

    CSS_PATH = "result.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "review", "Review", tooltip="Look back at this attempt: bands, scripts, reference solutions"),
        Binding("a", "again", "Again", tooltip="Another retry of the same category"),
        Binding("enter", "home", "Home", tooltip="Back to the first screen"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What this means"),
        Binding("q", "app.leave", "Quit", tooltip="Leave mockexam"),
    ]

    app: MockexamApp
    snapshot: var[Snapshot] = var(no_picture, init=False)

    class Again(Message):
        """Another retry of the same category is wanted."""

        def __init__(self, choice: RetryChoice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, snapshot: Snapshot, services: Services) -> None:
        super().__init__()
        self._exam = policy_of(snapshot.attempt).has_verdict
        self.HELP_TEXT = _HELP if self._exam else _RETRY_HELP
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
        self.set_class(settled is not None and not settled.passed and self._exam, "-fail")
        banner = self.query_one(Banner)
        banner.display = settled is not None
        banner.word = banner_word(attempt)
        self.query_one("#words", Static).update(words(attempt))
        width = self.query_one("#sheet").size.width or 76
        self.query_one("#marks", Static).update(marks_table(snapshot, width) if self._exam else retry_numbers(snapshot))
        self.query_one("#facts", Static).update(self._facts(snapshot))
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """What leads on is open once the result stands."""
        if action == "again" and self._exam:
            return False
        return action not in {"home", "again", "review"} or self.snapshot.phase is Phase.ENDED

    def action_home(self) -> None:
        """Back."""
        self.dismiss()

    def action_review(self) -> None:
        """Look back at this attempt."""
        self.app.open_review(self.snapshot.attempt.id)

    def action_again(self) -> None:
        """Practise on."""
        attempt = self.snapshot.attempt
        category, timed = attempt.paper.items[0].category, attempt.rules.duration is not None
        self.post_message(self.Again(RetryChoice(category=category, timed=timed, exam=attempt.rules.exam)))

    def _facts(self, snapshot: Snapshot) -> Content:
        attempt = snapshot.attempt
        used = f"time used {time_text(attempt.time_used(snapshot.now))}"
        lines = [Content.styled(f"{used} · paper {attempt.paper.code} · attempt {attempt.id}", "$muted")]
        if attempt.settled is not None:
            receipt = self._services.receipt(attempt.id)
            lines += [Content.styled(f"receipt {receipt}", "$muted")] if receipt else []
            lines.append(Content(_REVIEW if self._exam else _RETRY_REVIEW))
        return Content("\n").join(lines)
