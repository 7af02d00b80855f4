"""Which attempts to show: by name, by filters and an order, or for the chart of totals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from typing import Literal

from mockexam.errors import UnknownNameError, UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_for, policy_of
from mockexam.exam.standing import (
    CategoryStanding,
    current_exam,
    ended_exams,
    exam_names,
    newest_attempt,
    of_exam,
    standings,
)
from mockexam.review.detail import SHOWN_FROM, SubmissionDetail
from mockexam.text import formats

LAST = "last"
_SHOWN = 6
"""Most names that an error lists."""


def find_attempt(name: str, known: Sequence[str]) -> str:
    """The id of a name: `last`, the id, or an unambiguous part of it, ignoring dashes and case.

    `known` are all ids, oldest first. Raises UnknownNameError with the nearest ids, UserError if there are none.
    """
    if not known:
        raise UserError("You have no attempts yet.", hint="Start one with `mockexam sit` or `mockexam retry`.")
    if name.lower() == LAST:
        return known[-1]
    if name in known:
        return name
    wanted = _plain(name)
    fits = [identifier for identifier in known if wanted and wanted in _plain(identifier)]
    beginnings = [identifier for identifier in fits if _plain(identifier).startswith(wanted)]
    for found in (fits, beginnings):
        if len(found) == 1:
            return found[0]
    if fits:
        raise UnknownNameError("attempt", name, _some(fits), ambiguous=True)
    plain = {_plain(identifier): identifier for identifier in known}
    close = [plain[near] for near in get_close_matches(wanted, plain, n=3, cutoff=0.5)]
    raise UnknownNameError("attempt", name, [*(close or known[:-_SHOWN:-1]), LAST])


def find_attempts(names: Sequence[str], known: Sequence[str]) -> list[str]:
    """The id of each name, in the same way. Most names are ids, of which there may be thousands."""
    ids = frozenset(known)
    return [name if name in ids else find_attempt(name, known) for name in names]


def find_submission(name: str, known: Sequence[SubmissionDetail]) -> SubmissionDetail:
    """The submission of an id, an unambiguous part of one, or `last`; or of its place in its question: `2`, `q3-2`.

    Raises UnknownNameError.
    """
    if name.lower() == LAST and known:
        return max(known, key=lambda s: s.elapsed if s.saved_again is None else s.saved_again)
    fits = [s for s in known if s.id == name] or [
        s for s in known if name.lower() in (str(s.place), f"q{s.number}-{s.place}")
    ]
    fits = fits or [s for s in known if name and name.lower() in s.id]
    if len(fits) == 1:
        return fits[0]
    raise UnknownNameError("submission", name, _some([s.id for s in fits or known]), ambiguous=len(fits) > 1)


def _plain(name: str) -> str:
    return name.replace("-", "").lower()


def _some(names: Sequence[str]) -> list[str]:
    newest = list(reversed(names))[:_SHOWN]
    return [*newest, f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else newest


class Order(StrEnum):
    """The sort key of attempts, largest first."""

    DATE = "date"
    TOTAL = "total"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters (None: no filter) and the order."""

    mode: Mode | None = None
    passed: bool | None = None
    """Only exams pass or fail."""
    category: str | None = None
    order: Order = Order.DATE

    @property
    def filters(self) -> bool:
        return self.mode is not None or self.passed is not None or self.category is not None

    def fits(self, outcome: Outcome) -> bool:
        if self.mode not in {None, outcome.mode}:
            return False
        if self.passed is not None and (not policy_of(outcome).has_verdict or outcome.passed is not self.passed):
            return False
        return self.category is None or any(q.category == self.category for q in outcome.questions)

    def key(self, outcome: Outcome) -> float:
        match self.order:
            case Order.DATE:
                return outcome.started
            case Order.TOTAL:
                return float(outcome.total)
            case Order.TIME:
                return outcome.time_used

    def words(self, count: int) -> str:
        """The filters in words for so many: `passed exams with time series`, `retry`; empty without filters."""
        if not self.filters:
            return ""
        mode = Mode.EXAM if self.passed is not None else self.mode
        one, many = ("attempt", "attempts") if mode is None else (policy_for(mode).noun, policy_for(mode).plural)
        result = {None: "", True: "passed ", False: "failed "}[self.passed]
        about = f" with {formats.category(self.category)}" if self.category else ""
        return f"{result}{one if count == 1 else many}{about}"


@dataclass(frozen=True, slots=True)
class ExamProgress:
    """The results in one exam and its retries."""

    exam: str
    """The exam's name."""
    others: tuple[str, ...]
    """The other exams that were taken, the newest first."""
    titles: Mapping[str, str]
    """By name, of all of these."""
    totals: tuple[Outcome, ...]
    """The attempts at it that have ended, oldest first. A retry has no total, only the marks of one question."""
    standings: tuple[CategoryStanding, ...]
    """Weakest category first."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Where one stands, in three lines."""

    last: Outcome | None
    """The attempt that ended last; None if none has."""
    weakest: CategoryStanding | None
    """The weakest category of the exam taken last; None without any result."""
    next_step: Literal["doctor", "retry", "start"]
    """What is recommended: checking the machine at first, the weakest category, or an exam once all are good."""


def overview(outcomes: Sequence[Outcome]) -> Overview:
    """Last result, weakest category, next step; `outcomes` come oldest first."""
    last = next((o for o in reversed(outcomes) if o.phase is Phase.ENDED), None)
    weakest = exam_progress(outcomes).standings[0] if last else None
    if last is None or weakest is None:
        return Overview(last, None, "doctor")
    return Overview(last, weakest, "start" if (weakest.mean or 0.0) >= SHOWN_FROM else "retry")


def exam_progress(
    outcomes: Sequence[Outcome], exam: str | None = None, categories: Sequence[str] | None = None
) -> ExamProgress:
    """The results in this exam, by default in the one taken last; `outcomes` come oldest first.

    `categories` of the exam default to those of its newest paper.
    """
    from mockexam.bank.category import CATEGORIES

    name = exam or current_exam(outcomes)
    newest, of_it = newest_attempt(outcomes, name), of_exam(outcomes, name)
    if categories is None:
        categories = tuple(dict.fromkeys(q.category for q in newest.questions)) if newest else tuple(CATEGORIES)
    return ExamProgress(
        exam=name,
        others=tuple(other for other in exam_names(outcomes) if other != name),
        titles={name: name} | {o.exam: o.title for o in ended_exams(outcomes)},
        totals=tuple(ended_exams(of_it)),
        standings=standings(of_it, categories),
    )
