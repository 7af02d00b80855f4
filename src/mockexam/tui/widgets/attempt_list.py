"""The list of attempts: which ones and in what order, one per line, with as many columns as fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from textual.content import Content
from textual.widget import Widget

from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_for
from mockexam.review.history_text import total_text
from mockexam.review.selection import Order, Selection
from mockexam.text import formats
from mockexam.tui.labels import category_word, cut, result
from mockexam.tui.widgets.line_list import LineList

T = TypeVar("T")
_SELECTED = "◆"
_ENDS = {
    Order.DATE: ("newest first", "oldest first"),
    Order.TOTAL: ("best total first", "lowest total first"),
    Order.TIME: ("longest first", "shortest first"),
}


@dataclass(frozen=True, slots=True)
class View:
    """Filters and order as on the command line, plus search words and direction."""

    selection: Selection = field(default_factory=Selection)
    text: str = ""
    """Words that must all occur in the paper code, date, title or attempt id."""
    ascending: bool = False
    """Smallest first."""

    @property
    def filtered(self) -> bool:
        return self.selection.filters or bool(self.text.strip())

    def pick(self, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
        """The attempts to show, in order. `outcomes` come oldest first."""
        words = self.text.lower().split()
        shown = [o for o in outcomes if self.selection.fits(o) and _has(o, words)]
        if not self.ascending:
            shown.reverse()
        return tuple(sorted(shown, key=self.selection.key, reverse=not self.ascending))

    def next_mode(self) -> View:
        return self._select(mode=_after(self.selection.mode, (None, *Mode)))

    def next_result(self) -> View:
        return self._select(passed=_after(self.selection.passed, (None, True, False)))

    def next_category(self, categories: Sequence[str]) -> View:
        return self._select(category=_after(self.selection.category, (None, *categories)))

    def next_order(self) -> View:
        """By date, total, time used; each with the largest first, then the other way round."""
        if not self.ascending:
            return replace(self, ascending=True)
        return replace(self._select(order=_after(self.selection.order, tuple(Order))), ascending=False)

    def unfiltered(self) -> View:
        """All attempts, in this order."""
        return View(Selection(order=self.selection.order), ascending=self.ascending)

    def words(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a key and the filter or order it changes."""
        chosen = self.selection
        mode = "exams and retries" if chosen.mode is None else policy_for(chosen.mode).plural
        passed = {None: "any result", True: "passed", False: "failed"}[chosen.passed]
        category = "all categories" if chosen.category is None else category_word(chosen.category)
        return (("M", mode), ("P", passed), ("C", category), ("S", _ENDS[chosen.order][self.ascending]))

    def _select(self, **changes: Any) -> View:
        return replace(self, selection=replace(self.selection, **changes))


def _has(outcome: Outcome, words: Sequence[str]) -> bool:
    if not words:
        return True
    text = f"{outcome.code} {formats.minute(outcome.started)} {outcome.title} {outcome.attempt}".lower()
    return all(word in text for word in words)


def _after(now: T, choices: Sequence[T]) -> T:
    """The choice after this one; after the last, or an unknown one, the first."""
    found = next((i for i, choice in enumerate(choices) if choice == now), -1)
    return choices[(found + 1) % len(choices)]


class Columns(NamedTuple):
    """The columns shown, as (name, cells), and the width of a category column; 0 hides those."""

    named: tuple[tuple[str, int], ...]
    category: int
    categories: tuple[str, ...]


@lru_cache(maxsize=32)
def columns_for(width: int, categories: tuple[str, ...]) -> Columns:
    """The columns that fit into `width` cells; date, total and result always stay."""
    all_of = (("date", 18), ("mode", 7), ("paper", 10), ("total", 8), ("result", 9), ("time", 8))
    keep = ["date", "total", "result"]
    for name in ("mode", "time", "paper"):
        if 1 + sum(cells for each, cells in all_of if each in {*keep, name}) <= width:
            keep.append(name)
    named = tuple(column for column in all_of if column[0] in keep)
    left = width - 1 - sum(cells for _, cells in named)
    each = min(13, left // len(categories)) if categories else 0
    return Columns(named, each if each >= 3 and len(named) == len(all_of) else 0, categories)


def heading(columns: Columns) -> Content:
    """The names of the columns."""
    parts = [" " * 2, *(_place(name, name, cells) for name, cells in columns.named)]
    if columns.category:
        parts += [short_word(category, columns.category - 1).rjust(columns.category) for category in columns.categories]
    return Content.styled("".join(parts), "$muted")


def line(outcome: Outcome, columns: Columns, *, selected: bool, altered: bool) -> Content:
    """One attempt."""
    words, tone = ("!altered", "bold $text-error") if altered else result(outcome)
    if not words and not columns.category:
        words, tone = short_word(outcome.questions[0].category, 8), "$muted"
    values: dict[str, tuple[str, str]] = {
        "date": (formats.minute(outcome.started).replace(",", ""), ""),
        "mode": (formats.kind(outcome.mode, repeat=outcome.repeat), "$muted"),
        "paper": (outcome.code, "$muted"),
        "total": (total_text(outcome), "bold"),
        "result": (words, tone),
        "time": (formats.at(outcome.time_used), "$muted"),
    }
    parts: list[tuple[str, str]] = [(_SELECTED if selected else " ", "bold $primary")]
    parts += [(_place(name, values[name][0], cells), values[name][1]) for name, cells in columns.named]
    if columns.category:
        parts += [(brief_marks(outcome, c).rjust(columns.category), "") for c in columns.categories]
    return Content.assemble(*parts)


def _place(name: str, text: str, cells: int) -> str:
    """A value in its column; numbers are right-aligned."""
    if name in {"total", "time"}:
        return text.rjust(cells - 1) + " "
    return cut(text, cells - 1) + " "


def short_word(category: str, width: int) -> str:
    """A category in a word of at most so many letters."""
    word = category_word(category)
    return word if len(word) <= width else max(word.split(), key=len)[:width]


def brief_marks(outcome: Outcome, category: str) -> str:
    """The marks in a category: `4`, `4,5` for two questions, `–` for one without marks; empty if not asked."""
    marks = [q.marks for q in outcome.questions if q.category == category]
    if len(marks) > 2:
        return f"~{sum(m or 0 for m in marks) / len(marks):.0f}"
    return ",".join("–" if m is None else str(m) for m in marks)


class AttemptList(LineList):
    """The attempts of a view, with a cursor and a selection."""

    def __init__(self) -> None:
        super().__init__(self._draw, id="attempts")
        self._outcomes: tuple[Outcome, ...] = ()
        self._categories: tuple[str, ...] = ()
        self.selected: set[str] = set()
        """Ids of the selected attempts."""
        self.altered: set[str] = set()
        """Ids of the attempts with an altered record."""

    @property
    def chosen(self) -> Outcome | None:
        return self._outcomes[self.cursor] if self._outcomes else None

    @property
    def attempts_in_view(self) -> tuple[Outcome, ...]:
        return tuple(self._outcomes[i] for i in self.in_view)

    @property
    def columns(self) -> Columns:
        return columns_for(self.scrollable_content_region.width - 1, self._categories)

    def show_attempts(self, outcomes: tuple[Outcome, ...], categories: Sequence[str], empty: str) -> None:
        """Show these; the cursor stays on its attempt if it is still there."""
        before = self.chosen.attempt if self.chosen else None
        self._outcomes, self._categories = outcomes, tuple(categories)
        cursor = next((i for i, o in enumerate(outcomes) if o.attempt == before), 0)
        self.show(len(outcomes), cursor=cursor, empty=empty)

    def toggle_selected(self) -> None:
        """Select or deselect the attempt under the cursor, then move to the next."""
        if self.chosen is not None:
            self.selected ^= {self.chosen.attempt}
            self.action_move(1)
            self.redraw()

    def flag(self, attempt: str) -> None:
        self.altered.add(attempt)
        self.redraw()

    def _draw(self, row: int, width: int) -> Content:
        outcome = self._outcomes[row]
        columns = columns_for(width, self._categories)
        return line(
            outcome, columns, selected=outcome.attempt in self.selected, altered=outcome.attempt in self.altered
        )


class AttemptHeading(Widget):
    """The column names of an AttemptList."""

    DEFAULT_CSS = "AttemptHeading { height: 1; }"

    def __init__(self, attempts: AttemptList) -> None:
        super().__init__()
        self._attempts = attempts

    def render(self) -> Content:
        return heading(self._attempts.columns)
