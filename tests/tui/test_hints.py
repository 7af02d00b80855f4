"""Hints, step by step."""

from __future__ import annotations

from mockexam.errors import UserError
from tests.tui.conftest import Opener
from tests.tui.fake_retry import HINTS
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of, until
from tests.tui.test_exam_screen import enter


async def test_a_hint_is_opened_knowingly_and_stays_open(opened: Opener, env: FakeEnvironment) -> None:
    """That it goes on record is said before; those opened are shown again; after the last there is no more."""
    session = env.manager.begin_retry()
    async with opened() as pilot:
        await enter(pilot)
        assert "hints used  none" in text_of(pilot)
        # GIVEN no hint was opened THEN it is said what Enter does, and nothing is on record yet
        await pilot.press("h")
        await until(pilot, lambda: "counts half" in " ".join(text_of(pilot).split()))
        assert session.attempt.hints(1) == 0
        # WHEN it can't be recorded THEN it is not shown
        session.refuse = UserError("The disk is full.", hint="Free some space.")
        await pilot.press("enter")
        await until(pilot, lambda: "The disk is full." in text_of(pilot))
        session.refuse = None
        # WHEN two are opened
        await pilot.press("enter", "n")
        await until(pilot, lambda: "you need hidden layers" in text_of(pilot))
        assert "The disk is full." not in text_of(pilot)
        assert "Enter opens hint 3 of 3" in text_of(pilot)
        assert session.attempt.hints(1) == 2
        await pilot.press("escape")
        await until(pilot, lambda: "2 of 3" in text_of(pilot) and name_of(pilot) == "ExamScreen")
        # WHEN they are looked at again THEN both are there, and that costs nothing
        await pilot.press("h")
        await until(pilot, lambda: "How large" in text_of(pilot) and "you need hidden layers" in text_of(pilot))
        assert session.attempt.hints(1) == 2
        await pilot.press("enter")
        await until(pilot, lambda: "All 3 hints are open" in text_of(pilot))
        await pilot.press("enter")
        assert session.attempt.hints(1) == 3
        assert "Enter opens" not in text_of(pilot)


async def test_what_a_hint_costs_is_said_at_every_size(opened: Opener, env: FakeEnvironment) -> None:
    """However long the hints are above it; a question without hints, as packs of others may have, says so."""
    session = env.manager.begin_retry()
    session.all_hints = ()
    async with opened((40, 10)) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await pilot.press("h", "enter")
        await until(pilot, lambda: "This question has no hints" in text_of(pilot))
        await pilot.press("escape")
        session.all_hints = HINTS
        session.next_hint(1)
        session.next_hint(1)
        await pilot.press("h")
        for size in ((40, 10), (60, 20), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            rows = (row.partition("│")[2].split("│")[0] for row in text_of(pilot).splitlines())
            assert "opens hint 3 of 3. This result already counts half in your readiness estimate." in " ".join(
                " ".join(rows).split()
            ), size
