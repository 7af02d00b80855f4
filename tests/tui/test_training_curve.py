"""Training in view: a real model trained in the exam room, its curve, and where it is shown afterwards."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
from textual.pilot import Pilot

from mockexam.exam import events as ev
from mockexam.exam.training_history import FitHistory, TrainingHistory, to_record
from mockexam.paths import StatePaths
from mockexam.review.attempt_text import detail_lines
from mockexam.review.documents import document_of, schema
from mockexam.review.html.page import attempt_page
from mockexam.review.service import Review
from mockexam.session.script_runs import ScriptRuns
from mockexam.text import formats
from mockexam.tui.app_base import _knows_progress
from mockexam.tui.screens.exam_screen import ExamScreen
from mockexam.tui.widgets.log import RunPane
from mockexam.tui.widgets.training_curve import TimeLeft, TrainingCurve, curve
from tests.store.past import Past
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment, FakeSession, Output
from tests.tui.looks import text_of, until
from tests.tui.review.conftest import notices
from tests.tui.test_exam_screen import enter

SCRIPT = """
import numpy as np
import tensorflow as tf
tf.keras.utils.set_random_seed(1)  # chance could begin with an accuracy of 0.0000e+00
x = np.random.default_rng(1).normal(size=(64, 3)).astype("float32")
y = x.sum(axis=1) > 0
model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=4, validation_split=0.25, verbose=1)
print("now the second fit")
model.fit(x, y, epochs=6, validation_split=0.25, verbose=2)
model.save("mymodel.keras")
"""
EPOCH = re.compile(r"\d/\d  loss [\d.]+  accuracy [\d.]+  val_loss [\d.]+  val_accuracy [\d.]+  [\d.]+s")


def begin(env: FakeEnvironment) -> FakeSession:
    """A new exam whose first question has a script."""
    session = env.manager.begin()
    env.scripts.clear()
    session.folder(1).mkdir(parents=True, exist_ok=True)
    (session.folder(1) / "solution.py").write_text(SCRIPT)
    return session


@pytest.fixture
def session(env: FakeEnvironment) -> FakeSession:
    return begin(env)


def fit(epochs: int, planned: int = 0, **series: float) -> FitHistory:
    """Each series falls or rises by so much an epoch, from 1."""
    made = {name: tuple(1 + step * n for n in range(epochs)) for name, step in series.items()}
    return FitHistory(planned or epochs, tuple(range(1, epochs + 1)), (2.0,) * epochs, dict(made))


def bars(first: int, last: int, planned: int) -> tuple[str, ...]:
    """Epochs as `verbose=2` prints them: the loss falls, val_loss is best in epoch 3."""
    return tuple(
        line
        for n in range(first, last + 1)
        for line in (
            f"Epoch {n}/{planned}",
            f"10/10 - 10s - 1s/step - accuracy: 0.{40 + n} - loss: {1 - n / 50} - val_loss: {0.5 + abs(n - 3) / 50}",
        )
    )


async def run_printed(pilot: Pilot[int], env: FakeEnvironment, *printed: Output) -> tuple[ExamScreen, TrainingCurve]:
    """Run a script that prints this and goes on."""
    env.manager.starter.printed = printed
    screen = await enter(pilot)
    await pilot.press("r")
    await until(pilot, lambda: env.scripts)
    await until(pilot, lambda: screen.runs.history(screen.number).fits or screen.query_one(RunPane).lines)
    await pilot.pause(0.1)
    return screen, screen.query_one(TrainingCurve)


@pytest.mark.usefixtures("quick_scripts")
async def test_a_real_training_from_the_room_into_the_review(
    opened: Opener, session: FakeSession, tmp_path: Path
) -> None:
    """GIVEN two fits, verbose 1 and 2 WHEN they run in the room THEN each epoch is a line, the curve stands above, and
    what is recorded is told in the text, the JSON and the page of the review."""
    session.runs = ScriptRuns(session, tmp_path / "runs" / "attempt", session.clock)
    async with opened() as pilot:
        screen = await enter(pilot)
        await pilot.press("1", "r")
        pane = screen.query_one(RunPane)
        await until(pilot, lambda: "ended" in pane.status, seconds=500)
        epochs = [line for line in pane.lines if re.match(r"\d/\d  loss", line)]
        assert len(epochs) == 10
        assert [line for line in epochs if not EPOCH.fullmatch(line)] == []
        assert "now the second fit" in pane.lines
        assert not any("━" in line or "0000 00:00" in line for line in pane.lines)
        shown = screen.query_one(TrainingCurve)
        assert shown.display
        assert shown.fit is not None
        assert "val_loss" in text_of(pilot)
        assert f"at epoch {shown.fit.best_epoch}" in text_of(pilot)
        await pilot.press("a")
        await pilot.pause()
        assert any("Epoch 4/4" in line for line in pane.lines)
        assert any("━" in line for line in pane.lines)
        history = session.runs.history(1)
    assert [len(f.epochs) for f in history.fits] == [4, 6]
    assert session.runs.history(2) == TrainingHistory()
    told_in_the_review(history, tmp_path / "home")


def told_in_the_review(history: TrainingHistory, home: Path) -> None:
    """Record it with a submission and read all three forms of the review."""
    past = Past(home)
    attempt = past.begin()
    submission = past.submit(attempt, 1, "m", 3)
    fits = to_record(history)
    past.journal.append(attempt, ev.TrainingRecorded(at=past.clock.advance(1), submission=submission, fits=fits))
    past.end(attempt)
    past.journal.close()
    detail = Review(StatePaths(home), past.clock).detail(attempt)
    assert detail.submissions[0].training == fits
    told = formats.training(fits)
    assert f"best val_loss {formats.number(fits[1].best_value)} at epoch {fits[1].best_epoch}" in told
    assert f"training: {told}" in " ".join(" ".join(detail_lines(detail)).split())
    document = document_of(detail).model_dump(mode="json")
    jsonschema.Draft202012Validator(schema()).validate(document)
    (first, second) = document["questions"][0]["submissions"][0]["training"]
    assert second["series"]["val_loss"] == list(fits[1].series["val_loss"])
    assert (first["planned"], second["best_epoch"]) == (4, fits[1].best_epoch)
    page = attempt_page(detail)
    assert told in page
    polylines = re.findall(r'<polyline class="curve (\w+)"[^>]* points="([^"]*)"', page)
    assert [style for style, _ in polylines] == ["train", "validation"] * 2
    assert all(len(points.split()) == 6 for _, points in polylines)


async def test_overfitting_is_named_and_the_best_epoch_marked(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """In words, short enough for 80 columns; in full where there is room. A custom loop has neither."""
    async with opened((80, 24)) as pilot:
        await run_printed(pilot, env, Output(bars(1, 9, 40)))
        assert "overfitting: val_loss no better for 6 epochs" in text_of(pilot)
        assert "◆" in text_of(pilot)
    begin(env)
    async with opened((200, 60)) as pilot:
        await run_printed(pilot, env, Output(bars(1, 9, 40)))
        assert "val_loss has not improved for 6 epochs while loss falls: overfitting" in text_of(pilot)
    begin(env)
    async with opened((80, 24)) as pilot:
        _, shown = await run_printed(pilot, env, Output(("step 1 loss 0.5", "step 2 loss 0.4")))
        assert not shown.display


async def test_the_time_left_is_set_against_the_exam(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """31 epochs of 10 s are left: when that is over, and how long before the end; a warning if it is too late."""
    async with opened() as pilot:
        _, shown = await run_printed(pilot, env, Output(bars(1, 9, 40)))
        assert shown.time_left is not None
        assert shown.time_left.seconds == pytest.approx(310, abs=2)
        assert f"done {formats.clock(session.snapshot.now.wall + 310)}, 4 h 55 min before the end" in text_of(pilot)
        session.tick(100)
        await pilot.pause()
        assert shown.time_left.seconds == pytest.approx(210, abs=2)
        session.tick(18000 - 100 - 200)
        await pilot.pause()
        assert shown.time_left is not None
        assert not shown.time_left.late  # done by now, as far as the pace says
    begin(env)
    async with opened() as pilot:
        _, shown = await run_printed(pilot, env, Output(bars(1, 9, 4000)))
        assert shown.time_left is not None
        assert shown.time_left.late
        assert "after the end" in text_of(pilot)
        env.scripts[-1].end()
        await until(pilot, lambda: shown.time_left is None)


def test_the_time_left_in_words() -> None:
    """Each width gets what fits; without a limit there is no end to speak of."""
    noon = 1_800_000_000.0
    left = TimeLeft(720, noon, 2100)
    clock = formats.clock(noon)
    assert left.text(80) == f"about 12 min more: done about {clock}, 35 min before the end"
    assert left.text(47) == f"12 min more: done {clock}, 35 min before the end"
    assert left.text(40) == f"done {clock}, 35 min before the end"
    assert TimeLeft(0, noon, 2100).text(80) == "done any moment"
    assert left.text(20) == f"done {clock}"
    assert TimeLeft(720, noon, -60).text(20) == f"done {clock}: too late"
    assert TimeLeft(40, noon, None).text(80) == f"about 40 s more: done about {clock}"


async def test_at_60_columns_only_lines_and_the_time(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """No curve; the epochs are all there."""
    async with opened((60, 24)) as pilot:
        await run_printed(pilot, env, Output(bars(1, 9, 40)))
        shown = text_of(pilot)
        assert "before the end" in shown
        assert " 9/40  loss" in shown
        assert "◆" not in shown
        assert "│" not in shown


async def test_a_key_changes_to_the_metric_and_tall_screens_have_both(
    opened: Opener, env: FakeEnvironment, session: FakeSession
) -> None:
    """At 80x24 one at a time."""
    async with opened() as pilot:
        await run_printed(pilot, env, Output(bars(1, 9, 40)))
        assert " loss" in text_of(pilot).split("Output")[0]
        await pilot.press("l")
        await pilot.pause()
        plot = text_of(pilot).split("Training")[1].split("Output")[0]
        assert "accuracy" in plot
        assert " val_loss\n" not in plot
    begin(env)
    async with opened((140, 40)) as pilot:
        await run_printed(pilot, env, Output(bars(1, 9, 40)))
        plot = text_of(pilot).split("Training")[1].split("Output")[0]
        assert "accuracy" in plot
        assert "val_loss" in plot


async def test_a_new_run_begins_a_new_curve(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """The model saved next is not given the curve of the run before."""
    async with opened() as pilot:
        screen, shown = await run_printed(pilot, env, Output(bars(1, 9, 9)))
        env.scripts[-1].end()
        await until(pilot, lambda: not screen.runs.running)
        assert len(session.runs.history(screen.number).fits) == 1
        assert shown.display
        env.manager.starter.printed = (Output(("hello",)),)
        await pilot.press("r")
        await until(pilot, lambda: "hello" in screen.query_one(RunPane).lines)
        assert session.runs.history(screen.number) == TrainingHistory()
        assert not shown.display


async def test_a_flood_does_not_slow_the_room(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """20,000 lines with a training before them: both views keep the newest 2,000, in a few seconds of work."""
    async with opened() as pilot:
        flood = tuple(Output(tuple(f"line {n}" for n in range(start, start + 100))) for start in range(0, 20_000, 100))
        start = time.process_time()
        screen, _ = await run_printed(pilot, env, Output(bars(1, 9, 40)), *flood)
        pane = screen.query_one(RunPane)
        await until(pilot, lambda: pane.lines[-1] == "line 19999")
        assert time.process_time() - start < 15
        assert len(pane.lines) == 2000
        assert len(session.runs.history(1).fits[0].epochs) == 9


@dataclass
class Sink:
    """The progress that the app writes to the terminal beside its picture."""

    written: str = ""

    def __call__(self, sequence: str) -> None:
        if sequence.startswith("\x1b]9;4;"):
            self.written += sequence


async def test_the_tab_shows_the_progress_and_clears_it(
    opened: Opener, env: FakeEnvironment, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """9 of 40 epochs are 22 %; the end clears it, leaving too, and what does not change is not written."""
    monkeypatch.setenv("MOCKEXAM_PROGRESS", "on")
    async with opened() as pilot:
        sink = Sink()
        monkeypatch.setattr(pilot.app, "send", sink)
        await run_printed(pilot, env, Output(bars(1, 9, 40)), Output((), "working"))
        session.tick(1)
        await pilot.pause()
        assert sink.written == "\x1b]9;4;1;22\x1b\\"
        env.scripts[-1].end()
        await until(pilot, lambda: sink.written.endswith("\x1b]9;4;0;0\x1b\\"))
    begin(env)
    async with opened() as pilot:
        sink = Sink()
        monkeypatch.setattr(pilot.app, "send", sink)
        await run_printed(pilot, env, Output(bars(1, 9, 40)))
        await pilot.press("q", "enter")
        await until(pilot, lambda: not pilot.app.is_running)
    assert sink.written.endswith("\x1b]9;4;0;0\x1b\\")


@pytest.mark.parametrize(
    ("environment", "knows"),
    [
        ({}, False),
        ({"TERM_PROGRAM": "ghostty"}, True),
        ({"WT_SESSION": "x"}, True),
        ({"WT_SESSION": "x", "TERM_PROGRAM": "tmux"}, False),
        ({"VTE_VERSION": "7802"}, False),
        ({"VTE_VERSION": "8000"}, True),
        ({"TERM_PROGRAM": "ghostty", "MOCKEXAM_PROGRESS": "off"}, False),
        ({"MOCKEXAM_PROGRESS": "on"}, True),
    ],
)
def test_only_terminals_that_know_it_get_it(environment: Mapping[str, str], knows: bool) -> None:
    """Others would show it as a message. A variable decides instead."""
    assert _knows_progress(environment) is knows


@pytest.mark.parametrize("width", [30, 48, 100])
@pytest.mark.parametrize("height", [2, 5, 12])
def test_a_curve_keeps_to_its_size(width: int, height: int) -> None:
    """Also with one epoch, equal values, a missing value, and a first loss far above the others."""
    gap = FitHistory(3, (1, 2, 3), (1.0,) * 3, {"loss": (1.0, None, 0.5), "val_loss": (None, None, 0.7)})
    spike = FitHistory(20, tuple(range(1, 21)), (1.0,) * 20, {"loss": (1e6, *(1 - n / 50 for n in range(19)))})
    for made in (gap, spike, fit(1, loss=0.0), fit(500, loss=-0.001, val_loss=0.001), fit(9, loss=0.0)):
        lines = curve(made, "loss", width, height)
        assert len(lines) == height
        assert all(line.cell_length <= width for line in lines)
        drawn = "".join(line.plain for line in lines)
        assert any(0x2800 < ord(sign) < 0x2900 for sign in drawn) or "◆" in drawn
    assert "1000000" not in "".join(line.plain for line in curve(spike, "loss", width, height))


def test_each_curve_is_judged_by_its_own_best() -> None:
    """GIVEN loss and metric are best in different epochs THEN each is named with its own; an error is best low."""
    series = {
        "loss": (0.9, 0.5, 0.4, 0.3), "val_loss": (0.9, 0.5, 0.6, 0.7),
        "accuracy": (0.5, 0.6, 0.7, 0.8), "val_accuracy": (0.5, 0.6, 0.8, 0.7), "mae": (3.0, 2.0, 4.0, 5.0),
    }  # fmt: skip
    made = FitHistory(4, (1, 2, 3, 4), (1.0,) * 4, dict(series))
    assert made.best("loss") == ("val_loss", 2, 0.5)
    assert made.best("accuracy") == ("val_accuracy", 3, 0.8)
    assert made.best("mae") == ("mae", 2, 2.0)
    assert made.best("auc") is None
    shown = "\n".join(line.plain for line in curve(made, "accuracy", 60, 5))
    assert shown.count("◆") == 1


def test_the_only_value_stands_once_at_the_axis() -> None:
    """Both ends of the scale would read alike."""
    one = FitHistory(20, (1,), (1.0,), {"loss": (0.5123,)})
    lines = [line.plain for line in curve(one, "loss", 60, 5)]
    assert "".join(lines).count("0.512") == 1
    (marked,) = [line for line in lines if "◆" in line]
    assert "0.512" in marked


async def test_the_caption_is_the_shown_curves(opened: Opener, env: FakeEnvironment, session: FakeSession) -> None:
    """l changes both; on a narrow screen without a time left the caption is all there is, not an empty pane."""
    printed = tuple(
        line
        for n in (1, 2, 3)
        for line in (f"Epoch {n}/3", f"10/10 - 10s - 1s/step - accuracy: 0.{(4, 9, 5)[n - 1]} - loss: {1 - n / 5:.1f}")
    )
    async with opened() as pilot:
        screen, shown = await run_printed(pilot, env, Output(printed, ""))
        await until(pilot, lambda: "best loss 0.4 at epoch 3" in text_of(pilot))
        await pilot.press("l")
        await until(pilot, lambda: "best accuracy 0.9 at epoch 2" in text_of(pilot))
        await pilot.resize_terminal(60, 24)
        env.scripts[0].end()
        await until(pilot, lambda: not screen.runs.running)
        await until(pilot, lambda: "best accuracy 0.9 at epoch 2" in text_of(pilot))
        await pilot.press("l")
        assert shown.shows_metric
        await until(pilot, lambda: "not in view" in notices(pilot))
