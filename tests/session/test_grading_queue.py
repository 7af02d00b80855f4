"""Every received submission is marked once, and a fault of the marker is never a zero."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mockexam.errors import GraderFaultError
from mockexam.exam import events as ev
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import ModelGraded
from mockexam.session import grading_queue
from mockexam.session.event_log import EventLog
from mockexam.session.grading_queue import GradingQueue
from mockexam.store.journal import Journal
from tests.factories import FakeClock, received, started


@dataclass
class ScriptedMarker:
    """Marks with 3, or fails as often as told for a model; notes the order."""

    faults: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ev.ModelFormat
    ) -> ModelGraded:
        assert (data_seed, format) == ("7K3Q-F2XM", "keras")
        self.asked.append(model.stem)
        await asyncio.sleep(0)
        if self.faults.get(model.stem, 0) > 0:
            self.faults[model.stem] -= 1
            raise GraderFaultError("the predictor died")
        return ModelGraded(
            job="1", verdict=Verdict.GRADED, marks=3, metric="mae", value=1.0, isolation="x", versions={}, seconds=0.1
        )


@dataclass
class Room:
    """A logbook, a folder of copies and the loop over them."""

    event_log: EventLog
    clock: FakeClock
    store: Path
    grader: ScriptedMarker
    loop: GradingQueue

    def save(self, number: int, name: str) -> None:
        """Receive a model."""
        event = received(self.clock.advance(1), number, name)
        (self.store / event.stored).parent.mkdir(exist_ok=True)
        (self.store / event.stored).write_text(name)
        self.event_log.append(event)
        self.loop.wake()

    def finish(self) -> None:
        """Nothing more is received."""
        self.event_log.append(ev.Finished(at=self.clock.now, reason="candidate"))
        self.loop.wake()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(grading_queue, "_PAUSES", (0.0,))
    clock, grader = FakeClock(), ScriptedMarker()
    journal = Journal(tmp_path / "r.sqlite3")
    event_log = EventLog(journal, journal.start(started(clock.now)))
    loop = GradingQueue(event_log, grader, clock, tmp_path, lambda: None)
    return Room(event_log, clock, tmp_path, grader, loop)


async def test_newest_first_then_the_rest(room: Room) -> None:
    """All that waited is marked, once each."""
    for name in ("aa", "bb", "cc"):
        room.save(2, name)
    room.finish()
    await room.loop.run()
    assert room.grader.asked == ["cc", "bb", "aa"]
    assert room.event_log.state.waiting == ()


async def test_marks_what_comes_in_later(room: Room) -> None:
    """The loop sleeps until something is received and ends only after the finish."""
    running = asyncio.create_task(room.loop.run())
    await asyncio.sleep(0.01)
    room.save(1, "aa")
    await asyncio.sleep(0.05)
    assert room.event_log.state.questions[0].marks == 3
    assert not running.done()
    room.finish()
    await asyncio.wait_for(running, 1)


async def test_a_passing_fault_is_tried_again(room: Room) -> None:
    """Two failures, then marks; the failures stay on record and cost nothing."""
    room.grader.faults["aa"] = 2
    room.save(1, "aa")
    room.finish()
    await room.loop.run()
    submission = room.event_log.state.submission("q1-aa")
    assert (submission.marks, submission.faults) == (3, 2)


async def test_a_lasting_fault_is_no_zero_and_stops_nobody(room: Room) -> None:
    """After three failures it stands as the grader's error; the other submission is marked."""
    room.grader.faults["bb"] = 99
    room.save(1, "aa")
    room.save(2, "bb")
    room.finish()
    await room.loop.run()
    failed = room.event_log.state.submission("q2-bb")
    assert failed.grading is not None
    assert (failed.grading.verdict, failed.marks, failed.faults) == (Verdict.GRADER_ERROR, None, 3)
    assert room.event_log.state.questions[1].marks is None
    assert room.event_log.state.questions[0].marks == 3


async def test_a_lost_copy_is_the_graders_fault(room: Room) -> None:
    """If the kept copy is gone the candidate gets no zero for it."""
    room.save(1, "aa")
    (room.store / "x/aa.keras").unlink()
    room.finish()
    await room.loop.run()
    graded = room.event_log.state.submission("q1-aa").grading
    assert graded is not None
    assert graded.verdict is Verdict.GRADER_ERROR
    assert room.grader.asked == []


async def test_a_full_disk_loses_no_verdict(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict is recorded as soon as the record can be written again."""
    from mockexam.errors import UserError
    from mockexam.session import event_log as module

    monkeypatch.setattr(module, "_RETRY_SECONDS", 0.01)
    real, failures = room.event_log._journal.append, [3]

    def full(attempt: str, event: ev.Event) -> object:
        if isinstance(event, ev.Graded) and failures[0]:
            failures[0] -= 1
            raise UserError("The record can't be written: disk full.")
        return real(attempt, event)

    room.save(1, "aa")
    room.finish()
    monkeypatch.setattr(room.event_log._journal, "append", full)
    await room.loop.run()
    assert room.event_log.state.questions[0].marks == 3
    assert sum("disk full" in line.text for line in room.event_log.story) == 1
    assert room.grader.asked == ["aa"]


async def test_a_model_that_makes_the_marker_fail_delays_no_other(room: Room) -> None:
    """It is tried again after those that have not failed, and waits for its pause without holding them up."""
    room.grader.faults["bb"] = 99
    room.save(1, "aa")
    room.save(2, "bb")
    room.finish()
    await room.loop.run()
    assert room.grader.asked == ["bb", "aa", "bb", "bb"]


async def test_what_comes_in_during_a_pause_is_marked_at_once(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause before another try is the failed submission's alone."""
    monkeypatch.setattr(grading_queue, "_PAUSES", (30.0,))
    room.grader.faults["aa"] = 1
    room.save(1, "aa")
    running = asyncio.create_task(room.loop.run())
    await asyncio.sleep(0.05)
    room.save(2, "bb")
    await asyncio.sleep(0.05)
    assert room.event_log.state.submission("q2-bb").marks == 3
    running.cancel()


async def test_three_tries_in_all(room: Room) -> None:
    """Killed after the third failure, the app does not try a fourth time when it is opened again."""
    room.save(1, "aa")
    for _ in range(3):
        room.event_log.append(ev.GradingFailed(at=room.clock.now, submission="q1-aa", detail="the predictor died"))
    room.finish()
    await room.loop.run()
    graded = room.event_log.state.submission("q1-aa").grading
    assert graded is not None
    assert (graded.verdict, graded.message) == (Verdict.GRADER_ERROR, "The grader failed 3 times.")
    assert room.grader.asked == []


async def test_a_refusal_of_a_copy_that_has_changed_is_the_graders_fault(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failing disk must not make a candidate's model an invalid one."""
    room.save(1, "aa")  # its content is not what its receipt says

    async def refuse(*_: object, **__: object) -> ModelGraded:
        return ModelGraded(job="1", verdict=Verdict.INVALID_MODEL, isolation="x", versions={}, seconds=0.1)

    monkeypatch.setattr(room.grader, "grade", refuse)
    room.finish()
    await room.loop.run()
    graded = room.event_log.state.submission("q1-aa").grading
    assert graded is not None
    assert graded.verdict is Verdict.GRADER_ERROR
    assert "differs from what was received" in graded.message
