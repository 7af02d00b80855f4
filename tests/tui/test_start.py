"""Before the clock runs."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Button, Input, Select

from mockexam.errors import UserError
from mockexam.session.ports import RetryChoice, StartRequest
from mockexam.tui.screens.start_screen import Stage, StartScreen
from mockexam.tui.widgets.status_lines import ErrorPanel
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of, until


def start_of(pilot: Pilot[int]) -> StartScreen:
    screen = pilot.app.screen
    assert isinstance(screen, StartScreen)
    return screen


async def choosing(pilot: Pilot[int]) -> StartScreen:
    await pilot.press("1")
    await until(pilot, lambda: isinstance(pilot.app.screen, StartScreen) and start_of(pilot).stage is Stage.CHOOSING)
    await until(pilot, lambda: "this machine" in text_of(pilot))
    return start_of(pilot)


async def test_all_is_told_before_anything_starts(opened: Opener) -> None:
    """Rules, paper, workspace and machine fit 80x24 without scrolling."""
    async with opened() as pilot:
        await choosing(pilot)
        shown = text_of(pilot)
        for told in (
            "5 hours", "no pause", "90 %", "7K3Q-F2XM", "Basil under lamps", "High water at the quay", "×5", "60 min",
            "Workspace", "! this machine", "memory", "Prepare the workspace", "The clock has not started yet",
        ):  # fmt: skip
            assert told in shown, told


async def test_prepare_then_the_typed_word_starts_the_clock(opened: Opener, env: FakeEnvironment) -> None:
    """By Enter, the word, Enter."""
    async with opened() as pilot:
        screen = await choosing(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Stage.READY)
        assert len(env.manager.prepared) == 1
        assert env.manager.running() is None
        await pilot.press(*"start", "enter")
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        assert env.manager.running() is not None
        assert pilot.app.screen_stack[0].__class__.__name__ == "HomeScreen"
        assert len(pilot.app.screen_stack) == 2


async def test_any_other_word_starts_nothing(opened: Opener, env: FakeEnvironment) -> None:
    """It is told, and may be typed again."""
    async with opened() as pilot:
        screen = await choosing(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Stage.READY)
        await pilot.press(*"star", "enter")
        assert not env.manager.under_way
        assert "Type the word START in full" in text_of(pilot)


async def test_progress_is_shown_and_leaving_meanwhile_is_free(opened: Opener, env: FakeEnvironment) -> None:
    """Escape ends the preparing."""
    env.manager.hold_prepare = asyncio.Event()
    async with opened() as pilot:
        screen = await choosing(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "data of question 2" in text_of(pilot))
        assert "40%" in text_of(pilot)
        assert screen.stage is Stage.PREPARING
        await pilot.press("escape")
        await until(pilot, lambda: name_of(pilot) == "HomeScreen")
        assert not env.manager.prepared


async def test_a_workspace_that_cannot_be_made_is_told_in_place(opened: Opener, env: FakeEnvironment) -> None:
    """With what, where and what to do."""
    env.manager.refuse_prepare = UserError(
        "The workspace can't be written.", location="/root/x", hint="Choose another."
    )
    async with opened() as pilot:
        screen = await choosing(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "can't be written" in text_of(pilot))
        shown = text_of(pilot)
        assert "/root/x" in shown
        assert "Choose another." in shown
        assert screen.stage is Stage.CHOOSING


async def test_after_an_error_it_can_be_tried_again(opened: Opener, env: FakeEnvironment) -> None:
    """Enter once more, when what stood in the way is gone."""
    env.manager.refuse_prepare = UserError(
        "The workspace can't be written.", location="/root/x", hint="Choose another."
    )
    async with opened() as pilot:
        screen = await choosing(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "can't be written" in text_of(pilot))
        env.manager.refuse_prepare = None
        await until(pilot, lambda: screen.focused is not None and screen.focused.id == "prepare")
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Stage.READY)
        assert "can't be written" not in text_of(pilot)


async def test_enter_is_taken_at_once_after_an_error(
    opened: Opener, env: FakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However soon it comes after the Enter before: a button's press effect does not make it deaf."""
    # GIVEN a machine so busy that the end of an effect is long in coming
    monkeypatch.setattr(Button, "set_timer", lambda *_, **__: None)
    env.manager.refuse_prepare = UserError(
        "The workspace can't be written.", location="/root/x", hint="Choose another."
    )
    async with opened() as pilot:
        screen = await choosing(pilot)
        await until(pilot, lambda: screen.focused is not None and screen.focused.id == "prepare")
        # WHEN Enter is pressed again as soon as the error is told
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one(ErrorPanel).error is not None)
        await until(pilot, lambda: screen.focused is not None and screen.focused.id == "prepare")
        env.manager.refuse_prepare = None
        await pilot.press("enter")
        # THEN it is taken
        await until(pilot, lambda: screen.stage is Stage.READY)


async def test_a_retry_has_no_field_for_a_code(opened: Opener, env: FakeEnvironment) -> None:
    """Asked for on the command line: its rules, its paper, another one by ctrl+n, and the way into the exam screen."""
    choice = RetryChoice(category="time_series", timed=False)
    async with opened(request=StartRequest(retry=choice, workspace=env.manager.workspace / "mine")) as pilot:
        await until(pilot, lambda: "this machine:" in text_of(pilot))
        screen, shown = start_of(pilot), text_of(pilot)
        for told in ("Retry: time series", "No time limit", "with its metric", "Hints", "Paper 9M2T-1A7C",
                     "High water at the quay", "working time: 60 minutes.", "Nothing has started yet"):  # fmt: skip
            assert told in shown, told
        for untold in ("Paper code", "×5", "90 %"):
            assert untold not in shown, untold
        await pilot.press("ctrl+n")
        await until(pilot, lambda: "Paper 9M2T-2A7C" in text_of(pilot))
        assert env.manager.retries == [(choice, env.manager.workspace / "mine")] * 2
        await until(pilot, lambda: screen.stage is Stage.CHOOSING)
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Stage.READY)
        await pilot.press(*"START", "enter")
        await until(pilot, lambda: name_of(pilot) == "ExamScreen" and "untimed" in text_of(pilot))


async def test_a_category_that_is_not_known_is_told(opened: Opener) -> None:
    """Where there is no plan to fall back on."""
    async with opened(request=StartRequest(retry=RetryChoice(category="poetry"))) as pilot:
        await until(pilot, lambda: "no category 'poetry'" in text_of(pilot))
        assert "No paper could be drawn." in text_of(pilot)
        await pilot.press("enter", "escape")
        await until(pilot, lambda: name_of(pilot) == "HomeScreen")


async def test_a_code_draws_its_paper(opened: Opener, env: FakeEnvironment) -> None:
    """Typed in, Enter; also when Prepare is pressed without Enter before."""
    async with opened() as pilot:
        screen = await choosing(pilot)
        screen.query_one("#code").focus()
        await pilot.press(*"9ABC-F2XM", "enter")
        await until(pilot, lambda: "Paper 9ABC-F2XM" in text_of(pilot))
        screen.query_one("#code", Input).value = "1DEF-F2XM"
        screen.query_one("#prepare").focus()
        await pilot.press("enter")
        await until(pilot, lambda: "Paper 1DEF-F2XM" in text_of(pilot))
        assert not env.manager.prepared


async def test_enter_in_a_field_that_is_as_it_was_draws_nothing(opened: Opener, env: FakeEnvironment) -> None:
    """Tab leads from the button to the code: Enter there leads back to the button, and the paper stays."""
    async with opened() as pilot:
        screen = await choosing(pilot)
        assert screen.plan is not None
        code, drawn = screen.plan.paper.code, len(env.manager.plans)
        await pilot.press("tab")
        assert screen.query_one("#code").has_focus
        await pilot.press("enter")
        await until(pilot, lambda: screen.query_one("#prepare").has_focus)
        assert (screen.plan.paper.code, len(env.manager.plans), screen.stage) == (code, drawn, Stage.CHOOSING)
        await pilot.press("enter")
        await until(pilot, lambda: bool(env.manager.prepared))


async def test_a_bad_code_is_told_and_the_old_paper_stays(opened: Opener) -> None:
    """Nothing is lost by a typing error."""
    async with opened() as pilot:
        screen = await choosing(pilot)
        screen.query_one("#code").focus()
        await pilot.press(*"NOPE", "enter")
        await until(pilot, lambda: "is not a paper's code" in text_of(pilot))
        assert screen.plan is not None
        assert screen.plan.paper.code == "7K3Q-F2XM"


async def test_a_question_that_is_left_out_is_told(opened: Opener, env: FakeEnvironment) -> None:
    """As it is, brackets and all; the paper can be sat without it."""
    env.manager.left_out = ("time_series/old_mill is left out: its rubric [bands] is empty.",)
    async with opened() as pilot:
        screen = await choosing(pilot)
        (note,) = pilot.app._notifications
        assert (note.message, note.severity, note.markup) == (env.manager.left_out[0], "warning", False)
        assert screen.plan is not None


async def test_the_workspace_can_be_changed(opened: Opener, env: FakeEnvironment, tmp_path: Path) -> None:
    """The plan that is prepared has it."""
    async with opened() as pilot:
        screen = await choosing(pilot)
        field = screen.query_one("#workspace", Input)
        field.value = str(tmp_path / "other")
        field.focus()
        await pilot.press("enter", "enter")
        await until(pilot, lambda: screen.stage is Stage.READY)
        assert env.manager.prepared[0].workspace == tmp_path / "other"


async def test_several_exams_can_be_chosen_from(opened: Opener, env: FakeEnvironment) -> None:
    """A list appears; one exam has none."""
    env.manager.known_exams = (("tf_developer", "TensorFlow Developer"), ("short", "A short one"))
    async with opened() as pilot:
        screen = await choosing(pilot)
        await until(pilot, lambda: screen.query(Select))
        screen.query_one(Select).value = "short"
        await until(pilot, lambda: env.manager.plans[-1] == ("short", None, None))


async def test_an_exam_file_of_ones_own_stands_in_the_list(opened: Opener) -> None:
    """Named on the command line by its path."""
    async with opened(request=StartRequest(exam="/home/me/quick.toml")) as pilot:
        await until(pilot, lambda: pilot.app.screen.query(Select))
        assert pilot.app.screen.query_one(Select).value == "/home/me/quick.toml"


async def test_an_attempt_started_elsewhere_meanwhile_is_told(opened: Opener, env: FakeEnvironment) -> None:
    """The start is refused in place."""

    def refuse(plan: object) -> str:
        raise UserError("An attempt is under way; its clock runs.")

    async with opened() as pilot:
        screen = await choosing(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: screen.stage is Stage.READY)
        env.manager.start = refuse  # type: ignore[method-assign]  # as if another process was faster
        await pilot.press(*"START", "enter")
        await until(pilot, lambda: "its clock runs" in text_of(pilot))


async def test_an_error_names_the_fields_and_shows_its_remedy(opened: Opener) -> None:
    """Not the options of the command line, which are nowhere here."""
    async with opened(request=StartRequest(code="NOPE")) as pilot:
        await until(pilot, lambda: "A code looks like" in text_of(pilot))
        assert "Paper code" in text_of(pilot)
        assert "--code" not in text_of(pilot)


async def test_once_prepared_the_paper_is_fixed(opened: Opener) -> None:
    """The key bar no longer offers to draw another one."""
    async with opened(request=StartRequest()) as pilot:
        await until(pilot, lambda: "Draw again" in text_of(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: "type START" in text_of(pilot))
        assert "Draw again" not in text_of(pilot)
        assert "Next field" not in text_of(pilot)


async def test_a_paper_that_was_sat_before_is_called_a_repeat(
    opened: Opener, env: FakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the clock starts."""
    plan = env.manager.plan
    monkeypatch.setattr(env.manager, "plan", lambda *asked: replace(plan(*asked), repeat=asked[1] == "7K3Q-F2XM"))
    for code, repeats in (("7K3Q-F2XM", True), (None, False)):
        async with opened(request=StartRequest(code=code)) as pilot:
            await until(pilot, lambda: "Paper 7K3Q-F2XM" in text_of(pilot))
            assert ("a repeat" in text_of(pilot)) is repeats
