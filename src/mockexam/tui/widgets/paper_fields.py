"""Which exam, and which paper of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Select

from mockexam.errors import UserError
from mockexam.tui.plan_source import ExamSource
from mockexam.tui.widgets.exam_field import ExamField


class PaperFields(Vertical):
    """Says what is chosen by its message; Enter applies a typed code."""

    DEFAULT_CSS = "PaperFields { height: auto; }"

    class Changed(Message):
        """Another exam or another paper is wanted."""

        def __init__(self, source: ExamSource) -> None:
            super().__init__()
            self.source = source

    def __init__(self, source: ExamSource) -> None:
        super().__init__()
        self.source = source
        """What the plan shown was drawn from."""
        self.shown_exam = source.exam
        """The exam of the plan shown."""

    def compose(self) -> ComposeResult:
        """The fields."""
        yield ExamField(classes="field")
        with Horizontal(classes="field"):
            yield Label("Paper code")
            yield Input(self.source.code, placeholder="empty for a new paper", compact=True, id="code")

    def on_mount(self) -> None:
        """Look which exams there are."""
        self.run_worker(self._offer(), group="exams")

    def take_typed(self) -> ExamSource | None:
        """The source with the code that was typed but not entered; None if there was none."""
        typed = self.query_one("#code", Input).value.strip()
        if typed == self.source.code:
            return None
        self.source = replace(self.source, code=typed)
        return self.source

    def refused(self) -> None:
        """The code led to no paper; typed as it is, it is not that of the plan shown."""
        self.source = self.source.without_code()

    @on(Input.Submitted, "#code")
    def _code_entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._want(replace(self.source, code=event.value.strip()))

    @on(Select.Changed)
    def _exam_chosen(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, str) and event.value != self.shown_exam:
            self.query_one("#code", Input).value = ""
            self._want(replace(self.source, exam=event.value, code=""))

    def _want(self, source: ExamSource) -> None:
        self.source = source
        self.shown_exam = source.exam or self.shown_exam
        self.post_message(self.Changed(source))

    async def _offer(self) -> None:
        try:
            exams = await asyncio.to_thread(self.source.manager.exams)
        except UserError:
            return  # drawing a paper tells the same error
        await self.query_one(ExamField).offer(exams, self.shown_exam)
