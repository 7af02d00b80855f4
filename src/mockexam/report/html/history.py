"""What the page of all attempts shows, made ready for its template."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from mockexam.bank.models import CATEGORIES
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.exam.standing import standings
from mockexam.records.history import Damaged, Past
from mockexam.report import formats
from mockexam.report.html.charts import CategoryCard, Chart, EstimateBar, category_cards, estimate_bar, totals_charts
from mockexam.report.readiness import Readiness, SkillEvidence
from mockexam.report.selection import TotalPoint, totals


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
    charts: tuple[Chart, ...]
    categories: tuple[CategoryCard, ...]
    known: Known | None
    unknown: str
    """Why there is nothing of that, in words."""


def history_view(past: Past, readiness: Readiness | str) -> HistoryView:
    """Everything for the page; `readiness`, or why there is none, in words."""
    points = totals(past.outcomes)
    return HistoryView(
        outcomes=tuple(reversed(past.outcomes)),
        damaged=past.damaged,
        facts=_facts(past.outcomes, points),
        charts=totals_charts(points),
        categories=category_cards(standings(past.outcomes, CATEGORIES)),
        known=None if isinstance(readiness, str) else _known(readiness),
        unknown=readiness if isinstance(readiness, str) else "",
    )


def _known(readiness: Readiness) -> Known:
    skills = groupby(readiness.skills, key=lambda skill: skill.section)
    return Known(
        readiness=readiness,
        bar=estimate_bar(readiness.estimate, readiness.pass_mark),
        skills=tuple(SkillGroup(readiness.sections.get(section, section), tuple(found)) for section, found in skills),
    )


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
