"""Marked again: both verdicts stay on record, faults are mended, and what can't be marked again is said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from mockexam.errors import GraderFaultError, UserError
from mockexam.exam import events as ev
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import ModelGraded
from mockexam.session.ports import ProgressCallback
from mockexam.session.regrade import RegradeChange, Versions, regrade
from mockexam.store.retention import delete_attempts
from tests.histories import alter
from tests.store.past import Past


@dataclass
class Marker:
    """Gives the marks it is told for a model (by its file's name), else 3; fails where it is told."""

    says: dict[str, int | Verdict] = field(default_factory=dict)
    faults: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], object] = lambda: None
    """Called when a model is about to be marked."""

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ev.ModelFormat
    ) -> ModelGraded:
        assert (data_seed, len(holdout_seed)) == ("7K3Q-F2XM", 32)
        assert model.exists()
        self.asked.append(model.stem)
        self.meanwhile()
        await asyncio.sleep(0)
        if model.stem in self.faults:
            raise GraderFaultError("the predictor died")
        said = self.says.get(model.stem, 3)
        graded = not isinstance(said, Verdict)
        return ModelGraded(
            job="1",
            verdict=Verdict.GRADED if graded else said,
            marks=said if graded else None,
            metric="accuracy" if graded else None,
            value=0.7 if graded else None,
            message="" if graded else "told why",
            isolation="x",
            versions={"keras": "4", "numpy": "2"},
            seconds=0.1,
        )


class Room(Past):
    """Past attempts, a bank that has their questions, and a marker."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.grader = Marker()
        self.prints = {"simple_model/made_up": "f" * 64, "learning_dataset/made_up": "f" * 64}

    async def regrade(self, attempt: str, told: ProgressCallback = lambda *_: None) -> dict[str, RegradeChange]:
        """Mark again; what came of each submission."""
        bank: Any = SimpleNamespace(questions={q: SimpleNamespace(is_edition=p.__eq__) for q, p in self.prints.items()})
        changes = await regrade(self.journal, self.grader, bank, self.clock, attempt, self.submissions, told)
        return {change.submission: change for change in changes}


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "home")


async def test_both_verdicts_stay_and_the_first_counts(room: Room) -> None:
    """Other marks are told and recorded, the result is not touched; only versions that differ are named."""
    attempt = room.begin()
    one, two = room.submit(attempt, 1, "a", 4), room.submit(attempt, 2, "b", 3)
    room.end(attempt)
    receipt = room.journal.receipt(attempt)
    room.grader.says[one] = 2
    told: list[tuple[float, str]] = []

    changes = await room.regrade(attempt, lambda fraction, text: told.append((fraction, text)))

    changed, same = changes[one], changes[two]
    assert (changed.before, changed.marks_before, changed.after, changed.marks_after) == (
        Verdict.GRADED, 4, Verdict.GRADED, 2,
    )  # fmt: skip
    assert (changed.changed, changed.mended, same.changed) == (True, False, False)
    assert changed.versions == (Versions("keras", "3", "4"), Versions("numpy", "", "2"))
    state = room.journal.attempt(attempt)
    first = state.submission(one)
    assert (first.marks, [r.marks for r in first.regrades]) == (4, [2])
    assert room.journal.receipt(attempt) == receipt
    assert room.journal.verify(attempt) is None
    assert [fraction for fraction, _ in told] == [0.0, 0.5, 1.0]
    assert "question 2" in told[1][1]


async def test_a_fault_of_the_marker_is_mended(room: Room) -> None:
    """What could not be marked gets its marks, and the new total a new receipt, once."""
    attempt = room.begin()
    owed = room.submit(attempt, 1, "a", verdict=Verdict.GRADER_ERROR)
    room.submit(attempt, 2, "b", 5)
    room.end(attempt)
    before = room.journal.receipt(attempt)
    room.grader.says = {owed: 5}

    change = (await room.regrade(attempt))[owed]

    assert (change.before, change.marks_after, change.mended, change.changed) == (Verdict.GRADER_ERROR, 5, True, True)
    state, mended = room.journal.attempt(attempt), room.journal.receipt(attempt)
    assert state.settled is not None
    assert (state.settled.earned, state.settled.passed) == (15, True)
    assert mended != before
    await room.regrade(attempt)
    assert room.journal.receipt(attempt) == mended
    assert room.journal.attempt(attempt).submission(owed).marks == 5


async def test_what_can_not_be_marked_again_is_said(room: Room) -> None:
    """A question that is gone or another now, a model that is pruned or altered: with the reason, and not marked."""
    attempt = room.begin()
    pruned, altered, fine = (room.submit(attempt, 1, text, 3) for text in ("a", "b", "c"))
    other = room.submit(attempt, 2, "folder", 3)
    room.end(attempt)
    stored = room.submissions / attempt
    (stored / f"{pruned}.keras").unlink()
    (stored / f"{altered}.keras").chmod(0o600)
    (stored / f"{altered}.keras").write_bytes(b"tampered")
    room.prints["learning_dataset/made_up"] = "0" * 64

    changes = await room.regrade(attempt)

    assert room.grader.asked == [fine]
    assert "no longer stored" in changes[pruned].left_out
    assert "altered" in changes[altered].left_out
    assert "changed since" in changes[other].left_out
    assert (changes[other].after, changes[other].changed, changes[other].fault) == (None, False, False)
    del room.prints["simple_model/made_up"]
    changes = await room.regrade(attempt)
    assert all("no longer in the bank" in changes[name].left_out for name in (pruned, altered, fine))


async def test_a_saved_model_is_marked_again(room: Room) -> None:
    """Its folder is known by the hash that it was received with."""
    attempt = room.begin()
    folder = room.submit(attempt, 2, "folder", 3)
    room.end(attempt)
    assert (await room.regrade(attempt))[folder].left_out == ""


@pytest.mark.parametrize("way", ["raised", "said"])
async def test_a_fault_is_told_and_never_recorded(room: Room, way: str) -> None:
    """It is no verdict, whether the marker fails or says that it failed; after two the rest is not tried."""
    attempt = room.begin()
    names = [room.submit(attempt, 1, text, 3) for text in "abcd"]
    room.end(attempt)
    if way == "raised":
        room.grader.faults = set(names[1:])
    else:
        room.grader.says = dict.fromkeys(names[1:], Verdict.GRADER_ERROR)

    changes = await room.regrade(attempt)

    assert room.grader.asked == names[:3]
    assert [changes[name].fault for name in names] == [False, True, True, False]
    assert "not tried" in changes[names[3]].left_out
    regrades = [len(s.regrades) for s in room.journal.attempt(attempt).submissions]
    assert regrades == [1, 0, 0, 0]


async def test_refused_while_an_attempt_is_under_way(room: Room) -> None:
    """The attempt itself, or another one; one that begins meanwhile stops it, and what was marked stays recorded."""
    attempt = room.begin()
    with pytest.raises(UserError, match="not ended"):
        await room.regrade(attempt)
    names = [room.submit(attempt, 1, text, 3) for text in "ab"]
    room.end(attempt)
    room.grader.meanwhile = room.begin

    with pytest.raises(UserError, match="attempt is running"):
        await room.regrade(attempt)

    assert room.grader.asked == names[:1]
    assert [len(s.regrades) for s in room.journal.attempt(attempt).submissions] == [1, 0]
    with pytest.raises(UserError, match="attempt is running"):
        await room.regrade(attempt)
    assert room.grader.asked == names[:1]


async def test_cut_short_it_keeps_what_was_marked(room: Room) -> None:
    """Cancelled while the second is marked: the first is mended, and the new result recorded."""
    attempt = room.begin()
    owed = room.submit(attempt, 1, "a", verdict=Verdict.GRADER_ERROR)
    room.submit(attempt, 2, "b", 1)
    room.end(attempt)
    before = room.journal.receipt(attempt)
    task = asyncio.create_task(room.regrade(attempt))
    room.grader.meanwhile = lambda: len(room.grader.asked) == 2 and task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    state = room.journal.attempt(attempt)
    assert (state.submission(owed).marks, state.settled and state.settled.earned) == (3, 5)
    assert [len(s.regrades) for s in state.submissions] == [1, 0]
    assert room.journal.receipt(attempt) != before


async def test_deleted_meanwhile(room: Room) -> None:
    """A verdict for an attempt that is gone is told, and brings nothing back."""
    attempt = room.ended()
    room.grader.meanwhile = lambda: delete_attempts(room.journal, [attempt], room.submissions)
    with pytest.raises(UserError, match="deleted"):
        await room.regrade(attempt)
    assert room.journal.newest() is None


async def test_an_altered_attempt_is_not_marked_again(room: Room) -> None:
    """Nothing is chained onto a broken chain."""
    attempt = room.ended()
    alter(room.journal.connection, attempt, 3, old='"marks":2', new='"marks":5')
    with pytest.raises(UserError, match="not intact"):
        await room.regrade(attempt)
    assert room.grader.asked == []
