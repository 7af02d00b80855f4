"""Where an attempt stands and how it ended, in words and as data."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, fold
from mockexam.exam.paper import Mode
from mockexam.text.status import as_data, folder_lines, result_text, status_line
from tests.factories import FakeClock, graded, paper, received, started


def ended(mode: Mode = Mode.RETRY, *, duration: float | None = None, marks: int | None = 4) -> Attempt:
    """One question: a hint, perhaps a submission, the end after 100 s."""
    clock = FakeClock()
    story: list[ev.Event] = [
        started(clock.now, mode=mode, duration=duration, on=paper((1,))),
        ev.Noted(at=clock.advance(60), number=1, what="hint", detail="1"),
    ]
    if marks is not None:
        story.append(received(clock.advance(30), 1, "aa"))
        story.append(replace(graded(clock.advance(1), 1, "aa", marks), value=0.91, next_at=0.92))
    finished = ev.Finished(at=clock.advance(9), reason="candidate")
    settled = ev.Settled(at=clock.now, earned=marks or 0, possible=5, passed=marks == 5)
    return fold("20270115-7K3QF2", [*story, finished, settled])


def running(**changes: float | None) -> tuple[Attempt, FakeClock]:
    """A retry that has just begun."""
    clock = FakeClock()
    return fold("a", [started(clock.now, mode=Mode.RETRY, on=paper((1,)), **changes)]), clock  # type: ignore[arg-type]


def test_the_end_of_a_retry() -> None:
    """Marks and metric, what it took, and the commands to go on with; no pass or fail for a single question."""
    text = result_text(ended(), FakeClock().now, "9f" * 32)
    assert "4/5 · accuracy 0.91, 0.01 to the next mark at 0.92" in text
    assert "submissions 1 · hints used 1 · worked 0:01:30" in text
    assert "receipt 9f9f" in text
    commands = [line.strip().partition("  ")[0] for line in text.partition("next:\n")[2].splitlines()]
    assert commands == ["mockexam review last", "mockexam review diff last q1-aa", "mockexam retry simple_model"]
    assert "PASS" not in text
    assert "FAIL" not in text


def test_a_retry_without_a_submission() -> None:
    """There is nothing to lay beside the reference."""
    text = result_text(ended(marks=None), FakeClock().now, None)
    assert "–/5" in text
    assert "submissions 0" in text
    assert "review diff" not in text


def test_the_end_of_an_exam() -> None:
    """Pass or fail and the weights; metrics and next steps belong to the review."""
    text = result_text(ended(Mode.EXAM, duration=600.0), FakeClock().now, "9f" * 32)
    assert text.startswith("FAIL: 80 %")
    assert "accuracy" not in text
    assert "next:" not in text


@pytest.mark.parametrize(("duration", "time"), [(None, "untimed"), (1200.0, "0:20:00 left")])
def test_the_status_of_a_retry(duration: float | None, time: str) -> None:
    """One line; the marks of its question in place of a percentage. Then its folder, while models are received."""
    attempt, clock = running(duration=duration)
    assert status_line(attempt, clock.now) == f"{time} · –/5"
    folder = attempt.paper.items[0].folder
    assert folder_lines(attempt) == [f"Q1 {attempt.workspace}/{folder}"]
    assert folder_lines(ended(Mode.RETRY)) == []
    data = json.loads(json.dumps(as_data(attempt, clock.now)))
    assert (data["remaining_seconds"], data["phase"]) == (duration, "running")


def test_metrics_in_data() -> None:
    """Told of a retry; an exam keeps them back."""
    (retried,), (examined,) = (as_data(ended(mode), FakeClock().now)["questions"] for mode in (Mode.RETRY, Mode.EXAM))
    assert (retried["metric"], retried["value"], retried["next_at"]) == ("accuracy", 0.91, 0.92)
    assert (retried["hints"], retried["seconds"]) == (1, 90.0)
    assert {"metric", "value", "next_at"} & set(examined) == set()
