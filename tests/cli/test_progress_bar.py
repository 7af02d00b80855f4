"""Progress on stderr: a bar below the lines on a terminal, lines elsewhere."""

from __future__ import annotations

import re
import sys

import click
import pytest

from mockexam.cli.progress_bar import BatchProgress, CommandProgress
from mockexam.errors import UserError

CONTROL = re.compile(r"\x1b\[[?\d;]*[A-Za-z]")
SHOW_CURSOR = "\x1b[?25h"
HIDE_CURSOR = "\x1b[?25l"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int = 60) -> None:
    """A terminal behind standard error."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", str(columns))


def drawn(err: str) -> list[str]:
    """The bars, one after the other, as text."""
    return [text.strip() for line in re.split(r"[\r\n]", err) if (text := CONTROL.sub("", line)).strip()]


def test_on_a_terminal_the_bar_stays_below_the_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar is taken away before each line; what was known before does not count for the time left."""
    on_terminal(monkeypatch)
    clock = Clock()
    progress = BatchProgress(8, clock)

    progress.begin()
    progress.line("ann known", graded=False)
    for number in range(4):
        clock.now = 20 + 2.0 * number  # the first comes after TensorFlow's start
        progress.line(f"bob {number}/5", graded=True)
    progress.clear()

    out, err = capsys.readouterr()
    assert out == "ann known\nbob 0/5\nbob 1/5\nbob 2/5\nbob 3/5\n"
    bars = drawn(err)
    assert bars[0].startswith("0 of 8 · TensorFlow is starting")
    assert any(bar.startswith("4 of 8 ") for bar in bars)
    assert bars[-1].startswith("5 of 8 · about 0:00:06 left")
    assert max(map(len, bars)) < 60
    assert err.count(HIDE_CURSOR) == err.count(SHOW_CURSOR)


def test_on_a_narrow_terminal_the_words_come_first(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_terminal(monkeypatch, 34)
    progress = BatchProgress(30)
    progress.begin()
    progress.clear()
    bars = drawn(capsys.readouterr().err)
    assert bars
    assert all(bar.startswith("0 of 30 · TensorFlow is starting") for bar in bars)


def test_a_bar_that_is_full_goes_away(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Other text can follow, and the cursor is back."""
    on_terminal(monkeypatch)
    progress = CommandProgress()
    progress(0.5, "half [bold]")
    progress(1.0, "done")
    err = capsys.readouterr().err
    assert drawn(err)[0].startswith("50%  half [bold]")
    assert err.rindex(SHOW_CURSOR) > err.rindex(HIDE_CURSOR)


def test_a_command_that_fails_takes_its_bar_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has a line of its own, and the cursor is back."""
    on_terminal(monkeypatch)

    @click.command()
    def failing() -> None:
        CommandProgress()(0.5, "half")
        raise UserError("no")

    with pytest.raises(UserError):
        failing.main([], standalone_mode=False)
    err = capsys.readouterr().err
    assert err.rindex(SHOW_CURSOR) > err.rindex(HIDE_CURSOR)


def test_elsewhere_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """Not one a model: that is what standard output has."""
    clock = Clock()
    progress = BatchProgress(100, clock)
    progress.begin()
    for number in range(100):
        clock.now += 1
        progress.line(str(number), graded=True)

    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 100
    told = err.splitlines()
    assert told[0] == "grading 100 models"
    assert told[1] == "15 of 100 · about 0:01:25 left"
    assert 5 <= len(told) <= 8
