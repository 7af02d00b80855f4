"""The bar below the lines."""

from __future__ import annotations

import sys

import pytest

from mockexam.commands.grade_progress import BatchProgress


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_on_a_terminal_the_bar_stays_below_the_lines(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bar is taken away before each line; what was known before does not count for the time left."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    clock = Clock()
    progress = BatchProgress(8, clock)

    progress.begin()
    progress.line("ann known", marked=False)
    for number in range(4):
        clock.now = 20 + 2.0 * number  # the first comes after TensorFlow's start
        progress.line(f"bob {number}/5", marked=True)
    progress.clear()

    out, err = capfd.readouterr()
    assert out == "ann known\nbob 0/5\nbob 1/5\nbob 2/5\nbob 3/5\n"
    bars = err.split("\r\x1b[K")
    assert "0 of 8 · TensorFlow is starting" in bars[0]
    assert bars[4].endswith("4 of 8")
    assert "5 of 8 · about 0:00:06 left" in bars[5]
    assert bars[-1] == ""
    assert "\n" not in err
    assert max(map(len, bars)) < 60


def test_on_a_narrow_terminal_the_words_come_first(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")
    BatchProgress(30).begin()
    assert capfd.readouterr().err == "0 of 30 · TensorFlow is starting"


def test_elsewhere_a_line_now_and_then(capfd: pytest.CaptureFixture[str]) -> None:
    """Not one a model: that is what standard output has."""
    clock = Clock()
    progress = BatchProgress(100, clock)
    progress.begin()
    for number in range(100):
        clock.now += 1
        progress.line(str(number), marked=True)

    out, err = capfd.readouterr()
    assert len(out.splitlines()) == 100
    told = err.splitlines()
    assert told[0] == "marking 100 models"
    assert told[1] == "15 of 100 · about 0:01:25 left"
    assert 5 <= len(told) <= 8
