"""An attempt's content, on its own screen and beside the list: the texts, and the pane that shows them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import OptionList, Static

from mockexam.errors import UserError
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.review.detail import AttemptDetail, MissedFile, QuestionDetail, SubmissionDetail
from mockexam.review.history_text import total_text
from mockexam.text import formats
from mockexam.text.units import metric_text, number_text, time_text
from mockexam.tui.app_base import worker
from mockexam.tui.labels import STATES, QuestionRow, State, Toned, category_word, result, title
from mockexam.tui.widgets.attempt_list import AttemptHeading, AttemptList
from mockexam.tui.widgets.mark_charts import band_scale
from mockexam.tui.widgets.question_lists import QuestionTable, SubmissionList

if TYPE_CHECKING:
    from mockexam.review.service import Review
    from mockexam.session.regrade import RegradeChange

_REST = 0.12
"""Seconds for which the cursor rests on an attempt before its detail is read; a held key repeats within 0.05."""


def header(detail: AttemptDetail) -> Content:
    """The result; time and integrity; receipt; clock jumps."""
    outcome = detail.outcome
    words, tone = result(outcome)
    first = [(f"{words.upper()} " if words else "", f"bold {tone}".strip()), (total_text(outcome), "bold")]
    if policy_of(outcome).has_verdict:
        first.append((f"  {outcome.earned} of {outcome.possible} weighted marks", "$muted"))
        first.append((f", pass mark {outcome.pass_mark} %", "$muted"))
    else:
        first.append((f" marks, {formats.plural(outcome.submissions, 'submission')}", "$muted"))
    limit = ", untimed" if outcome.duration is None else f" of {time_text(outcome.duration)}"
    chain: Toned = (f"✓ record intact ({formats.plural(detail.events, 'event')})", "$text-success")
    if detail.broken_at is not None:
        chain = (f"! altered at event {detail.broken_at}: {detail.broken_reason}", "bold $text-error")
    used = (f"{formats.at(outcome.time_used)} used{limit} · ", "$muted")
    lines = [Content.assemble(*first), Content.assemble(used, chain)]
    if outcome.receipt:
        lines.append(Content.styled(f"receipt {outcome.receipt}", "$muted"))
    if detail.not_received:
        names = (f"{'' if m.number is None else f'Q{m.number} '}{m.name}" for m in detail.not_received)
        lines.append(Content.styled(f"! not received: {', '.join(names)}", "$text-warning"))
    moved = [
        f"{formats.lasting(abs(jump.seconds))} {'forward' if jump.seconds > 0 else 'back'}" for jump in detail.jumps
    ]
    if moved:
        lines.append(Content.styled(f"! the computer's clock was moved {', '.join(moved)}", "$text-warning"))
    return Content("\n").join(lines)


def question_row(question: QuestionDetail) -> QuestionRow:
    """A row of the question table."""
    newest = question.submissions[-1] if question.submissions else None
    state = State.NONE
    if newest is not None:
        state = State.RECEIVED if newest.verdict is None else STATES[newest.verdict]
    item = question.item
    return QuestionRow(
        item.number, item.title, category_word(item.category), item.weight, question.marks,
        State.GRADED if question.marks is not None else state,
    )  # fmt: skip


def question_text(question: QuestionDetail, width: int, missed: Sequence[MissedFile] = ()) -> Content:
    """Marks and metric; the scale of the bands; what was not received; time and hints; skills."""
    best = question.counted
    share = f"{question.item.weight * (question.marks or 0)} of {question.item.weight * MARKS_PER_QUESTION}"
    lines = [Content.assemble((formats.marks(question.marks), "bold"), (f" marks, {share} weighted", "$muted"))]
    if best is not None and best.metric is not None and best.value is not None:
        lines.append(Content(metric_text(formats.metric(best.metric), best.value, best.next_at)))
    if question.bands:
        value = best.value if best else None
        lines += band_scale(value, question.bands, larger_is_better=question.larger_is_better, width=width)
        if not question.larger_is_better:
            lines.append(Content.styled(f"{formats.metric(question.metric)}: smaller is better", "$muted"))
    if question.closed:
        lines.append(Content.styled(question.closed, "$text-warning"))
    lines += [Content.styled(f"! not received: {m.name}: {m.reason}", "$text-warning") for m in missed]
    hints = f" · {formats.plural(question.hints, 'hint')} used" if question.hints else ""
    lines.append(Content.styled(f"time worked {formats.lasting(question.seconds)}{hints}", "$muted"))
    return Content("\n").join([*lines, *_skills(question)])


def _skills(question: QuestionDetail) -> list[Content]:
    tones = {"shown": ("✓", "$text-success"), "open": ("✗", "$text-warning")}
    lines = []
    for word, titles in question.skills_by_state:
        sign, tone = tones.get(word.partition(",")[0], ("·", "$muted"))
        lines.append(Content.assemble((f"{sign} skills {word}: ", tone), " · ".join(titles)))
    return lines


def regraded_text(changes: Sequence[RegradeChange]) -> Content:
    """How many changed, each submission before and after, and which versions differ."""
    graded = [change for change in changes if change.after is not None]
    changed = sum(change.changed for change in graded)
    words = "no verdict or marks changed" if not changed else f"{changed} changed verdict or marks"
    lines = [Content.styled(f"{formats.plural(len(graded), 'model')} graded again, {words}.", "bold")]
    if any(change.changed and not change.mended for change in graded):
        lines.append(Content("The first result still counts; the new one is stored beside it."))
    lines += map(_regraded, changes)
    versions = dict.fromkeys(f"{v.name} {v.before or '?'} → {v.after or '?'}" for c in graded for v in c.versions)
    if versions:
        lines.append(Content.styled(f"versions that differ: {', '.join(versions)}", "$muted"))
    return Content("\n").join(lines)


def _regraded(change: RegradeChange) -> Content:
    was = _result(change.before, change.marks_before, change.value_before)
    name = (f"Q{change.number} ", "bold")
    if change.after is None:
        return Content.assemble(name, f"{was}: ", (change.left_out, "$text-warning" if change.fault else "$muted"))
    now = _result(change.after, change.marks_after, change.value_after)
    note = ("  ! changed", "$text-warning") if change.changed else ("  = same", "$muted")
    return Content.assemble(
        name, f"{was} → {now}", note, ("  and counts now" if change.mended else "", "$text-success")
    )


def _result(verdict: Verdict | None, marks: int | None, value: float | None) -> str:
    if verdict is not Verdict.GRADED:
        return formats.verdict(verdict)
    return formats.marks(marks) + ("" if value is None else f" at {number_text(value)}")


class ReviewQuestionTable(QuestionTable):
    """A question table whose Enter moves to the submissions."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Submissions", tooltip="Go to its submissions")]


class AttemptPane(Vertical):
    """An attempt's result, and its questions with their facts and submissions; empty until it is given the detail."""

    detail: var[AttemptDetail | None] = var(None)
    number = var(1)
    """The selected question."""

    def __init__(self, review: Review) -> None:
        super().__init__()
        self._review = review

    def compose(self) -> ComposeResult:
        yield Static("", id="result-lines")
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield ReviewQuestionTable()
            with Vertical(id="right"):
                with VerticalScroll(id="facts-scroll", classes="panel"):
                    yield Static("", id="facts")
                with Vertical(id="submissions-panel", classes="panel"):
                    yield SubmissionList()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show_question)

    def watch_detail(self, detail: AttemptDetail | None) -> None:
        self.set_class(detail is None, "-none")
        if detail is None:
            return
        self.query_one("#result-lines", Static).update(header(detail))
        if self.number not in [q.item.number for q in detail.questions]:
            self.number = detail.questions[0].item.number
        table = self.query_one(QuestionTable)
        table.rows = tuple(map(question_row, detail.questions))
        table.chosen = self.number
        self._show_question(anew=True)

    def watch_number(self) -> None:
        if self.detail is not None:
            self.query_one(QuestionTable).chosen = self.number
            self._show_question(anew=True)

    def choose(self, number: int) -> None:
        """Select this question, if there is one of this number."""
        if self.detail and any(q.item.number == number for q in self.detail.questions):
            self.number = number

    @property
    def question(self) -> QuestionDetail | None:
        questions = self.detail.questions if self.detail else ()
        return next((q for q in questions if q.item.number == self.number), None)

    @property
    def submission(self) -> SubmissionDetail | None:
        return self.query_one(SubmissionList).chosen

    def _show_question(self, *, anew: bool = False) -> None:
        question = self.question
        if question is None or not self.display:  # also after the screen was closed
            return
        scroll = self.query_one("#facts-scroll")
        scroll.border_title = f"{question.item.number} {question.item.title}"
        width = scroll.scrollable_content_region.width or 40
        assert self.detail is not None
        missed = [m for m in self.detail.not_received if m.number == self.number]
        self.query_one("#facts", Static).update(question_text(question, width, missed))
        number = len(question.submissions)
        self.query_one("#submissions-panel").border_title = (
            formats.plural(number, "submission") if number else "No submissions"
        )
        submissions = self.query_one(SubmissionList)
        if anew:
            scroll.scroll_home(animate=False)
            submissions.submissions = question.submissions
        if self.screen.focused is None:  # a narrow terminal has no table
            submissions.focus()

    def on_question_table_question_selected(self, event: QuestionTable.QuestionSelected) -> None:
        event.stop()
        self.number = event.number

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter: from a question to its submissions, from a submission to its script."""
        event.stop()
        submissions = self.query_one(SubmissionList)
        if event.option_list is not submissions:
            submissions.focus()
        elif self.submission is not None and self.detail is not None and self.question is not None:
            from mockexam.tui.screens.script_screen import ScriptScreen

            self.app.push_screen(ScriptScreen(self._review, self.detail, self.question, self.submission))


class AttemptsAndDetail(Horizontal):
    """The list of attempts; on a wide terminal the detail of the chosen one beside it."""

    def __init__(self, review: Review) -> None:
        super().__init__()
        self._review = review

    def compose(self) -> ComposeResult:
        attempts = AttemptList()
        with Vertical(id="list-side"):
            yield AttemptHeading(attempts)
            yield attempts

    @on(events.Resize)
    @on(OptionList.OptionHighlighted, "#attempts")
    @worker("detail")
    async def show_detail(self) -> None:
        """Read the chosen attempt once the cursor rests on it, so that moving through thousands stays quick."""
        attempts = self.query_one(AttemptList)
        if not self.screen.has_class("-wide"):
            if self.screen.focused is None:  # it was in the detail, which has gone
                attempts.focus()
            return
        await asyncio.sleep(_REST)
        pane = next(iter(self.query(AttemptPane)), None)
        if pane is None:
            pane = AttemptPane(self._review)
            await self.mount(pane)
        chosen, detail = attempts.chosen, None
        if chosen is not None:
            with suppress(UserError):  # deleted meanwhile, or unreadable: opening it says why
                detail = await asyncio.to_thread(self._review.detail, chosen.attempt)
        if pane.display:  # the screen was neither closed nor made narrow meanwhile
            pane.detail = detail
            pane.border_title = Content(title(detail.outcome)) if detail else None
