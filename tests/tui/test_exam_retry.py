"""The exam room in a retry: full feedback."""

from __future__ import annotations

from functools import partial

import pytest

from mockexam.exam.scoring import Verdict
from mockexam.tui.app import MockexamApp
from mockexam.tui.widgets.markdown import Brief
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import text_of, until
from tests.tui.test_exam_screen import _noted, enter

FOUND = "It has learnt the training data by heart."


async def test_all_feedback_fits_80_by_24(opened: Opener, env: FakeEnvironment) -> None:
    """Metric, band, distance to the next mark, training score and findings; a refusal takes their place."""
    session = env.manager.begin_retry()
    async with opened() as pilot:
        screen = await enter(pilot)
        assert "last model  none yet" in text_of(pilot)
        session.receive(1, "a")
        session.grade(1, "a", 3, value=0.8708, next_at=0.89)
        # GIVEN the task was scrolled down WHEN the findings come in THEN they are seen
        await pilot.press("space")
        session.diagnose(1, "a", FOUND, "[b]Rare states[/b] are missed.", train_value=0.9931)
        await until(pilot, lambda: FOUND in text_of(pilot))
        shown = text_of(pilot)
        for told in ("Retry: learning from a dataset", "0:40:00 left", "■■■□□ 3/5", "accuracy       0.8708",
                     "in training    0.9931", "next mark at   0.89", "still missing  0.019", "[b]Rare states[/b]",
                     "h Hints", "m Models", "q Leave"):  # fmt: skip
            assert told in shown, told
        for untold in ("not enough yet", "×2"):
            assert untold not in shown, untold
        # WHEN a better one is being graded THEN the screen says so, and what is known stays
        session.receive(1, "b")
        await until(pilot, lambda: "new model      received" in text_of(pilot))
        assert FOUND in text_of(pilot)
        # WHEN the newest is refused THEN its reason is told, and which marks count
        session.grade(1, "b", None, Verdict.INVALID_MODEL, "It ends in logits.", "Add a softmax.")
        await until(pilot, lambda: "model refused, no marks" in text_of(pilot))
        assert screen.query_one(Brief).findings is None
        assert "last model     refused" in text_of(pilot)
        assert "counts so far  ■■■□□ 3/5" in text_of(pilot)
        # THEN a second that brings nothing new draws nothing but the clock
        drawn: list[str] = []
        with pytest.MonkeyPatch.context() as patch:
            for widget in (screen, *screen.query("*").exclude("ClockBar, ClockBar *")):
                patch.setattr(widget, "refresh", partial(_noted, drawn, widget, widget.refresh))
            session.tick()
            await pilot.pause()
        assert drawn == []
        # WHEN the terminal is small THEN the metric stands on a line; all five marks have no next one
        session.receive(1, "c")
        session.grade(1, "c", 3, value=0.8708, next_at=0.89)
        session.diagnose(1, "c", FOUND)
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: "last 3/5 · accuracy 0.8708, 0.019 to the next mark at 0.89" in text_of(pilot))
        assert FOUND in text_of(pilot)
        await pilot.resize_terminal(80, 24)
        session.receive(1, "d")
        session.grade(1, "d", 5, value=0.97)
        await until(pilot, lambda: "■■■■■ 5/5" in text_of(pilot))
        assert "still missing" not in text_of(pilot)


async def test_an_untimed_retry_is_left_and_finished_in_fitting_words(opened: Opener, env: FakeEnvironment) -> None:
    """No clock is spoken of."""
    env.manager.begin_retry(timed=False)
    async with opened() as pilot:
        await enter(pilot)
        assert "untimed" in text_of(pilot)
        await pilot.press("q")
        shown = " ".join(text_of(pilot).split())
        assert "The attempt stays open." in shown
        assert "clock keeps running" not in shown
        await pilot.press("escape", "f")
        shown = text_of(pilot)
        assert "Finish the retry?" in shown
        assert "no time limit" in shown
        assert isinstance(pilot.app, MockexamApp)
        assert pilot.app._farewell() == "Run `mockexam` to return to the retry, `mockexam status` to see your marks."
