"""The questions of the paper with their marks and states; up and down select one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mockexam.review.detail import Regrade, SubmissionDetail
from mockexam.text import formats
from mockexam.text.units import metric_numbers, number_text, size_text
from mockexam.tui.labels import TONES, QuestionRow, State, class_content, cut, pace_tone, verdict, wrapped
from mockexam.tui.widgets.line_list import CursorList, LazyPrompt

_ROOMY = 34
"""Cells from which on a question has a line for its pace."""


class QuestionTable(CursorList):
    """Two lines per question: title and weight; category, marks and state; where there is room a third, the pace.

    A symbol marks the selected one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "screen.zoom", "Enlarge", show=False, tooltip="Enlarge the task; Esc leads back")
    ]

    rows: var[tuple[QuestionRow, ...]] = var(())
    chosen = var(1)
    """Number of the selected question."""

    @dataclass
    class QuestionSelected(Message):
        """Another question was selected."""

        number: int

    def __init__(self) -> None:
        super().__init__(id="questions", classes="list", markup=False)

    def watch_rows(self, before: tuple[QuestionRow, ...], rows: tuple[QuestionRow, ...]) -> None:
        if [v.number for v in rows] == [v.number for v in before]:
            self.redraw()
            return
        self.set_options(Option(LazyPrompt(partial(self._prompt, i)), id=str(v.number)) for i, v in enumerate(rows))
        self.highlighted = self._index(self.chosen)

    def watch_chosen(self) -> None:
        self.highlighted = self._index(self.chosen)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        # News of a row that the cursor has left meanwhile would send it back, and its own news forth again, for ever.
        is_there = event.option_index == self.highlighted
        if is_there and event.option_id is not None and int(event.option_id) != self.chosen:
            self.chosen = int(event.option_id)
            self.post_message(self.QuestionSelected(self.chosen))

    def _index(self, number: int) -> int | None:
        return next((i for i, row in enumerate(self.rows) if row.number == number), None)

    def _prompt(self, index: int, width: int) -> Content:
        row = self.rows[index]
        digits = len(str(len(self.rows)))
        sign = "▸" if row.number == self.chosen else " "
        head, weight = f"{sign}{row.number:>{digits}} ", f" ×{row.weight}" if row.weight else ""
        title = cut(row.title, width - cell_len(head) - cell_len(weight))
        first = Content.assemble((head, "$text-primary"), (title, "bold"), (weight, "$muted"))
        note, tone = _note(row)
        right = formats.marks(row.marks) + (f" {note}" if note else "")
        left = cut(" " * cell_len(head) + row.category, max(1, width - cell_len(right)))
        pace = f"\n{' ' * cell_len(head)}{row.pace}" if row.pace and width >= _ROOMY else ""
        return Content.assemble(first, "\n", (left, "$muted"), (formats.marks(row.marks), "bold"),
                                (right[len(formats.marks(row.marks)):], tone), (pace, pace_tone(row.pace)))  # fmt: skip


def _note(row: QuestionRow) -> tuple[str, str]:
    if row.missing:
        return "missing", "$text-warning"
    if row.run and row.state not in {State.RECEIVED, State.GRADING}:
        return row.run, "$text-secondary"
    if row.state in {State.NONE, State.GRADED}:
        return "", ""
    return row.state.value, TONES[row.state]


_JOINT = "\u00a0· "
"""Between facts: a line ends with the dot."""


class SubmissionList(CursorList):
    """Several lines per submission, oldest first; a symbol marks the selected one.

    The keys that move the cursor first scroll through a submission that is taller than the list.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Script", tooltip="Show the script that made it")
    ]

    submissions: var[tuple[SubmissionDetail, ...]] = var(())

    def __init__(self) -> None:
        super().__init__(id="submissions", classes="list", markup=False)

    @property
    def chosen(self) -> SubmissionDetail | None:
        return self.submissions[self.highlighted] if self.submissions and self.highlighted is not None else None

    def watch_submissions(self, submissions: tuple[SubmissionDetail, ...]) -> None:
        """Show these; select the one that counts, else the newest."""
        at = next((i for i, s in enumerate(submissions) if s.counts), len(submissions) - 1)
        self.set_options(Option(LazyPrompt(partial(self._prompt, i)), id=s.id) for i, s in enumerate(submissions))
        if submissions:
            self.highlighted = at
            self.call_after_refresh(self.scroll_to_highlight)

    def on_resize(self) -> None:
        self.call_after_refresh(self.scroll_to_highlight)

    def action_cursor_down(self) -> None:
        if not self._scrolled(1) and self.highlighted != len(self.submissions) - 1:
            super().action_cursor_down()

    def action_cursor_up(self) -> None:
        if not self._scrolled(-1) and self.highlighted != 0:
            super().action_cursor_up()

    def action_page_down(self) -> None:
        before = self.highlighted
        if not self._scrolled(self._page):
            super().action_page_down()  # type: ignore[no-untyped-call]  # Textual's
            if self.highlighted == before:  # less than a page down from the beginning of a tall one
                self.action_cursor_down()

    def action_page_up(self) -> None:
        if not self._scrolled(-self._page):
            super().action_page_up()  # type: ignore[no-untyped-call]  # Textual's

    def action_first(self) -> None:
        super().action_first()
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        super().action_last()
        self.scroll_end(animate=False)

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    def _scrolled(self, rows: int) -> bool:
        """Scroll so many rows down, or up, towards what is hidden of the selected submission; False if nothing is."""
        if self.highlighted is None:
            return False
        first = self._index_to_line[self.highlighted]
        last = first + self._heights[self.highlighted]
        above = round(self.scroll_y) - first
        below = last - round(self.scroll_y) - self.scrollable_content_region.height
        hidden = below if rows > 0 else above
        if hidden <= 0:
            return False
        self.scroll_relative(y=max(-hidden, min(rows, hidden)), animate=False, force=True, immediate=True)
        return True

    def _prompt(self, index: int, width: int) -> Content:
        return prompt(self.submissions[index], width, chosen=index == self.highlighted)


def prompt(submission: SubmissionDetail, width: int, *, chosen: bool) -> Content:
    """Verdict and metric; time, file and size; the grader's message; findings; recall by class."""
    words, tone = verdict(submission)
    head = Content.assemble(
        ("▸" if chosen else " ", "bold $primary"), (words, tone or "bold"),
        (", counts" if submission.counts else "", "$text-success"), (f"  {_value(submission)}", "bold"),
    )  # fmt: skip
    lines = [head, *wrapped(_JOINT.join(_facts(submission)), width, "$muted")]
    for text in _feedback(submission):
        lines += wrapped(text, width, "")
    lines += class_content(submission.class_report, width) if submission.class_report else []
    for regrade in submission.regrades:
        lines += wrapped(regrade_text(regrade), width, "$text-secondary")
    return Content("\n").join(lines)


def _value(submission: SubmissionDetail) -> str:
    if submission.metric is None or submission.value is None:
        return ""
    return f"{formats.metric(submission.metric)} {metric_numbers(submission.value, submission.next_at)[0]}"


def _facts(submission: SubmissionDetail) -> list[str]:
    facts = []
    if submission.value is not None and submission.next_at is not None:
        _, missing, edge = metric_numbers(submission.value, submission.next_at)
        facts.append(f"{missing} to the next mark at {edge}")
    facts += [f"{formats.at(submission.elapsed)}\u00a0({formats.clock(submission.wall)})"]
    facts += [] if submission.saved_again is None else [f"saved again {formats.at(submission.saved_again)}"]
    facts += [submission.name, size_text(submission.size), *submission.grader]
    facts += ["saved before the end, found after it"] if submission.swept else []
    facts += [] if submission.model else ["model no longer stored"]
    return facts if submission.scripts else [*facts, "no script stored"]


def _feedback(submission: SubmissionDetail) -> list[str]:
    message = " ".join(part for part in (submission.message, submission.remedy) if part)
    lines = [message] if message else []
    if submission.train_value is not None:
        lines.append(f"on the training data: {number_text(submission.train_value)}")
    if submission.training:
        lines.append(f"training: {formats.training(submission.training)}")
    return [*lines, *(f"· {finding}" for finding in submission.findings)]


def regrade_text(regrade: Regrade) -> str:
    """A later verdict in one line."""
    value = "" if regrade.value is None else f", {number_text(regrade.value)}"
    versions = " ".join(f"{name} {version}" for name, version in sorted(regrade.versions.items()))
    outcome = formats.marks(regrade.marks) if regrade.marks is not None else formats.verdict(regrade.verdict)
    return f"graded again on {formats.minute(regrade.wall)}: {outcome}{value} ({versions})"
