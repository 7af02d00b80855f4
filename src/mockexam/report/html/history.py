"""What the page of all attempts shows, made ready for its template."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mockexam.errors import ToldError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.standing import standings
from mockexam.records.history import Damaged
from mockexam.report import formats
from mockexam.report.html.categories import CategoryCards, category_cards
from mockexam.report.html.estimate import EstimateBar, estimate_bar
from mockexam.report.html.totals import TotalsChart, totals_charts
from mockexam.report.progress import TotalPoint, totals
from mockexam.report.readiness import Readiness, SkillEvidence

if TYPE_CHECKING:
    from mockexam.report.review import Review


@dataclass(frozen=True, slots=True)
class SkillGroup:
    """The skills of one section of the handbook."""

    title: str
    skills: tuple[SkillEvidence, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What bank and handbook add to the record."""

    readiness: Readiness
    bar: EstimateBar
    skills: tuple[SkillGroup, ...]


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The page's content."""

    outcomes: tuple[Outcome, ...]
    """Newest first."""
    damaged: tuple[Damaged, ...]
    """Attempts that can't be read."""
    facts: tuple[tuple[str, str], ...]
    """Name and value of the key figures."""
    charts: tuple[TotalsChart, ...]
    categories: CategoryCards
    known: Known | None
    unknown: str
    """Why there is nothing of that, in words."""


def history_view(review: Review) -> HistoryView:
    """Everything for the page. Raises ToldError if the record can't be read."""
    from mockexam.bank.category import CATEGORIES

    past = review.past()
    points = totals(past.outcomes)
    known, why = _known(review, past.outcomes)
    return HistoryView(
        outcomes=tuple(reversed(past.outcomes)),
        damaged=past.damaged,
        facts=_facts(past.outcomes, points),
        charts=totals_charts(points),
        categories=category_cards(standings(past.outcomes, CATEGORIES)),
        known=known,
        unknown=why,
    )


def _known(review: Review, outcomes: tuple[Outcome, ...]) -> tuple[Known | None, str]:
    """The record is worth a page even where the bank or the handbook can't be read."""
    from mockexam.bank.skills import load_handbook
    from mockexam.report.review import EXAM

    try:
        readiness = review.readiness(outcomes)
        pass_mark = review.bank.exam(EXAM).exam.pass_mark
        titles = {section.id: section.title for section in load_handbook().section}
    except ToldError as error:
        return None, str(error)
    return Known(readiness, estimate_bar(readiness.estimate, pass_mark), _skills(readiness.skills, titles)), ""


def _facts(outcomes: tuple[Outcome, ...], points: tuple[TotalPoint, ...]) -> tuple[tuple[str, str], ...]:
    retries = sum(o.mode is Mode.RETRY for o in outcomes)
    worked = sum(o.time_used for o in outcomes if o.phase is Phase.ENDED)
    best = max((p.percent for p in points), default=None)
    return (
        ("Exams sat", f"{len(points):,}"),
        ("Passed", f"{sum(p.passed for p in points):,}"),
        ("Best total", "–" if best is None else f"{best:g} %"),
        ("Newest total", f"{points[-1].percent:g} %" if points else "–"),
        ("Practised", formats.plural(retries, "time")),
        ("Time worked", formats.lasting(worked)),
    )


def _skills(skills: Iterable[SkillEvidence], titles: Mapping[str, str]) -> tuple[SkillGroup, ...]:
    """The skills by section, in the handbook's order."""
    groups: dict[str, list[SkillEvidence]] = {}
    for skill in skills:
        groups.setdefault(skill.section, []).append(skill)
    return tuple(SkillGroup(titles.get(section, section), tuple(found)) for section, found in groups.items())
