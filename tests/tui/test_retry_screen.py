"""Choosing what to retry."""

from __future__ import annotations

import pytest

from mockexam.errors import UserError
from mockexam.review.selection import ExamProgress
from mockexam.review.service import Review
from mockexam.session.ports import RetryChoice
from mockexam.tui.labels import trend
from mockexam.tui.screens.retry_screen import RetryLine, heading, lines_of, prompt
from tests.tui.conftest import Opener
from tests.tui.fake_retry import RECORDS
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of, until
from tests.tui.test_start import start_of


async def test_the_weakest_is_a_press_of_enter_away(opened: Opener, env: FakeEnvironment) -> None:
    """The screen stands before the record is read; Enter leads to the start, Escape back; nothing has begun."""
    env.manager.hold_practice.clear()
    async with opened() as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "Loading your attempts" in text_of(pilot))
        env.manager.hold_practice.set()
        await until(pilot, lambda: "My weakest   image classification" in text_of(pilot))
        shown = text_of(pilot)
        rows = shown.splitlines()
        order = [next(i for i, row in enumerate(rows) if told in row and "My weakest" not in row) for told in (
            "image classification", "The repair café's shelf", "Kites over the dunes", "time series", "simple model",
            "learning from a dataset",
        )]  # fmt: skip
        assert order == sorted(order)
        for told in ("▸ My weakest", "4/5     2.4   ↘ falling   3 days ago", "2/5 · 3 days ago · tried 3 times", "new",
                     "↗ rising", "today", "no marks yet", "image classification · 1 hour, as in the exam",
                     "You get an unseen question first", "⏎ Choose"):  # fmt: skip
            assert told in shown, told
        # WHEN Enter is pressed at once
        await pilot.press("enter")
        await until(pilot, lambda: name_of(pilot) == "StartScreen" and "Paper 9M2T-1A7C" in text_of(pilot))
        assert env.manager.retries == [(RetryChoice(), None)]
        # WHEN a question is chosen, untimed, THEN that is what is asked for; the exam screen is over home alone
        await pilot.press("escape", "down", "down", "u")
        await until(pilot, lambda: "The repair café's shelf · untimed" in text_of(pilot))
        assert "Estimated working time: 50 minutes" in " ".join(text_of(pilot).split())
        await pilot.press("enter")
        await until(pilot, lambda: name_of(pilot) == "StartScreen" and start_of(pilot).has_class("-choosing"))
        assert env.manager.retries[1][0] == RetryChoice(question="image_classification/repair_cafe", timed=False)
        await pilot.press("enter")
        await until(pilot, lambda: start_of(pilot).has_class("-ready"))
        await pilot.press(*"START", "enter")
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        assert len(pilot.app.screen_stack) == 2


async def test_a_key_leads_to_the_categories_of_the_next_exam(
    opened: Opener, env: FakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exam taken last comes first; the choice names the exam it is for."""

    def progress(self: Review, outcomes: object = None, exam: str | None = None) -> ExamProgress:
        names = ["own", "tf_developer"]
        names.remove(exam or "own")
        return ExamProgress(
            exam=exam or "own",
            others=tuple(names),
            titles={"own": "Mine", "tf_developer": "The main exam"},
            totals=(),
            standings=(),
        )

    monkeypatch.setattr(Review, "progress", progress)
    async with opened() as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "Exam: Mine " in text_of(pilot) and "My weakest" in text_of(pilot))
        await pilot.press("n")
        await until(pilot, lambda: "Exam: The main exam " in text_of(pilot))
        assert env.manager.exams_asked == [None, "tf_developer"]
        await pilot.press("enter")
        await until(pilot, lambda: env.manager.retries)
        assert env.manager.retries[0][0] == RetryChoice(exam="tf_developer")


async def test_a_reading_error_is_shown(opened: Opener, env: FakeEnvironment) -> None:
    """In place, with what to do; Enter does nothing."""
    env.manager.records = UserError("The record is damaged.", location="records.sqlite3", hint="A copy was kept.")
    async with opened((60, 20)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "The record is damaged." in text_of(pilot))
        await pilot.press("enter", "u")
        assert "A copy was kept." in text_of(pilot)
        assert name_of(pilot) == "RetryScreen"


async def test_an_attempt_that_another_app_has_is_told_where_enter_was_pressed(
    opened: Opener, env: FakeEnvironment
) -> None:
    """It was started meanwhile; nothing else starts, and the list stays."""
    async with opened() as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "▸ My weakest" in text_of(pilot))
        env.manager.begin()
        env.manager.holder = 4711
        await pilot.press("enter")
        await until(pilot, lambda: any("4711" in note.title for note in pilot.app._notifications))
        assert name_of(pilot) == "RetryScreen"


@pytest.mark.parametrize("width", [34, 53, 73, 93])
def test_every_line_fits(width: int) -> None:
    """Name and marks are there at every width; the line is no wider."""
    for line in lines_of(RECORDS):
        text = prompt(line, width).plain
        assert len(text) <= width + 2
        if line.question is not None:
            assert "new" in text or "2/5" in text or "3/5" in text or "no marks" in text
    assert len(heading(width).plain) <= width


def test_a_category_asks_for_itself() -> None:
    """Which question it will be is the session manager's to say."""
    assert RetryLine(RECORDS[1]).choice(timed=True) == RetryChoice(category="time_series")
    assert RetryLine(RECORDS[0], weakest=True).choice(timed=False) == RetryChoice(timed=False)


@pytest.mark.parametrize(("slope", "word"), [(None, ""), (0.15, "↗ rising"), (0.1, "→ steady"), (-0.15, "↘ falling")])
def test_a_trend_is_a_word_and_a_sign(slope: float | None, word: str) -> None:
    """Too few attempts have none."""
    assert trend(slope)[0] == word
