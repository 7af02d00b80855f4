"""What to practise: a category, one of its questions, or whatever is weakest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mockexam.errors import UserError
from mockexam.tui.practice_wording import Line, heading, lines_of, prompt
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.widgets.told import Told

if TYPE_CHECKING:
    from mockexam.session.ports import CategoryRecord, RetryChoice, SessionManagerPort

_HELP = (
    "The weakest category comes first. 'Recent' is the mean of the last five marks in it, from exams and retries. "
    "A retry has one question with new numbers, full feedback and hints, and the question's share of the exam's time; "
    "its clock is as locked as the exam's. Without the clock there is no limit."
)


class Choices(OptionList):
    """The lines; Enter takes one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Choose", tooltip="Go on with the chosen line; nothing starts yet")
    ]


class PracticeScreen(Screen[None]):
    """Opens at once; the record is read behind it."""

    CSS_PATH = "practice.tcss"
    AUTO_FOCUS = ""
    HELP_TEXT = _HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("u", "clock", "Clock on/off", tooltip="With the exam's share of time, or untimed"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
    ]

    records: var[tuple[CategoryRecord, ...] | None] = var(None)
    """None while they are being read."""
    timed = var(True)

    class Chosen(Message):
        """This is to be practised."""

        def __init__(self, choice: RetryChoice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, manager: SessionManagerPort) -> None:
        super().__init__()
        self._manager = manager
        self._lines: tuple[Line, ...] = ()

    def compose(self) -> ComposeResult:
        """Heading, lines, and what the chosen line leads to."""
        with Vertical(id="practice"):
            yield Static("Retry a category", id="title", classes="heading")
            yield Static("Reading your attempts …", id="columns")
            yield Choices(id="lines", markup=False)
            yield Told()
        with Vertical(id="about"):
            yield Static("", id="leads-to", markup=False)
            yield Static("", id="says", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Read, while the screen is there already."""
        self.run_worker(self._read(), group="read")

    async def _read(self) -> None:
        try:
            self.records = await asyncio.to_thread(self._manager.practice)
        except UserError as error:
            self.query_one(Told).error = error
            self.query_one("#columns", Static).update("")

    def watch_records(self, records: tuple[CategoryRecord, ...] | None) -> None:
        """Show the lines, the first one chosen."""
        if records is None or not self.children:
            return
        self._lines = tuple(lines_of(records))
        menu = self.query_one(OptionList)
        menu.set_options(map(Option, self._prompts(0)))
        self.add_class("-read")
        if self._lines:
            menu.highlighted = 0
            menu.focus()
        self._draw()

    def watch_timed(self) -> None:
        """Tell the time that the chosen line has."""
        self._tell()

    def on_resize(self) -> None:
        """The columns end where the terminal does."""
        if self.records is not None:
            self.call_after_refresh(self._draw)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Move the sign, and tell about the line."""
        event.stop()
        self._draw()
        self._tell()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Pass the choice on."""
        event.stop()
        line = self._chosen()
        if line is not None:
            self.post_message(self.Chosen(line.choice(timed=self.timed)))

    def action_clock(self) -> None:
        """Timed or untimed."""
        self.timed = not self.timed

    def action_back(self) -> None:
        """Home."""
        self.dismiss()

    @property
    def _width(self) -> int:
        return max(20, self.query_one("#columns").size.width - 3)  # less the sign and the scrollbar

    def _prompts(self, chosen: int | None) -> list[Content]:
        return [prompt(line, self._width, chosen=index == chosen) for index, line in enumerate(self._lines)]

    def _draw(self) -> None:
        menu = self.query_one(OptionList)
        for index, line in enumerate(self._prompts(menu.highlighted)):
            menu.replace_option_prompt_at_index(index, line)
        head = Content.assemble("  ", heading(self._width)) if self._lines else "There is no question to practise."
        self.query_one("#columns", Static).update(head)

    def _chosen(self) -> Line | None:
        index = self.query_one(OptionList).highlighted if self.children else None
        return self._lines[index] if index is not None and self._lines else None

    def _tell(self) -> None:
        line = self._chosen()
        if line is None:
            return
        leads_to, says = line.about(timed=self.timed)
        self.query_one("#leads-to", Static).update(leads_to)
        self.query_one("#says", Static).update(says)
