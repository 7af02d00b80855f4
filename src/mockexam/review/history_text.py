"""All attempts as text of 80 columns: how one stands, a line an attempt, the chart of totals, readiness."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mockexam.bank.category import category_of
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.exam.standing import CategoryStanding
from mockexam.review.estimate import PassEstimate
from mockexam.review.readiness import Readiness, SectionPlan, SkillEvidence
from mockexam.review.selection import ExamProgress, TotalPoint
from mockexam.store.summaries import AllAttempts, Damaged
from mockexam.text import formats
from mockexam.text.units import size_text, time_text

if TYPE_CHECKING:
    from mockexam.store.retention import DiskUse

COLUMNS = 80
NOTHING = (
    "Nothing is on record yet. Start with `mockexam`, sit an exam with `mockexam sit`, or practise one question with "
    "`mockexam retry`."
)
_PLANS = 3
"""So many sections of the study plan are named."""
CHART_WIDTH = 64
"""Columns for the points; more exams share columns."""
CHART_STEP = 10
"""Per cent a line."""
PASSED, FAILED, MARK = "●", "○", "┄"


def overview_lines(past: AllAttempts, progress: ExamProgress, readiness: Readiness) -> Iterator[str]:
    """What the attempts at an exam come to: totals, categories, the estimate and what to study."""
    yield counts_text(past.outcomes)
    yield from exam_lines(progress)
    points = progress.totals
    if points:
        yield ""
        yield "Exam totals"
        yield from chart_lines(points) or [f"  {points[0].percent:g} % in the only exam so far"]
    yield ""
    yield f"{'Categories, weakest first':<32}{'best':>6}{'mean of last 5':>17}{'met':>6}  trend"
    yield from (_standing_line(one) for one in progress.standings)
    yield ""
    yield from _estimate_lines(readiness.estimate)
    if readiness.plan:
        yield ""
        yield "Study next (all of it: mockexam review readiness)"
        for number, plan in enumerate(readiness.plan[:_PLANS], 1):
            yield from wrapped(f"{number}  {plan.title}: {plan.advice}", 2, 5)
    if past.damaged:
        yield ""
        yield from (line for one in past.damaged for line in damaged_lines(one))


def exam_lines(progress: ExamProgress) -> Iterator[str]:
    """Which exam is shown and which others there are; nothing if there is but one."""
    if progress.others:
        yield ""
        yield from wrapped(f"Shown: the exam {progress.exam}. Also on record: {', '.join(progress.others)}.", 0, 2)
        yield "Show another one with --exam NAME."


def counts_text(outcomes: Sequence[Outcome]) -> str:
    """`30 attempts: 11 exams, 2 of them passed, and 19 retries`."""
    exams = [o for o in outcomes if policy_of(o).has_verdict]
    passed = sum(o.passed is True for o in exams)
    retries = len(outcomes) - len(exams)
    retried = "1 retry" if retries == 1 else f"{retries:,} retries"
    return (
        f"{formats.plural(len(outcomes), 'attempt')}: {formats.plural(len(exams), 'exam')}, {passed:,} of them passed, "
        f"and {retried}"
    )


def attempts_lines(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """A heading, then a line an attempt."""
    yield f"{'Attempt':<18}{'Date':<17}{'Mode':<6}{'Paper':<10}{'Total':>7}  {'Result':<12}{'Used':>8}"
    yield from map(_attempt_line, outcomes)


def _attempt_line(outcome: Outcome) -> str:
    """One attempt in 80 columns, unless its id is longer than usual."""
    return (
        f"{outcome.attempt:<17} {formats.local(outcome.started):%Y-%m-%d %H:%M} {outcome.mode.value:<6}"
        f"{outcome.code:<10}{total_text(outcome):>7}  {result_word(outcome):<12}{time_text(outcome.time_used):>8}"
    )


def total_text(outcome: Outcome) -> str:
    """`56.0 %` of an exam, `3/5` of a retry of one question."""
    if policy_of(outcome).single_question and len(outcome.questions) == 1:
        return formats.marks(outcome.questions[0].marks)
    return f"{outcome.percent:.1f} %"


def result_word(outcome: Outcome) -> str:
    """How it ended, or that it has not; a retry neither passes nor fails: what it was about."""
    if outcome.phase is not Phase.ENDED:
        return outcome.phase.value
    if not policy_of(outcome).has_verdict:
        return category_of(outcome.questions[0].category).short
    return "pass" if outcome.passed else "fail"


def damaged_lines(damaged: Damaged) -> list[str]:
    """An attempt that can't be read."""
    return wrapped(f"{damaged.attempt} can't be read whole: {damaged.reason}", 0, 2)


def disk_text(disk: DiskUse) -> str:
    """What all of it takes on the disk."""
    parts = [f"record {size_text(disk.database)}", f"models {size_text(disk.models)}"]
    parts.append(f"scripts {size_text(disk.scripts)}")
    if disk.strays:
        parts.append(f"left over {size_text(disk.strays)}")
    return f"On the disk: {', '.join(parts)}"


def _standing_line(standing: CategoryStanding) -> str:
    name = f"  {formats.category(standing.category)}"
    if standing.mean is None:
        return f"{name:<32}{'–':>6}{'not met yet':>17}{0:>6}"
    best = formats.marks(standing.best)
    trend = "too few" if standing.trend is None else f"{formats.signed(standing.trend)} a time"
    return f"{name:<32}{best:>6}{standing.mean:>17.1f}{len(standing.meetings):>6}  {trend}"


def chart_lines(points: Sequence[TotalPoint]) -> list[str]:
    """Lines of at most 80 columns, the pass mark as a dotted one; empty for under two exams.

    The points come oldest first and stand evenly spaced, whatever lay between them. Where exams share a column their
    mean is shown, and as passed only if all were.
    """
    if len(points) < 2:
        return []
    columns = _chart_columns(points)
    spread = max(1, min(6, CHART_WIDTH // len(columns)))
    width = len(columns) * spread
    pass_mark = points[-1].pass_mark
    lines = []
    for floor in range(100, -1, -CHART_STEP):
        line = [MARK if floor <= pass_mark < floor + CHART_STEP else " "] * width
        for number, (percent, passed) in enumerate(columns):
            if floor <= percent < floor + CHART_STEP:
                line[number * spread + spread // 2] = PASSED if passed else FAILED
        lines.append(f"{floor:>5} % │{''.join(line)}".rstrip())
    first, last = formats.day(points[0].started), formats.day(points[-1].started)
    lines.append(f"        └{'─' * width}")
    lines.append(f"         {first}{last:>{max(len(last) + 2, width - len(first))}}")
    legend = f"{PASSED} passed  {FAILED} failed  {MARK}{MARK} pass mark {pass_mark} %"
    lines.append(f"         {legend}")
    if len(points) > CHART_WIDTH:
        lines.append(f"         a point is the mean of up to {-(-len(points) // CHART_WIDTH)} exams")
    return lines


def _chart_columns(points: Sequence[TotalPoint]) -> list[tuple[float, bool]]:
    """Total and whether passed, a column."""
    each = -(-len(points) // CHART_WIDTH)
    groups = [points[start : start + each] for start in range(0, len(points), each)]
    return [(sum(p.percent for p in group) / len(group), all(p.passed for p in group)) for group in groups]


def readiness_lines(readiness: Readiness) -> Iterator[str]:
    """The estimate and its method, the study plan, every skill."""
    yield from _estimate_lines(readiness.estimate)
    yield ""
    yield from wrapped(f"How: {readiness.estimate.method}", 2, 2)
    yield ""
    yield "Study plan, weakest section first"
    if not readiness.plan:
        yield "  Nothing is missing: of late, whatever a question shows was shown with full marks."
        yield "  What is left is certainty: sit one more exam."
    for plan in readiness.plan:
        yield ""
        yield from _plan_lines(plan)
    yield ""
    yield "Every skill: mean marks of late, and the best, on questions that show it"
    for section, title in readiness.sections.items():
        yield ""
        yield f"  {title}"
        yield from (_skill_line(skill) for skill in readiness.skills if skill.section == section)


def _estimate_lines(estimate: PassEstimate) -> Iterator[str]:
    """The chance to pass, with its interval and what it rests on."""
    yield f"Would you pass today? {formats.chance(estimate.probability)}"
    yield (
        f"  expected total {estimate.expected:.0f} %; between {estimate.low:.0f} % and {estimate.high:.0f} % "
        "with 80 % probability"
    )
    known = [f"{marks:,} in {formats.category(category)}" for category, marks in estimate.evidence if marks]
    rests = f"rests on marks of the past: {', '.join(known)}" if known else "no marks on record: nothing is known yet"
    yield from wrapped(rests, 2, 4)
    blank = [formats.category(category) for category, marks in estimate.evidence if not marks]
    if known and blank:
        yield from wrapped(f"never met: {', '.join(blank)}", 2, 4)


def _plan_lines(plan: SectionPlan) -> Iterator[str]:
    yield f"  {plan.title}"
    yield from wrapped(plan.advice, 4, 4)
    yield "    weakest (marks of late, best, when)"
    yield from (_skill_line(skill, indent=6) for skill in plan.weakest)
    yield "    material"
    yield from (line for one in plan.study for line in wrapped(one, 6, 8))


def _skill_line(skill: SkillEvidence, indent: int = 4) -> str:
    """A skill and the evidence for it."""
    if not skill.questions:
        evidence = "no question yet" if skill.by_model else "by no model"
    elif skill.best is None:
        evidence = "not met yet"
    else:
        evidence = f"{skill.recent:.1f}  {formats.marks(skill.best)}  {formats.ago(skill.days_ago)}"
    return f"{' ' * indent}{skill.title:<{59 - indent}}  {evidence}"


def wrapped(text: str, first: int, rest: int, columns: int = COLUMNS) -> list[str]:
    """The text in lines; indented by so many spaces, the first and the rest of them."""
    return textwrap.wrap(
        text,
        columns,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
