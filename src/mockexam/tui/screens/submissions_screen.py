"""The models received for a question: which one counts, restoring one, inspecting the newest file."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.exam.attempt import AttemptQuestion, Submission
from mockexam.exam.model_format import FORMATS
from mockexam.exam.paper import Counts
from mockexam.exam.policy import Policy, policy_of
from mockexam.exam.scoring import Verdict
from mockexam.session.ports import Snapshot
from mockexam.text import formats
from mockexam.text.units import metric_text, size_text
from mockexam.tui.app_base import AppBase, worker
from mockexam.tui.labels import STATES, State, cut
from mockexam.tui.screens.modal import Ask, Modal, TextModal
from mockexam.tui.widgets.line_list import LineList
from mockexam.tui.widgets.markdown import diff_columns, diff_text

if TYPE_CHECKING:
    from mockexam.grading.protocol import InspectionFinding, ModelInspected
    from mockexam.review.script_diff import DiffLine
    from mockexam.session.exam_session import ExamSession

_LAST = "In this exam the last model counts. After restoring, that is this one."
_WIDE = 64
"""Below this width in columns, the time of day and the size are left out."""
_MOST_CELLS, _EDGES = 120, 6
"""The width of a wide TextModal, and the cells of it that its text leaves free."""
_SEVERITIES = {
    "refused": ("✗ would be refused", "bold $text-error"),
    "warning": ("! warning", "bold $text-warning"),
    "note": ("· note", "bold $muted"),
}


class SubmissionsScreen(Modal[str | None]):
    """Newest first; closes with the id of the submission to restore."""

    AUTO_FOCUS = "#submissions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "restore", "Restore"),
        Binding("d", "changes", "Diff"),
        Binding("escape,q", "dismiss", "Close", key_display="esc"),
        Binding("m", "dismiss", "Models"),
    ]

    app: AppBase
    rows: var[tuple[SubmissionRow, ...]] = var(())

    def __init__(self, session: ExamSession, number: int) -> None:
        super().__init__(f"Question {number}: models received", "")
        self._session = session
        self._number = number

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Static("", id="columns")
            yield LineList(self._line, id="submissions")
            with VerticalScroll(id="feedback-scroll"):
                yield Static("", id="feedback", markup=False)

    def on_mount(self) -> None:
        self.watch(self.app, "snapshot", self._look, init=False)
        self._look(self._session.snapshot)

    def _look(self, snapshot: Snapshot | None) -> None:
        if snapshot is not None:
            question = next(q for q in snapshot.attempt.questions if q.item.number == self._number)
            self.rows = rows_of(question, snapshot)
            keys = "enter Restore · d Changes since · " if self.rows else ""
            self.query_one("#box").border_subtitle = f"{keys}esc Back"
            self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """Without a model there is nothing to restore or compare."""
        return bool(self.rows) or action not in {"restore", "changes"}

    def watch_rows(self, before: tuple[SubmissionRow, ...], rows: tuple[SubmissionRow, ...]) -> None:
        if not self.children:
            return
        table = self.query_one(LineList)
        chosen = before[table.cursor].id if before else None
        table.show(len(rows), cursor=next((i for i, row in enumerate(rows) if row.id == chosen), 0))
        self._show_columns()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_columns)

    def _show_columns(self) -> None:
        width = self.query_one(LineList).scrollable_content_region.width or 60
        empty = "No model received for this question yet."
        self.query_one("#columns", Static).update(heading(width) if self.rows else empty)

    def on_option_list_option_highlighted(self) -> None:
        self.call_after_refresh(self._show_feedback)  # before the first frame Textual gives it the height of one line

    def _show_feedback(self) -> None:
        if self._chosen is not None:
            self.query_one("#feedback", Static).update(self._chosen.feedback)
            self.query_one("#feedback-scroll").scroll_home(animate=False)

    @worker("restore")
    async def action_restore(self) -> None:
        row = self._chosen
        if row is None:
            return
        what = f"{row.name} and its scripts" if row.scripts else f"{row.name}; it has no stored script"
        lines = [
            f"Submission {row.place}, {row.verdict}: {what}.",
            "",
            "Files in the question's folder that differ are first moved aside to NAME.bak-1, -2, …",
            *row.warning,
        ]
        ask = Ask("Restore it to the question's folder?", lines, yes="Restore", no="Cancel")
        if await self.app.push_screen_wait(ask):
            self.dismiss(row.id)

    @worker("changes")
    async def action_changes(self) -> None:
        row = self._chosen
        if row is None:
            return
        lines = await asyncio.to_thread(self._changes, row)
        width = min(self.app.size.width, _MOST_CELLS) - _EDGES
        text = (diff_columns if self.has_class("-wide") else diff_text)(lines, width)
        if self.is_current:
            title = f"Since submission {row.place}"
            self.app.push_screen(TextModal(title, text, keys="d", symbols="− then · + now · ", wide=True))

    def _changes(self, row: SubmissionRow) -> tuple[DiffLine, ...]:
        from mockexam.review.script_diff import as_lines, diff_scripts

        stored = self._session.scripts(self._number, row.id)
        if not stored:
            raise UserError(
                "No script is stored with this model.",
                hint="Keep the .py file in the question's folder while you work.",
            )
        return as_lines(diff_scripts(stored, self._session.scripts(self._number)))

    @property
    def _chosen(self) -> SubmissionRow | None:
        return self.rows[self.query_one(LineList).cursor] if self.rows else None

    def _line(self, row: int, width: int) -> Content:
        return prompt(self.rows[row], width)


class SubmissionRow(NamedTuple):
    """A submission as shown."""

    id: str
    place: int
    """From 1, in the order first received."""
    clock: str
    """Time of day when it was last received."""
    elapsed: str
    """Attempt time at that moment."""
    size: str
    name: str
    verdict: str
    counts: bool
    scripts: bool
    """True if scripts are stored with it."""
    feedback: str
    """The message, advice and findings of the grader."""
    warning: tuple[str, ...] = ()
    """What restoring it would change."""


def rows_of(question: AttemptQuestion, snapshot: Snapshot) -> tuple[SubmissionRow, ...]:
    """All submissions of a question, the last one received at the top."""
    places = snapshot.attempt.places(question.item.number)
    return tuple(_row(s, places[s.id], question, snapshot) for s in reversed(question.submissions))


def _row(submission: Submission, place: int, question: AttemptQuestion, snapshot: Snapshot) -> SubmissionRow:
    counts = submission is question.counted
    last_counts = snapshot.attempt.rules.counts is Counts.LAST and not counts
    return SubmissionRow(
        id=submission.id,
        place=place,
        clock=time.strftime("%H:%M:%S", time.localtime(submission.saved)),
        elapsed=formats.at(submission.elapsed if submission.saved_again is None else submission.saved_again),
        size=size_text(submission.received.size),
        name=submission.received.name + ("/" if FORMATS[submission.received.format].is_folder else ""),
        verdict=_verdict(submission, snapshot.grading),
        counts=counts,
        scripts=bool(submission.scripts),
        feedback=_feedback(submission, policy_of(snapshot.attempt)),
        warning=(_LAST,) if last_counts else (),
    )


def heading(width: int) -> Content:
    """The column names."""
    if width < _WIDE:
        return Content.styled("   # at       marks", "$muted")
    return Content.styled(f"   # {'clock':<10}{'elapsed':<9}{'size':>10}  {'model':<15}marks", "$muted")


def prompt(row: SubmissionRow, width: int) -> Content:
    """A submission in one line, right of the cursor symbol."""
    facts = f"{row.elapsed:<9}"
    if width >= _WIDE - 1:
        facts = f"{row.clock:<10}{facts}{row.size:>10}  {cut(row.name, 15)}"
    counts = ("  ✓ counts" if row.counts else "", "$text-success")
    return Content.assemble((f"{row.place:>3} ", "bold"), (facts, "$muted"), (row.verdict, "bold"), counts)


def _verdict(submission: Submission, grading: str | None) -> str:
    if submission.grading is None:
        return State.GRADING if submission.id == grading else State.RECEIVED
    if submission.grading.verdict is Verdict.GRADED:
        return formats.marks(submission.marks)
    return STATES[submission.grading.verdict]


def _feedback(submission: Submission, policy: Policy) -> str:
    grading = submission.grading
    parts = [] if submission.scripts else ["No script is stored with it."]
    if grading is not None:
        parts += [text for text in (grading.message, grading.remedy) if text]
        if policy.shows_metric_at_once and grading.metric is not None and grading.value is not None:
            parts.insert(0, metric_text(grading.metric, grading.value, grading.next_at) + ".")
    if policy.diagnoses_at_once and submission.diagnosis is not None:
        parts += submission.diagnosis.findings
    return " ".join(parts)


def inspection_content(found: ModelInspected) -> Content:
    """A model file's facts, then its problems, then its layers."""
    parts = [_facts(found), _findings(found.findings)]
    if found.layers:
        layers = (Content(f"  {layer}") for layer in found.layers)
        parts.append(Content("\n").join([Content.styled("layers", "$muted"), *layers]))
    return Content("\n\n").join(parts)


def _facts(found: ModelInspected) -> Content:
    parameters = "unknown" if found.parameters is None else f"{found.parameters:,}"
    rows = [
        ("format", FORMATS[found.format].label),
        ("size", size_text(found.size)),
        ("saved with", found.saved_with or "unknown"),
        ("input", "\n             ".join(found.inputs) or "unknown"),
        ("output", "\n             ".join(found.outputs) or "unknown"),
        ("parameters", parameters),
    ]
    return Content("\n").join(Content.assemble((f"{name:<11}", "$muted"), f"  {value}") for name, value in rows)


def _findings(found: list[InspectionFinding]) -> Content:
    if not found:
        return Content.styled("✓ nothing the grader would refuse", "$text-success")
    lines = []
    for finding in found:
        lines.append(Content.assemble(_SEVERITIES[finding.severity], f"  {finding.message}"))
        if finding.remedy:
            lines.append(Content.assemble("  ", (finding.remedy, "$muted")))
    return Content("\n").join(lines)
