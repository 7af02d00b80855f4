"""Which attempts are listed, and in what order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_for, policy_of
from mockexam.report import formats


class Order(StrEnum):
    """What attempts are sorted by, the largest first."""

    DATE = "date"
    TOTAL = "total"
    TIME = "time"


_KEYS: dict[Order, Callable[[Outcome], float]] = {
    Order.DATE: lambda o: o.started,
    Order.TOTAL: lambda o: float(o.total),
    Order.TIME: lambda o: o.time_used,
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters, None where nothing is left out, and the order."""

    mode: Mode | None = None
    passed: bool | None = None
    """Exams alone pass or fail."""
    category: str | None = None
    order: Order = Order.DATE

    @property
    def filters(self) -> bool:
        """Whether anything may be left out."""
        return self.mode is not None or self.passed is not None or self.category is not None

    def fits(self, outcome: Outcome) -> bool:
        """Whether the attempt is listed."""
        if self.mode not in {None, outcome.mode}:
            return False
        if self.passed is not None and (not policy_of(outcome).has_verdict or outcome.passed is not self.passed):
            return False
        return self.category is None or any(q.category == self.category for q in outcome.questions)

    def key(self, outcome: Outcome) -> float:
        """What it is sorted by."""
        return _KEYS[self.order](outcome)

    def words(self) -> str:
        """What is listed: `passed exams with time series`; empty if nothing is left out."""
        if not self.filters:
            return ""
        kind = "attempts" if self.mode is None else policy_for(self.mode).plural
        result = {None: "", True: "passed ", False: "failed "}[self.passed]
        about = f" with {formats.category(self.category)}" if self.category else ""
        return f"{result}{'exams' if self.passed is not None else kind}{about}"
