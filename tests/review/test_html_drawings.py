"""The drawings on the pages: everything lies where its number says, and every colour can be read."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockexam.exam.attempt import Phase
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import marks_for
from mockexam.exam.standing import standings
from mockexam.review import html
from mockexam.review.html.charts import (
    Axis,
    category_cards,
    date_ticks,
    elapsed_ticks,
    mean_window,
    running_mean,
    time_axis,
    totals_charts,
)
from mockexam.review.html.drawings import STEP, place
from mockexam.text import formats
from tests.outcomes import ended_exam, outcome, question

STYLE = Path(html.__file__).parent / "templates" / "style.css"
ACCURACY, ERROR = (0.4, 0.5, 0.7, 0.85, 0.9), (18.0, 13.5, 8.2, 6.3, 5.4)


@given(st.floats(-1.0, 30.0), st.floats(-1.0, 30.0))
def test_a_better_metric_lies_further_right_and_in_the_step_of_its_marks(one: float, other: float) -> None:
    """For a metric that grows and for one that shrinks."""
    for bands, larger in ((ACCURACY, True), (ERROR, False)):
        x, marks = place(one, bands, larger_is_better=larger), marks_for(one, bands, larger_is_better=larger)
        assert marks * STEP - 0.01 <= x <= (marks + 1) * STEP + 0.01
        better = one > other if larger else one < other
        if better:
            assert x >= place(other, bands, larger_is_better=larger)


def test_the_scale_holds_what_is_far_off() -> None:
    """Infinities stay on it; a value on an edge lies on the edge."""
    assert place(math.inf, ERROR, larger_is_better=False) == 0
    assert place(-math.inf, ERROR, larger_is_better=False) == 100
    assert place(8.2, ERROR, larger_is_better=False) == pytest.approx(3 * STEP, abs=0.01)


@settings(max_examples=200)
@given(st.floats(0, 4e9), st.floats(0, 2e9))
def test_date_ticks_lie_in_order_on_the_axis_and_are_few(first: float, span: float) -> None:
    """From a day to decades, over changes to summer time."""
    ticks = date_ticks(time_axis(first, first + span))

    assert 1 <= len(ticks) <= 8
    assert [t.at for t in ticks] == sorted({t.at for t in ticks})
    assert all(0 <= t.at <= 100 for t in ticks)
    assert len({t.label for t in ticks}) == len(ticks)


@given(st.floats(0.1, 1e6))
def test_ticks_of_an_attempt_begin_at_its_start_and_are_few(seconds: float) -> None:
    """From a tenth of a second to many days."""
    ticks = elapsed_ticks(Axis(0, seconds))

    assert ticks[0].at == 0
    assert len(ticks) <= 12


@given(st.lists(st.floats(0, 100), min_size=1, max_size=60), st.integers(1, 9))
def test_the_running_mean_is_the_mean_of_the_last_ones(values: list[float], window: int) -> None:
    """Checked against the plain sum."""
    for n, mean in enumerate(running_mean(values, window), 1):
        last = values[max(0, n - window) : n]
        assert mean == pytest.approx(sum(last) / len(last), abs=1e-6)


def test_the_chart_of_totals() -> None:
    """GIVEN exams under two pass marks THEN each point and line lies at its per cent, and the words say the same."""
    (chart,) = totals_charts([ended_exam(0, 20.0), ended_exam(10, 95.0), ended_exam(20, 60.0, pass_mark=50)])

    assert [p.y for p in chart.points] == [80.0, 5.0, 40.0]
    assert [p.sign for p in chart.points] == ["fail", "pass", "pass"]
    assert [p.label for p in chart.points] == ["", "95 %", "60 %"]
    assert [(line.y, line.label) for line in chart.lines] == [(10.0, "pass 90 %"), (50.0, "pass 50 %")]
    assert chart.lines[0].right == chart.lines[1].left == chart.points[2].x
    assert [y for _, y in chart.mean] == [80.0, 42.5, 41.67]
    assert chart.description.startswith("3 exams, 2 passed. First 20 % on 15 Jan 2027, best 95 %.")


def test_totals_of_different_exams_are_not_mixed() -> None:
    """A chart each; none without an exam."""
    titles = {"short": "The short one", "tf_developer": "The main one"}
    exams = [ended_exam(0, 20.0, exam="short"), ended_exam(1, 30.0), ended_exam(2, 40.0)]
    charts = totals_charts([replace(one, title=titles[one.exam]) for one in exams])

    assert [(c.title, len(c.points), len(c.mean)) for c in charts] == [("The main one", 2, 0), ("The short one", 1, 0)]
    assert totals_charts([]) == ()


def test_category_charts_distinguish_exams_from_retries_and_stay_small() -> None:
    """What would be drawn in one place is one point; all categories share one axis of time."""
    outcomes = [
        outcome(question("time_series", day // 200), day=day // 2, mode=Mode.RETRY if day % 2 else Mode.EXAM)
        for day in range(1000)
    ]
    outcomes.append(outcome(question("simple_model", 3), day=250))
    cards = category_cards(standings(outcomes, ["time_series", "simple_model", "text_classification"]))

    by_name = {card.standing.category: card.chart for card in cards}
    assert list(by_name) == ["text_classification", "simple_model", "time_series"]
    assert by_name["text_classification"].points == ()
    series = by_name["time_series"]
    assert 100 < len(series.points) < 850
    assert {p.sign for p in series.points} == {"exam", "retry"}
    assert by_name["simple_model"].points[0].x == pytest.approx(50, abs=0.5)
    assert series.window == mean_window(1000) == 40


def test_running_attempts_are_in_no_chart() -> None:
    """What is not settled says nothing yet."""
    running = replace(outcome(question("time_series", 5)), phase=Phase.RUNNING)

    (card,) = category_cards(standings([running], ["time_series"]))
    assert card.chart.points == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (formats.lasting(59.4), "59 s"),
        (formats.lasting(59.6), "1 min"),
        (formats.lasting(3599.9), "1 h 00 min"),
        (formats.at(3725.9), "1:02:05"),
        (formats.ago(0.2), "today"),
        (formats.ago(1.9), "yesterday"),
        (formats.ago(75.0), "2 months ago"),
        (formats.number(-0.00007), "−0.00007"),
        (formats.beside(0.919996, 0.92), "0.919996"),
        (formats.signed(-0.04), "±0"),
        (formats.chance(0.9999), "over 99 %"),
        (formats.chance(0.0), "under 1 %"),
        (formats.metric_at_length("mae"), "mean absolute error (MAE)"),
        (formats.day(-1e18), "15 Jun 1"),
        (formats.plural(2000, "attempt"), "2,000 attempts"),
    ],
)
def test_words_for_numbers(text: str, expected: str) -> None:
    """As people write them."""
    assert text == expected


def luminance(colour: str) -> float:
    """Relative luminance, https://www.w3.org/TR/WCAG21/#dfn-relative-luminance."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("look", ["light", "dark"])
def test_every_colour_can_be_read_on_every_ground(look: str) -> None:
    """WCAG AA: 4.5 for text, 3 for the lines and signs of a drawing."""
    roots = re.findall(r":root \{(.*?)\}", STYLE.read_text(encoding="utf-8"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", roots[0 if look == "light" else 1]))
    assert len(colours) == 15

    def contrast(one: str, other: str) -> float:
        lighter, darker = sorted((luminance(colours[one]), luminance(colours[other])), reverse=True)
        return (lighter + 0.05) / (darker + 0.05)

    for ground in ("paper", "card", "soft"):
        for text in ("ink", "muted", "accent", "blue", "good", "warn", "bad"):
            assert contrast(text, ground) >= 4.5, (text, ground)
        assert contrast("rule", ground) >= 3, ground
    for ground in ("good-soft", "bad-soft", "warn-soft"):
        assert contrast("ink", ground) >= 4.5, ground
    assert contrast("good", "good-soft") >= 4.5
    assert contrast("bad", "bad-soft") >= 4.5
    # The marks stand on the discs of the timeline.
    assert contrast("paper", "good") >= 4.5
    assert contrast("paper", "muted") >= 4.5
