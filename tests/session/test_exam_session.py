"""A sitting on real files and a real record: receipts, the end, and a disk that is full at the wrong moment."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import h5py
import pytest

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Phase
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Counts, Mode
from mockexam.exam.scoring import Verdict
from mockexam.exam.training_history import FitHistory, TrainingHistory
from mockexam.grading.protocol import ModelGraded
from mockexam.machine_clock import MachineClock
from mockexam.paths import StatePaths
from mockexam.session import exam_session as exam_session_module
from mockexam.session import finish_request as module
from mockexam.session.event_log import EventLog
from mockexam.session.exam_session import ExamSession
from mockexam.session.finish_request import FinishRequest
from mockexam.session.ports import Hint
from mockexam.session.script_runs import ScriptRuns
from mockexam.store.attempt_lock import AttemptLock
from mockexam.store.journal import Journal, JournalEntry
from mockexam.workspace import receive
from mockexam.workspace.layout import Workspace
from mockexam.workspace.receive import Store
from mockexam.workspace.watch import Watcher
from tests.factories import paper, started


@dataclass
class GoodMarker:
    """Gives 4 marks to all; stands in for the marker's processes, which are tested for real elsewhere."""

    state: str = "warm"
    isolation: str = "none"
    detail: str = ""
    asked: list[str] = field(default_factory=list)

    async def warm_up(self) -> None:
        """Nothing to do."""

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ev.ModelFormat
    ) -> ModelGraded:
        self.asked.append(model.name)
        return ModelGraded(
            job="1", verdict=Verdict.GRADED, marks=4, metric="mae", value=1.0, isolation="x", versions={}, seconds=0.1
        )


class ShiftedClock:
    """The machine's clock, set off by so many seconds."""

    def __init__(self) -> None:
        self.offset = 0.0

    def read(self) -> Reading:
        now = MachineClock().read()
        return Reading(now.wall + self.offset, now.boot + self.offset, now.boot_id)


class Room:
    """A workspace with a sitting over it."""

    def __init__(
        self,
        folder: Path,
        *,
        duration: float | None = 600.0,
        counts: Counts = Counts.BEST,
        mode: Mode = Mode.EXAM,
        attempt: str = "",
        weights: tuple[int, ...] = (1, 2),
    ) -> None:
        """A new attempt with a question of each weight, or the one of this id."""
        self.folder = folder
        self.clock = ShiftedClock()
        self.root = folder / "room"
        self.state = StatePaths(folder)
        self.journal = Journal(self.state.database)
        self.paper = paper(weights)
        for item in self.paper.items:
            (self.root / item.folder).mkdir(parents=True, exist_ok=True)
        start = started(
            self.clock.read(), duration=duration, counts=counts, mode=mode, on=self.paper, workspace=str(self.root)
        )
        self.attempt = attempt or self.journal.start(start)
        self.grader = GoodMarker()

    def open(self) -> ExamSession:
        """Take charge of the attempt."""
        event_log = EventLog(self.journal, self.attempt)
        lock = AttemptLock(self.state.locks)
        lock.take()
        return ExamSession(
            event_log,
            clock=self.clock,
            grader=self.grader,  # type: ignore[arg-type]
            workspace=Workspace(self.root),
            watcher=Watcher(Workspace(self.root), self.paper),
            store=Store(self.state.submissions, self.attempt),
            lock=lock,
            finish_request=FinishRequest(self.state.locks, self.attempt),
            runs=self.state.runs / self.attempt,
            brief=lambda question: question,
            hints=lambda question: [f"{question} one", "two", "three"],
        )

    def save(self, number: int, content: str) -> Path:
        """Save a model that is whole by structure."""
        path = self.root / self.paper.item(number).folder / "mymodel.keras"
        weights = io.BytesIO()
        with h5py.File(weights, "w") as file:
            file["w"] = [1.0]
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1", "note": content}))
            archive.writestr("config.json", "{}")
            archive.writestr("model.weights.h5", weights.getvalue())
        return path


async def until(true: Callable[[], bool], seconds: float = 10) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def test_receives_marks_and_settles(tmp_path: Path) -> None:
    """Saved, received, marked, finished, settled; each change is told to whoever subscribed."""
    room = Room(tmp_path)
    session = room.open()
    pictures: list[Phase] = []
    session.subscribe(lambda snapshot: pictures.append(snapshot.phase))
    run = asyncio.create_task(session.run())
    room.save(1, "a")
    await until(lambda: session.snapshot.attempt.questions[0].marks == 4)
    await session.finish()
    await asyncio.wait_for(run, 5)
    assert session.snapshot.attempt.phase is Phase.ENDED
    assert pictures[0] is Phase.RUNNING
    assert pictures[-1] is Phase.ENDED
    assert room.journal.verify(room.attempt) is None


async def test_the_training_is_kept_with_the_model_of_its_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIVEN question 1's run printed a curve WHEN models of both questions come THEN only the first has it."""
    room = Room(tmp_path)
    fit = FitHistory(3, (1, 2), (0.5, 0.4), {"loss": (0.123456789, None)})
    monkeypatch.setattr(ScriptRuns, "training_of", lambda _, n, __: TrainingHistory((fit,) if n == 1 else ()))
    session = room.open()
    run = asyncio.create_task(session.run())
    room.save(1, "a")
    room.save(2, "b")
    await until(lambda: len(session.snapshot.attempt.submissions) == 2)
    await session.finish()
    await asyncio.wait_for(run, 5)
    first, second = (q.submissions[0] for q in room.journal.attempt(room.attempt).questions)
    assert first.training == (replace(fit, series={"loss": (0.12346, None)}),)
    assert second.training == ()
    assert room.journal.verify(room.attempt) is None


async def test_a_training_that_can_not_be_recorded_costs_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up right after the model was received: the curve is lost, nothing else."""
    room = Room(tmp_path)
    fit = FitHistory(1, (1,), (0.5,), {"loss": (0.5,)})
    monkeypatch.setattr(ScriptRuns, "training_of", lambda *_: TrainingHistory((fit,)))
    session = room.open()
    append = room.journal.append

    def full(attempt: str, event: ev.Event) -> JournalEntry:
        if isinstance(event, ev.TrainingRecorded):
            raise UserError("The database can't be written: disk full.")
        return append(attempt, event)

    monkeypatch.setattr(room.journal, "append", full)
    run = asyncio.create_task(session.run())
    room.save(1, "a")
    await until(lambda: session.snapshot.attempt.questions[0].marks == 4)
    await session.finish()
    await asyncio.wait_for(run, 5)
    assert session.snapshot.attempt.submissions[0].training == ()


async def test_what_lies_there_at_the_finish_is_received(tmp_path: Path) -> None:
    """A model saved the moment before, and not yet still, is not lost."""
    room = Room(tmp_path)
    session = room.open()
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0.3)
    room.save(1, "a")
    room.save(2, "b")
    await session.finish()
    await asyncio.wait_for(run, 5)
    assert [q.marks for q in session.snapshot.attempt.questions] == [4, 4]


async def test_a_full_disk_at_the_end_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The end waits until what was saved in time can be kept; that is told."""
    monkeypatch.setattr(module, "_SWEEP_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(receive, "SPARE_BYTES", 10**18)
    room = Room(tmp_path)
    session = room.open()
    run = asyncio.create_task(session.run())
    room.save(1, "a")
    await until(lambda: any("disk is full" in line.text for line in session.snapshot.activity))
    ending = asyncio.create_task(session.finish())
    await asyncio.sleep(0.4)
    assert session.snapshot.attempt.finished is None
    monkeypatch.setattr(receive, "SPARE_BYTES", 0)
    await asyncio.wait_for(ending, 5)
    await asyncio.wait_for(run, 5)
    assert session.snapshot.attempt.questions[0].marks == 4


async def test_time_up_ends_it(tmp_path: Path) -> None:
    """The attempt ends by the clock alone, at the moment that the clock says."""
    room = Room(tmp_path, duration=600)
    session = room.open()
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0.2)
    room.clock.offset = 601
    await asyncio.wait_for(run, 5)
    finished = session.snapshot.attempt.finished
    assert finished is not None
    assert finished.reason == "time_up"
    assert session.snapshot.attempt.time_used(room.clock.read()) == 600


async def test_reopening_does_not_reorder(tmp_path: Path) -> None:
    """With counts = last, files that only lie there when the app is reopened are not saved anew; a real save is."""
    room = Room(tmp_path, counts=Counts.LAST)
    first = room.save(1, "a").read_bytes()
    await _visit(room, receipts=1)
    path = room.save(1, "b")
    await _visit(room, receipts=2)
    order = await _visit(room, receipts=2, stay=1.5)
    assert order == ["a", "b"]
    path.write_bytes(first)
    assert await _visit(room, receipts=3) == ["b", "a"]


async def test_the_same_model_saved_again_is_on_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is no new submission, but its time is the new one and a line says so; what ran since did not make it."""
    room = Room(tmp_path)
    losses = iter([0.5, 0.25, 0.25])
    monkeypatch.setattr(
        ScriptRuns, "training_of", lambda *_: TrainingHistory((FitHistory(1, (1,), (0.5,), {"loss": (next(losses),)}),))
    )
    (room.root / room.paper.item(1).folder / "solution.py").write_text("first")
    session = room.open()
    run = asyncio.create_task(session.run())
    path = room.save(1, "a")
    await until(lambda: bool(session.snapshot.attempt.submissions))
    await until(lambda: bool(session.snapshot.attempt.submissions[0].training))
    before = session.snapshot.attempt.submissions[0].saved
    (room.root / room.paper.item(1).folder / "solution.py").write_text("second")
    path.write_bytes(path.read_bytes())
    await until(lambda: session.snapshot.attempt.submissions[0].saved > before)
    (submission,) = session.snapshot.attempt.submissions
    assert [fit.series["loss"] for fit in submission.training] == [(0.5,)]
    assert [script.text for script in session.scripts(1, submission.id)] == ["first"]
    assert any("saved again" in line.text for line in session.snapshot.activity)
    await session.close()
    await run


async def test_a_wrong_place_is_the_news_until_a_model_is_received(tmp_path: Path) -> None:
    """After the file is gone there is no such news either, nor is there of what the app offers to submit."""
    room = Room(tmp_path)
    session = room.open()
    run = asyncio.create_task(session.run())
    folder = room.root / room.paper.item(1).folder
    (folder / "models").mkdir()
    misplaced = room.save(1, "a").rename(folder / "models" / "mymodel.keras")
    await until(lambda: "models/mymodel.keras" in session.snapshot.unreceived.get(1, ""))
    room.save(1, "b")
    await until(lambda: bool(session.snapshot.attempt.submissions))
    await until(lambda: not session.snapshot.unreceived)
    (folder / "mymodel (3).keras").write_bytes(misplaced.read_bytes())
    await until(lambda: any("(3).keras isn't graded" in line.text for line in session.snapshot.activity))
    assert not session.snapshot.unreceived
    (folder / "models" / "mymodel (2).keras").write_bytes(misplaced.read_bytes())
    await until(lambda: "mymodel (2).keras" in session.snapshot.unreceived.get(1, ""))
    (folder / "models" / "mymodel (2).keras").unlink()
    await until(lambda: not session.snapshot.unreceived)
    await session.close()
    await run


async def test_a_workspace_that_is_moved_is_said_once_and_goes_on_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line each; what is saved afterwards is received."""
    monkeypatch.setattr(exam_session_module, "_MISSING_SECONDS", 1)
    room = Room(tmp_path)
    session = room.open()
    run = asyncio.create_task(session.run())

    def said(what: str) -> int:
        return sum(what in line.text for line in session.snapshot.activity)

    await asyncio.sleep(0.5)
    room.root.rename(tmp_path / "elsewhere")
    await until(lambda: said("workspace is gone") == 1)
    await asyncio.sleep(2.5)
    assert said("gone") == 1
    (tmp_path / "elsewhere").rename(room.root)
    await until(lambda: said("workspace is back") == 1)
    room.save(1, "a")
    await until(lambda: session.snapshot.attempt.receipts == 1)
    await session.close()
    await run


async def _visit(room: Room, *, receipts: int, stay: float = 0.0) -> list[str]:
    """Open the attempt until it has so many receipts, and leave; returns the saves in their order."""
    session = room.open()
    run = asyncio.create_task(session.run())
    await until(lambda: session.snapshot.attempt.receipts == receipts and not session.snapshot.attempt.waiting)
    await asyncio.sleep(stay)
    await session.close()
    await run
    attempt = session.snapshot.attempt
    assert attempt.receipts == receipts
    names = {s.id: name for name, s in zip("ab", attempt.submissions, strict=False)}
    return [names[s.id] for s in sorted(attempt.submissions, key=lambda s: s.order)]


async def test_another_process_can_finish(tmp_path: Path) -> None:
    """A finish on record from elsewhere ends this sitting too."""
    room = Room(tmp_path)
    session = room.open()
    run = asyncio.create_task(session.run())
    await asyncio.sleep(0.3)
    other = Journal(room.state.database)
    other.append(room.attempt, ev.Finished(at=room.clock.read(), reason="candidate"))
    await asyncio.wait_for(run, 5)
    assert session.snapshot.attempt.phase is Phase.ENDED


async def test_hints_are_given_once_they_are_on_record(tmp_path: Path) -> None:
    """Step by step; each use is an event, and what was seen is still seen when the attempt is opened again."""
    room = Room(tmp_path, mode=Mode.RETRY, duration=None)
    session = room.open()
    assert session.hints(1) == ()
    first = session.next_hint(1)
    assert first == Hint(step=1, of=3, text="simple_model/made_up one")
    noted = list(room.journal.entries(room.attempt))[-1].event
    assert noted == ev.Noted(at=noted.at, number=1, what="hint", detail="1")
    await session.close()

    again = room.open()
    assert again.hints(1) == (first,)
    assert again.hints(2) == ()
    told = [again.next_hint(1), again.next_hint(1), again.next_hint(1)]
    assert [hint.text if hint else None for hint in told] == ["two", "three", None]
    assert len(again.hints(1)) == 3
    assert [line.text for line in again.snapshot.activity if "hint" in line.text] == [
        "hint 1 was shown", "hint 2 was shown", "hint 3 was shown",
    ]  # fmt: skip
    await again.close()


async def test_a_hint_that_cannot_be_recorded_is_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on a full disk nor after the end."""
    room = Room(tmp_path, mode=Mode.RETRY)
    session = room.open()

    def full(attempt: str, event: ev.Event) -> None:
        raise UserError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(room.journal, "append", full)
        with pytest.raises(UserError, match="disk is full"):
            session.next_hint(1)
    assert session.hints(1) == ()
    room.journal.append(room.attempt, ev.Finished(at=room.clock.read(), reason="candidate"))
    with pytest.raises(UserError, match="finished"):
        session.next_hint(1)
    assert room.journal.attempt(room.attempt).hints(1) == 0


async def test_an_exam_has_no_hints(tmp_path: Path) -> None:
    """They are for retries; nothing is recorded."""
    room = Room(tmp_path)
    session = room.open()
    with pytest.raises(UserError, match="no hints in an exam"):
        session.next_hint(1)
    assert session.hints(1) == ()
    assert room.journal.attempt(room.attempt).notes == ()


async def test_an_untimed_attempt_runs_until_it_is_finished(tmp_path: Path) -> None:
    """However far the clock goes."""
    room = Room(tmp_path, mode=Mode.RETRY, duration=None)
    session = room.open()
    run = asyncio.create_task(session.run())
    room.clock.offset = 10_000_000
    await asyncio.sleep(1.2)
    assert (session.snapshot.phase, session.snapshot.remaining) == (Phase.RUNNING, None)
    room.save(1, "a")
    await session.finish()
    await asyncio.wait_for(run, 5)
    assert session.snapshot.attempt.questions[0].marks == 4
