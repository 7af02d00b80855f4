"""The choice of an exam, where there is one."""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.widgets import Label, Select


class ExamField(Horizontal):
    """A list of exams; hidden while there is only one."""

    def compose(self) -> ComposeResult:
        """Its name; the list comes with the exams."""
        yield Label("Exam")

    async def offer(self, exams: tuple[tuple[str, str], ...], chosen: str | None) -> None:
        """Offer exams (name, title); a chosen one that is not among them is the path of an exam file."""
        if chosen and chosen not in [name for name, _ in exams]:
            exams = (*exams, (chosen, Path(chosen).name))
        self.display = len(exams) > 1
        if self.display:
            options = [(title, name) for name, title in exams]
            await self.mount(Select(options, value=chosen or exams[0][0], allow_blank=False, compact=True))
