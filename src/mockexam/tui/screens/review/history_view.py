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
    """Filters and order as on the command line; besides them words to find, and which end comes first."""

    selection: Selection = field(default_factory=Selection)
    text: str = ""
    """Words that all have to stand in the paper's code, the date, the title or the attempt's id."""
    rising: bool = False
    """Smallest first."""

    @property
    def filtered(self) -> bool:
        """Whether anything may be left out."""
        return self.selection.filters or bool(self.text.strip())

    def pick(self, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
        """The attempts to show, in order. `outcomes` come oldest first."""
        words = self.text.lower().split()
        kept = [o for o in outcomes if self.selection.fits(o) and _has(o, words)]
        if not self.rising:
            kept.reverse()
        return tuple(sorted(kept, key=self.selection.key, reverse=not self.rising))

    def next_mode(self) -> View:
        """All, exams, retries, all again."""
        return self._select(mode=_after(self.selection.mode, (None, *Mode)))

    def next_result(self) -> View:
        """Any, exams passed, exams failed, any again."""
        return self._select(passed=_after(self.selection.passed, (None, True, False)))

    def next_category(self, categories: Sequence[str]) -> View:
        """All, then one after the other."""
        return self._select(category=_after(self.selection.category, (None, *categories)))

    def next_order(self) -> View:
        """By date, total, time used; largest first."""
        return replace(self._select(order=_after(self.selection.order, tuple(Order))), rising=False)

    def turned(self) -> View:
        """The other way round."""
        return replace(self, rising=not self.rising)

    def unfiltered(self) -> View:
        """All attempts, in this order."""
        return View(Selection(order=self.selection.order), rising=self.rising)

    def words(self) -> tuple[tuple[str, str], ...]:
        """What is shown, as pairs of the key that changes it and its state."""
        chosen = self.selection
        mode = "exams and retries" if chosen.mode is None else policy_for(chosen.mode).plural
        passed = {None: "any result", True: "passed", False: "failed"}[chosen.passed]
        category = "all categories" if chosen.category is None else category_word(chosen.category)
        return (("m", mode), ("p", passed), ("k", category), ("s", _ENDS[chosen.order][self.rising]))

    def _select(self, **changes: Any) -> View:
        return replace(self, selection=replace(self.selection, **changes))


def _has(outcome: Outcome, words: Sequence[str]) -> bool:
    if not words:
        return True
    told = f"{outcome.code} {formats.minute(outcome.started)} {outcome.title} {outcome.attempt}".lower()
    return all(word in told for word in words)


def _after(now: T, choices: Sequence[T]) -> T:
    """The choice after this one; the first after the last, or if this one is none of them."""
    found = next((i for i, choice in enumerate(choices) if choice == now), -1)
    return choices[(found + 1) % len(choices)]
