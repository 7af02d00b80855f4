"""A retry's graded submissions are diagnosed once each, after all marks, and no mark ever hangs on it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self

import pytest
import pytest_asyncio

from mockexam.errors import GraderFaultError
from mockexam.exam import events as ev
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import ModelDiagnosed, ModelGraded
from mockexam.session import grading_queue
from mockexam.session.event_log import EventLog
from mockexam.session.grading_queue import DiagnosisQueue, GradingQueue, LateDiagnoses, catch_up
from mockexam.store.journal import Journal
from tests.factories import FakeClock, received, started


@dataclass
class Marker:
    """Marks with 3 and diagnoses, or fails; holds a job while told to. Stands in for the marker's processes."""

    refused: set[str] = field(default_factory=set)
    faulty: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing to end."""

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ev.ModelFormat
    ) -> ModelGraded:
        self.asked.append(f"mark {model.stem}")
        await asyncio.sleep(0)
        if model.stem in self.refused:
            return ModelGraded(job="1", verdict=Verdict.INVALID_MODEL, isolation="x", versions={}, seconds=0.1)
        return ModelGraded(
            job="1", verdict=Verdict.GRADED, marks=3, metric="mae", value=1.0, isolation="x", versions={}, seconds=0.1
        )

    async def diagnose(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ev.ModelFormat
    ) -> ModelDiagnosed:
        assert (data_seed, len(holdout_seed) > 8, format) == ("7K3Q-F2XM", True, "keras")
        self.asked.append(f"diagnose {model.stem}")
        await self.go_on.wait()
        if model.stem in self.faulty:
            raise GraderFaultError("the data maker lost its thread")
        return ModelDiagnosed(job="1", train_value=0.5, findings=["Overfitting.", "Too sure."])


@dataclass
class Room:
    """A logbook, a folder of copies, and both loops over them."""

    folder: Path
    mode: Mode = Mode.RETRY
    clock: FakeClock = field(default_factory=FakeClock)
    grader: Marker = field(default_factory=Marker)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    late: LateDiagnoses | None = None

    def __post_init__(self) -> None:
        self.journal = Journal(self.folder / "r.sqlite3")
        self.attempt = self.journal.start(started(self.clock.now, mode=self.mode))

    def open(self) -> None:
        """Take charge, as a sitting does."""
        self.event_log = EventLog(self.journal, self.attempt)
        self.diagnosing = DiagnosisQueue(self.event_log, self.grader, self.clock, self.folder, self.late)
        self.loop = GradingQueue(
            self.event_log, self.grader, self.clock, self.folder, lambda: None, self.diagnosing.wake
        )
        self.tasks = [asyncio.create_task(self.loop.run()), asyncio.create_task(self.diagnosing.run())]

    async def close(self) -> None:
        """Let go of it."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def save(self, *names: str) -> None:
        """Receive models."""
        for name in names:
            digest = hashlib.sha256(name.encode()).hexdigest()
            event = replace(received(self.clock.advance(1), 1, name), sha256=digest)
            (self.folder / event.stored).parent.mkdir(exist_ok=True)
            (self.folder / event.stored).write_text(name)
            self.event_log.append(event)
        self.loop.wake()

    async def settle(self) -> None:
        """Finish, have all marked, record the result."""
        self.event_log.append(ev.Finished(at=self.clock.now, reason="candidate"))
        self.loop.wake()
        await asyncio.wait_for(asyncio.shield(self.tasks[0]), 5)
        self.event_log.append(ev.Settled(at=self.clock.now, earned=3, possible=75, passed=False))

    def diagnosed(self) -> dict[str, tuple[str, ...]]:
        """Findings by submission, in order of receipt."""
        return {s.id: s.diagnosis.findings for s in self.event_log.state.submissions if s.diagnosis}


@pytest_asyncio.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """An open retry whose diagnoses come at once."""
    made = Room(tmp_path)
    made.grader.go_on.set()
    made.open()
    yield made
    await made.close()


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


async def test_after_all_marks_the_newest_first(room: Room) -> None:
    """What waits is marked before anything is diagnosed; the diagnosis is on record with its figures."""
    room.save("aa", "bb")
    await until(lambda: len(room.diagnosed()) == 2)

    assert room.grader.asked == ["mark bb", "mark aa", "diagnose bb", "diagnose aa"]
    diagnosis = room.event_log.state.submission("q1-aa").diagnosis
    assert diagnosis is not None
    assert (diagnosis.train_value, diagnosis.findings) == (0.5, ("Overfitting.", "Too sure."))


async def test_marks_of_what_comes_meanwhile_come_first(room: Room) -> None:
    """Of two that are due, the second waits until the newcomer has its marks."""
    room.grader.go_on.clear()
    room.save("aa", "bb")
    await until(lambda: "diagnose bb" in room.grader.asked)
    room.save("cc")
    room.grader.go_on.set()
    await until(lambda: len(room.diagnosed()) == 3)

    asked = room.grader.asked[3:]
    assert asked.index("mark cc") < asked.index("diagnose cc") < asked.index("diagnose aa")


async def test_a_diagnosis_that_fails_is_not_tried_again_nor_shown(room: Room) -> None:
    """No event, no line, no harm to the next one."""
    room.grader.faulty.add("aa")
    lines: list[str] = []
    room.event_log.listeners.append(lambda state, event, line: lines.append(line.text if line else ""))
    room.save("aa")
    await until(lambda: "diagnose aa" in room.grader.asked)
    before = len(lines)
    room.save("bb")
    await until(lambda: "q1-bb" in room.diagnosed())

    assert room.grader.asked.count("diagnose aa") == 1
    assert list(room.diagnosed()) == ["q1-bb"]
    assert not any("thread" in line for line in lines)
    assert before == 2  # received, marked
    assert room.event_log.state.submission("q1-aa").marks == 3


async def test_only_graded_ones(room: Room) -> None:
    """A refusal says itself what is wrong."""
    room.grader.refused.add("aa")
    room.save("aa", "bb")
    await until(lambda: "q1-bb" in room.diagnosed())

    assert "diagnose aa" not in room.grader.asked


async def test_an_exam_is_diagnosed_when_it_has_ended_and_not_before(tmp_path: Path) -> None:
    """Nothing is diagnosed while it runs or is graded; then the model that counts, and no other."""
    room = Room(tmp_path, Mode.EXAM)
    room.grader.go_on.set()
    room.open()
    room.save("aa", "bb")
    await until(lambda: all(s.marks == 3 for s in room.event_log.state.submissions))
    room.diagnosing.wake()
    await asyncio.sleep(0.05)
    room.event_log.append(ev.Finished(at=room.clock.now, reason="candidate"))
    room.diagnosing.wake()
    await asyncio.sleep(0.05)
    assert (sorted(room.grader.asked), room.diagnosing.pending) == (["mark aa", "mark bb"], 0)

    room.event_log.append(ev.Settled(at=room.clock.now, earned=3, possible=75, passed=False))
    assert room.diagnosing.pending == 1
    await asyncio.wait_for(room.diagnosing.finish(), 5)
    await room.close()

    assert room.grader.asked[2:] == ["diagnose aa"]  # the first of the best counts
    assert list(room.diagnosed()) == ["q1-aa"]
    assert room.diagnosing.pending == 0


async def test_what_was_left_is_diagnosed_at_the_next_opening(tmp_path: Path) -> None:
    """The app is left while an exam is diagnosed; the next one catches up once, but never during an attempt."""
    late, locks = LateDiagnoses(tmp_path / "locks"), tmp_path / "locks"
    locks.mkdir()
    room = Room(tmp_path, Mode.EXAM, late=late)
    room.open()
    room.save("aa")
    await until(lambda: room.event_log.state.submission("q1-aa").marks == 3)
    await room.settle()
    finishing = asyncio.create_task(room.diagnosing.finish())
    await until(lambda: "diagnose aa" in room.grader.asked)
    finishing.cancel()
    await room.close()
    assert late.attempts() == [room.attempt]

    room.grader.go_on.set()
    other = room.journal.start(started(room.clock.advance(1)))
    await catch_up(room.journal, lambda: room.grader, room.clock, tmp_path, late)
    assert (late.attempts(), room.grader.asked.count("diagnose aa")) == ([room.attempt], 1)
    room.journal.append(other, ev.Finished(at=room.clock.now, reason="candidate"))
    room.journal.append(other, ev.Settled(at=room.clock.now, earned=0, possible=75, passed=False))
    await catch_up(room.journal, lambda: room.grader, room.clock, tmp_path, late)

    diagnosis = room.journal.attempt(room.attempt).submission("q1-aa").diagnosis
    assert diagnosis is not None
    assert diagnosis.findings == ("Overfitting.", "Too sure.")
    assert late.attempts() == []


async def test_the_result_waits_for_no_diagnosis(room: Room) -> None:
    """It is settled while one is under way; that one and the rest are still made, and recorded after the result."""
    room.grader.go_on.clear()
    room.save("aa", "bb")
    await until(lambda: "diagnose bb" in room.grader.asked)
    await room.settle()
    assert room.diagnosed() == {}

    finishing = asyncio.create_task(room.diagnosing.finish())
    await asyncio.sleep(0.05)
    assert not finishing.done()
    room.grader.go_on.set()
    await asyncio.wait_for(finishing, 5)

    assert list(room.diagnosed()) == ["q1-aa", "q1-bb"]
    assert room.journal.verify(room.attempt) is None


async def test_the_end_has_an_end(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """A diagnosis that takes for ever is given up, and so is one whose loop has died."""
    monkeypatch.setattr(grading_queue, "LAST_SECONDS", 0.1)
    room.grader.go_on.clear()
    room.save("aa")
    await until(lambda: "diagnose aa" in room.grader.asked)
    await room.settle()
    await asyncio.wait_for(room.diagnosing.finish(), 2)

    monkeypatch.setattr(grading_queue, "LAST_SECONDS", 60.0)
    room.tasks[1].cancel()
    with suppress(asyncio.CancelledError):
        await room.tasks[1]
    await asyncio.wait_for(room.diagnosing.finish(), 1)
    assert room.diagnosed() == {}


async def test_caught_up_after_a_restart_once(tmp_path: Path) -> None:
    """What was graded and not diagnosed when the app ended; what was diagnosed is left alone."""
    room = Room(tmp_path)
    room.open()
    room.save("aa")
    await until(lambda: "diagnose aa" in room.grader.asked)
    await room.close()

    room.grader.asked.clear()
    room.grader.go_on.set()
    for expected in (["diagnose aa"], []):
        room.open()
        await until(lambda: bool(room.diagnosed()))
        await asyncio.sleep(0.05)
        await room.close()
        assert room.grader.asked == expected
        room.grader.asked.clear()


async def test_a_retry_that_ended_before_its_result_is_caught_up(tmp_path: Path) -> None:
    """Reopened after the finish: marked, settled, then diagnosed."""
    room = Room(tmp_path)
    room.grader.go_on.set()
    room.open()
    await room.close()
    room.save("aa")
    room.event_log.append(ev.Finished(at=room.clock.now, reason="candidate"))

    room.open()
    await asyncio.wait_for(room.tasks[0], 5)
    room.event_log.append(ev.Settled(at=room.clock.now, earned=3, possible=75, passed=False))
    await asyncio.wait_for(room.diagnosing.finish(), 5)
    await room.close()

    assert room.grader.asked == ["mark aa", "diagnose aa"]
    assert list(room.diagnosed()) == ["q1-aa"]
