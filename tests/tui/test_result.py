"""How it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.class_report import ClassRecall, ClassReport, Confusion
from mockexam.exam.scoring import Verdict
from mockexam.session.ports import RetryChoice
from mockexam.tui.app import MockexamApp
from mockexam.tui.screens.result_screen import Banner, diagnosis_text
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment, FakeSession
from tests.tui.looks import name_of, text_of, until
from tests.tui.test_exam_screen import enter


@pytest.fixture
def session(env: FakeEnvironment) -> FakeSession:
    return env.manager.begin()


def earn(session: FakeSession, *marks: int) -> None:
    for number, each in enumerate(marks, 1):
        session.receive(number, "a")
        session.grade(number, "a", each)


@pytest.mark.parametrize(
    ("marks", "word", "words"), [((5, 5, 5, 4, 5), "PASS", "94.6 %"), ((5, 5, 5, 5, 3), "FAIL", "86.6 %")]
)
async def test_the_result_tells_all(
    opened: Opener, env: FakeEnvironment, session: FakeSession, marks, word, words
) -> None:  # type: ignore[no-untyped-def]  # a table
    """Verdict, total, pass mark, each question, time, receipt; Enter leads home."""
    earn(session, *marks)
    async with opened() as pilot:
        await enter(pilot)
        session.tick(3600)
        await session.finish()
        session.settle()
        await until(pilot, lambda: name_of(pilot) == "ResultScreen")
        await until(pilot, lambda: pilot.app.screen.query_one(Banner).word == word)
        shown = text_of(pilot)
        for told in (words, "pass mark of 90 %", "Basil under lamps", "The repair café's shelf", "5/5", "×5", "1:00:00",
                     "7K3Q-F2XM", "9f2c" * 16, "V: review", "V Review"):  # fmt: skip
            assert told in shown, told
        await until(pilot, lambda: session.closed)
        await pilot.press("A")
        assert name_of(pilot) == "ResultScreen"
        await pilot.press("enter")
        await until(pilot, lambda: name_of(pilot) == "HomeScreen")
        assert "Continue" not in text_of(pilot)


async def test_grading_continues_before_the_result_is_final(opened: Opener, session: FakeSession) -> None:
    """No verdict yet, no way home; leaving says that it goes on."""
    session.receive(1, "a")
    async with opened() as pilot:
        await enter(pilot)
        await session.finish()
        await until(pilot, lambda: name_of(pilot) == "ResultScreen")
        shown = text_of(pilot)
        assert "Grading continues: 1 received model is waiting" in shown
        assert not pilot.app.screen.query_one(Banner).display
        await pilot.press("enter")
        assert name_of(pilot) == "ResultScreen"
        await pilot.press("q")
        assert "Grading continues the next time you open mockexam" in text_of(pilot)
        await pilot.press("escape")
        session.grade(1, "a", 5)
        session.settle()
        await until(pilot, lambda: pilot.app.screen.query_one(Banner).word == "FAIL")


async def test_a_retry_ends_with_its_marks_and_findings(
    opened: Opener, env: FakeEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marks, metric, next mark, hints, time; its review; then another one, while the ended one is let go."""
    reviewed: list[str] = []
    monkeypatch.setattr(MockexamApp, "action_review", lambda app, attempt: reviewed.append(attempt))
    session = env.manager.begin_retry(timed=False)
    session.stays = True
    session.next_hint(1)
    session.tick(600)
    session.receive(1, "a")
    session.grade(1, "a", 4, value=0.9013, next_at=0.92)
    async with opened() as pilot:
        await enter(pilot)
        await session.finish()
        await until(pilot, lambda: name_of(pilot) == "ResultScreen")
        await pilot.press("A", "V")
        assert name_of(pilot) == "ResultScreen"
        session.settle()
        await until(pilot, lambda: pilot.app.screen.query_one(Banner).word == "4/5")
        # WHEN what its model shows is told only now THEN it is still shown
        session.diagnose(1, "a", "Rare states are missed.", train_value=0.94)
        await until(pilot, lambda: "Rare states are missed." in text_of(pilot))
        shown = text_of(pilot)
        for told in ("Ice on the pass", "4 of five bands reached", "■■■■□ 4/5", "accuracy         0.9013",
                     "in training      0.94", "next mark at     0.92", "still missing    0.019", "hints used       1",
                     "models received  1", "time worked      0:10:00", "9f2c" * 16, "A Again", "V Review"):  # fmt: skip
            assert told in shown, told
        for untold in ("PASS", "FAIL", "pass mark"):
            assert untold not in shown, untold
        assert not reviewed
        await pilot.press("V")
        assert reviewed == [session.attempt.id]
        # WHEN another one is asked for THEN its start is shown, and its exam screen follows the new attempt alone
        await pilot.press("A")
        await until(pilot, lambda: name_of(pilot) == "StartScreen" and pilot.app.screen.has_class("-choosing"))
        assert env.manager.retries[-1][0] == RetryChoice(category="learning_dataset", timed=False, exam="tf_developer")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.has_class("-ready"))
        await pilot.press(*"START", "enter")
        await until(pilot, lambda: name_of(pilot) == "ExamScreen" and session.closed)
        session.publish()
        await pilot.pause()
        assert name_of(pilot) == "ExamScreen"
        assert isinstance(pilot.app, MockexamApp)
        assert pilot.app.session is env.manager.session
        assert pilot.app.session is not session


MISSED = [
    (3, "mymodel.keras", "still being written when the time ended"),
    (4, "model.keras", "wrong name, it should be mymodel.keras"),
    (None, "x.keras", "in the top folder of the workspace, not in a question's folder"),
]

OVER = [["f", *"FIN"], ["q"], ["question_mark"], ["ctrl+p"], ["o"], []]


@pytest.mark.parametrize("keys", OVER, ids=["finish", "leave", "help", "palette", "restore", "nothing"])
async def test_the_time_up_leads_to_the_result_whatever_is_open(
    opened: Opener, session: FakeSession, keys: list[str]
) -> None:
    """A question that was asked is moot."""
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        session.tick(18001)
        await until(pilot, lambda: name_of(pilot) == "TimeUp")
        assert "Time is up" in text_of(pilot)
        assert len(pilot.app.screen_stack) == 3
        await pilot.press("enter")
        await until(pilot, lambda: name_of(pilot) == "ResultScreen")
        assert "The time is up" in text_of(pilot)


async def test_an_attempt_whose_time_ran_out_elsewhere_opens_at_its_end(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """Reopened after the deadline."""
    session.receive(1, "a")
    session.tick(20000)
    async with opened() as pilot:
        await until(pilot, lambda: name_of(pilot) == "TimeUp")


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_the_sheet_at_the_end_of_time(opened: Opener, session: FakeSession, size: tuple[int, int]) -> None:
    """What is still being graded until it is, and what was not received; the result repeats the latter."""
    session.receive(2, "a")
    async with opened(size) as pilot:
        await enter(pilot)
        for number, name, reason in MISSED:
            session.happen(ev.NotReceived(at=session.clock.read(), number=number, name=name, reason=reason))
        session.tick(18001)
        await until(pilot, lambda: name_of(pilot) == "TimeUp")
        shown = text_of(pilot)
        assert "Q2 mymodel.keras" in shown
        for _, name, reason in MISSED:
            assert name in shown
            assert reason.split()[-1] in shown
        session.grade(2, "a", 5)
        await until(pilot, lambda: "All received models are graded" in text_of(pilot))
        session.settle()
        await pilot.press("enter")
        await until(pilot, lambda: name_of(pilot) == "ResultScreen" and banner(pilot) == "FAIL")
        pilot.app.screen.query_one("#result").scroll_end(animate=False)
        await pilot.pause()
        assert all(name in text_of(pilot) for _, name, _ in MISSED)


def banner(pilot: Pilot[int]) -> str:
    return pilot.app.screen.query_one(Banner).word


async def test_a_grader_error_is_no_zero(opened: Opener, session: FakeSession) -> None:
    """It is said whose fault it is."""
    session.receive(1, "a")
    session.grade(1, "a", None, Verdict.GRADER_ERROR, "the grader broke")
    async with opened() as pilot:
        await enter(pilot)
        await session.finish()
        session.settle()
        await until(pilot, lambda: "not your fault" in text_of(pilot))
        row = next(line for line in text_of(pilot).splitlines() if "Basil" in line)
        assert "–/5" in row
        assert "grader error" in row


async def test_a_session_error_is_shown_at_home(opened: Opener, session: FakeSession) -> None:
    """In words, and the attempt is let go."""
    session.crash = UserError("The disk is full.", location="/home", hint="Free some space, then continue.")
    async with opened() as pilot:
        await until(pilot, lambda: "The disk is full." in text_of(pilot))
        assert name_of(pilot) == "HomeScreen"
        assert "Continue" in text_of(pilot)
        assert session.closed


async def test_a_crash_is_kept_for_the_caller_to_report(env: FakeEnvironment, session: FakeSession) -> None:
    """No traceback is printed by the app; its exit code is 1."""
    session.crash = RuntimeError("a bug")
    app = MockexamApp(env.manager, env.manager.clock, None, env.services())
    with pytest.raises(Exception, match="a bug"):
        async with app.run_test() as pilot:
            await pilot.pause(0.5)
    assert isinstance(app.fault, RuntimeError)
    assert app.return_code == 1
    assert not app._exit_renderables


async def test_an_exams_diagnosis_follows_its_result(opened: Opener, env: FakeEnvironment) -> None:
    """Each model that counts under its question, with recall by class; nothing of it before the result."""
    session = env.manager.begin()
    session.stays = True
    session.receive(1, "a")
    session.grade(1, "a", 2)
    classes = (ClassRecall("calm", 9, 9, 0.9), ClassRecall("storm", 4, 1, 0.1))
    report = ClassReport(classes, (Confusion("storm", "calm", 3),))
    async with opened(size=(80, 40)) as pilot:
        await until(pilot, lambda: name_of(pilot) == "ExamScreen")
        await session.finish()
        await until(pilot, lambda: name_of(pilot) == "ResultScreen")
        assert diagnosis_text(replace(session.snapshot, diagnosing=1), 76) is None
        session.settle()
        pending = diagnosis_text(replace(session.snapshot, diagnosing=1), 76)
        assert pending is not None
        assert "1 model" in pending.plain
        session.happen(
            ev.Diagnosed(
                at=session.clock.read(), submission="q1-a", train_value=0.9, findings=("Class imbalance: storm.",),
                class_report=report,
            )
        )  # fmt: skip
        await until(pilot, lambda: "Class imbalance: storm." in text_of(pilot))
        assert "confusion matrix" in text_of(pilot)
        assert "25 %" in text_of(pilot)


async def test_a_letter_works_in_either_case(
    opened: Opener, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen says V: also v, as with Caps Lock; a field still takes what is typed."""
    reviewed: list[str] = []
    monkeypatch.setattr(MockexamApp, "action_review", lambda app, attempt: reviewed.append(attempt))
    async with opened() as pilot:
        await enter(pilot)
        await pilot.press("F")
        await until(pilot, lambda: name_of(pilot) == "TypeWord")
        await pilot.press(*"fiN")
        assert pilot.app.screen.query_one(Input).value == "fiN"
        await pilot.press("escape")
        await session.finish()
        session.settle()
        await until(pilot, lambda: name_of(pilot) == "ResultScreen" and "V: review" in text_of(pilot))
        await pilot.press("v")
        await until(pilot, lambda: bool(reviewed))
