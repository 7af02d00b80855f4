"""Reading Keras' progress: from real output, in pieces of any size, beside noise, floods and other loops."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockexam.exam.training_history import TrainingHistory
from mockexam.workspace.script_run import RunOutput, TerminalLines
from mockexam.workspace.training_log import ShownLine, TrainingLog

REAL = Path(__file__).with_name("keras_output")
"""Printed by TensorFlow 2.21 with Keras 3.15 into a file."""
KERAS_2 = """Epoch 1/2
500/500 [==============================] - 75s 150ms/step - loss: 0.5000 - accuracy: 0.7000 - val_loss: 0.6 - lr: 0.001
Epoch 2/2
500/500 [==============================] - 5s 10ms/step - loss: nan - accuracy: 0.7100 - val_loss: 0.59 - lr: 0.001
Epoch 1/1
10/10 - 1s - loss: 0.6900 - accuracy: 0.5000 - val_loss: 0.7000 - 1s/epoch - 112ms/step
"""
"""In the form of TensorFlow 2.15: `verbose=1`, then `verbose=2`."""


def read(printed: bytes, chunk: int = 1 << 20) -> tuple[list[ShownLine], TrainingLog, list[str]]:
    """All lines shown, the log, and the live lines on the way."""
    terminal, log = TerminalLines(2000), TrainingLog()
    shown: list[ShownLine] = []
    live = []
    for start in range(0, len(printed), chunk):
        terminal.feed(printed[start : start + chunk])
        lines, dropped = terminal.take()
        found = log.feed(RunOutput(lines, terminal.live, dropped))
        shown += found.lines
        live.append(found.live)
    terminal.feed(b"", final=True)
    shown += [*log.feed(RunOutput(*terminal.take()[:1], "", 0)).lines, *log.finish().lines]
    return shown, log, live


EPOCH = re.compile(r" *\d+/\d+  \w+ ([\d.]+|nan)(  |$)")


def epochs(shown: list[ShownLine]) -> list[str]:
    return [line.text for line in shown if EPOCH.match(line.text)]


@pytest.mark.parametrize("name", ["keras3_verbose1.txt", "keras3_verbose2.txt"])
def test_three_fits_with_messages_between(name: str) -> None:
    """GIVEN three fits, evaluate and predict WHEN read THEN a line an epoch, and all else as printed."""
    shown, log, _ = read((REAL / name).read_bytes())
    lines = epochs(shown)
    assert len(lines) == 7
    assert lines[1].startswith("2/3  loss 0.6408  accuracy 0.6062  val_loss 0.6256  val_accuracy 0.6750  ")
    assert lines[1].endswith("s")
    others = [line.text for line in shown if not line.quiet and not EPOCH.match(line.text)]
    assert "Epoch 2: ReduceLROnPlateau reducing learning rate to 0.0009999999776482583." in others
    assert "second fit" in others
    assert len([text for text in others if text.lstrip().startswith("13/13")]) == 2  # evaluate and predict
    assert not any(text.startswith(("Epoch 1/", "Epoch 2/")) for text in others)
    first, second, third = log.history.fits
    assert (first.planned, first.epochs, second.epochs, third.epochs) == (3, (1, 2, 3), (1, 2), (1, 2))
    assert first.series["val_loss"] == (0.6384, 0.6256, 0.6239)
    assert first.series["learning_rate"] == (0.01, 0.01, 0.001)
    assert "val_loss" not in second.series
    assert (first.best_epoch, first.judged_by, first.main_metric) == (3, "val_loss", "accuracy")
    assert all(0 < seconds < 3 for seconds in first.seconds)
    assert (log.progress, log.remaining) == (None, None)


@settings(max_examples=30, deadline=None)
@given(st.integers(20, 5000))
def test_pieces_of_any_size_give_the_same(chunk: int) -> None:
    """Output is cut anywhere, also within a bar or an escape sequence."""
    for name in ("keras3_verbose1.txt", "keras3_verbose2.txt", "keras3_checkpoints_interrupted.txt"):
        printed = (REAL / name).read_bytes()
        whole, log, _ = read(printed)
        pieces, other, _ = read(printed, chunk)
        assert pieces == whole
        assert other.history == log.history


def test_a_line_that_a_callback_broke_is_replaced_by_the_final_one() -> None:
    """GIVEN ModelCheckpoint prints before the bar's last state THEN the epoch is shown once, with val_loss."""
    shown, log, _ = read((REAL / "keras3_checkpoints_interrupted.txt").read_bytes())
    assert log.history.fits[0].series["val_loss"] == (0.7251, 0.7248)
    assert sum(text.startswith("1/2 ") for text in epochs(shown)) == 2  # of two fits
    assert any("val_loss improved" in line.text for line in shown)


def test_the_last_epoch_is_shown_before_the_script_ends() -> None:
    """GIVEN an epoch has printed all that the one before it had THEN its line does not wait for what comes next."""
    log = TrainingLog()
    values = "100/100 - 10s - 100ms/step - loss: {} - val_loss: {}"
    log.feed(RunOutput(("Epoch 1/2", values.format(0.5, 0.6), "Epoch 2/2"), "", 0))
    found = log.feed(RunOutput((values.format(0.4, 0.55),), "", 0))
    assert [line.text for line in found.lines] == ["2/2  loss 0.4  val_loss 0.55  10s"]
    assert found.live == ""


def test_an_interruption_and_the_start_are_folded() -> None:
    """Each into one quiet line with a count; what another error says stays."""
    shown, log, _ = read((REAL / "keras3_checkpoints_interrupted.txt").read_bytes())
    quiet = [line.text for line in shown if line.quiet]
    assert len(quiet) == 2
    assert all(line.folded for line in shown if line.quiet)
    assert not any("all" in text for text in quiet), "how to see all is the view's to say"
    assert "7 lines" in quiet[0]
    assert "KeyboardInterrupt" in quiet[1]
    assert not any("Traceback" in line.text or "E0000" in line.text for line in shown)
    assert not any(line.text.startswith("Epoch 13/") for line in shown)
    assert len(log.history.fits[2].epochs) == 3
    assert log.history.fits[2].planned == 500
    error = b"Traceback (most recent call last):\n  File 'x'\nValueError: no\nE0000 00:00:1 2 bfc_allocator.cc:1] OOM\n"
    assert [line.text for line in read(error)[0]] == error.decode().splitlines()


def test_the_formats_of_keras_2() -> None:
    """A value that is not finite is kept as none; seconds above a minute are read too."""
    shown, log, _ = read(KERAS_2.encode())
    first, second = log.history.fits
    assert (first.series["loss"], first.seconds, first.best_epoch) == ((0.5, None), (75.0, 5.0), 2)
    assert (second.planned, second.series["val_loss"]) == (1, (0.7,))
    assert len(epochs(shown)) == len(shown) == 3


def test_an_accuracy_of_nothing_is_a_plain_0() -> None:
    """Keras prints `0.0000e+00`; it is kept as the number that it is."""
    shown, log, _ = read(b"Epoch 1/1\n10/10 - 1s - 112ms/step - accuracy: 0.0000e+00 - loss: 0.6900\n")
    assert [line.text for line in shown] == ["1/1  loss 0.6900  accuracy 0  1.1s"]
    assert log.history.fits[0].series["accuracy"] == (0.0,)


def test_a_loop_of_its_own_stays_as_it_is() -> None:
    """No curve, and no line is touched, whatever it looks like at first."""
    printed = "Epoch 1/3\nstep 10/100 loss 0.5\n  3/10 done\n\nEpoch 2/3\nEpoch 2 - loss: 0.4 - 2s\nhalf 1/2 - a: 1\n"
    shown, log, _ = read(printed.encode())
    assert [line.text for line in shown] == printed.splitlines()
    assert log.history == TrainingHistory()
    assert log.progress is None


def test_an_epoch_with_a_metric_fits_into_the_output_at_80_columns() -> None:
    """It has 47 cells, one of them for the scroll bar."""
    shown, *_ = read(b"Epoch 100/200\n10/10 - 4s - 410ms/step - loss: 0.5333 - accuracy: 0.7989\n")
    assert [line.text for line in shown] == ["100/200  loss 0.5333  accuracy 0.7989  4.1s"]
    assert len(shown[0].text) <= 46


def test_the_live_line_and_the_time_left() -> None:
    """The state of the bar, then how long the rest takes at the pace of the last epochs."""
    log = TrainingLog()
    done = "100/100 - 10s - 100ms/step - loss: 0.5"
    found = log.feed(RunOutput(("Epoch 1/11",), " 50/100 ━━━━━━━━━━ 5s 100ms/step - loss: 0.7", 0))
    assert found.live == " 1/11  loss 0.7"
    assert log.progress == pytest.approx(0.5 / 11)
    assert log.remaining == pytest.approx(105)
    found = log.feed(RunOutput((done, "Epoch 2/11"), "", 0))
    assert [line.text for line in found.lines] == [" 1/11  loss 0.5  10s"]
    assert found.live.startswith("epoch 2/11")
    assert (log.progress, log.remaining) == (pytest.approx(1 / 11), pytest.approx(100))
    log.feed(RunOutput((done, "Epoch 2: early stopping"), "", 0))
    assert (log.progress, log.remaining) == (None, None)


@pytest.mark.parametrize(
    "line",
    [
        "step {}: loss 0.5 and some words",
        "{}/3 Warning: what a line",
        "E0000 00:00:1 {} some.cc nothing " + "x" * 150,
        "Epoch {}/30000 of mine",
        "\t {}",
    ],
)
def test_a_flood_costs_little(line: str) -> None:
    """20,000 lines in well under a second: 1,000 a second take a hundredth of a core."""
    log = TrainingLog()
    lines = [line.format(n) for n in range(20_000)]
    start = time.process_time()
    shown = sum(len(log.feed(RunOutput(tuple(lines[n : n + 100]), "", 0)).lines) for n in range(0, 20_000, 100))
    assert time.process_time() - start < 0.8
    assert shown == 20_000


def test_a_flood_of_epochs_costs_little_too() -> None:
    """10,000 epochs, with history and pace asked for at each piece of output."""
    log = TrainingLog()
    start = time.process_time()
    for n in range(1, 10_001):
        bar = f"10/10 - 0s - 4ms/step - accuracy: 0.6 - loss: 0.{n:05} - val_accuracy: 0.6 - val_loss: 0.6"
        log.feed(RunOutput((f"Epoch {n}/10000", bar), "", 0))
        assert log.remaining is not None or n == 10_000
    assert time.process_time() - start < 2.0
    assert len(log.history.fits[0].epochs) == 10_000
