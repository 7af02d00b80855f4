"""The review while an attempt runs, and at every size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.tui.screens.review.attempt_text import question_text
from mockexam.tui.start_at import StartAt
from mockexam.tui.widgets.submission_list import prompt
from tests.histories import make_history
from tests.tui.conftest import Opener
from tests.tui.fakes import World
from tests.tui.looks import name_of, text_of
from tests.tui.review.conftest import Record, Visit, at, shown


async def test_it_lies_over_the_room_with_the_clock(opened: Opener, world: World, record: Record) -> None:
    """Asked for on the command line; leaving leads into the room, from there the palette leads here, the end out."""
    sitting = world.desk.begin()
    async with opened(start_at=StartAt(review=record.exam, review_asked=True)) as pilot:
        await shown(pilot, "clock runs: 5:00:00 left", "events intact")
        sitting.tick(60)
        await shown(pilot, "clock runs: 4:59:00 left")
        await pilot.press("escape", "escape")
        assert name_of(pilot) == "RoomScreen"
        await pilot.app.run_action("review")
        await at(pilot, "HistoryScreen")
        await pilot.press("slash")
        sitting.tick(18000)
        await at(pilot, "ResultScreen")
        assert len(pilot.app.screen_stack) == 2


def test_what_would_help_stays_closed(world: World, tmp_path: Path) -> None:
    """Of a question on the running paper neither bands nor metric nor reference, in an older attempt neither."""
    world.home = tmp_path / "running"
    ids = make_history(world.home, 4, running=True, submissions_each=5, seed=1)
    review = world.review()
    for attempt in (ids[3], ids[2]):
        question = review.detail(attempt).questions[0]
        told = question_text(question, 60).plain
        assert question.reference is None
        assert "on the paper of the attempt under way" in told
        assert "┼" not in told
        assert "to the next mark" not in told + prompt(question.submissions[0], 80, chosen=False).plain


async def test_the_result_leads_to_its_attempt(opened: Opener, world: World, record: Record) -> None:
    """And back."""
    sitting = world.desk.begin()
    sitting.attempt = replace(sitting.attempt, id=record.exam)
    async with opened() as pilot:
        await at(pilot, "RoomScreen")
        await sitting.finish()
        sitting.settle()
        await at(pilot, "ResultScreen")
        await pilot.press("v")
        await shown(pilot, "events intact")
        await pilot.press("escape")
        assert name_of(pilot) == "ResultScreen"


SIZES = [(60, 20), (30, 7)]


@pytest.mark.parametrize("size", SIZES, ids=[f"{w}x{h}" for w, h in SIZES])
async def test_every_screen_stands_at_every_size(visit: Visit, record: Record, size: tuple[int, int]) -> None:
    """No crash; something is told and the way back is there."""
    async with visit(size=size) as pilot:
        assert size == (30, 7) or "▸" in text_of(pilot)
        for keys, screen in (
            (["z", "z", "z", "r"], "ReadinessScreen"), (["escape", "x"], "TypeWord"),
            (["escape", "enter"], "AttemptScreen"), (["t"], "AttemptScreen"), (["t", "c"], "PickAttempt"),
        ):  # fmt: skip
            await pilot.press(*keys)
            await at(pilot, screen)
            assert text_of(pilot).strip()
        await pilot.pause(0.2)
        await pilot.press("enter")
        await at(pilot, "CompareScreen")
        await pilot.press("escape", "tab", "tab", "enter")
        await at(pilot, "ScriptScreen")
