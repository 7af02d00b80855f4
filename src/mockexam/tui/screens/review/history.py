"""All attempts: a chart of the exams, the categories, and the list with its filters."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.widgets import Input, Static

from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.standing import CategoryStanding
from mockexam.review.selection import TotalPoint, totals
from mockexam.text import formats
from mockexam.tui.review_view import View
from mockexam.tui.review_wording import counts
from mockexam.tui.screens.review.history_actions import HistoryActions
from mockexam.tui.widgets.attempt_list import AttemptHeading, AttemptList
from mockexam.tui.widgets.chart import TotalsChart
from mockexam.tui.widgets.doing import Doing
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.widgets.line import Line
from mockexam.tui.widgets.line_list import LineList
from mockexam.tui.widgets.running_clock import RunningClock
from mockexam.tui.widgets.standing_table import StandingTable
from mockexam.tui.widgets.told import Told

if TYPE_CHECKING:
    from mockexam.review.service import Review
    from mockexam.store.summaries import Damaged

CHECKED = 200
"""So many of the newest attempts are verified unseen; the others once they come into view."""

_HELP = (
    "Every attempt on record. The letters above the list change what it shows; its columns are as many as fit. "
    "Space marks attempts, for comparing, deleting and exporting; without marks the attempt under the cursor is meant. "
    "In the chart ● is an exam that was passed and ○ one that was not; where many share a column it shows their mean. "
    "'Recent' is the mean of the last five marks in a category. An attempt whose record was changed by hand says so."
)
_EMPTY = (
    "Nothing is on record yet.\n\n"
    "After your first exam or retry this is where you look back: every attempt with its total and time, how the totals "
    "come along, where marks are lost and what to study. Of each question you will see how far the next mark was, your "
    "script as it was at each save, and the reference solution beside it.\n\n"
    "Press Esc, then s to start an exam or r to practise one category. i takes in an archive from another machine."
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The record, read."""

    outcomes: tuple[Outcome, ...]
    """Oldest first."""
    damaged: tuple[Damaged, ...]
    totals: tuple[TotalPoint, ...]
    standings: tuple[CategoryStanding, ...]
    categories: tuple[str, ...]


class HistoryScreen(HistoryActions):
    """Opens at once; the record is read behind it."""

    CSS_PATH = "history.tcss"
    AUTO_FOCUS = "#attempts"
    HELP_TEXT = _HELP
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="Look at the attempt under the cursor"),
        Binding("space", "mark", "Mark", tooltip="Mark the attempt, for c, x and e"),
        Binding(
            "c", "compare", "Compare", tooltip="Two marked attempts, or a marked one with the one under the cursor"
        ),
        Binding("r", "readiness", "Readiness", tooltip="Would I pass, and what to study"),
        Binding("x", "delete", "Delete", tooltip="Delete the marked attempts; asks for a word"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
        Binding("m", "mode", show=False, tooltip="Exams, retries, or both"),
        Binding("p", "passed", show=False, tooltip="Passed, failed, or both"),
        Binding("k", "category", show=False, tooltip="One category, or all"),
        Binding("s", "order", show=False, tooltip="Sort by date, total or time used"),
        Binding("S", "turn", show=False, key_display="S", tooltip="The other way round"),
        Binding("slash", "find", show=False, key_display="/", tooltip="Find by paper, date or exam; Esc ends it"),
        Binding("a", "all", show=False, tooltip="All attempts again"),
        Binding("e", "export", "Export", show=False, tooltip="Write the marked attempts into an archive"),
        Binding("i", "import", "Import", show=False, tooltip="Take in the attempts of an archive"),
        Binding("d", "disk", "Disk", show=False, tooltip="What takes room, and what can go; asks for a word"),
        Binding("h", "page", "Page", show=False, tooltip="Write an HTML page of all attempts"),
        Binding("z", "zoom", "Zoom", show=False, tooltip="The list alone, chart and categories alone, or both"),
    ]

    loaded: var[Loaded | None] = var(None)
    view: var[View] = var(View())

    class Progress(Message):
        """So many attempts were read."""

        def __init__(self, done: int, of: int) -> None:
            super().__init__()
            self.done = done
            self.of = of

    def __init__(self, review: Review) -> None:
        super().__init__(review)
        self._verified: set[str] = set()
        self._gone = False

    def compose(self) -> ComposeResult:
        """Heading; chart and categories; filters, list; what it takes on the disk; keys."""
        with Horizontal(id="review-head"):
            yield Line(id="review-title")
            yield RunningClock()
        with Horizontal(id="upper"):
            with Vertical(id="chart-panel", classes="panel"):
                yield TotalsChart()
            with Vertical(id="standing-panel", classes="panel"):
                yield StandingTable()
        yield Static(_EMPTY, id="nothing")
        yield Static("80×24 shows more", id="too-small")
        with Horizontal(id="filters", classes="panel"):
            yield Static("", id="filter-words")
            yield Input(placeholder="paper, date or exam", compact=True, id="find")
        attempts = AttemptList()
        yield AttemptHeading(attempts)
        yield attempts
        yield Told()
        yield Doing()
        yield Line(id="disk")
        yield KeyBar()

    def on_mount(self) -> None:
        """Show the frame, then read."""
        self.query_one("#chart-panel").border_title = "Exams"
        self.query_one("#standing-panel").border_title = "Categories, weakest first"
        self.query_one("#review-title", Line).text = "Review · Reading the record …"
        self.watch_view(self.view)
        self.call_after_refresh(self.read)

    def on_unmount(self) -> None:
        """Whatever is being read is of no use any more."""
        self._gone = True

    def read(self) -> None:
        """Read the record, anew if it was read before."""
        self._read()

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            self.loaded = await asyncio.to_thread(self._load)
            self.query_one("#disk", Line).text = await asyncio.to_thread(self.weigh)
        except UserError as error:
            if self._gone:
                return
            self.query_one(Told).error = error
            self.query_one("#review-title", Line).text = "Review"
            self.add_class("-none")

    def _load(self) -> Loaded:
        past = self.review.past(self._told)
        from mockexam.bank.category import CATEGORIES

        asked = {q.category for o in past.outcomes for q in o.questions}
        categories = tuple(c for c in CATEGORIES if c in asked) + tuple(sorted(asked.difference(CATEGORIES)))
        stand = self.review.progress(past.outcomes).standings
        return Loaded(past.outcomes, past.damaged, totals(past.outcomes), stand, categories)

    def _told(self, done: int, of: int) -> None:
        if self._gone:
            raise UserError("The review was left.")
        self.post_message(self.Progress(done, of))

    def on_history_screen_progress(self, event: Progress) -> None:
        """Reading summaries takes a moment when they are made for the first time."""
        if self.loaded is None:
            text = f"Review · Reading {event.done:,} of {formats.plural(event.of, 'attempt')} …"
            self.query_one("#review-title", Line).text = text

    def watch_loaded(self, loaded: Loaded | None) -> None:
        """Show what was read."""
        if loaded is None:
            return
        self.remove_class("-none")
        self.set_class(not loaded.outcomes and not loaded.damaged, "-empty")
        told = f" · {counts(loaded.outcomes)}" if loaded.outcomes else ""
        self.query_one("#review-title", Line).text = f"Review{told}"
        shown = tuple(t for t in loaded.totals if t.exam == loaded.totals[-1].exam)
        self.query_one(TotalsChart).totals = shown
        self.query_one("#chart-panel").border_title = _chart_title(shown, alone=len(shown) == len(loaded.totals))
        self.query_one(StandingTable).standings = loaded.standings
        self.query_one(Told).error = _unreadable(loaded.damaged)
        self.keep_marks(o.attempt for o in loaded.outcomes)
        self._show_list()
        self.refresh_bindings()

    def watch_view(self, view: View) -> None:
        """Show the filters and what passes them."""
        if not self.children:
            return
        parts = [p for key, words in view.words() for p in ((f"{key} ", "bold $primary"), (f"{words}  ", ""))]
        self.query_one("#filter-words", Static).update(Content.assemble(*parts, ("/ ", "bold $primary"), "find"))
        self.set_class(bool(view.text), "-finding")
        self._show_list()

    def _show_list(self) -> None:
        attempts = self.query_one(AttemptList)
        if self.loaded is None:
            attempts.show(0, empty="Reading …")
            return
        picked = self.view.pick(self.loaded.outcomes)
        empty = "No attempt is like that. Press a to see all again." if self.view.filtered else ""
        attempts.show_attempts(picked, self.loaded.categories, empty)
        all_of = f"{len(self.loaded.outcomes):,}"
        number = f"{len(picked):,} of {all_of}" if self.view.filtered else all_of
        self.query_one("#filters").border_title = f"{number} attempts"
        self.query_one(AttemptHeading).refresh()

    @on(LineList.Seen)
    def _seen(self) -> None:
        """Verify what is in view, then the newest, behind it all."""
        if self.loaded is None:
            return
        newest = self.loaded.outcomes[: -CHECKED - 1 : -1]
        wanted = [o.attempt for o in (*self.query_one(AttemptList).seen, *newest)]
        self._verify(wanted)

    @work(group="verify", exclusive=True)
    async def _verify(self, wanted: list[str]) -> None:
        for attempt in dict.fromkeys(wanted):
            if attempt in self._verified:
                continue
            try:
                broken = await asyncio.to_thread(self.review.broken, attempt)
            except UserError:
                continue  # deleted meanwhile, or told by opening it
            self._verified.add(attempt)
            if broken is not None:
                self.query_one(AttemptList).flag(attempt)
            await asyncio.sleep(0.005)  # the keys come first

    @on(Input.Changed, "#find")
    def _typed(self, event: Input.Changed) -> None:
        self.find(event.value)

    @on(Input.Submitted, "#find")
    def _found(self) -> None:
        self.query_one(AttemptList).focus()


def _chart_title(shown: tuple[TotalPoint, ...], *, alone: bool) -> str:
    if not shown:
        return "Exams"
    best = max(t.percent for t in shown)
    name = "" if alone else f"{shown[-1].exam}: "
    return f"{name}{formats.plural(len(shown), 'exam')}, best {best:g} %, pass {shown[-1].pass_mark} %"


def _unreadable(damaged: tuple[Damaged, ...]) -> UserError | None:
    if not damaged:
        return None
    names = ", ".join(one.attempt for one in damaged[:3]) + (" …" if len(damaged) > 3 else "")
    return UserError(
        f"{formats.plural(len(damaged), 'attempt')} can't be read: {damaged[0].reason}",
        location=names,
        hint="The others are complete. Import an archive of it, if you have one.",
    )
