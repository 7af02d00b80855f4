"""Each submission has its scripts, and any of them comes back, while the attempt runs."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Submission
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Counts
from mockexam.session import candidate_actions, receiver
from mockexam.session.exam_session import ExamSession
from mockexam.workspace import scripts
from mockexam.workspace.receive import StoredModel
from mockexam.workspace.scan import DetectedModel
from mockexam.workspace.signature import FileState, Signature, sign
from tests.factories import received as receipt
from tests.session.test_exam_session import Room, until


class Sat:
    """A sitting that runs until the end of the block."""

    def __init__(self, room: Room) -> None:
        self.room = room

    async def __aenter__(self) -> ExamSession:
        self.session = self.room.open()
        self.run = asyncio.create_task(self.session.run())
        return self.session

    async def __aexit__(self, *error: object) -> None:
        await self.session.close()
        await self.run


def solve(room: Room, text: str, number: int = 1) -> None:
    """Write the solution."""
    (room.root / room.paper.item(number).folder / "solution.py").write_text(text)


def submissions(session: ExamSession) -> tuple[Submission, ...]:
    return session.snapshot.attempt.submissions


async def received(session: ExamSession, receipts: int) -> None:
    await until(lambda: session.snapshot.attempt.receipts == receipts)


def texts(session: ExamSession, submission: Submission) -> list[str]:
    return [script.text for script in session.scripts(1, submission.id)]


def recorded(room: Room, kind: type[ev.Event]) -> list[Any]:
    return [entry.event for entry in room.journal.entries(room.attempt) if isinstance(entry.event, kind)]


async def test_each_submission_has_its_scripts_and_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two models with their scripts; the first put back is received again as the last, with its own scripts."""
    monkeypatch.setattr(candidate_actions, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(candidate_actions, "NOTE_SECONDS", 0.0)
    room = Room(tmp_path, counts=Counts.LAST)
    solve(room, "first")
    async with Sat(room) as session:
        model = room.save(1, "a")
        whole = model.read_bytes()
        await received(session, 1)
        await asyncio.sleep(0.1)
        solve(room, "second")
        room.save(1, "b")
        await received(session, 2)
        first, second = submissions(session)
        assert (texts(session, first), texts(session, second)) == (["first"], ["second"])
        assert [s.text for s in session.scripts(1)] == ["second"]
        await until(lambda: len(recorded(room, ev.Noted)) == 1)

        assert await session.restore_submission(1, first.id) == ("solution.py", "mymodel.keras")

        assert model.read_bytes() == whole
        assert [s.text for s in session.scripts(1)] == ["first"]
        assert (model.parent / "solution.py.bak-1").read_text() == "second"
        await received(session, 3)
        assert max(submissions(session), key=lambda s: s.order).id == first.id
        assert await session.restore_submission(1, first.id) == ()
        await asyncio.sleep(0.2)
        lines = [line.text for line in session.snapshot.activity]
    (again,) = recorded(room, ev.ReceivedAgain)
    assert (again.submission, session.snapshot.attempt.submission(first.id).scripts) == (first.id, first.scripts)
    assert [(n.what, n.detail) for n in recorded(room, ev.Noted)] == [
        ("edit", "solution.py"),
        ("restore", "solution.py, mymodel.keras of submission 1"),
    ]
    assert "The existing solution.py was renamed to solution.py.bak-1." in lines
    assert not any("edit" in line for line in lines)


async def test_scripts_never_keep_a_model_from_receipt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that hangs on them: both models are received, without scripts, and that is told once."""
    monkeypatch.setattr(receiver, "SCRIPTS_SECONDS", 0.05)
    monkeypatch.setattr(scripts, "_store", lambda *_: time.sleep(0.2))
    room = Room(tmp_path)
    solve(room, "mine")
    session = room.open()
    for name in "ab":
        path = room.save(1, name)
        signature = sign(path)
        assert signature is not None
        assert await session._receiver._receive(DetectedModel(1, path, "keras", signature), last_look=False)
    assert [s.scripts for s in submissions(session)] == ["", ""]
    assert session.scripts(1, submissions(session)[0].id) == ()
    assert sum("scripts could not be stored" in line.text for line in session.snapshot.activity) == 1
    await session.close()


async def test_what_can_not_be_put_back_is_told(tmp_path: Path) -> None:
    """A submission of another question, a model that was pruned, an attempt that is finished."""
    room = Room(tmp_path)
    event = replace(receipt(room.clock.read(), 1, "aa"), scripts="x/q1-code-aa")
    room.journal.append(room.attempt, event)
    (tmp_path / "submissions" / event.scripts).mkdir(parents=True)
    (tmp_path / "submissions" / event.scripts / "solution.py").write_text("mine")
    session = room.open()
    with pytest.raises(UserError, match="not known"):
        await session.restore_submission(2, event.submission)
    with pytest.raises(UserError, match="not known"):
        session.scripts(2, event.submission)
    assert await session.restore_submission(1, event.submission) == ("solution.py",)
    assert any("no longer stored" in line.text for line in session.snapshot.activity)
    session._event_log.append(ev.Finished(at=room.clock.read(), reason="candidate"))
    with pytest.raises(UserError, match="finished"):
        await session.restore_submission(1, event.submission)
    await session.close()


async def test_a_model_put_back_stays_the_last_when_the_app_is_reopened(tmp_path: Path) -> None:
    """What lies beside it under another name was saved before that, not again."""
    room = Room(tmp_path)
    now = room.clock.read().wall
    times = iter(Reading(now + seconds, 1.0 + seconds, "boot") for seconds in (10, 20, 30))
    room.journal.append(room.attempt, receipt(next(times), 1, "aa"))
    room.journal.append(room.attempt, other := receipt(next(times), 1, "bb"))
    room.journal.append(room.attempt, ev.ReceivedAgain(at=next(times), submission="q1-aa"))
    session = room.open()
    model = room.save(1, "b")
    stored = StoredModel(other.submission.removeprefix("q1-"), 1, "x", "keras", known=True)
    for seconds, is_news in ((19, False), (25, False), (31, True)):
        entry = FileState("", 0o100000, 1, 1, 1, *[int((now + seconds) * 1e9)] * 2)
        event = session._receiver._event(DetectedModel(1, model, "keras", Signature((entry,))), stored)
        assert isinstance(event, ev.ReceivedAgain) == is_news
    await session.close()
