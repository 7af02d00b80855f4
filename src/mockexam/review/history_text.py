"""All attempts as text of 80 columns: results, a line per attempt, the chart of totals, readiness."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from mockexam.bank.category import category_of
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.exam.standing import CategoryStanding
from mockexam.review.readiness import NO_ESTIMATE, Readiness, SkillEvidence
from mockexam.review.selection import ExamProgress
from mockexam.store.summaries import AllAttempts, Damaged
from mockexam.text import formats
from mockexam.text.units import size_text

if TYPE_CHECKING:
    from mockexam.store.retention import DiskUse

COLUMNS = 80
NOTHING = (
    "You have no attempts yet. Start with `mockexam`, take an exam with `mockexam sit`, or work on one question with "
    "`mockexam retry`."
)
_PLANS = 3
"""Number of sections of the study plan in the overview."""
CHART_WIDTH = 64
"""Columns for the points; more exams than that share columns."""
CHART_STEP = 10
"""Per cent per line."""
PASSED, FAILED, MARK = "●", "○", "┄"


def overview_lines(past: AllAttempts, progress: ExamProgress, readiness: Readiness) -> Iterator[str]:
    """The results in one exam: totals, categories, the estimate and what to study."""
    yield counts_text(past.outcomes)
    yield from exam_lines(progress)
    points = progress.totals
    if points:
        yield ""
        yield "Exam totals"
        yield from chart_lines(points) or [f"  {points[0].percent:g} % in the only exam so far"]
    yield ""
    yield f"{'Categories, weakest first':<32}{'best':>6}{'recent average':>16}{'results':>9}  trend"
    yield from (_standing_line(one) for one in progress.standings)
    yield ""
    yield from _estimate_lines(readiness)
    if readiness.plan:
        yield ""
        yield "Study next (full plan: mockexam review readiness)"
        for number, plan in enumerate(readiness.plan[:_PLANS], 1):
            yield from wrapped(f"{number}  {plan.title}: {plan.advice}", 2, 5)
    if past.damaged:
        yield ""
        yield from (line for one in past.damaged for line in damaged_lines(one))


def exam_lines(progress: ExamProgress) -> Iterator[str]:
    """Which exam is shown and which others there are; nothing if there is only one."""
    if progress.others:
        yield ""
        others = ", ".join(f"{progress.titles[name]} ({name})" for name in progress.others)
        yield from wrapped(f"Results in {progress.titles[progress.exam]}. You also took: {others}.", 0, 2)
        yield "Choose another exam with --exam NAME."


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
    """A heading, then a line per attempt."""
    shown = list(outcomes)
    widest = max([17, *(len(o.attempt) for o in shown)])
    # The year is in the id.
    yield f"{'Attempt':<{widest}} {'Date':<13}{'Mode':<7}{'Paper':<10}{'Total':>7}  {'Result/topic':<12}{'Used':>8}"
    for o in shown:
        date = f"{formats.short_day(o.started)} {formats.clock(o.started)}"
        yield (
            f"{o.attempt:<{widest}} {date:<13}{formats.kind(o.mode, repeat=o.repeat):<7}{o.code:<10}"
            f"{total_text(o):>7}  {result_word(o):<12}{formats.at(o.time_used):>8}"
        )


def total_text(outcome: Outcome) -> str:
    """`56.0 %` of an exam, `3/5` of a retry of one question."""
    if policy_of(outcome).single_question and len(outcome.questions) == 1:
        return formats.marks(outcome.questions[0].marks)
    return f"{outcome.percent:.1f} %"


def result_word(outcome: Outcome) -> str:
    """`pass`, `fail`, or the phase until it has ended; a retry, which has no verdict, names its category."""
    if outcome.phase is not Phase.ENDED:
        return formats.phase(outcome.phase)
    if not policy_of(outcome).has_verdict:
        return category_of(outcome.questions[0].category).short
    return "pass" if outcome.passed else "fail"


def damaged_lines(damaged: Damaged) -> list[str]:
    """An attempt that can't be read."""
    return wrapped(f"{damaged.attempt} can't be read completely: {damaged.reason}", 0, 2)


def disk_text(disk: DiskUse) -> str:
    """The disk space that all attempts take."""
    sizes = {"record": disk.database, "models": disk.models, "scripts": disk.scripts}
    sizes |= {"leftovers": disk.strays} if disk.strays else {}
    return f"Disk space: {', '.join(f'{name} {size_text(size)}' for name, size in sizes.items())}"


def _standing_line(standing: CategoryStanding) -> str:
    name = f"  {formats.category(standing.category)}"
    if standing.mean is None:
        return f"{name:<32}{'–':>6}{'–':>16}{0:>9}"
    best = formats.marks(standing.best)
    trend = "–" if standing.trend is None else f"{formats.signed(standing.trend)} per result"
    return f"{name:<32}{best:>6}{standing.mean:>16.1f}{len(standing.question_results):>9}  {trend}"


def chart_lines(points: Sequence[Outcome]) -> list[str]:
    """The chart of totals, with a dotted line for the pass mark; empty for fewer than two exams.

    The points are evenly spaced, oldest first. Exams that share a column show their mean, as passed only if all were.
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


def _chart_columns(points: Sequence[Outcome]) -> list[tuple[float, bool]]:
    """The total and whether it passed, per column."""
    each = -(-len(points) // CHART_WIDTH)
    groups = [points[start : start + each] for start in range(0, len(points), each)]
    return [(sum(p.percent for p in group) / len(group), all(p.passed for p in group)) for group in groups]


def readiness_lines(readiness: Readiness) -> Iterator[str]:
    """The estimate and its method, the study plan, every skill."""
    yield from _estimate_lines(readiness)
    yield ""
    yield from wrapped(f"How this is calculated: {readiness.estimate.method}", 2, 2)
    yield ""
    yield "Study plan, weakest section first"
    if not readiness.plan:
        yield "  Nothing to study: your recent marks are full for every skill that is tested."
        yield "  For a more certain estimate, take another exam."
    for plan in readiness.plan:
        yield ""
        yield f"  {plan.title}"
        yield from wrapped(plan.advice, 4, 4)
        yield "    weakest skills (recent average, best marks, when)"
        yield from (_skill_line(skill, indent=6) for skill in plan.weakest)
        yield "    material"
        yield from (line for one in plan.study for line in wrapped(one, 6, 8))
    yield ""
    yield "All skills: recent average, best marks, when"
    for section, title in readiness.sections.items():
        yield ""
        yield f"  {title}"
        yield from (_skill_line(skill) for skill in readiness.skills if skill.section == section)


def _estimate_lines(readiness: Readiness) -> Iterator[str]:
    """The chance to pass the exam, its likely range, and what it is based on."""
    estimate, head = readiness.estimate, f"Would you pass the exam {readiness.title} today?"
    if not estimate.is_known:
        yield head
        yield f"  {NO_ESTIMATE}"
        return
    yield f"{head} {formats.chance(estimate.probability)}"
    likely = formats.likely_range(estimate.low, estimate.high)
    yield f"  expected total {estimate.expected:.0f} %; likely range (80 % probability) {likely}"
    known = [f"{marks:,} in {formats.category(category)}" for category, marks in estimate.evidence if marks]
    yield from wrapped(f"based on results: {', '.join(known)}", 2, 4)
    blank = [formats.category(category) for category, marks in estimate.evidence if not marks]
    if blank:
        yield from wrapped(f"no results yet in: {', '.join(blank)}", 2, 4)


def _skill_line(skill: SkillEvidence, indent: int = 4) -> str:
    if not skill.questions:
        evidence = "not tested" if skill.by_model else "can't be tested"
    elif skill.best is None:
        evidence = "no results yet"
    else:
        evidence = f"{skill.recent:.1f}  {formats.marks(skill.best)}  {formats.ago(skill.days_ago)}"
    return f"{' ' * indent}{skill.title:<{59 - indent}}  {evidence}"


def wrapped(text: str, first: int, rest: int, columns: int = COLUMNS) -> list[str]:
    """The text in lines; `first` and `rest` are the indents, in spaces, of the first line and the others."""
    return textwrap.wrap(
        text,
        columns,
        initial_indent=" " * first,
        subsequent_indent=" " * rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
