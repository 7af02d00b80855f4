"""Dialogs that choose another attempt or another submission."""

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
from mockexam.tui.widgets.status import ErrorPanel
from mockexam.tui.widgets.submission_list import SubmissionList

if TYPE_CHECKING:
    from mockexam.review.service import Review


_KEYS = "↑ ↓ choose · enter Compare · esc Back"


class PickAttempt(Modal[str | None]):
    """All other attempts, newest first; the cursor starts on the previous one of the same kind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Choose"),
        Binding("escape,q", "cancel", "Back", key_display="esc"),
    ]

    def __init__(self, review: Review, outcome: Outcome) -> None:
        super().__init__("Compare with …", _KEYS)
        self._review = review
        self._outcome = outcome

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            attempts = AttemptList()
            yield AttemptHeading(attempts)
            yield attempts
            yield ErrorPanel()

    def on_mount(self) -> None:
        self.query_one(AttemptList).show(0, empty="Loading …")
        self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            outcomes = await asyncio.to_thread(self._review.outcomes)
        except UserError as error:
            self.query_one(ErrorPanel).error = error
            return
        mine = self._outcome
        others = tuple(o for o in reversed(outcomes) if o.attempt != mine.attempt)
        attempts = self.query_one(AttemptList)
        attempts.show_attempts(others, (), "There is no other attempt yet.")
        alike = [i for i, o in enumerate(others) if _alike(o, mine)]
        if alike:
            attempts.highlighted = next((i for i in alike if others[i].started < mine.started), alike[0])
        self.query_one(AttemptHeading).refresh()

    def action_take(self) -> None:
        chosen = self.query_one(AttemptList).chosen
        if chosen is not None:
            self.dismiss(chosen.attempt)

    def action_cancel(self) -> None:
        self.dismiss(None)


def _alike(one: Outcome, other: Outcome) -> bool:
    """Whether two attempts are worth comparing: both exams, or retries of one category."""
    return policy_of(one) == policy_of(other) and one.questions[0].category == other.questions[0].category


class PickSubmission(Modal[SubmissionDetail | None]):
    """The other submissions of the question."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "cancel", "Back", key_display="esc")]

    def __init__(self, submissions: tuple[SubmissionDetail, ...], chosen: SubmissionDetail | None) -> None:
        super().__init__("Against which submission?", _KEYS)
        self._submissions = submissions
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield SubmissionList()

    def on_mount(self) -> None:
        submissions = self.query_one(SubmissionList)
        submissions.submissions = self._submissions
        if self._chosen in self._submissions:
            submissions.highlighted = self._submissions.index(self._chosen)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(self.query_one(SubmissionList).chosen)

    def action_cancel(self) -> None:
        self.dismiss(None)
