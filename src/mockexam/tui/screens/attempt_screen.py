"""One attempt: its result, each question with its bands and submissions, and the timeline."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.review.detail import AttemptDetail
from mockexam.text import formats
from mockexam.tui.app_base import worker
from mockexam.tui.labels import title
from mockexam.tui.screens.attempt_content import AttemptPane, regraded_text
from mockexam.tui.screens.modal import Ask, TextModal
from mockexam.tui.screens.storage import StorageScreen
from mockexam.tui.widgets.line_list import NUMBER_KEYS, LineList
from mockexam.tui.widgets.question_lists import SubmissionList
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar, StatusLine

if TYPE_CHECKING:
    from mockexam.review.service import Review

_HELP = (
    "Select a question with the arrow keys or its number; Tab moves to its submissions. The scale shows where the "
    "metric is among the bands: each band is one mark. Enter on a submission shows its script, which you can compare "
    "with the reference solution or another submission. O restores its model and scripts to a folder."
)
_NEEDS_AN_ATTEMPT = {"restore", "reference", "compare", "page", "certificate"}
_NEEDS_THE_END = {"regrade", "export", "delete"}


class AttemptScreen(StorageScreen):
    """Opens at once; the record loads in the background."""

    AUTO_FOCUS = "#questions, #submissions"
    HELP_TEXT = _HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("O", "restore", "Restore", tooltip="Restore the submission's model and scripts to a folder"),
        Binding("w", "reference", "Reference", tooltip="Show the question's reference solution"),
        Binding("c", "compare", "Compare", tooltip="Compare with another attempt"),
        Binding("t", "timeline", "Timeline", tooltip="The timeline, or the questions again"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
        Binding("A", "regrade", "Again", show=False, tooltip="Grade the stored models again; both results stay"),
        Binding("H", "page", "HTML page", show=False, tooltip="Write this attempt as an HTML page"),
        Binding("W", "certificate", "Certificate", show=False, tooltip="Write a certificate; asks for a name"),
        Binding("E", "export", "Export", show=False, tooltip="Export this attempt to an archive"),
        Binding("x", "delete", "Delete", show=False, tooltip="Delete this attempt; asks for a word"),
        Binding("z", "zoom", "Zoom", show=False, tooltip="Give the submissions the whole screen, and back"),
        *NUMBER_KEYS,
    ]

    detail: var[AttemptDetail | None] = var(None)

    def __init__(self, review: Review, attempt: str) -> None:
        super().__init__(review, f"Attempt {attempt} · Loading …")
        self.name_of_attempt = attempt

    def compose(self) -> ComposeResult:
        yield from self.head()
        yield Static("80×24 shows more; z shows only the submissions", id="too-small")
        yield ErrorPanel()
        yield AttemptPane(self.review)
        with Vertical(id="timeline-panel", classes="panel"):
            yield LineList(self._timeline_row, empty="Nothing happened.", id="timeline", wraps=True)
        yield StatusLine(id="status")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#timeline-panel").border_title = "Timeline"
        self.call_after_refresh(self._read)

    @worker("read")
    async def _read(self) -> None:
        try:
            self.detail = await asyncio.to_thread(self.review.detail, self.name_of_attempt)
        except UserError as error:
            self.entitle(f"Attempt {self.name_of_attempt}")
            self.query_one(ErrorPanel).error = error
            self.add_class("-none")

    def watch_detail(self, detail: AttemptDetail | None) -> None:
        self.refresh_bindings()
        if detail is None:
            return
        self.name_of_attempt = detail.outcome.attempt
        self.entitle(title(detail.outcome))
        self.pane.detail = detail
        self.query_one("#timeline", LineList).show(len(detail.timeline))

    @property
    def pane(self) -> AttemptPane:
        return self.query_one(AttemptPane)

    def _timeline_row(self, row: int, width: int) -> Content:  # noqa: ARG002  # it wraps
        assert self.detail is not None
        line = self.detail.timeline[row]
        number = f"Q{line.number} " if line.number is not None else ""
        tone = "$text-warning" if line.kind in {"clock_jumped", "marking_failed", "not_received"} else ""
        when = f"{formats.at(line.elapsed)}  {formats.clock(line.wall)}  "
        return Content.assemble((when, "$muted"), (number, "bold"), (line.text, tone))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        outcome = self.detail.outcome if self.detail else None
        if action in _NEEDS_AN_ATTEMPT:
            return outcome is not None
        if action in _NEEDS_THE_END:
            return outcome is not None and outcome.phase is Phase.ENDED
        return True

    def after_change(self, deleted: Sequence[str] = ()) -> None:
        """Reload the attempt, or leave if it was deleted."""
        if deleted:
            self.dismiss(self.changed)
        else:
            self._read()

    def action_choose(self, number: int) -> None:
        self.pane.choose(number)

    def action_timeline(self) -> None:
        self.toggle_class("-timeline")
        self.query_one("#timeline" if self.has_class("-timeline") else "#questions").focus()

    def action_zoom(self) -> None:
        self.toggle_class("-zoom")
        if self.has_class("-zoom"):
            self.query_one(SubmissionList).focus()

    def action_back(self) -> None:
        """Leave the enlarged submissions first, then the screen."""
        if self.has_class("-zoom"):
            self.action_zoom()
        else:
            super().action_back()

    def action_restore(self) -> None:
        question, submission = self.pane.question, self.pane.submission
        if submission is None or question is None or self.detail is None:
            self.notify("There is no submission to restore.")
            return
        self.restore(self.detail, question, submission)

    def action_reference(self) -> None:
        question = self.pane.question
        if question is None:
            return
        if question.reference is None:
            reason = question.closed or "There is no reference solution for this question."
            self.notify(reason, title="Reference", severity="warning", markup=False)
            return
        from mockexam.tui.screens.script_screen import ReferenceScreen

        self.app.push_screen(ReferenceScreen(self.review, self.name_of_attempt, question))

    @worker("compare")
    async def action_compare(self) -> None:
        from mockexam.tui.screens.compare_screen import CompareScreen, PickAttempt

        assert self.detail is not None
        other = await self.ask(PickAttempt(self.review, self.detail.outcome))
        if other is not None:
            self.app.push_screen(CompareScreen(self.review, other, self.name_of_attempt))

    @worker("regrade")
    async def action_regrade(self) -> None:
        assert self.detail is not None
        left_out = [
            f"Question {q.item.number} is left out: {q.not_regradable}"
            for q in self.detail.questions
            if not q.regradable
        ]
        if len(left_out) == len(self.detail.questions):
            self.notify(self.detail.questions[0].not_regradable, title="Nothing can be graded again", markup=False)
            return
        lines = [
            "The stored models are graded again with the current versions, on the same hold-out data.",
            "Both results stay on record. Marks change only where the grader had failed.", *left_out,
        ]  # fmt: skip
        if not await self.ask(Ask("Grade again?", lines, yes="Grade again", no="Cancel")):
            return
        self.changed = True
        status = self.query_one(StatusLine)
        status.text = "Starting the grader …"
        try:
            changes = await self.app.services.regrade(self.name_of_attempt, self.progress)
            self.app.push_screen(TextModal("Graded again", regraded_text(changes)))
        finally:
            status.text = ""
            self._read()

    @property
    def targets(self) -> Sequence[Outcome]:
        return (self.detail.outcome,) if self.detail else ()

    @property
    def target_bytes(self) -> int:
        return self.detail.kept_bytes if self.detail else 0

    def action_page(self) -> None:
        assert self.detail is not None
        self.write_page(self.detail.outcome)

    def action_certificate(self) -> None:
        from mockexam.review.html.certificate import certified_receipt

        assert self.detail is not None
        try:
            certified_receipt(self.detail)
        except UserError as error:
            self.notify(error.message, title="Certificate", severity="warning", markup=False)
            return
        self.write_page(self.detail.outcome, certificate=True)
