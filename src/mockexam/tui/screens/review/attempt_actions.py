"""What the keys of an attempt's screen do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual import work
from textual.widgets import OptionList

from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.policy import policy_of
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.tui.screens.modal import Ask
from mockexam.tui.screens.review.housekeeping import Housekeeping
from mockexam.tui.widgets.doing import Doing
from mockexam.tui.widgets.submission_list import SubmissionList

if TYPE_CHECKING:
    from textual.reactive import var

_NEEDS_A_SUBMISSION = {"restore"}
_NEEDS_THE_END = {"regrade", "export", "delete"}


class AttemptActions(Housekeeping):
    """The actions on the chosen question and submission."""

    detail: var[AttemptDetail | None]
    number: var[int]
    name_of_attempt: str

    @property
    def question(self) -> QuestionDetail | None:
        """The chosen question."""
        raise NotImplementedError

    def read(self) -> None:
        """Read the attempt anew."""
        raise NotImplementedError

    @property
    def submission(self) -> SubmissionDetail | None:
        """The chosen submission."""
        return self.query_one(SubmissionList).chosen

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """What can be done with this attempt."""
        if action in {"back", "choose", "timeline", "zoom"}:
            return True
        outcome = self.detail.outcome if self.detail else None
        if action in {"restore", "reference", "compare", "page"}:
            return outcome is not None
        if action in _NEEDS_THE_END:
            return outcome is not None and outcome.phase is Phase.ENDED
        if action == "certificate":
            return outcome is not None and policy_of(outcome).has_verdict and outcome.passed is True
        return True

    def after_change(self, deleted: Sequence[str] = ()) -> None:
        """Show it as it is now; if it is gone, leave."""
        if deleted:
            self.dismiss(self.changed)
        else:
            self.read()

    def action_choose(self, number: int) -> None:
        """Choose a question by its number."""
        if self.detail and any(q.item.number == number for q in self.detail.questions):
            self.number = number

    def action_timeline(self) -> None:
        """The timeline, or the questions."""
        self.toggle_class("-timeline")
        self.query_one("#timeline" if self.has_class("-timeline") else "#questions").focus()

    def action_zoom(self) -> None:
        """The submissions alone, or all."""
        self.toggle_class("-zoom")
        if self.has_class("-zoom"):
            self.query_one(SubmissionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter: from a question to its submissions, from a submission to its script."""
        event.stop()
        submissions = self.query_one(SubmissionList)
        if event.option_list is not submissions:
            submissions.focus()
        elif self.submission is not None and self.detail is not None and self.question is not None:
            from mockexam.tui.screens.review.script import ScriptScreen

            self.app.push_screen(ScriptScreen(self.review, self.detail, self.question, self.submission))

    def action_restore(self) -> None:
        """Ask for the folder, then put the submission back."""
        if self.submission is None or self.question is None or self.detail is None:
            self.notify("There is no submission to put back.")
            return
        self.ask_restore(self.detail, self.question, self.submission)

    def action_reference(self) -> None:
        """The reference solution."""
        if self.question is None:
            return
        if self.question.reference is None:
            told = self.question.closed or "There is no reference solution for this question."
            self.notify(told, title="Reference", severity="warning", markup=False)
            return
        from mockexam.tui.screens.review.script import ReferenceScreen

        self.app.push_screen(ReferenceScreen(self.review, self.name_of_attempt, self.question))

    def action_compare(self) -> None:
        """Choose another attempt, then show both."""
        from mockexam.tui.screens.review.pick import PickAttempt

        assert self.detail is not None
        self.app.push_screen(PickAttempt(self.review, self.detail.outcome), self._compare)

    def _compare(self, other: str | None) -> None:
        if other is not None:
            from mockexam.tui.screens.review.compare import CompareScreen

            self.app.push_screen(CompareScreen(self.review, other, self.name_of_attempt))

    def action_regrade(self) -> None:
        """Ask, then mark the kept models again."""
        assert self.detail is not None
        held = [f"Question {q.item.number} stays out: {q.not_regradable}" for q in self.detail.questions
                if not q.regradable]  # fmt: skip
        if len(held) == len(self.detail.questions):
            self.notify(self.detail.questions[0].not_regradable, title="Nothing can be marked again", markup=False)
            return
        lines = ["The kept models are marked again with today's versions, on the same unseen data.",
                 "Both results stay on record. A mark changes only where the marker had failed.", *held]  # fmt: skip
        ask = Ask("Mark again?", lines, yes="Mark again", no="Leave it")
        self.app.push_screen(ask, self._regrade_answered)

    def _regrade_answered(self, yes: bool | None) -> None:
        if yes:
            self._grade_again()

    @work(group="regrade", exclusive=True)
    async def _grade_again(self) -> None:
        from mockexam.tui.screens.review.regraded import RegradedScreen

        self.changed = True
        doing = self.query_one(Doing)
        doing.text = "Starting the marker …"
        try:
            changes = await self.app.services.regrade(self.name_of_attempt, self.progress)
        except UserError as error:
            self.app.tell(error)
        else:
            self.app.push_screen(RegradedScreen(changes))
        doing.text = ""
        self.read()

    def action_page(self) -> None:
        """This attempt as a page."""
        assert self.detail is not None
        self.ask_page(self.detail.outcome)

    def action_certificate(self) -> None:
        """The certificate of a passed exam."""
        assert self.detail is not None
        self.ask_certificate(self.detail.outcome)

    def action_export(self) -> None:
        """Into an archive."""
        assert self.detail is not None
        self.ask_export([self.detail.outcome])

    def action_delete(self) -> None:
        """Delete for good."""
        assert self.detail is not None
        self.ask_delete([self.detail.outcome], self.detail.kept_bytes)
