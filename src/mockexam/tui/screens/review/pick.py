"""Choosing another attempt, or another submission."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList

from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.review.detail import SubmissionDetail
from mockexam.tui.screens.modal import Modal
from mockexam.tui.widgets.attempt_list import AttemptHeading, AttemptList
from mockexam.tui.widgets.submission_list import SubmissionList
from mockexam.tui.widgets.told import Told

if TYPE_CHECKING:
    from mockexam.review.service import Review


class PickAttempt(Modal[str | None]):
    """All other attempts, newest first; the cursor stands on the one before of the same kind."""

    CSS_PATH = "pick.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Choose"),
        Binding("escape,q", "cancel", "Back", key_display="esc"),
    ]

    def __init__(self, review: Review, outcome: Outcome) -> None:
        super().__init__()
        self._review = review
        self._outcome = outcome

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(id="box") as box:
            box.border_title = "Compare with …"
            box.border_subtitle = "↑ ↓ choose · enter Compare · esc Back"
            attempts = AttemptList()
            yield AttemptHeading(attempts)
            yield attempts
            yield Told()

    def on_mount(self) -> None:
        """Read them."""
        self.query_one(AttemptList).show(0, empty="Reading …")
        self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            outcomes = await asyncio.to_thread(self._review.outcomes)
        except UserError as error:
            self.query_one(Told).error = error
            return
        mine = self._outcome
        others = tuple(o for o in reversed(outcomes) if o.attempt != mine.attempt)
        attempts = self.query_one(AttemptList)
        attempts.show_attempts(others, (), "There is no other attempt yet.")
        attempts.cursor = next(
            (i for i, o in enumerate(others) if o.started < mine.started and _alike(o, mine)),
            next((i for i, o in enumerate(others) if _alike(o, mine)), 0),
        )
        self.query_one(AttemptHeading).refresh()

    def action_take(self) -> None:
        """This one."""
        chosen = self.query_one(AttemptList).chosen
        if chosen is not None:
            self.dismiss(chosen.attempt)

    def action_cancel(self) -> None:
        """None."""
        self.dismiss(None)


def _alike(one: Outcome, other: Outcome) -> bool:
    """Whether two attempts are worth comparing: both exams, or retries of one category."""
    return policy_of(one) == policy_of(other) and one.questions[0].category == other.questions[0].category


class PickSubmission(Modal[SubmissionDetail | None]):
    """The question's other submissions."""

    CSS_PATH = "pick.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "cancel", "Back", key_display="esc")]

    def __init__(self, submissions: tuple[SubmissionDetail, ...], chosen: SubmissionDetail | None) -> None:
        super().__init__()
        self._submissions = submissions
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(id="box") as box:
            box.border_title = "Against which submission?"
            box.border_subtitle = "↑ ↓ choose · enter Compare · esc Back"
            yield SubmissionList()

    def on_mount(self) -> None:
        """Show them."""
        submissions = self.query_one(SubmissionList)
        submissions.submissions = self._submissions
        if self._chosen in self._submissions:
            submissions.highlighted = self._submissions.index(self._chosen)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """This one."""
        event.stop()
        self.dismiss(self.query_one(SubmissionList).chosen)

    def action_cancel(self) -> None:
        """None."""
        self.dismiss(None)
