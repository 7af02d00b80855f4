"""The models that were received of a question."""

from __future__ import annotations

from dataclasses import replace

from textual.pilot import Pilot

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.paper import Counts
from mockexam.exam.scoring import Verdict
from mockexam.tui.screens.submissions_screen import rows_of
from mockexam.workspace.scripts import ScriptFile
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment, FakeSession
from tests.tui.looks import name_of, text_of, until
from tests.tui.test_exam_keys import notes_of
from tests.tui.test_exam_screen import enter


def story(session: FakeSession) -> None:
    """Three models: refused, four marks, three marks."""
    session.receive(1, "a")
    session.grade(1, "a", None, Verdict.INVALID_MODEL, "It ends in logits.", "Add a softmax.")
    session.tick(600)
    session.receive(1, "b", scripts="x/q1-code-b")
    session.grade(1, "b", 4, value=0.9013, next_at=0.92)
    session.tick(60)
    session.receive(1, "c", scripts="x/q1-code-c")
    session.grade(1, "c", 3, value=0.8708, next_at=0.89)


def row_with(pilot: Pilot[int], text: str) -> str:
    return next(row for row in text_of(pilot).splitlines() if text in row)


async def test_models_are_looked_at_compared_and_restored(opened: Opener, env: FakeEnvironment) -> None:
    """Newest first, with time, size, verdict and which counts; putting back asks, and Escape changes nothing."""
    session = env.manager.begin_retry()
    story(session)
    folder = session.folder(1)
    folder.mkdir(parents=True)
    (folder / "solution.py").write_text("units = 64\nepochs = 20\n")
    session.kept["q1-b"] = (ScriptFile("solution.py", "units = 64\nepochs = [80]\n"),)
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("m")
        await until(pilot, lambda: "✓ counts" in text_of(pilot))
        newest = row_with(pilot, "▸  3")
        assert "0:11:00" in newest
        assert "1.2 MB  mymodel.keras  3/5" in newest
        assert "4/5  ✓ counts" in row_with(pilot, "0:10:00")
        assert "refused" in row_with(pilot, "   1 ")
        assert "accuracy 0.8708, 0.019 to the next mark at 0.89" in text_of(pilot)
        # WHEN one more comes in THEN it stands at the top, and the chosen one stays chosen
        await pilot.press("down")
        session.receive(1, "d")
        await until(pilot, lambda: "   4 " in text_of(pilot) and "received" in row_with(pilot, "   4 "))
        assert "▸  2" in text_of(pilot)
        # WHEN d is pressed THEN its script is compared with the one that lies there now, in a small terminal too
        await pilot.press("d")
        await until(pilot, lambda: name_of(pilot) == "TextModal")
        for size in ((80, 24), (60, 20), (40, 10)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert "− epochs = [80]" in text_of(pilot), size
            assert "+ epochs = 20" in text_of(pilot), size
        await pilot.press("escape")
        assert "▸  2 0:10:00  4/5  ✓ counts" in text_of(pilot)
        await pilot.resize_terminal(80, 24)
        await pilot.press("up", "up", "d")
        await until(pilot, lambda: "No script is stored with this model." in notes_of(pilot))
        await pilot.press("down", "down", "enter", "escape")
        assert not session.put
        # WHEN it is confirmed THEN it is restored, and the exam screen says so
        await pilot.press("enter")
        shown = " ".join(text_of(pilot).split())
        assert "Submission 2, 4/5: mymodel.keras and its scripts." in shown
        assert ".bak-1" in shown
        await pilot.press("enter")
        await until(pilot, lambda: "Restored: mymodel.keras, solution.py." in notes_of(pilot))
        assert session.put == [(1, "q1-b")]
        assert name_of(pilot) == "ExamScreen"
        # WHEN it can't be THEN that is reported
        session.refuse = UserError("It could not be restored: the disk is full.", hint="Free some space.")
        await pilot.press("m", "enter", "enter")
        await until(pilot, lambda: "the disk is full" in notes_of(pilot))


async def test_an_exam_shows_no_metric_here_either(opened: Opener, env: FakeEnvironment) -> None:
    """Marks and refusals alone; a question without models says so. There are no hints either."""
    session = env.manager.begin()
    story(session)
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("h")
        assert name_of(pilot) == "ExamScreen"
        assert "Hints" not in text_of(pilot)
        await pilot.press("m")
        await until(pilot, lambda: "✓ counts" in text_of(pilot))
        assert "0.87" not in text_of(pilot)
        await pilot.press("up")
        await until(pilot, lambda: "model refused, no marks" in text_of(pilot))
        await pilot.press("escape", "2", "m", "enter", "d")
        await until(pilot, lambda: "No model received for this question yet" in text_of(pilot))


def test_where_the_last_model_counts_putting_back_says_so(env: FakeEnvironment) -> None:
    """It would become the one that counts."""
    session = env.manager.begin()
    story(session)
    session.attempt = replace(session.attempt, rules=replace(session.attempt.rules, counts=Counts.LAST))
    rows = rows_of(session.attempt.questions[0], session.snapshot)
    assert [(row.place, row.counts, bool(row.warning)) for row in rows] == [
        (3, True, False), (2, False, True), (1, False, True),
    ]  # fmt: skip


def test_a_model_saved_again_stands_at_the_top_with_both_of_its_new_times(env: FakeEnvironment) -> None:
    """Time of day and elapsed time are of one moment: the sheet is in the order of both."""
    session = env.manager.begin()
    story(session)
    session.tick(90)
    session.happen(ev.ReceivedAgain(at=session.clock.read(), submission="q1-b"))
    rows = rows_of(session.attempt.questions[0], session.snapshot)
    assert [(row.place, row.elapsed) for row in rows] == [(2, "0:12:30"), (3, "0:11:00"), (1, "0:00:00")]
    assert [row.clock for row in rows] == sorted((row.clock for row in rows), reverse=True)


async def test_without_a_model_nothing_is_offered(opened: Opener, env: FakeEnvironment) -> None:
    """Neither restoring nor comparing, until the first comes in."""
    session = env.manager.begin()
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("m")
        await until(pilot, lambda: name_of(pilot) == "SubmissionsScreen")
        assert "Restore" not in text_of(pilot).partition("models received")[2].partition("esc Back")[0]
        assert not {"enter", "d"} & {k for k, b in pilot.app.screen.active_bindings.items() if b.enabled}
        session.receive(1, "a")
        await until(pilot, lambda: "enter Restore · d Changes since · esc Back" in text_of(pilot))
