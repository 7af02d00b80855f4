"""The review while an attempt runs, and at every size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mockexam.session.ports import ReviewRequest
from mockexam.tui.screens.attempt_content import question_text
from mockexam.tui.widgets.question_lists import prompt
from tests.histories import make_history
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of
from tests.tui.review.conftest import Record, Visit, at, shown


async def test_it_lies_over_the_room_with_the_clock(opened: Opener, env: FakeEnvironment, record: Record) -> None:
    """Asked for on the command line; leaving leads into the room, from there the palette leads here, the end out."""
    session = env.manager.begin()
    async with opened(request=ReviewRequest(record.exam)) as pilot:
        await shown(pilot, "clock running: 5:00:00 left", "record intact")
        session.tick(60)
        await shown(pilot, "clock running: 4:59:00 left")
        await pilot.press("escape", "escape")
        assert name_of(pilot) == "ExamScreen"
        await pilot.app.run_action("review")
        await at(pilot, "HistoryScreen")
        await pilot.press("slash")
        session.tick(18000)
        await at(pilot, "TimeUp")
        assert len(pilot.app.screen_stack) == 3


def test_what_would_help_stays_closed(env: FakeEnvironment, tmp_path: Path) -> None:
    """Of a question on the running paper neither bands nor metric nor reference, in an older attempt neither."""
    env.home = tmp_path / "running"
    ids = make_history(env.home, 4, running=True, submissions_each=5, seed=1)
    review = env.review()
    for attempt in (ids[3], ids[2]):
        question = review.detail(attempt).questions[0]
        told = question_text(question, 60).plain
        assert question.reference is None
        assert question.closed[:30] in told
        assert "┼" not in told
        assert "to the next mark" not in told + prompt(question.submissions[0], 80, chosen=False).plain


async def test_the_result_leads_to_its_attempt(opened: Opener, env: FakeEnvironment, record: Record) -> None:
    """And back."""
    session = env.manager.begin()
    session.attempt = replace(session.attempt, id=record.exam)
    async with opened() as pilot:
        await at(pilot, "ExamScreen")
        await session.finish()
        session.settle()
        await at(pilot, "ResultScreen")
        await pilot.press("V")
        await shown(pilot, "record intact")
        await pilot.press("escape")
        assert name_of(pilot) == "ResultScreen"


async def test_a_small_terminal_shows_what_matters(visit: Visit, record: Record) -> None:
    """60 columns and 20 rows: chart and list, then bands and submissions."""
    async with visit(size=(60, 20)) as pilot:
        await shown(pilot, "pass 90 %", "○", "▸", "total result", "M exams and retries")
        await pilot.press("enter")
        await shown(pilot, "record intact", "●", "5 submissions", ", counts")


async def test_every_screen_stands_in_a_tiny_terminal(visit: Visit, record: Record) -> None:
    """No crash; something is told and the way back is there."""
    async with visit(size=(30, 7)) as pilot:
        for keys, screen in (
            (["R"], "ReadinessScreen"), (["escape", "x"], "TypeWord"), (["escape", "enter"], "AttemptScreen"),
            (["t"], "AttemptScreen"), (["t", "c"], "PickAttempt"),
        ):  # fmt: skip
            await pilot.press(*keys)
            await at(pilot, screen)
            assert text_of(pilot).strip()
        await pilot.pause(0.2)
        await pilot.press("enter")
        await at(pilot, "CompareScreen")
        await pilot.press("escape", "tab", "tab", "enter")
        await at(pilot, "ScriptScreen")
