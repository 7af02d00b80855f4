"""All attempts and one attempt as text; the chart of totals."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from mockexam.exam.outcome import Outcome
from mockexam.exam.paper import Mode
from mockexam.review.attempt_text import detail_lines
from mockexam.review.history_text import attempts_lines, chart_lines, disk_text, overview_lines
from mockexam.review.selection import Order, Selection
from mockexam.store.summaries import AllAttempts as Everything
from mockexam.store.summaries import Damaged
from tests.outcomes import ended_exam
from tests.review.conftest import Past


def points(*percents: float) -> list[Outcome]:
    return [ended_exam(day, percent) for day, percent in enumerate(percents)]


def test_the_chart_shows_each_exam_in_its_place() -> None:
    """A line per ten per cent, the pass mark dotted, passed and failed distinguished by their signs."""
    lines = chart_lines(points(0, 89.9, 90, 100))
    rows = {int(line.split("%")[0]): line.split("│")[1] for line in lines if "│" in line}
    assert list(rows) == list(range(100, -1, -10))
    assert "●" in rows[100]
    assert "●" in rows[90]
    assert "┄" in rows[90]
    assert "○" in rows[80]
    assert rows[0].strip() == "○"
    assert "┄" not in rows[80] + rows[100]
    assert "15 Jan 2027" in lines[-2]
    assert "18 Jan 2027" in lines[-2]


@pytest.mark.parametrize("count", [2, 3, 13, 64, 65, 700])
def test_the_chart_keeps_to_80_columns(count: int) -> None:
    """With hundreds of exams a column stands for some of them, which is said."""
    lines = chart_lines(points(*([50.0] * count)))
    assert max(map(len, lines)) <= 80
    assert ("mean of up to" in lines[-1]) == (count > 64)
    assert sum(line.count("○") for line in lines) - 1 == min(count, -(-count // -(-count // 64)))


def test_one_exam_is_no_chart() -> None:
    assert chart_lines(points(50)) == []


def test_the_overview_reads_well_in_80_columns(past: Past) -> None:
    """Counts, chart, categories weakest first, estimate, plan; damaged attempts are named."""
    review = past.review
    found = Everything(review.outcomes(), (Damaged("20260101-BROKEN", "The start of this attempt can't be read."),))
    progress = review.progress(found.outcomes)
    lines = list(overview_lines(found, progress, review.readiness(found.outcomes)))
    text = "\n".join(lines)
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("30 attempts: 10 exams, ")
    assert re.search(r"Would you pass the exam .+ today?", text)
    assert "20260101-BROKEN can't be read" in text
    names = [line for line in lines if "per result" in line]
    assert len(names) == 5
    assert f"{progress.standings[0].mean:.1f}" in names[0]


def test_a_line_an_attempt(past: Past) -> None:
    """Id, date, mode, paper, total, result and time used, in columns."""
    outcomes = past.review.outcomes()
    heading, *lines = attempts_lines(outcomes)
    assert len(lines) == 30
    assert max(map(len, (heading, *lines))) <= 80
    for outcome, line in zip(outcomes, lines, strict=True):
        assert line.startswith(outcome.attempt)
        assert outcome.code in line
        exam = outcome.mode is Mode.EXAM
        assert (f"{outcome.percent:.1f} %" if exam else f"{outcome.questions[0].marks}/5") in line
        assert ("fail" in line or "pass" in line) == exam
        assert len(line) == len(heading)
    assert "record" in disk_text(past.review.disk())


def test_the_list_stays_in_line_for_a_long_id(past: Past) -> None:
    """The second attempt of a day at a paper has an id that ends in -2."""
    first, *others = past.review.outcomes()
    heading, *lines = attempts_lines([replace(first, attempt=f"{first.attempt}-2", repeat=True), *others])
    assert {len(line) for line in lines} == {len(heading)}
    assert len(heading) <= 80
    assert [line.index("Paper") for line in [heading]] == [lines[1].index(others[0].code)]
    assert lines[0].index(first.code) == lines[1].index(others[0].code)


def test_one_attempt_reads_well_in_80_columns(past: Past, running: Past) -> None:
    """Whatever it is; the receipt, bands, submissions, skills and timeline stand in it."""
    for review, name in [(past.review, n) for n in past.ids[::4]] + [(running.review, running.ids[-1])]:
        lines = list(detail_lines(review.detail(name)))
        wide = [line for line in lines if len(line) > 80]
        # A path is not broken.
        assert all("reference" in line or "workspace" in line or "/" in line for line in wide)
    text = "\n".join(detail_lines(past.review.detail(past.ids[-3])))
    outcome = past.review.outcomes()[-3]
    assert outcome.mode is Mode.EXAM
    for part in (f"receipt {outcome.receipt}", "events, unaltered", "marks by MAE: 1 ≤ 12", "← counts", "Timeline"):
        assert part in text
    assert "RECORD ALTERED at event 3 of" in "\n".join(detail_lines(past.review.detail(past.ids[5])))
    hidden = "\n".join(detail_lines(running.review.detail("last")))
    assert "running" in hidden.lower()
    assert "accuracy" not in hidden


def test_selections(past: Past) -> None:
    """By mode, result, category; exams alone pass or fail."""
    outcomes = past.review.outcomes()
    failed = [o for o in outcomes if Selection(passed=False).fits(o)]
    assert {o.mode for o in failed} == {Mode.EXAM}
    assert not any(o.passed for o in failed)
    images = [o for o in outcomes if Selection(category="image_classification", mode=Mode.RETRY).fits(o)]
    assert images
    assert all([q.category for q in o.questions] == ["image_classification"] for o in images)
    best = max(outcomes, key=Selection(order=Order.TOTAL).key)
    assert best.percent == max(o.percent for o in outcomes)
    assert [Selection(passed=True, category="time_series").words(n) for n in (1, 2)] == [
        "passed exam with time series",
        "passed exams with time series",
    ]
    assert Selection(mode=Mode.RETRY).words(1) == "retry"
    assert not Selection(order=Order.TIME).filters
