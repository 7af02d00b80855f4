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
    progress = BatchProgress(4, clock)

    progress.begin()
    progress.line("ann known", marked=False)
    clock.now = 10.0
    progress.line("bob 3/5", marked=True)
    progress.clear()

    out, err = capfd.readouterr()
    assert out == "ann known\nbob 3/5\n"
    bars = err.split("\r\x1b[K")
    assert "0 of 4 · TensorFlow is starting" in bars[0]
    assert "2 of 4 · about 0:00:20 left" in bars[2]
    assert bars[-1] == ""
    assert "\n" not in err
    assert max(map(len, bars)) < 60


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
