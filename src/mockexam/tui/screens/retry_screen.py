"""What to retry: the weakest category, another category, or one question."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.session.ports import CategoryRecord, QuestionRecord, RetryChoice
from mockexam.text import formats
from mockexam.text.units import minutes_text
from mockexam.tui.app_base import RetryRequested, worker
from mockexam.tui.labels import cut, trend
from mockexam.tui.services import Services
from mockexam.tui.widgets.line_list import LineList
from mockexam.tui.widgets.status_lines import ErrorPanel, ExamLine, KeyBar, next_exam

if TYPE_CHECKING:
    from mockexam.session.manager import SessionManager

_HELP = (
    "The weakest category comes first. 'Recent' is the average of its last five marks, from exams and retries. "
    "A retry has one question with new data, full feedback and hints, and the question's share of the exam time; "
    "its clock can't be paused either. With the clock off there is no time limit."
)
NARROW, TINY = 66, 46
"""Below these widths in columns, trend and number of attempts are left out, then also the date."""


class RetryScreen(Screen[None]):
    """Opens at once; the record loads in the background."""

    CSS_PATH = "screens.tcss"
    AUTO_FOCUS = ""
    HELP_TEXT = _HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Choose", tooltip="Go on with the selected line; nothing starts yet"),
        Binding("u", "clock", "Clock on/off", tooltip="With the exam's time share, or untimed"),
        Binding("n", "next_exam", "Next exam", show=False, tooltip="Choose from the categories of another exam"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "dismiss", "Back", key_display="esc", tooltip="Back"),
    ]

    records: var[tuple[CategoryRecord, ...] | None] = var(None)
    """None while loading."""
    timed = var(True)

    def __init__(self, manager: SessionManager, services: Services) -> None:
        super().__init__()
        self._manager = manager
        self._services = services
        self._exam: str | None = None
        """None for the exam taken last."""
        self._others: tuple[str, ...] = ()
        self._lines: tuple[RetryLine, ...] = ()

    def compose(self) -> ComposeResult:
        with Vertical(id="retry"):
            yield Static("Retry a category", id="title", classes="heading")
            yield ExamLine()
            yield Static("Loading your attempts …", id="columns")
            yield LineList(self._line, id="lines")
            yield ErrorPanel()
        with Vertical(id="about"):
            yield Static("", id="leads-to", markup=False)
            yield Static("", id="says", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        self._read(None)

    @worker("read")
    async def _read(self, exam: str | None) -> None:
        try:
            progress = await asyncio.to_thread(lambda: self._services.review().progress(exam=exam))
            records = await asyncio.to_thread(self._manager.retry_options, exam)
            self._exam, self._others = progress.exam if exam or progress.others else None, progress.others
            self.query_one(ExamLine).show_exam(progress)
            titles = {**progress.titles, **dict(await asyncio.to_thread(self._manager.exams))}
            heading = f"Retry a category of the exam {titles[progress.exam]}"
            self.query_one("#title", Static).update(Content(heading))
            self.records = records
        except UserError as error:
            self.query_one(ErrorPanel).error = error
            self.query_one("#columns", Static).update("")

    def watch_records(self, records: tuple[CategoryRecord, ...] | None) -> None:
        if records is None or not self.children:
            return
        self._lines = tuple(lines_of(records))
        menu = self.query_one(LineList)
        menu.show(len(self._lines))
        self.add_class("-read")
        if self._lines:
            menu.focus()
        self._show_columns()

    def watch_timed(self) -> None:
        self._show_about()

    def on_resize(self) -> None:
        if self.records is not None:
            self.call_after_refresh(self._show_columns)

    def on_option_list_option_highlighted(self) -> None:
        self._show_about()

    def action_choose(self) -> None:
        if self._lines:
            line = self._lines[self.query_one(LineList).cursor]
            self.post_message(RetryRequested(replace(line.choice(timed=self.timed), exam=self._exam)))

    def action_next_exam(self) -> None:
        if self._exam and self._others:
            self._read(next_exam(self._exam, self._others))

    def action_clock(self) -> None:
        self.timed = not self.timed

    def _line(self, row: int, width: int) -> Content:
        return prompt(self._lines[row], width - 1)

    def _show_columns(self) -> None:
        width = max(20, self.query_one("#columns").size.width - 3)  # less the sign and the scrollbar
        head = Content.assemble("  ", heading(width)) if self._lines else "There is no question to retry."
        self.query_one("#columns", Static).update(head)

    def _show_about(self) -> None:
        if self._lines:
            leads_to, says = self._lines[self.query_one(LineList).cursor].about(timed=self.timed)
            self.query_one("#leads-to", Static).update(leads_to)
            self.query_one("#says", Static).update(says)


class RetryLine(NamedTuple):
    """A line to choose: the weakest category, a category, or one of its questions."""

    category: CategoryRecord
    question: QuestionRecord | None = None
    weakest: bool = False

    def choice(self, *, timed: bool) -> RetryChoice:
        if self.weakest:
            return RetryChoice(timed=timed)
        if self.question is not None:
            return RetryChoice(question=self.question.id, timed=timed)
        return RetryChoice(category=self.category.id, timed=timed)

    def about(self, *, timed: bool) -> tuple[str, str]:
        """The title of this choice, and a sentence about it."""
        clock = f"{minutes_text(self.category.seconds)}, as in the exam" if timed else "untimed"
        if self.question is None:
            return f"{self.category.title} · {clock}", (
                "You get an unseen question first, else the one with your fewest marks."
            )
        needs = f"Estimated working time: {self.question.minutes} minutes."
        return f"{self.question.title} · {clock}", f"{self.question.summary} {needs}"


def lines_of(records: tuple[CategoryRecord, ...]) -> Iterator[RetryLine]:
    """All lines: the weakest, then each category with its questions."""
    if records:
        yield RetryLine(records[0], weakest=True)
    for record in records:
        yield RetryLine(record)
        yield from (RetryLine(record, question) for question in record.questions)


def heading(width: int) -> Content:
    """The column names."""
    more = "" if width < TINY else "   last" if width < NARROW else f"   {'trend':<11}last"
    return Content.styled(f"{'':<{_name_width(width)}}{'best':>6}{'recent':>8}{more}", "$muted")


def prompt(line: RetryLine, width: int) -> Content:
    """A line in `width` cells, right of the cursor symbol."""
    name = _name_width(width)
    if line.weakest:
        return Content.assemble((" My weakest   ", "bold $primary"), (line.category.title, "bold"))
    if line.question is not None:
        title = cut(f"    {line.question.title}", name)
        facts = attempts_at(line.question)[: 1 if width < TINY else 2 if width < NARROW else 3]
        return Content.assemble(" ", title, ("   " + " · ".join(facts), "$muted"))
    return Content.assemble(" ", _category(line.category, name, width))


def _name_width(width: int) -> int:
    return max(10, width - (14 if width < TINY else 31 if width < NARROW else 42))


def _category(record: CategoryRecord, name: int, width: int) -> Content:
    title = (cut(record.title, name), "bold")
    if record.best is None or record.mean is None:
        return Content.assemble(title, ("   no marks yet", "$muted"))
    words, tone = trend(record.trend)
    return Content.assemble(
        title,
        (f"{formats.marks(record.best):>6}", "bold"),
        f"{record.mean:>8.1f}",
        ("" if width < NARROW else f"   {words:<8}", tone),
        ("" if width < TINY else f"   {_last(record)}", "$muted"),
    )


def _last(record: CategoryRecord) -> str:
    days = [q.days_ago for q in record.questions if q.days_ago is not None]
    return formats.ago(min(days)) if days else ""


def attempts_at(question: QuestionRecord) -> tuple[str, ...]:
    """How a question went so far: `last 2/5`, `3 days ago`, `tried twice`; or `new`."""
    if not question.met or question.days_ago is None:
        return ("new",)
    marks = "no marks" if question.marks is None else f"last {formats.marks(question.marks)}"
    times = {1: "once", 2: "twice"}.get(question.met, f"{question.met} times")
    return (marks, formats.ago(question.days_ago), f"tried {times}")
