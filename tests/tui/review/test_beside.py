"""Two attempts beside each other, and what to learn next."""

from __future__ import annotations

import pytest

from mockexam.bank.category import CATEGORIES
from mockexam.review.readiness import PassEstimate
from mockexam.tui.screens.compare_screen import change
from mockexam.tui.screens.readiness_screen import PlanList, ReadinessScreen, estimate_text
from tests.tui.fakes import FakeEnvironment
from tests.tui.review.conftest import Record, Visit, at, notices, shown, wait


async def test_two_marked_attempts_are_compared(visit: Visit, record: Record) -> None:
    """The older one left; better and worse in words and with signs; by category; swapped. Or chosen within one."""
    async with visit() as pilot:
        await pilot.press("c")
        assert "Select two attempts with space" in notices(pilot)
        await pilot.press("M", "down", "space", "space", "c")
        screen = await shown(pilot, "time used", "▲ better +", "simple model", "Basil under lamps", "fail")
        left = screen.index(record.ids[3].partition("-")[2][:4])
        assert left < screen.index(record.exam.partition("-")[2][:4])
        await pilot.press("C", "X")
        assert "Basil under lamps" not in await shown(pilot, "▼ worse −")
        await pilot.press("escape", "up", "up", "enter")
        await shown(pilot, "record intact")
        await pilot.press("c")
        await shown(pilot, "Compare with", "▸")
        await pilot.press("enter")
        await shown(pilot, "time used", record.ids[3].partition("-")[2][:4])


async def test_readiness_tells_chance_plan_and_skills(visit: Visit, record: Record) -> None:
    """In words, with its method; the skills with marks and age."""
    async with visit(size=(100, 50)) as pilot:
        await pilot.press("R")
        await shown(
            pilot, "Chance of passing today:", "% of the marks", "Pass mark: 90 %", "What to study", "read:",
            "independent",
        )  # fmt: skip
        await pilot.press("z")
        await shown(pilot, "can't be shown by a saved model", "/5, ", " ago")


async def test_enter_on_a_line_of_the_plan_opens_the_start_of_that_retry(
    visit: Visit, record: Record, env: FakeEnvironment
) -> None:
    """The heading its category, a skill its question; j, k and the arrows move; during an attempt nothing starts."""
    async with visit(size=(80, 24)) as pilot:
        await pilot.press("R")
        await shown(pilot, "enter: retry ")
        screen = pilot.app.screen
        assert isinstance(screen, ReadinessScreen)
        plan = screen.query_one(PlanList)
        assert plan.chosen is not None
        category = plan.chosen.choice
        assert category is not None
        assert (category.category in CATEGORIES, category.question) == (True, None)
        first = plan.highlighted
        await pilot.press("j", "down", "k")
        question = plan.chosen.choice if plan.chosen else None
        assert question is not None
        assert question.question is not None
        assert question.question.partition("/")[0] in CATEGORIES
        await pilot.press("k", "k", "k", "k")
        assert (plan.highlighted, plan.scroll_y) == (first, 0)
        await pilot.press("G")
        assert plan.highlighted is not None
        assert first is not None
        assert plan.highlighted > first
        await pilot.press("g", "enter")
        await at(pilot, "StartScreen")
        await wait(pilot, lambda: env.manager.retries)
        assert env.manager.retries[0][0] == category
        await pilot.press("escape")
        await at(pilot, "ReadinessScreen")


@pytest.mark.parametrize("width", [30, 56, 120])
@pytest.mark.parametrize(("low", "high", "mark"), [(0.0, 0.0, 0), (61.2, 83.4, 90), (95.0, 100.0, 97)])
def test_the_range_is_drawn_at_every_width(width: int, low: float, high: float, mark: int) -> None:
    """With the pass mark in it."""
    estimate = PassEstimate(0.2, low, high, (low + high) / 2, (("simple_model", 3),), "counted")
    text = estimate_text(estimate, mark, width).plain
    assert f"pass {mark}" in text
    assert "┃" in text
    assert f"Likely range: {int(low)} to {round(high)} %" in text


@pytest.mark.parametrize(
    ("amount", "words"),
    [(2.0, "▲ better +2 marks"), (-1.0, "▼ worse −1 mark"), (0.2, "= same"), (0.0, "= same")],
)
def test_a_change_has_a_sign_a_word_and_an_amount(amount: float, words: str) -> None:
    """Told without colour."""
    assert change(amount, "marks")[0] == words
