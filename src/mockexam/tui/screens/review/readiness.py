"""Would I pass, what have I shown, what should I study."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.review.readiness import Readiness
from mockexam.tui.screens.review.readiness_text import estimate_text, plan_text, skills_text
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.widgets.line import Line
from mockexam.tui.widgets.running_clock import RunningClock
from mockexam.tui.widgets.told import Told

if TYPE_CHECKING:
    from mockexam.review.service import Review


@dataclass(frozen=True, slots=True)
class Found:
    """All that the screen shows."""

    readiness: Readiness
    pass_mark: int
    sections: dict[str, str]
    """Titles by id."""


class ReadinessScreen(Screen[None]):
    """Estimate and study plan; the skills beside them, or in their place on a narrow terminal."""

    CSS_PATH = "readiness.tcss"
    AUTO_FOCUS = "#plan-scroll"
    HELP_TEXT = (
        "The estimate comes from the marks on record alone and says how sure it is. A skill counts as shown with 4 or "
        "5 marks on a question that needs it, and with ~ if that went less well of late; its age stands beside it. "
        "The plan begins where most is missing."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("k", "skills", "Skills or plan", tooltip="The skills, or estimate and plan"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What this means"),
        Binding("escape,q,r", "back", "Back", key_display="esc", tooltip="Back"),
    ]

    found: var[Found | None] = var(None)

    def __init__(self, review: Review, outcomes: Sequence[Outcome], exam: str | None = None) -> None:
        super().__init__()
        self._review = review
        self._outcomes = outcomes
        self._exam = exam

    def compose(self) -> ComposeResult:
        """Two panes."""
        with Horizontal(id="review-head"):
            yield Line(id="review-title")
            yield RunningClock()
        yield Told()
        with Horizontal(id="readiness"):
            with VerticalScroll(id="plan-scroll", classes="panel"):
                yield Static("Reading …", id="estimate")
                yield Static("", id="plan-heading", classes="heading")
                yield Static("", id="plan")
            with VerticalScroll(id="skills-scroll", classes="panel"):
                yield Static("", id="skills")
        yield KeyBar()

    def on_mount(self) -> None:
        """Work it out."""
        self.query_one("#review-title", Line).text = "Readiness"
        self.query_one("#plan-scroll").border_title = "Would I pass?"
        self.query_one("#skills-scroll").border_title = "Skills of the candidate handbook"
        self._read()

    def on_resize(self) -> None:
        """The scale has the new width."""
        self.call_after_refresh(self._draw)

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            self.found = await asyncio.to_thread(self._find)
        except UserError as error:
            self.query_one("#estimate", Static).update("")
            self.query_one(Told).error = error

    def _find(self) -> Found:
        from mockexam.bank.handbook import load_handbook

        readiness = self._review.readiness(self._outcomes, self._exam)
        titles = {section.id: section.title for section in load_handbook().section}
        return Found(readiness, readiness.pass_mark, titles)

    def watch_found(self) -> None:
        """Show what was found."""
        self._draw()

    def _draw(self) -> None:
        if self.found is None:
            return
        readiness = self.found.readiness
        width = self.query_one("#plan-scroll").scrollable_content_region.width or 76
        estimate = estimate_text(readiness.estimate, self.found.pass_mark, width)
        self.query_one("#estimate", Static).update(estimate)
        self.query_one("#plan-heading", Static).update(Content("What to study"))
        self.query_one("#plan", Static).update(plan_text(readiness.plan, width))
        beside = self.query_one("#skills-scroll").scrollable_content_region.width or width
        self.query_one("#skills", Static).update(skills_text(readiness, self.found.sections, beside))

    def action_skills(self) -> None:
        """One pane or the other; on a wide terminal both are there, and the focus moves."""
        self.toggle_class("-skills")
        self.call_after_refresh(self._draw)
        self.query_one("#skills-scroll" if self.has_class("-skills") else "#plan-scroll").focus()

    def action_back(self) -> None:
        """Back."""
        self.dismiss()
