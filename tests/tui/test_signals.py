"""What reaches a candidate who looks elsewhere, captured from a real terminal, and each of it turned off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.cli.plain import TextOutput
from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict
from mockexam.paths import SIGNALS_VARIABLE
from mockexam.tui.app import MockexamApp
from mockexam.tui.signals import SIGNALS, chosen_signals, notification
from tests.tui.fakes import FakeEnvironment, FakeSession
from tests.tui.looks import name_of, text_of, until
from tests.tui.test_exam_screen import enter
from tests.tui.test_terminal import Terminal

TITLE = re.compile(r"\x1b\]2;([^\x1b]*)\x1b\\")
NOTIFICATION = re.compile(r"\x1b\](?:9|777);([^\x1b]*)\x1b\\")
KEEP, BACK = "\x1b[22;2t", "\x1b[23;2t"
OTHER = re.compile(r"\x1b\][^\x1b\a]*\a")
"""A sequence of Textual's own that a bell's character ends, such as the pointer's shape."""
OTHERS = ("TMUX", "VTE_VERSION")


@pytest.fixture
def terminal(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """In a terminal that knows OSC 9, with these signals."""
    scene, signals = request.param
    for name in OTHERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(SIGNALS_VARIABLE, signals)
    opened = Terminal(tmp_path, scene)
    yield opened
    opened.close()


def leave(terminal: Terminal) -> None:
    """After both verdicts, which come in the first 60 ticks."""
    for _ in range(300):
        terminal.read(0.1)
        if terminal.log.exists() and len(terminal.log.read_text().splitlines()) > 90:
            break
    terminal.type("q")
    terminal.until("The clock keeps running")
    terminal.type("\r")
    assert terminal.wait() == 0


@pytest.mark.parametrize("terminal", [("signals", "all")], indirect=True)
def test_marks_and_refusals_reach_the_terminal(terminal: Terminal) -> None:
    """Title, bell and notification of both; the title of before is back on leaving."""
    leave(terminal)
    titles = TITLE.findall(terminal.seen)
    assert re.fullmatch(r"(5 h 00|4 h 59) min · 0 %", titles[0])
    assert any(re.fullmatch(r"4 h 5\d min · 6 %", title) for title in titles), titles
    assert terminal.seen.index(KEEP) < terminal.seen.index(titles[0])
    assert titles[-1] == ""
    assert terminal.seen.count(KEEP) == terminal.seen.count(BACK) == 1
    told = NOTIFICATION.findall(terminal.seen)
    assert any("Question 1" in one and "5/5" in one for one in told), told
    assert any("Question 2" in one and "It outputs logits" in one for one in told), told
    assert "\a" in OTHER.sub("", terminal.seen)
    assert "accuracy" not in "".join(told), "an exam shows no metric"


@pytest.mark.parametrize(
    "terminal", [("signals", ",".join(s for s in SIGNALS if s != off)) for off in SIGNALS], indirect=True, ids=SIGNALS
)
def test_each_can_be_turned_off(terminal: Terminal, request: pytest.FixtureRequest) -> None:
    """The others stay."""
    off = request.node.callspec.id
    leave(terminal)
    drawn = NOTIFICATION.sub("", terminal.seen)
    given = {
        "toast": "Question 2" in drawn,
        "title": bool(TITLE.findall(terminal.seen)),
        "bell": "\a" in OTHER.sub("", terminal.seen),
        "notification": bool(NOTIFICATION.findall(terminal.seen)),
    }
    assert given == {signal: signal != off for signal in SIGNALS}


@pytest.mark.parametrize("terminal", [("crash", "all")], indirect=True)
def test_the_title_is_back_after_a_crash(terminal: Terminal) -> None:
    """Whatever happened."""
    terminal.until("FAULT-TOLD")
    terminal.wait()
    assert terminal.seen.count(KEEP) == terminal.seen.count(BACK)
    assert not TITLE.findall(terminal.seen) or TITLE.findall(terminal.seen)[-1] == ""


@pytest.mark.parametrize(
    ("environ", "sequence"),
    [
        ({"TERM": "xterm-256color"}, "\x1b]9;mockexam: Q1 5/5\x1b\\"),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7200"}, "\x1b]777;notify;mockexam;Q1 5/5\x1b\\"),
        ({"TERM": "rxvt-unicode-256color"}, "\x1b]777;notify;mockexam;Q1 5/5\x1b\\"),
        ({"TERM": "tmux-256color", "TMUX": "/x"}, "\x1bPtmux;\x1b\x1b]9;mockexam: Q1 5/5\x1b\x1b\\\x1b\\"),
        ({"TERM": "linux"}, ""),
        ({"TERM": "screen.xterm-256color"}, ""),
    ],
)
def test_a_terminal_gets_what_it_knows(environ: dict[str, str], sequence: str) -> None:
    """One sequence, not both; none where it would be printed or held back."""
    assert notification("Q1 5/5", environ) == sequence


def test_a_notification_holds_no_control() -> None:
    """A file's name can't end the sequence and begin another."""
    sent = notification("a\x1b\\\x1b]2;evil\a\x9c;b", {"TERM": "xterm", "VTE_VERSION": "1"})
    assert sent.count("\x1b") == 2
    assert not {"\a", "\x9c"} & set(sent)
    assert sent.count(";") == 3


@pytest.mark.parametrize(
    ("value", "chosen"),
    [("", set(SIGNALS)), ("all", set(SIGNALS)), ("none", set()), ("Bell, title", {"bell", "title"})],
)
def test_the_choice(monkeypatch: pytest.MonkeyPatch, value: str, chosen: set[str]) -> None:
    monkeypatch.setenv(SIGNALS_VARIABLE, value)
    assert chosen_signals() == chosen


def test_a_misspelt_word_is_told_with_the_right_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is silently left on or off."""
    monkeypatch.setenv(SIGNALS_VARIABLE, "bell,titel")
    with pytest.raises(UserError) as error:
        chosen_signals()
    assert "titel" in error.value.message
    assert "title" in error.value.hint


def test_plain_keeps_the_bell_back(capsys: pytest.CaptureFixture[str], env: FakeEnvironment) -> None:
    """The warning stays."""
    session = env.manager.begin()
    for bell in (True, False):
        output = TextOutput(bell=bell)
        session.clock.advance(0 if bell else -13000)
        output.clock(session.snapshot)
        session.clock.advance(18000 - 550 if bell else 13000)
        output.clock(session.snapshot)
        shown = capsys.readouterr().out
        assert "10 minutes left" in shown
        assert ("\a" in shown) is bell


@pytest.fixture
def session(env: FakeEnvironment) -> FakeSession:
    return env.manager.begin()


async def test_a_toast_waits_for_an_open_dialog(env: FakeEnvironment, session: FakeSession) -> None:
    """It covers none of its text, and is shown after it."""
    session.receive(1, "a")
    session.receive(2, "b")
    app = MockexamApp(env.manager, env.manager.clock, None, env.services())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await enter(pilot)
        session.grade(1, "a", 3)
        await until(pilot, lambda: "Question 1" in text_of(pilot))
        await pilot.press("f")
        await until(pilot, lambda: name_of(pilot) == "TypeWord")
        session.grade(2, "b", None, Verdict.INVALID_MODEL, "It outputs logits.")
        await pilot.pause(0.2)
        assert not [toast for toast in app.screen.query("Toast") if toast.display]
        await pilot.press("escape")
        session.tick()
        await until(pilot, lambda: "Question 2" in text_of(pilot))
        await until(pilot, lambda: any(toast.display for toast in app.screen.query("Toast")))
