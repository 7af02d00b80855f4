"""All attempts: a chart of the exams, the categories, and the list with its filters."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import Input, Static

from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.review.history_text import disk_text
from mockexam.review.selection import ExamProgress
from mockexam.text import formats
from mockexam.tui.app_base import worker
from mockexam.tui.labels import category_word
from mockexam.tui.screens.attempt_content import AttemptsAndDetail
from mockexam.tui.screens.storage import StorageScreen
from mockexam.tui.widgets.attempt_list import AttemptHeading, AttemptList, Columns, View, short_word
from mockexam.tui.widgets.line_list import LineList
from mockexam.tui.widgets.mark_charts import StandingTable, TotalsChart
from mockexam.tui.widgets.status_lines import ErrorPanel, ExamLine, KeyBar, Line, StatusLine, next_exam

if TYPE_CHECKING:
    from mockexam.review.service import Review
    from mockexam.store.retention import DiskUse
    from mockexam.store.summaries import Damaged

CHECKED = 200
"""This many of the newest attempts are verified in advance; the others once they come into view."""

_HELP = (
    "Every attempt on record. The letters above the list change what it shows; wider terminals show more columns, and "
    "from 120 columns on the chosen attempt beside the list: Tab goes there, z hides it. "
    "Space selects attempts to compare, delete or export; without a selection these keys use the attempt under the "
    "cursor. In the chart, ● is a passed exam and ○ a failed one; exams that share a column are averaged. 'Recent' is "
    "the average of the last five marks in a category. An attempt whose record was changed by hand is marked !altered."
)
_COMPARE = "Compare two selected attempts, or a selected one with the one under the cursor"
_TWO = "Select two attempts with space, or one and put the cursor on the other; then press c."
_NEEDS_AN_ATTEMPT = {"open", "select", "compare", "readiness", "delete", "export"}
_ZOOMS = ("-zoom-list", "-zoom-overview")
_EMPTY = (
    "You have no attempts yet.\n\n"
    "After your first exam or retry you review it here: every attempt with its total and time, your totals over time, "
    "where you lose marks and what to study. For each question you see how far the next mark was, your script at each "
    "save, and the reference solution.\n\n"
    "Press Esc to go back and start an exam or retry one category. Press I to import an archive from another machine."
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the screen shows, read from the record."""

    outcomes: tuple[Outcome, ...]
    """Oldest first."""
    damaged: tuple[Damaged, ...]
    progress: ExamProgress
    """In one exam."""
    categories: tuple[str, ...]

    @classmethod
    def read(cls, review: Review, report: Callable[[int, int], None], exam: str | None) -> Loaded:
        """Read the record, with the progress in this exam, or in the one taken last. Slow: call it in a thread."""
        from mockexam.bank.category import CATEGORIES

        past = review.past(report)
        asked = {q.category for o in past.outcomes for q in o.questions}
        categories = tuple(c for c in CATEGORIES if c in asked) + tuple(sorted(asked.difference(CATEGORIES)))
        progress = review.progress(past.outcomes, exam)
        if not progress.totals:  # no exam of this name is on record any more
            progress = review.progress(past.outcomes)
        return cls(past.outcomes, past.damaged, progress, categories)


class HistoryScreen(StorageScreen):
    """Opens at once; the record loads in the background."""

    AUTO_FOCUS = "#attempts"
    HELP_TEXT = property(lambda screen: _help(screen.query_one(AttemptList).columns))
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "Open", tooltip="Open the attempt under the cursor"),
        Binding("space", "select", "Select", tooltip="Select the attempt for c, x and E"),
        Binding("c", "compare", "Compare", tooltip=_COMPARE),
        Binding("R", "readiness", "Readiness", tooltip="Would I pass, and what should I study?"),
        Binding("x", "delete", "Delete", tooltip="Delete the selected attempts; asks for a word"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
        Binding("M", "view('next_mode')", "Mode", show=False, tooltip="Exams, retries, or both"),
        Binding("P", "view('next_result')", "Passed", show=False, tooltip="Passed, failed, or both"),
        Binding("C", "category", "Category", show=False, tooltip="One category, or all"),
        Binding("S", "view('next_order')", "Sort", show=False, tooltip="By date, total or time used; each way round"),
        Binding("slash", "find", "Find", show=False, key_display="/", tooltip="By paper, date or exam; Esc ends it"),
        Binding("a", "all", "All", show=False, tooltip="Show all attempts again"),
        Binding("E", "export", "Export", show=False, tooltip="Export the selected attempts to an archive"),
        Binding("I", "import", "Import", show=False, tooltip="Import the attempts of an archive"),
        Binding("D", "prune", "Disk", show=False, tooltip="Free disk space; asks for a word"),
        Binding("H", "page", "HTML page", show=False, tooltip="Write an HTML page of all attempts"),
        Binding("n", "next_exam", "Next exam", show=False, tooltip="Chart, categories and readiness of the next exam"),
        Binding("z", "zoom", "Zoom", show=False, tooltip="Only the list, only chart and categories, or both"),
    ]

    loaded: var[Loaded | None] = var(None)
    view: var[View] = var(View())

    def __init__(self, review: Review) -> None:
        super().__init__(review, "Review · Loading attempts …")
        self._use: DiskUse | None = None
        self._verified: set[str] = set()
        self._closed = False

    def compose(self) -> ComposeResult:
        yield from self.head()
        yield ExamLine()
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
        yield AttemptsAndDetail(self.review)
        yield ErrorPanel()
        yield StatusLine(id="status")
        yield Line(id="disk")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#chart-panel").border_title = "Exams"
        self.query_one("#standing-panel").border_title = "Categories, weakest first"
        self.watch_view(self.view)
        self.call_after_refresh(self._read)

    def on_unmount(self) -> None:
        self._closed = True

    @worker("read")
    async def _read(self) -> None:
        exam = self.loaded.progress.exam if self.loaded else None
        try:
            self.loaded = await asyncio.to_thread(Loaded.read, self.review, self._report, exam)
            use = self._use = await asyncio.to_thread(self.review.disk)
            self.query_one("#disk", Line).text = f"{disk_text(use)} · D frees space"
        except UserError as error:
            if self._closed:
                return
            self.query_one(ErrorPanel).error = error
            self.entitle("Review")
            self.add_class("-none")

    def _report(self, done: int, of: int) -> None:
        if self._closed:
            raise UserError("The review was closed.")
        self.call_later(self._show_progress, done, of)

    def _show_progress(self, done: int, of: int) -> None:
        if self.loaded is None:
            self.entitle(f"Review · Loading {done:,} of {formats.plural(of, 'attempt')} …")

    def watch_loaded(self, loaded: Loaded | None) -> None:
        if loaded is None:
            return
        self.remove_class("-none")
        self.set_class(not loaded.outcomes and not loaded.damaged, "-empty")
        self.entitle(f"Review · {_counts(loaded.outcomes)}" if loaded.outcomes else "Review")
        progress = loaded.progress
        self.query_one(ExamLine).show_exam(progress)
        self.query_one(TotalsChart).totals = progress.totals
        self.query_one("#chart-panel").border_title = _chart_title(progress.totals)
        self.query_one(StandingTable).standings = progress.standings
        self.query_one(ErrorPanel).error = _unreadable(loaded.damaged)
        self.query_one(AttemptList).selected.intersection_update(o.attempt for o in loaded.outcomes)
        self._show_list()
        self.refresh_bindings()

    def watch_view(self, view: View) -> None:
        if not self.children:
            return
        parts = [p for key, words in view.words() for p in ((f"{key} ", "bold $primary"), (f"{words}  ", ""))]
        self.query_one("#filter-words", Static).update(Content.assemble(*parts, ("/ ", "bold $primary"), "find"))
        self.set_class(bool(view.text), "-finding")
        self._show_list()

    def _show_list(self) -> None:
        attempts = self.query_one(AttemptList)
        if self.loaded is None:
            attempts.show(0, empty="Loading …")
            return
        picked = self.view.pick(self.loaded.outcomes)
        empty = "No attempt matches. Press a to show all." if self.view.filtered else ""
        attempts.show_attempts(picked, self.loaded.categories, empty)
        all_of = formats.plural(len(self.loaded.outcomes), "attempt")
        self.query_one("#filters").border_title = f"{len(picked):,} of {all_of}" if self.view.filtered else all_of
        self.query_one(AttemptHeading).refresh()
        self.query_one(AttemptsAndDetail).show_detail()

    @on(LineList.ViewChanged)
    @worker("verify")
    async def _verify(self) -> None:
        """Verify the visible attempts, then the newest, in the background."""
        outcomes = self.loaded.outcomes if self.loaded else ()
        newest = outcomes[: -CHECKED - 1 : -1]
        for attempt in dict.fromkeys(o.attempt for o in (*self.query_one(AttemptList).attempts_in_view, *newest)):
            if attempt in self._verified:
                continue
            try:
                broken = await asyncio.to_thread(self.review.broken, attempt)
            except UserError:
                continue  # deleted meanwhile, or unreadable: opening it says why
            self._verified.add(attempt)
            if broken is not None:
                self.query_one(AttemptList).flag(attempt)
            await asyncio.sleep(0.005)  # key presses come first

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        if action == "next_exam":
            return bool(self.loaded and self.loaded.progress.others)
        return action not in _NEEDS_AN_ATTEMPT or bool(self.loaded and self.loaded.outcomes)

    def after_change(self, deleted: Sequence[str] = ()) -> None:
        self.query_one(AttemptList).selected.difference_update(deleted)
        self._read()

    @property
    def targets(self) -> Sequence[Outcome]:
        """The selected attempts, oldest first; without a selection the one under the cursor."""
        attempts = self.query_one(AttemptList)
        outcomes = self.loaded.outcomes if self.loaded else ()
        if attempts.selected:
            return tuple(o for o in outcomes if o.attempt in attempts.selected)
        return (attempts.chosen,) if attempts.chosen else ()

    @property
    def target_bytes(self) -> int:
        return sum(self._use.by_attempt.get(o.attempt, 0) for o in self.targets) if self._use else 0

    @worker("open")
    async def action_open(self) -> None:
        """Open the attempt under the cursor; reload if something changed there."""
        from mockexam.tui.screens.attempt_screen import AttemptScreen

        chosen = self.query_one(AttemptList).chosen
        if chosen is not None and await self.ask(AttemptScreen(self.review, chosen.attempt)):
            self.changed = True
            self._read()

    def action_select(self) -> None:
        self.query_one(AttemptList).toggle_selected()

    def action_compare(self) -> None:
        from mockexam.tui.screens.compare_screen import CompareScreen

        attempts = self.query_one(AttemptList)
        ids = set(attempts.selected)
        if len(ids) == 1 and attempts.chosen is not None:
            ids.add(attempts.chosen.attempt)
        assert self.loaded is not None
        pair = [o.attempt for o in self.loaded.outcomes if o.attempt in ids]
        if len(pair) == 2:
            self.app.push_screen(CompareScreen(self.review, pair[0], pair[1]))
        else:
            self.notify(_TWO, markup=False)

    def action_readiness(self) -> None:
        from mockexam.tui.screens.readiness_screen import ReadinessScreen

        assert self.loaded is not None
        progress = self.loaded.progress
        exam = progress.exam if progress.others else None
        self.app.push_screen(ReadinessScreen(self.review, self.loaded.outcomes, exam))

    def action_next_exam(self) -> None:
        assert self.loaded is not None
        exam = next_exam(self.loaded.progress.exam, self.loaded.progress.others)
        self.loaded = replace(self.loaded, progress=self.review.progress(self.loaded.outcomes, exam))

    def action_page(self) -> None:
        self.write_page(None)

    def action_view(self, change: str) -> None:
        """Change a filter or the order; `change` names a method of View."""
        self.view = getattr(self.view, change)()

    def action_category(self) -> None:
        self.view = self.view.next_category(self.loaded.categories if self.loaded else ())

    def action_all(self) -> None:
        self.query_one("#find", Input).value = ""
        self.view = self.view.unfiltered()

    def action_find(self) -> None:
        self.add_class("-finding")
        self.query_one("#find", Input).focus()

    def action_back(self) -> None:
        """Leave the search field first, then the enlarged part, then the screen."""
        field = self.query_one("#find", Input)
        if field.has_focus:
            field.value = ""
            self.query_one(AttemptList).focus()
            self.remove_class("-finding")
        elif any(map(self.has_class, _ZOOMS)):
            self.remove_class(*_ZOOMS)
            self.query_one(AttemptList).focus()
        else:
            super().action_back()

    def action_zoom(self) -> None:
        now = next((i for i, name in enumerate(_ZOOMS) if self.has_class(name)), -1)
        self.remove_class(*_ZOOMS)
        self.query_one(AttemptList).focus()
        if now + 1 < len(_ZOOMS):
            self.add_class(_ZOOMS[now + 1])

    @on(Input.Changed, "#find")
    def _typed(self, event: Input.Changed) -> None:
        self.view = replace(self.view, text=event.value)
        self.add_class("-finding")

    @on(Input.Submitted, "#find")
    def _found(self) -> None:
        self.query_one(AttemptList).focus()


def _help(columns: Columns) -> str:
    """With the categories in the words that stand above the columns now."""
    if not columns.category:
        return _HELP
    words = ((short_word(name, columns.category - 1), category_word(name)) for name in columns.categories)
    return f"{_HELP} The last columns are the marks by category: {', '.join(map(' '.join, words))}."


def _counts(outcomes: Sequence[Outcome]) -> str:
    """The number of exams and retries, short enough to fit beside a running clock."""
    exams = [o for o in outcomes if policy_of(o).has_verdict]
    retries = len(outcomes) - len(exams)
    words = "1 retry" if retries == 1 else f"{retries:,} retries"
    return f"{formats.plural(len(exams), 'exam')}, {sum(o.passed is True for o in exams)} passed · {words}"


def _chart_title(shown: tuple[Outcome, ...]) -> str:
    if not shown:
        return "Exams"
    best = max(t.percent for t in shown)
    return f"{formats.plural(len(shown), 'exam')}, best {best:g} %, pass {shown[-1].pass_mark} %"


def _unreadable(damaged: tuple[Damaged, ...]) -> UserError | None:
    if not damaged:
        return None
    names = ", ".join(one.attempt for one in damaged[:3]) + (" …" if len(damaged) > 3 else "")
    return UserError(
        f"{formats.plural(len(damaged), 'attempt')} can't be read: {damaged[0].reason}",
        location=names,
        hint="The others are complete. If you have an archive of it, import that.",
    )
