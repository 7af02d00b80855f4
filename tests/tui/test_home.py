"""The first screen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList

from mockexam.errors import UserError
from mockexam.session.ports import StartRequest
from mockexam.tui.screens.home_screen import HomeScreen
from tests.histories import make_history
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of, until


async def test_the_menu_offers_all_ways(opened: Opener) -> None:
    """Nothing runs: no Continue, Start comes first."""
    async with opened() as pilot:
        shown = text_of(pilot)
        for name in ("Start an exam", "Retry a category", "Review attempts", "Doctor", "Quit"):
            assert name in shown
        assert "Continue" not in shown


@pytest.mark.parametrize(
    ("key", "screen"), [("1", "StartScreen"), ("2", "RetryScreen"), ("3", "HistoryScreen"), ("4", "DoctorScreen")]
)
async def test_a_number_leads_on_and_escape_back(opened: Opener, key: str, screen: str) -> None:
    """By keyboard alone."""
    async with opened() as pilot:
        await pilot.press(key)
        await until(pilot, lambda: name_of(pilot) == screen)
        await pilot.press("escape")
        await until(pilot, lambda: name_of(pilot) == "HomeScreen")


async def test_arrow_keys_and_enter_choose(opened: Opener) -> None:
    """Down three: the doctor."""
    async with opened() as pilot:
        await pilot.press("down", "down", "down", "enter")
        await until(pilot, lambda: name_of(pilot) == "DoctorScreen")


async def test_a_running_attempt_opens_its_exam_screen_at_once(opened: Opener, env: FakeEnvironment) -> None:
    """Locked: opening the app, even for another exam, is opening the attempt."""
    env.manager.begin()
    async with opened(request=StartRequest(exam="other")) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")


async def test_every_way_of_starting_leads_into_the_running_attempt(opened: Opener, env: FakeEnvironment) -> None:
    """As soon as the other app has let go of it."""
    # GIVEN another app has the attempt
    env.manager.begin()
    env.manager.holder = 4711
    async with opened() as pilot:
        shown = text_of(pilot)
        assert "process 4711" in shown
        assert "Go on there" in shown
        assert shown.index("Continue") < shown.index("Start an exam")
        # WHEN it is tried in any way THEN it is told again, and nothing else starts
        for key in ("1", "2", "3", "enter"):
            await pilot.press(key)
            assert name_of(pilot) == "HomeScreen"
        assert not env.manager.plans[1:]
        # WHEN the other app lets go THEN the same key leads in
        env.manager.holder = None
        await pilot.press("1")
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")


async def test_a_damaged_record_is_reported(
    opened: Opener, env: FakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In words, at home."""

    def running() -> None:
        raise UserError("The record is damaged.", location="records.sqlite3", hint="A copy was kept.")

    monkeypatch.setattr(env.manager, "running", running)
    async with opened() as pilot:
        shown = text_of(pilot)
        assert "The record is damaged." in shown
        assert "records.sqlite3" in shown


async def test_leaving_home_is_free(opened: Opener) -> None:
    """No question asked, exit code 0."""
    async with opened() as pilot:
        await pilot.press("q")
        await until(pilot, lambda: not pilot.app.is_running)
    assert pilot.app.return_code == 0


async def test_an_exam_asked_for_opens_its_start(opened: Opener, env: FakeEnvironment) -> None:
    """With the code and the exam that were named."""
    async with opened(request=StartRequest(exam="tf_developer", code="7K3Q-F2XM")) as pilot:
        await until(pilot, lambda: env.manager.plans)
        assert env.manager.plans == [("tf_developer", "7K3Q-F2XM", None)]


async def test_home_recommends_a_next_step_that_a_letter_starts(
    opened: Opener, env: FakeEnvironment, tmp_path: Path
) -> None:
    """Last result, weakest category and the next step, each on one line; n opens the start of that retry."""
    env.home = tmp_path / "home"
    make_history(env.home, 6)
    async with opened() as pilot:
        await until(pilot, lambda: "Next step" in text_of(pilot))
        home = pilot.app.screen
        assert isinstance(home, HomeScreen)
        assert home.overview is not None
        assert home.overview.weakest is not None
        lines = text_of(pilot).splitlines()
        for words in ("Last result", "Weakest", " n Next step"):
            assert sum(words in line for line in lines) == 1
        await pilot.press("n")
        await until(pilot, lambda: name_of(pilot) == "StartScreen" and env.manager.retries)
        assert env.manager.retries[0][0].category == home.overview.weakest.category


async def test_home_recommends_the_doctor_at_first(opened: Opener) -> None:
    """Nothing is on record."""
    async with opened() as pilot:
        await until(pilot, lambda: "Check this machine" in text_of(pilot))
        assert "Weakest" not in text_of(pilot)
        await pilot.press("n")
        await until(pilot, lambda: name_of(pilot) == "DoctorScreen")


@pytest.mark.parametrize("width", [60, 80])
async def test_a_running_attempt_takes_one_line_and_no_advice_is_given(
    opened: Opener, env: FakeEnvironment, width: int
) -> None:
    """The time left stands first, so that it is never cut; n does nothing."""
    env.manager.begin()
    env.manager.holder = 4711
    async with opened((width, 24)) as pilot:
        shown = text_of(pilot).splitlines()
        at = next(i for i, line in enumerate(shown) if "Continue  " in line)
        assert " left · " in shown[at]
        assert "Start an exam" in shown[at + 1]
        await pilot.press("n")
        assert "Next step" not in text_of(pilot)
        assert name_of(pilot) == "HomeScreen"


async def test_the_clock_of_an_exam_elsewhere_runs_on(opened: Opener, env: FakeEnvironment) -> None:
    """Each second, on one line of 80 columns however long the title is; the cursor stays where it is."""
    session = env.manager.begin()
    title = "An exam with quite a long title of its own"
    session.attempt = replace(session.attempt, rules=replace(session.attempt.rules, title=title))
    env.manager.holder = 4711
    async with opened() as pilot:
        await pilot.press("down", "down")
        await until(pilot, lambda: "4:59:5" in text_of(pilot), 8)
        lines = text_of(pilot).splitlines()
        at = next(number for number, line in enumerate(lines) if "Continue" in line and "left" in line)
        assert "Start an exam" in lines[at + 1]
        assert pilot.app.screen.query_one(OptionList).highlighted == 2


async def test_an_exam_that_starts_and_ends_elsewhere_is_noticed(opened: Opener, env: FakeEnvironment) -> None:
    """Without a key."""
    async with opened() as pilot:
        assert "Continue" not in text_of(pilot)
        env.manager.begin()
        env.manager.holder = 4711
        await until(pilot, lambda: "Continue" in text_of(pilot), 8)
        env.manager.under_way = False
        await until(pilot, lambda: "Continue" not in text_of(pilot), 8)
