"""Which attempts the history shows, and in what order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_for
from mockexam.review.selection import Order, Selection
from mockexam.text import formats
from mockexam.tui.labels import category_word

T = TypeVar("T")


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
        """True if anything may be left out."""
        return self.selection.filters or bool(self.text.strip())

    def pick(self, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
        """The attempts to show, in order. `outcomes` come oldest first."""
        words = self.text.lower().split()
        shown = [o for o in outcomes if self.selection.fits(o) and _has(o, words)]
        if not self.ascending:
            shown.reverse()
        return tuple(sorted(shown, key=self.selection.key, reverse=not self.ascending))

    def next_mode(self) -> View:
        """All, exams, retries, all again."""
        return self._select(mode=_after(self.selection.mode, (None, *Mode)))

    def next_result(self) -> View:
        """Any, exams passed, exams failed, any again."""
        return self._select(passed=_after(self.selection.passed, (None, True, False)))

    def next_category(self, categories: Sequence[str]) -> View:
        """All, then each category in turn."""
        return self._select(category=_after(self.selection.category, (None, *categories)))

    def next_order(self) -> View:
        """By date, total, time used; largest first."""
        return replace(self._select(order=_after(self.selection.order, tuple(Order))), ascending=False)

    def reversed(self) -> View:
        """The same in reverse order."""
        return replace(self, ascending=not self.ascending)

    def unfiltered(self) -> View:
        """All attempts, in this order."""
        return View(Selection(order=self.selection.order), ascending=self.ascending)

    def words(self) -> tuple[tuple[str, str], ...]:
        """Pairs of a key and the filter or order it changes."""
        chosen = self.selection
        mode = "exams and retries" if chosen.mode is None else policy_for(chosen.mode).plural
        passed = {None: "any result", True: "passed", False: "failed"}[chosen.passed]
        category = "all categories" if chosen.category is None else category_word(chosen.category)
        return (("m", mode), ("p", passed), ("k", category), ("s", _ENDS[chosen.order][self.ascending]))

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
