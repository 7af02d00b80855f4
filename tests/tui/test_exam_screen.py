"""The exam room: what it shows of a sitting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from textual.geometry import Region
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Digits

from mockexam.exam import events as ev
from mockexam.exam.outcome import outcome_of
from mockexam.exam.scoring import Verdict
from mockexam.session.ports import GraderState
from mockexam.text import formats
from mockexam.tui.screens.exam_screen import ExamScreen
from mockexam.tui.widgets.markdown import Brief
from mockexam.tui.widgets.status_lines import ClockBar
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment, FakeSession
from tests.tui.looks import name_of, text_of, until


def exam_of(pilot: Pilot[int]) -> ExamScreen:
    screen = pilot.app.screen
    assert isinstance(screen, ExamScreen)
    return screen


async def enter(pilot: Pilot[int]) -> ExamScreen:
    await until(pilot, lambda: name_of(pilot) == "ExamScreen" and "Your task" in text_of(pilot))
    return exam_of(pilot)


@pytest.fixture
def session(env: FakeEnvironment) -> FakeSession:
    return env.manager.begin()


async def test_all_that_matters_fits_80_by_24(opened: Opener, session: FakeSession) -> None:
    """Clock, questions in full, total, task, activity, keys."""
    session.receive(1, "a")
    session.grade(1, "a", 5)
    async with opened() as pilot:
        await enter(pilot)
        shown = text_of(pilot)
        for told in (
            "TensorFlow Developer", "7K3Q-F2XM", "5:00:00 left", "Basil under lamps", "The repair café's shelf",
            "High water at the quay", "×5", "5/5", "–/5", "so far 6.6 %", "5 of 75", "not enough yet", "needs 90 %",
            "grader ready · bubblewrap", "the clock started", "mymodel.keras received · 1.2 MB",
            "e Edit", "r Run", "i Inspect", "m Models", "f Finish", "v Output", "? Help", "q Leave",
        ):  # fmt: skip
            assert told in shown, told


async def test_the_clock_goes_down_with_the_snapshots(opened: Opener, session: FakeSession) -> None:
    """A begun second counts as left."""
    async with opened() as pilot:
        await enter(pilot)
        session.tick(1)
        await pilot.pause()
        assert "4:59:59 left" in text_of(pilot)
        session.tick(3599.5)
        await pilot.pause()
        assert "4:00:00 left" in text_of(pilot)


async def test_wide_terminals_get_digits_and_three_columns(opened: Opener, session: FakeSession) -> None:
    """The output stands beside the activity without a key."""
    async with opened((140, 40)) as pilot:
        screen = await enter(pilot)
        digits = screen.query_one(Digits)
        assert digits.display
        assert digits.value == "5:00:00"
        shown = text_of(pilot)
        assert "Activity" in shown
        assert "Output" in shown
        assert screen.query_one(Brief).size.width >= 48


async def test_each_state_of_a_question_is_shown_in_words(opened: Opener, session: FakeSession) -> None:
    """So that nothing depends on colour."""
    async with opened() as pilot:
        await enter(pilot)

        async def told(word: str) -> None:
            session.publish()
            await pilot.pause()
            row = next(line for line in text_of(pilot).splitlines() if "dataset" in line)
            assert word in row

        await told("–/5")
        session.receive(2, "a")
        await told("–/5 received")
        session.grading = "q2-a"
        await told("–/5 grading…")
        for verdict, word in (
            (Verdict.INVALID_MODEL, "refused"),
            (Verdict.LIMIT_EXCEEDED, "over limit"),
            (Verdict.GRADER_ERROR, "grader error"),
        ):
            session.grade(2, "a", None, verdict, "why")
            await told(f"–/5 {word}")
        session.grade(2, "a", 3)
        await told("3/5")
        session.missing = {2: ("solution.py",)}
        await told("missing")


async def test_earlier_marks_stay_while_a_new_model_is_marked(opened: Opener, session: FakeSession) -> None:
    """The best counts until something better comes."""
    session.receive(2, "a")
    session.grade(2, "a", 3)
    session.receive(2, "b")
    async with opened() as pilot:
        await enter(pilot)
        assert "3/5 received" in text_of(pilot)


async def test_a_refusal_is_told_with_its_remedy_until_a_model_is_marked(opened: Opener, session: FakeSession) -> None:
    """Above the task of its question, and only there."""
    told = "Your model ends in 4 logits; this question asks for probabilities."
    async with opened() as pilot:
        screen = await enter(pilot)
        session.receive(2, "a")
        session.grade(2, "a", None, Verdict.INVALID_MODEL, told, "Add a softmax.")
        await pilot.pause()
        assert screen.query_one(Brief).notice is None
        await pilot.press("2")
        await pilot.pause()
        notice = screen.query_one(Brief).notice
        assert notice is not None
        assert told in notice.plain
        assert "Add a softmax." in notice.plain
        session.receive(2, "b")
        session.grade(2, "b", 4)
        await pilot.pause()
        assert screen.query_one(Brief).notice is None


async def test_no_metric_is_told_in_exam_mode(opened: Opener, session: FakeSession) -> None:
    """Marks only."""
    session.receive(1, "a")
    session.grade(1, "a", 3)
    async with opened((140, 40)) as pilot:
        await enter(pilot)
        shown = text_of(pilot)
        assert "accuracy 0" not in shown
        assert "0.5 " not in shown


async def test_questions_are_chosen_by_number_or_arrow(opened: Opener, session: FakeSession) -> None:
    """The task follows; after the last comes the first."""
    async with opened() as pilot:
        screen = await enter(pilot)
        for keys, title in (("3", "3 The repair"), ("up", "2 Ice on"), ("5", "5 High water"), ("down", "1 Basil")):
            await pilot.press(keys)
            await pilot.pause()
            assert title in str(screen.query_one(Brief).border_title)
            assert "▸" + title[0] in text_of(pilot)


async def test_a_number_without_a_question_does_nothing(opened: Opener, session: FakeSession) -> None:
    """The paper has five."""
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("9")
        assert screen.number == 1


async def test_the_task_scrolls_by_keyboard(opened: Opener, session: FakeSession) -> None:
    """Space and b from anywhere; arrows after tab."""
    async with opened() as pilot:
        screen = await enter(pilot)
        scroll = screen.query_one("#brief-scroll")
        await pilot.press("space")
        await pilot.pause()
        paged = scroll.scroll_y
        assert paged > 0
        await pilot.press("b", "tab", "down")
        await pilot.pause(0.3)
        assert 0 < scroll.scroll_y < paged


async def test_zoom_gives_a_pane_the_room_and_keeps_the_clock(opened: Opener, session: FakeSession) -> None:
    """z and z again, or Escape."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("z")
        await pilot.pause()
        shown = text_of(pilot)
        assert "5:00:00 left" in shown
        assert "Activity" not in shown
        assert "How it is graded" in shown
        await pilot.press("escape")
        await pilot.pause()
        assert "Activity" in text_of(pilot)


async def test_the_bell_rings_and_says_why(opened: Opener, session: FakeSession) -> None:
    """At each threshold once: heard, coloured and read."""
    async with opened() as pilot:
        screen = await enter(pilot)
        rung: list[bool] = []
        pilot.app.ring = lambda: rung.append(True)  # type: ignore[attr-defined]  # the app's own
        for count, minutes in enumerate((60, 30, 10, 5, 1), 1):
            remaining = session.snapshot.remaining
            assert remaining is not None
            session.tick(remaining - minutes * 60 - 1)
            session.tick(2)
            session.tick(1)
            await pilot.pause()
            assert len(rung) == count
            notice = list(pilot.app._notifications)[-1]
            assert notice.message == f"{minutes} minute{'s' if minutes > 1 else ''} left."
            assert screen.query_one(ClockBar).has_class(f"-under-{minutes}")


async def test_reopening_late_colours_without_ringing(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """At 25 minutes the 30 minutes' colour is there, and silence."""
    env.manager.clock.advance(18000 - 1500)
    async with opened() as pilot:
        screen = await enter(pilot)
        session.tick(1)
        await pilot.pause()
        assert screen.query_one(ClockBar).has_class("-under-30")
        assert not list(pilot.app._notifications)


async def test_a_failed_grader_is_reported(opened: Opener, session: FakeSession) -> None:
    """And that models are kept."""
    async with opened() as pilot:
        await enter(pilot)
        session.grader = GraderState("failed", detail="no TensorFlow")
        session.publish()
        await pilot.pause()
        assert "! grader failed" in text_of(pilot)


async def test_an_untimed_attempt_has_no_deadline(opened: Opener, env: FakeEnvironment) -> None:
    """The clock says so."""
    env.manager.duration = None
    env.manager.begin()
    async with opened() as pilot:
        await enter(pilot)
        assert "untimed" in text_of(pilot)


def _noted(drawn: list[str], widget: Widget, refresh: Callable[..., Widget], *regions: Region, **how: bool) -> Widget:
    drawn.append(repr(widget))
    return refresh(*regions, **how)


async def test_a_picture_that_says_nothing_new_draws_nothing(opened: Opener, session: FakeSession) -> None:
    """Only the clock changes from second to second."""
    async with opened() as pilot:
        screen = await enter(pilot)
        drawn: list[str] = []
        for widget in (screen, *screen.query("*").exclude("ClockBar, ClockBar *")):
            widget.refresh = partial(_noted, drawn, widget, widget.refresh)
        for _ in range(3):
            session.tick()
            await pilot.pause()
        assert drawn == []


async def test_brackets_in_messages_are_only_text(opened: Opener, session: FakeSession) -> None:
    """What others wrote is never markup."""
    async with opened() as pilot:
        screen = await enter(pilot)
        session.receive(1, "a")
        session.grade(1, "a", None, Verdict.INVALID_MODEL, "shape [/red][bold (None, 3)]", "use [0, 1]")
        await pilot.pause()
        notice = screen.query_one(Brief).notice
        assert notice is not None
        assert "shape [/red][bold (None, 3)] use [0, 1]" in notice.plain


def work(session: FakeSession, number: int, *minutes: float) -> None:
    """The candidate edits that question, each time after so many minutes."""
    for some in minutes:
        session.clock.advance(60 * some)
        session.happen(ev.Noted(at=session.clock.read(), number=number, what="edit"))


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (140, 40)])
async def test_the_pace_of_the_question_stands_above_its_task(
    opened: Opener, session: FakeSession, size: tuple[int, int]
) -> None:
    """The time as the review counts it against the advertised minutes; with a sign and a word once it is more."""
    async with opened(size) as pilot:
        await enter(pilot)
        assert "0 of 15 min" in text_of(pilot)
        work(session, 1, 12)
        await pilot.pause()
        assert "12 of 15 min" in text_of(pilot)
        work(session, 2, 3)
        await pilot.press("2")
        await pilot.pause()
        assert "3 of 35 min" in text_of(pilot)
        work(session, 1, 5, 5)
        await pilot.press("1")
        await pilot.pause()
        counted = outcome_of(session.attempt, session.clock.read(), None).questions[0]
        assert counted.seconds == 22 * 60
        assert "! 22 of 15 min, over" in text_of(pilot)


async def test_a_wide_table_has_the_pace_of_every_question(opened: Opener, session: FakeSession) -> None:
    """A line each, also right after a narrow terminal became wide; one of 80 columns keeps two lines."""
    work(session, 1, 10)
    work(session, 4, 15, 20, 18)
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("1")
        await pilot.pause()
        assert "53 of 60 min" not in text_of(pilot)
        await pilot.resize_terminal(140, 40)
        await pilot.pause()
        rows = [line.partition("│")[0].strip() for line in text_of(pilot).splitlines()]
        paces = [row for row in rows if " of " in row and row.endswith("min")]
        assert paces == ["10 of 15 min", "0 of 35 min", "0 of 50 min", "53 of 60 min", "0 of 60 min"]
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert "53 of 60 min" not in text_of(pilot)
        assert "High water at the quay" in text_of(pilot)


async def test_a_title_without_room_is_cut_before_the_pace(opened: Opener, session: FakeSession) -> None:
    """With a sign; in the narrowest task there is, and the longest pace."""
    work(session, 3, 20, 20, 20)
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("3")
        await pilot.pause()
        head = next(line for line in text_of(pilot).splitlines() if "─3 " in line)
        assert "… · ×3 · ! 60 of 50 min, over" in head


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 of 40 min"), (2459.9, "40 of 40 min"), (2460, "! 41 of 40 min, over")]
)
def test_a_pace_is_over_from_the_next_whole_minute(seconds: float, words: str) -> None:
    """So that it never reads `40 of 40, over`."""
    assert formats.pace(seconds, 40) == words


async def test_a_category_beside_a_long_state_is_cut_with_a_sign(opened: Opener, session: FakeSession) -> None:
    """The marks and the state stay whole."""
    session.receive(1, "a")
    session.grade(1, "a", None, Verdict.GRADER_ERROR, "why")
    async with opened() as pilot:
        await enter(pilot)
        row = next(line for line in text_of(pilot).splitlines() if "grader error" in line.partition("│")[0])
        assert "…–/5 grader error" in row
