"""The script of a submission, alone or compared with another; and a question's reference solution."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer, Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import OptionList, Static

from mockexam.errors import UserError
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.text import formats
from mockexam.tui.app_base import worker
from mockexam.tui.labels import verdict
from mockexam.tui.screens.modal import Modal
from mockexam.tui.screens.storage import StorageScreen
from mockexam.tui.widgets.markdown import column_heads, diff_columns, diff_text, files_text
from mockexam.tui.widgets.question_lists import SubmissionList
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar, StatusLine

if TYPE_CHECKING:
    from mockexam.review.service import Review


class CompareWith(Enum):
    """What the script is compared with."""

    NOTHING = "nothing"
    REFERENCE = "reference"
    OTHER = "other"


class ReadingScreen(StorageScreen):
    """A text that is read in a thread and scrolled by keyboard."""

    AUTO_FOCUS = "#text-scroll"

    def compose(self) -> ComposeResult:
        yield from self.head()
        yield Static("", id="text-note", markup=False)
        yield ErrorPanel()
        with ScrollableContainer(id="text-scroll"):
            yield Static("", id="text", markup=False)
        yield StatusLine(id="status")
        yield KeyBar()

    def read_text(self, note: str, read: Callable[[], Content], *, anew: bool = True) -> None:
        """Show the result of a slow call under a note; from its beginning, if it is another text (`anew`)."""
        shown = self.query_one("#text-note", Static)
        shown.update(note)
        shown.display = bool(note)
        self._read_text(read, anew)

    @worker("text")
    async def _read_text(self, read: Callable[[], Content], anew: bool) -> None:
        text, panel = self.query_one("#text", Static), self.query_one(ErrorPanel)
        try:
            content = await asyncio.to_thread(read)
        except UserError as error:
            text.update("")
            panel.error = error
            return
        panel.error = None
        text.update(content)
        if anew:
            self.query_one("#text-scroll").scroll_home(animate=False)


class ReferenceScreen(ReadingScreen):
    """The reference solution, as its author explains it."""

    HELP_TEXT = (
        "A solution that reaches full marks, with the reasons for each step. It is hidden while the question is on the "
        "paper of a running attempt."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What this is"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
    ]

    def __init__(self, review: Review, attempt: str, question: QuestionDetail) -> None:
        super().__init__(review, f"{question.item.number} {question.item.title} · reference solution")
        self._attempt = attempt
        self._question = question

    def on_mount(self) -> None:
        number = self._question.item.number
        self.read_text("", lambda: files_text([self.review.reference(self._attempt, number)]))


class ScriptScreen(ReadingScreen):
    """`d` cycles: the script alone, against the reference, against another submission."""

    HELP_TEXT = (
        "The script as it was when this model was saved. d compares it with the reference solution, then with another "
        "submission; c chooses which one. Lines with − are from this submission, lines with + from the other; from 120 "
        "columns on the two stand beside each other, this submission on the right."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "diff", "Diff", tooltip="Script alone, against the reference, against another submission"),
        Binding("c", "against", "Compare", tooltip="Compare with a submission that you choose"),
        Binding("O", "restore", "Restore", tooltip="Restore its model and scripts to a folder"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
    ]

    against: var[CompareWith] = var(CompareWith.NOTHING, init=False)

    def __init__(
        self, review: Review, detail: AttemptDetail, question: QuestionDetail, submission: SubmissionDetail
    ) -> None:
        super().__init__(review, f"{question.item.number} {question.item.title} · {_name(submission)}")
        self._detail = detail
        self._question = question
        self._submission = submission
        self._other = _neighbour(question, submission)
        self._drawn_for = 0

    def on_mount(self) -> None:
        self.watch_against(self.against)

    def on_resize(self) -> None:
        if self._width != self._drawn_for and self.against is not CompareWith.NOTHING:
            self._show(self.against, anew=False)

    def watch_against(self, against: CompareWith) -> None:
        self._show(against)

    def _show(self, against: CompareWith, *, anew: bool = True) -> None:
        attempt, mine = self._detail.outcome.attempt, self._submission.id
        width = self._drawn_for = self._width
        beside = self.has_class("-wide")
        if against is CompareWith.NOTHING:
            self.read_text("The script as saved with this model", lambda: self._alone(attempt, mine))
            return
        other = self._other if against is CompareWith.OTHER else None
        names = ("− your script", "+ the reference solution")
        if other is not None:
            names = ("− this submission", f"+ {_name(other)}")

        def differences() -> Content:
            lines = self.review.diff(attempt, mine, other.id if other else None)
            return diff_columns(lines, width, new_left=True) if beside else diff_text(lines, width)

        note = column_heads(*names[::-1], width) if beside else "   ".join(names)
        self.read_text(note, differences, anew=anew)

    @property
    def _width(self) -> int:
        """The cells for the differences, which are in two columns where the terminal is wide."""
        return self.query_one("#text-scroll").scrollable_content_region.width

    def _alone(self, attempt: str, mine: str) -> Content:
        files = self.review.scripts(attempt, mine)
        if not files:
            raise UserError(
                "No script is stored with this submission.",
                hint="A model copied in from elsewhere has none. Put its .py file into the question's folder too.",
            )
        return files_text(files)

    def action_diff(self) -> None:
        ways = [CompareWith.NOTHING, CompareWith.REFERENCE, *([CompareWith.OTHER] if self._other else [])]
        self.against = ways[(ways.index(self.against) + 1) % len(ways)]

    @worker("against")
    async def action_against(self) -> None:
        others = tuple(s for s in self._question.submissions if s.id != self._submission.id)
        if not others:
            self.notify("The question has no other submission.")
            return
        chosen = await self.app.push_screen_wait(PickSubmission(others, self._other))
        if chosen is not None:
            self._other = chosen
            self.set_reactive(ScriptScreen.against, CompareWith.OTHER)
            self.watch_against(self.against)

    def action_restore(self) -> None:
        self.restore(self._detail, self._question, self._submission)


def _name(submission: SubmissionDetail) -> str:
    return (
        f"submission at {formats.at(submission.elapsed)}, {verdict(submission)[0]} ({formats.clock(submission.wall)})"
    )


def _neighbour(question: QuestionDetail, submission: SubmissionDetail) -> SubmissionDetail | None:
    """The submission before it, else the one after it."""
    at = next(i for i, s in enumerate(question.submissions) if s.id == submission.id)
    others = [*reversed(question.submissions[:at]), *question.submissions[at + 1 :]]
    return next((s for s in others if s.scripts), others[0] if others else None)


class PickSubmission(Modal[SubmissionDetail | None]):
    """The other submissions of the question."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "dismiss", "Back", key_display="esc")]

    def __init__(self, submissions: tuple[SubmissionDetail, ...], chosen: SubmissionDetail | None) -> None:
        super().__init__("Against which submission?", "↑ ↓ choose · enter Compare · esc Back")
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
