"""Every screen at every size, in both looks, without colour."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input

from mockexam.exam.scoring import Verdict
from mockexam.tui.widgets.log import WrappedLog
from mockexam.tui.widgets.markdown import clean
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of, until

SIZES = [(80, 24), (140, 40), (60, 15), (40, 10)]


async def tour(pilot: Pilot[int], env: FakeEnvironment) -> list[str]:
    """Through all screens by keyboard; returns their names."""
    seen = [name_of(pilot)]
    for keys in (["4"], ["escape", "3"], ["escape", "2"], ["escape", "1"]):
        await pilot.press(*keys)
        await pilot.pause(0.05)
        seen.append(name_of(pilot))
    await until(pilot, lambda: pilot.app.screen.has_class("-choosing"))
    await pilot.press("enter")
    await until(pilot, lambda: pilot.app.screen.has_class("-ready"))
    pilot.app.screen.query_one("#start-word", Input).value = "START"
    await pilot.press("enter")
    await until(pilot, lambda: name_of(pilot) == "ExamScreen")
    for key in ("question_mark", "f"):
        await pilot.press(key)
        seen.append(name_of(pilot))
        text_of(pilot)
        await pilot.press("escape")
    await pilot.press("v", "z", "3", "tab", "space", "z")
    assert env.manager.session is not None
    seen.append(name_of(pilot))
    await env.manager.session.finish()
    env.manager.session.settle()
    await until(pilot, lambda: name_of(pilot) == "ResultScreen")
    seen.append(name_of(pilot))
    text_of(pilot)
    return seen


@pytest.mark.parametrize("size", SIZES, ids=[f"{w}x{h}" for w, h in SIZES])
async def test_every_screen_stands_at_every_size(opened: Opener, env: FakeEnvironment, size: tuple[int, int]) -> None:
    """No crash, by keyboard alone; the clock is always there."""
    async with opened(size) as pilot:
        assert await tour(pilot, env) == [
            "HomeScreen", "DoctorScreen", "HistoryScreen", "RetryScreen", "StartScreen",
            "TextModal", "TypeWord", "ExamScreen", "ResultScreen",
        ]  # fmt: skip


@pytest.mark.parametrize("size", SIZES, ids=[f"{w}x{h}" for w, h in SIZES])
async def test_the_clock_and_the_standing_show_at_every_size(
    opened: Opener, env: FakeEnvironment, size: tuple[int, int]
) -> None:
    """Small terminals get them on one line."""
    env.manager.begin()
    async with opened(size) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await pilot.pause()
        shown = text_of(pilot)
        assert "left" in shown
        assert "so far 0 %" in shown
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "5:00:00 left" in text_of(pilot)


async def test_light_and_dark_change_by_key(opened: Opener) -> None:
    """And back."""
    async with opened() as pilot:
        seen = [pilot.app.theme]
        for _ in range(2):
            await pilot.press("ctrl+t")
            seen.append(pilot.app.theme)
        assert seen == ["mockexam-dark", "mockexam-light", "mockexam-dark"]


async def test_textuals_own_themes_work_too(opened: Opener, env: FakeEnvironment) -> None:
    """Chosen from the palette."""
    env.manager.begin()
    async with opened() as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        for theme in ("textual-light", "nord", "gruvbox", "textual-ansi"):
            if theme in pilot.app.available_themes:
                pilot.app.theme = theme
                await pilot.pause()
                assert "left" in text_of(pilot)


async def test_without_colour_the_same_is_said(
    opened: Opener, env: FakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NO_COLOR: the chosen question has a sign, states have words, bells have notices."""
    monkeypatch.setenv("NO_COLOR", "1")
    session = env.manager.begin()
    session.receive(2, "a")
    async with opened() as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await pilot.press("2")
        await pilot.pause()
        assert pilot.app.no_color
        shown = text_of(pilot)
        assert "▸2" in shown
        assert "received" in shown


class OnlyALog(App[None]):
    """With nothing around it."""

    def compose(self) -> ComposeResult:
        yield WrappedLog()


async def test_a_width_of_some_letters_wraps_nothing_anew() -> None:
    """A layout under way passes through it, and 2,000 lines a letter wide would take seconds."""
    async with OnlyALog().run_test(size=(60, 10)) as pilot:
        log = pilot.app.query_one(WrappedLog)
        log.add(*(Content(f"line {n} with some words in it") for n in range(300)))
        height = log.virtual_size.height
        await pilot.resize_terminal(5, 10)
        await pilot.pause()
        assert log.virtual_size.height == height
        await pilot.resize_terminal(20, 10)
        await pilot.pause()
        assert log.virtual_size.height > height


@pytest.mark.parametrize("width", [9, 20, 48])
async def test_a_line_takes_the_rows_that_were_reckoned_for_it(width: int) -> None:
    """Words, long words, wide and combining signs, blanks, tabs, an empty line, several lines in one."""
    lines = ("", "short", "word " * 30, "x" * 133, "字" * 40, "e\u0301" * 30, " " * 60, "a\tb\tc " * 9,
             "one\n\ntwo " * 7, "epoch  1/40 · loss 0.5333 · accuracy 0.7989 · val_loss 0.4086 · 4.1s")  # fmt: skip

    async with OnlyALog().run_test(size=(width + 2, 10)) as pilot:
        log = pilot.app.query_one(WrappedLog)
        log.add(*(Content(clean(line)) for line in lines))
        reckoned = list(log._drawn)
        assert all(isinstance(rows, int) for rows in reckoned)
        assert reckoned == [len(log._draw(entry)) for entry in log._entries]


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 15)])
async def test_the_remedy_of_a_refusal_can_be_read_to_its_end(
    opened: Opener, env: FakeEnvironment, size: tuple[int, int]
) -> None:
    """However long it is: it scrolls with the task, and every word of it comes into view."""
    session = env.manager.begin()
    words = [f"cause{n}" for n in range(60)] + [f"remedy{n}" for n in range(60)]
    session.receive(1, "a")
    session.grade(1, "a", None, Verdict.INVALID_MODEL, " ".join(words[:60]), " ".join(words[60:]))
    seen: set[str] = set()
    async with opened(size) as pilot:
        await until(pilot, lambda: "cause0 " in text_of(pilot))
        scroll = pilot.app.screen.query_one("#brief-scroll")
        assert scroll.show_vertical_scrollbar
        for _ in range(30):
            rows = text_of(pilot).splitlines()[scroll.region.y : scroll.region.bottom]
            seen.update(" ".join(row[scroll.region.x : scroll.region.right] for row in rows).split())
            await pilot.press("space")
            await pilot.pause()
    assert set(words) <= seen


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_what_is_said_of_a_received_model_is_shown_in_full(
    opened: Opener, env: FakeEnvironment, size: tuple[int, int]
) -> None:
    """From the first frame on."""
    session = env.manager.begin()
    session.receive(1, "a")
    session.grade(1, "a", None, Verdict.INVALID_MODEL, " ".join(f"cause{n}" for n in range(20)), "then the remedy")
    async with opened(size) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await pilot.press("m")
        await until(pilot, lambda: name_of(pilot) == "SubmissionsScreen")
        feedback = pilot.app.screen.query_one("#feedback-scroll")
        await until(pilot, lambda: "cause19" in text_of(pilot))
        rows = text_of(pilot).splitlines()[feedback.region.y : feedback.region.bottom]
        assert "remedy" in " ".join(rows)


async def test_a_line_that_does_not_fit_says_so(opened: Opener, env: FakeEnvironment) -> None:
    """With `…` at its end."""
    session = env.manager.begin_retry()
    session.receive(1, "a")
    session.grade(1, "a", 3, value=0.8708, next_at=0.89)
    session.receive(1, "b")
    async with opened((60, 20)) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await until(pilot, lambda: "0.8708" in text_of(pilot))
        line = next(line for line in text_of(pilot).splitlines() if "0.8708" in line)
        assert line.rstrip().endswith("…")


async def test_the_result_of_each_question_keeps_its_line_at_60_columns(opened: Opener, env: FakeEnvironment) -> None:
    """Also beside the scroll bar."""
    session = env.manager.begin()
    async with opened((60, 20)) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await session.finish()
        session.settle()
        await until(pilot, lambda: name_of(pilot) == "ResultScreen" and "5 High water" in text_of(pilot))
        rows = [line for line in text_of(pilot).splitlines() if "–/5" in line]
        assert [row.rstrip(" ▇▆▅▄▃▂▁█").endswith("no model") for row in rows] == [True] * 5
