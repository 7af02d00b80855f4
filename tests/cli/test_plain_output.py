"""What `--plain` and `--json` say about a retry."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mockexam.cli.plain import HELP, TypedCommands, _attempt, _before_start, _confirm
from mockexam.cli.session_output import JsonOutput, TextOutput, say
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, fold
from mockexam.exam.paper import Mode
from mockexam.session.ports import AttemptPlan, GraderState, Hint, Running, Snapshot, StartRequest
from tests.factories import FakeClock, graded, paper, received, started

CLOCK = FakeClock()
START = replace(started(CLOCK.now, mode=Mode.RETRY, duration=None, on=paper((1,))), workspace="/room")
GRADED = replace(graded(CLOCK.now, 1, "aa", 4), value=0.91, next_at=0.92)
DIAGNOSED = ev.Diagnosed(at=CLOCK.now, submission="q1-aa", train_value=0.99, findings=("It overfits.",))

RUNS: Any = SimpleNamespace(running=(), queued=())
"""No script runs."""


def attempt(mode: Mode = Mode.RETRY) -> Attempt:
    """One question, graded and diagnosed."""
    return fold("a", [replace(START, mode=mode), received(CLOCK.now, 1, "aa"), GRADED, DIAGNOSED])


def snapshot() -> Snapshot:
    return Snapshot(attempt=attempt(), now=CLOCK.now, remaining=None, grader=GraderState())


def plan(duration: float | None) -> AttemptPlan:
    rules = replace(START.rules, title="Retry: simple model", duration=duration)
    return AttemptPlan(mode=Mode.RETRY, rules=rules, paper=START.paper, workspace=Path("/room"), bank_version="abc")


class Practised:
    """A sitting whose hints are used up, as far as typed commands see one."""

    snapshot = snapshot()
    given: tuple[Hint, ...] = (Hint(1, 2, "Look."), Hint(2, 2, "Think."))

    def hints(self, number: int) -> tuple[Hint, ...]:
        return self.given

    def next_hint(self, number: int) -> Hint | None:
        return None


def json_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one object that was printed."""
    (line,) = capsys.readouterr().out.splitlines()
    told: dict[str, Any] = json.loads(line)
    return told


def test_an_untimed_retry_has_no_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither before the start nor when it is left."""
    TextOutput().plan(plan(None))
    TextOutput().left(snapshot(), RUNS)
    told = capsys.readouterr().err + _before_start(plan(None))
    assert "1 question, no time limit." in told
    assert "The attempt is still running." in told
    assert "minutes" not in told
    assert " left" not in told


def test_a_timed_retry(capsys: pytest.CaptureFixture[str]) -> None:
    """Its time, and no pass mark: a question has none."""
    TextOutput().plan(plan(6000))
    told = capsys.readouterr().err
    assert "Retry: simple model, paper 7K3Q-F2XM: 1 question, 100 minutes." in told
    assert "pass" not in told
    assert "100 minutes without a pause" in _before_start(plan(6000))


async def test_a_question_that_is_left_out_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """On standard error, before the plan; the attempt starts without it."""

    class SessionManager:
        def running(self) -> None:
            return None

        def plan(self, *_: object) -> AttemptPlan:
            return replace(plan(6000), workspace=tmp_path, left_out=("time_series/old_mill is left out: no bands.",))

        async def prepare(self, *_: object) -> None: ...

        def start(self, started: AttemptPlan) -> str:
            return "a"

    manager: Any = SessionManager()
    assert await _attempt(manager, StartRequest(), JsonOutput(), yes=True) == "a"
    out, err = capsys.readouterr()
    assert err == "time_series/old_mill is left out: no bands.\n"
    assert json.loads(out)["event"] == "planned"


async def test_a_machine_that_lacks_what_an_attempt_needs_is_told_before_the_clock(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A full disk; the answer is the candidate's."""
    told: list[str] = []

    async def prepare(*_: object) -> None: ...

    def start(_: AttemptPlan) -> str:
        told.append(capsys.readouterr().err)
        return "a"

    made = replace(plan(6000), workspace=tmp_path)
    manager: Any = SimpleNamespace(running=lambda: None, plan=lambda *_: made, prepare=prepare, start=start)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10**6))
    await _attempt(manager, StartRequest(), TextOutput(), yes=True)
    assert "workspace: 1.0 MB free" in told[0]
    assert "records: 1.0 MB free" in told[0]


def test_marks_with_their_metric(capsys: pytest.CaptureFixture[str]) -> None:
    """A retry tells metric and next mark, an exam neither."""
    JsonOutput().event(attempt(), GRADED, None)
    told = json_line(capsys)
    assert (told["event"], told["question"], told["marks"]) == ("marked", 1, 4)
    assert (told["metric"], told["value"], told["next_at"]) == ("accuracy", 0.91, 0.92)
    JsonOutput().event(attempt(Mode.EXAM), GRADED, None)
    assert {"metric", "value", "next_at"} & set(json_line(capsys)) == set()


def test_a_diagnosis_is_an_event(capsys: pytest.CaptureFixture[str]) -> None:
    """With its question and all that was found."""
    JsonOutput().event(attempt(), DIAGNOSED, None)
    told = json_line(capsys)
    assert (told["event"], told["question"], told["submission"]) == ("diagnosed", 1, "q1-aa")
    assert (told["train_value"], told["findings"]) == (0.99, ["It overfits."])


def test_plan_and_result_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    """A program can tell a retry from an exam, and an untimed one from one that is over."""
    JsonOutput().plan(plan(None))
    planned = json_line(capsys)
    assert (planned["mode"], planned["title"], planned["duration_seconds"]) == ("retry", "Retry: simple model", None)
    JsonOutput().left(snapshot(), RUNS)
    assert json_line(capsys) == {"event": "left", "remaining_seconds": None}


def test_hints_in_both_forms(capsys: pytest.CaptureFixture[str]) -> None:
    TextOutput().hint(1, Hint(2, 3, "Think\nhard."))
    assert capsys.readouterr().out == "Q1 hint 2 of 3\n\nThink\nhard.\n\n"
    JsonOutput().hint(1, Hint(2, 3, "Think."))
    assert json_line(capsys) == {"event": "hint", "question": 1, "step": 2, "of": 3, "text": "Think."}


async def test_hints_on_command(capsys: pytest.CaptureFixture[str]) -> None:
    """`hint` says when there are no more; `hints` shows what was seen; a wrong number is told."""
    session: Any = Practised()
    typed = TypedCommands(session, TextOutput(), asyncio.Event())
    await typed.run(["hint", "1"])
    assert "all hints for question 1" in capsys.readouterr().err
    await typed.run(["hints", "1"])
    shown = capsys.readouterr().out
    assert "hint 1 of 2" in shown
    assert "hint 2 of 2" in shown
    session.given = ()
    await typed.run(["hints", "1"])
    assert "no hints" in capsys.readouterr().err
    with pytest.raises(UserError, match="no question '2'"):
        await typed.run(["hint", "2"])
    assert "hint N" in HELP


class Retried(Practised):
    """A retry with one hint left to open, or both."""

    snapshot = replace(snapshot(), attempt=replace(attempt(), mode=Mode.RETRY))
    given = ()

    def next_hint(self, number: int) -> Hint | None:
        self.given = (*self.given, Hint(len(self.given) + 1, 2, "Look."))
        return self.given[-1]


async def test_a_hint_is_given_after_a_question(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what the hint costs, before and after; anything but yes opens none. A program is not asked."""
    session: Any = Retried()
    answers = iter(["no\n", None, "yes\n", "yes\n"])

    async def answer() -> str | None:
        return next(answers)

    monkeypatch.setattr("mockexam.cli.plain.read_line", answer)
    typed = TypedCommands(session, TextOutput(), asyncio.Event())
    for _ in ("no", "the end of the input"):
        await typed.run(["hint", "1"])
        asked = capsys.readouterr()
        assert "then counts half" in asked.err
        assert session.given == ()
        assert asked.out == ""
    await typed.run(["hint", "1"])
    shown = capsys.readouterr()
    assert "hint 1 of 2" in shown.out
    assert "already counts half" in shown.err
    await TypedCommands(session, JsonOutput(), asyncio.Event()).run(["hint", "1"])
    assert json_line(capsys)["step"] == 2
    await typed.run(["hint", "1"])  # all are open: nothing to ask
    assert next(answers) == "yes\n"


class Terminal(io.StringIO):
    """Standard error of somebody who types."""

    def isatty(self) -> bool:
        return True


async def test_a_mistyped_word_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few times; an end of the input ends it at once."""

    async def confirm(*lines: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        await _confirm(plan(6000))
        return len(lines)

    assert [await confirm("STRAT", "start"), await confirm("", "no", "START")] == [2, 3]
    for lines in ((), ("STRAT",), ("1", "2", "3", "4", "START")):
        with pytest.raises(UserError):
            await confirm(*lines)


def test_lines_wrap_at_words_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """To its width, with their indent; elsewhere a line stays one line."""
    monkeypatch.setenv("COLUMNS", "40")
    text = "  " + " ".join(["received"] * 20) + "\nnext"
    for stream in (Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        say(text, err=True)
        lines = stream.getvalue().splitlines()
        if isinstance(stream, Terminal):
            assert max(map(len, lines)) <= 40
            assert all(line.startswith("  received") for line in lines[:-1])
            assert " ".join(" ".join(lines).split()) == " ".join(text.split())
        else:
            assert "\n".join(lines) == text


async def test_other_options_are_not_talked_of_where_nothing_is_resumed(capsys: pytest.CaptureFixture[str]) -> None:
    """Another app has the attempt: opening it fails."""
    for holder, said in ((4711, False), (None, True)):
        running = Running("a", "Exam", "7K3Q-F2XM", 60.0, holder)
        manager: Any = SimpleNamespace(running=lambda running=running: running)
        assert await _attempt(manager, StartRequest(code="7K3Q-F2XM"), TextOutput(), yes=True) == "a"
        assert ("Resuming" in capsys.readouterr().err) is said
