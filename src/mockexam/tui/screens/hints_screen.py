"""The hints of a question, opened one by one; each goes on record before it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Markdown, Static

from mockexam.errors import UserError
from mockexam.session.candidate_actions import HINT_COST, HINT_PAID
from mockexam.tui.screens.modal import Modal
from mockexam.tui.widgets.status_lines import ErrorPanel

if TYPE_CHECKING:
    from mockexam.session.exam_session import ExamSession
    from mockexam.session.ports import Hint


class HintsScreen(Modal[None]):
    """Shows the open hints; Enter opens the next."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,n", "next", "Next hint"),
        Binding("escape,q", "dismiss", "Close", key_display="esc"),
        Binding("h", "dismiss", "Hints"),
    ]

    def __init__(self, session: ExamSession, number: int) -> None:
        super().__init__(f"Question {number}: hints", "")
        self._session = session
        self._number = number
        self._last: Hint | None = None
        self._over = False

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield VerticalScroll(id="hints")
            yield ErrorPanel()
            yield Static("", id="next")

    async def on_mount(self) -> None:
        try:
            for hint in self._session.hints(self._number):
                await self._show(hint)
        except UserError as error:
            self.query_one(ErrorPanel).error = error
        self._show_next()

    async def action_next(self) -> None:
        if self._over:
            return
        try:
            hint = self._session.next_hint(self._number)
        except UserError as error:
            self.query_one(ErrorPanel).error = error
            return
        self.query_one(ErrorPanel).error = None
        if hint is None:
            self._over = True
        else:
            await self._show(hint)
        self._show_next()

    async def _show(self, hint: Hint) -> None:
        self._last = hint
        self._over = hint.step == hint.of
        head = Static(Content.styled(f"Hint {hint.step} of {hint.of}", "bold $primary"), classes="hint-head")
        await self.query_one("#hints").mount(head, Markdown(hint.text, open_links=False))
        self.call_after_refresh(head.scroll_visible, top=True, animate=False)

    def _show_next(self) -> None:
        if self._over:
            opened = f"All {self._last.of} hints are open. {HINT_PAID}" if self._last else ""
            text = opened or "This question has no hints."
        elif self._last is None:
            text = f"Hints go step by step, from a small tip to almost the solution. {HINT_COST} Enter opens the first."
        else:
            text = f"Enter opens hint {self._last.step + 1} of {self._last.of}. {HINT_PAID}"
        self.query_one("#next", Static).update(text)
        keys = "" if self._over else "enter Next hint · "
        self.query_one("#box").border_subtitle = f"{keys}↑ ↓ scroll · esc Back"
