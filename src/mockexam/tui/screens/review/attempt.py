"""One attempt: how it ended, each question with its bands and submissions, and the timeline."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.review.detail import AttemptDetail, QuestionDetail
from mockexam.text import formats
from mockexam.text.units import time_text
from mockexam.tui.review_wording import title
from mockexam.tui.screens.review.attempt_actions import AttemptActions
from mockexam.tui.screens.review.attempt_text import header, question_text, question_view
from mockexam.tui.widgets.doing import Doing
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.widgets.line import Line
from mockexam.tui.widgets.line_list import LineList
from mockexam.tui.widgets.question_table import QuestionTable
from mockexam.tui.widgets.running_clock import RunningClock
from mockexam.tui.widgets.submission_list import SubmissionList
from mockexam.tui.widgets.told import Told

if TYPE_CHECKING:
    from mockexam.review.service import Review

_HELP = (
    "Choose a question with the arrow keys or its number; Tab leads to its submissions. The scale shows where the "
    "metric lies among the bands: each band is one mark. Enter on a submission shows the script that made it, also "
    "beside the reference solution or another submission. o puts its model and scripts back into a folder of yours."
)


class Questions(QuestionTable):
    """Its Enter leads to the submissions."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Submissions", tooltip="To its submissions")]


class AttemptScreen(AttemptActions):
    """Opens at once; the record is read behind it."""

    CSS_PATH = "attempt.tcss"
    AUTO_FOCUS = "#questions"
    HELP_TEXT = _HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "restore", "Restore", tooltip="Put the submission's model and scripts into a folder of yours"),
        Binding("w", "reference", "Reference", tooltip="The question's reference solution, explained"),
        Binding("c", "compare", "Compare", tooltip="Beside another attempt"),
        Binding("t", "timeline", "Timeline", tooltip="All that happened, or the questions again"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
        Binding("g", "regrade", "Mark again", show=False, tooltip="Mark the kept models again; both results stay"),
        Binding("h", "page", "Page", show=False, tooltip="Write this attempt as an HTML page"),
        Binding("n", "certificate", "Certificate", show=False, tooltip="Write a certificate; asks for a name"),
        Binding("e", "export", "Export", show=False, tooltip="Write this attempt into an archive"),
        Binding("x", "delete", "Delete", show=False, tooltip="Delete this attempt; asks for a word"),
        Binding("z", "zoom", "Zoom", show=False, tooltip="Give the submissions all the room, and back"),
        *(
            Binding(str(n), f"choose({n})", show=False, key_display="1-9", tooltip="Choose a question")
            for n in range(1, 10)
        ),
    ]

    detail: var[AttemptDetail | None] = var(None)
    number = var(1)
    """The chosen question."""

    def __init__(self, review: Review, attempt: str) -> None:
        super().__init__(review)
        self.name_of_attempt = attempt

    def compose(self) -> ComposeResult:
        """Heading; result; questions beside one question's facts and submissions; or the timeline."""
        with Horizontal(id="review-head"):
            yield Line(id="review-title")
            yield RunningClock()
        yield Static("", id="result-lines")
        yield Static("80×24 shows more; z: the submissions alone", id="too-small")
        yield Told()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield Questions()
            with Vertical(id="right"):
                with VerticalScroll(id="facts-scroll", classes="panel"):
                    yield Static("", id="facts")
                with Vertical(id="submissions-panel", classes="panel"):
                    yield SubmissionList()
        with Vertical(id="timeline-panel", classes="panel"):
            yield LineList(self._timeline_row, empty="Nothing happened.", id="timeline")
            yield Static("", id="timeline-line", markup=False)
        yield Doing()
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the frame, then read."""
        self.query_one("#review-title", Line).text = f"Attempt {self.name_of_attempt} · Reading …"
        self.query_one("#timeline-panel").border_title = "All that happened"
        self.call_after_refresh(self.read)

    def on_resize(self) -> None:
        """Texts have the new width."""
        if self.detail is not None:
            self.call_after_refresh(self._show_question)

    def read(self) -> None:
        """Read the attempt, anew if it was read before."""
        self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            self.detail = await asyncio.to_thread(self.review.detail, self.name_of_attempt)
        except UserError as error:
            self.query_one("#review-title", Line).text = f"Attempt {self.name_of_attempt}"
            self.query_one(Told).error = error
            self.add_class("-none")

    def watch_detail(self, detail: AttemptDetail | None) -> None:
        """Show what was read."""
        self.refresh_bindings()
        if detail is None:
            return
        self.name_of_attempt = detail.outcome.attempt
        self.query_one("#review-title", Line).text = title(detail.outcome)
        self.query_one("#result-lines", Static).update(header(detail))
        if self.number not in [q.item.number for q in detail.questions]:
            self.number = detail.questions[0].item.number
        table = self.query_one(QuestionTable)
        table.views = tuple(map(question_view, detail.questions))
        table.chosen = self.number
        self.query_one("#timeline", LineList).show(len(detail.timeline))
        self._show_question(anew=True)

    def watch_number(self) -> None:
        """Show another question."""
        if self.detail is not None:
            self.query_one(QuestionTable).chosen = self.number
            self._show_question(anew=True)
            self.refresh_bindings()

    def on_question_table_chosen(self, event: QuestionTable.Chosen) -> None:
        """The arrow keys choose."""
        self.number = event.number

    @property
    def question(self) -> QuestionDetail | None:
        """The chosen question."""
        questions = self.detail.questions if self.detail else ()
        return next((q for q in questions if q.item.number == self.number), None)

    def _show_question(self, *, anew: bool = False) -> None:
        question = self.question
        if question is None:
            return
        scroll = self.query_one("#facts-scroll")
        scroll.border_title = f"{question.item.number} {question.item.title}"
        width = scroll.scrollable_content_region.width or 40
        self.query_one("#facts", Static).update(question_text(question, width))
        number = len(question.submissions)
        self.query_one("#submissions-panel").border_title = (
            formats.plural(number, "submission") if number else "No submission"
        )
        if anew:
            scroll.scroll_home(animate=False)
            self.query_one(SubmissionList).submissions = question.submissions

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """The line under the cursor in full, where it does not fit."""
        if self.detail is None or not self.detail.timeline:
            return
        text = self.detail.timeline[event.row].text
        cut = len(text) + 22 > event.widget.size.width
        self.query_one("#timeline-line", Static).update(text if cut else "")

    def _timeline_row(self, row: int, width: int) -> Content:
        assert self.detail is not None
        line = self.detail.timeline[row]
        number = f"Q{line.number} " if line.number is not None else ""
        tone = "$text-warning" if line.kind in {"clock_jumped", "marking_failed"} else ""
        when = f"{time_text(line.elapsed)}  {formats.clock(line.wall)}  "
        return Content.assemble((when, "$muted"), (number, "bold"), (line.text, tone)).truncate(width, ellipsis=True)
