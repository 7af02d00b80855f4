"""Edits in the candidate's own editor are signs of work: noted, but not each of them, and not what the app does."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.session import candidate_actions as module
from mockexam.session.candidate_actions import Edits
from mockexam.session.event_log import EventLog
from mockexam.store.journal import Journal
from mockexam.workspace.layout import Workspace
from tests.factories import WALL, FakeClock, paper, started


class Room:
    """A workspace of two questions whose scripts are looked at by hand, on a clock of its own."""

    def __init__(self, place: Path) -> None:
        self.clock = FakeClock()
        self.paper = paper((1, 2))
        self.root = place / "room"
        self.journal = Journal(place / "r.sqlite3")
        for item in self.paper.items:
            (self.root / item.folder).mkdir(parents=True)
        self.attempt = self.journal.start(started(self.clock.now, on=self.paper, workspace=str(self.root)))
        self.seconds = 0.0
        self.write(1, "solution.py", "stub")
        self.write(2, "solution.py", "stub")
        self.clock.advance(5)

    def open(self) -> Edits:
        """As when the app is opened."""
        self.event_log = EventLog(self.journal, self.attempt)
        self.edits = Edits(self.event_log, Workspace(self.root), self.clock, seconds=lambda: self.seconds)
        self.event_log.append(ev.Opened(at=self.clock.now, pid=1, app_version="x"))
        return self.edits

    def folder(self, number: int) -> Path:
        return self.root / self.paper.item(number).folder

    def write(self, number: int, name: str, text: str) -> None:
        """Save a script at the clock's time."""
        path = self.folder(number) / name
        path.write_text(text)
        os.utime(path, (self.clock.now.wall, self.clock.now.wall))

    async def look(self, seconds: float = 10) -> list[tuple[int, str]]:
        """Look after so long; the notes that came in."""
        self.seconds += seconds
        self.clock.advance(seconds)
        before = len(self.event_log.state.notes)
        await self.edits.look()
        return [(n.number, n.detail) for n in self.event_log.state.notes[before:] if n.what == "edit"]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(tmp_path)
    made.open()
    return made


async def test_what_lies_there_is_no_edit_a_change_is(room: Room) -> None:
    """The stubs as handed out tell nothing; a changed, a new and a replaced script do."""
    assert await room.look(0) == []
    assert await room.look() == []
    room.write(1, "solution.py", "mine")
    assert await room.look() == [(1, "solution.py")]
    room.write(1, "solution.py", "mine")  # saved again as it is
    assert await room.look(100) == []
    room.write(2, "notes.ipynb", "{}")
    assert await room.look() == [(2, "notes.ipynb")]
    assert await room.look(100) == []


async def test_at_most_a_note_a_minute_and_the_last_change_is_among_them(room: Room) -> None:
    """Ten minutes of saves every ten seconds are ten notes; each question has its own."""
    await room.look(0)
    notes = []
    for count in range(60):
        room.write(1, "solution.py", f"edit {count}")
        notes += await room.look()
    assert len(notes) == 10
    room.write(2, "solution.py", "other")
    assert await room.look() == [(1, "solution.py"), (2, "solution.py")]
    assert [n for _ in range(12) for n in await room.look()] == []


async def test_the_last_change_is_noted(room: Room) -> None:
    """Although it came right after a note."""
    await room.look(0)
    room.write(1, "solution.py", "a")
    assert await room.look() == [(1, "solution.py")]
    room.write(1, "solution.py", "ab")
    assert [n for _ in range(5) for n in await room.look()] == []
    assert await room.look() == [(1, "solution.py")]


async def test_what_waits_for_its_minute_is_noted_at_the_end(room: Room) -> None:
    """The last minute's work is work."""
    await room.look(0)
    for text in ("a", "ab"):
        room.write(1, "solution.py", text)
        await room.look()
    room.edits.flush()
    room.edits.flush()
    assert [n.detail for n in room.event_log.state.notes] == ["solution.py", "solution.py"]


async def test_the_newest_of_several_files_is_named(room: Room) -> None:
    """One note a look."""
    await room.look(0)
    for name in ("a.py", "z.py", "m.py"):
        room.clock.advance(0.1)
        room.write(1, name, "x")
    assert await room.look() == [(1, "m.py")]


async def test_what_the_app_writes_is_no_edit(room: Room) -> None:
    """While something is put back, nor by a look that began before and ends after it; then edits count again."""
    await room.look(0)
    with room.edits.ignoring(1):
        room.write(1, "solution.py", "restored")
        assert await room.look() == []
    assert await room.look() == []

    seen = room.edits._stamps

    def slow() -> dict[int, module.Stamps]:
        found = seen()
        with room.edits.ignoring(1):
            room.write(1, "solution.py", "restored again")
        return found

    room.edits._stamps = slow  # type: ignore[method-assign]
    assert await room.look() == []
    room.edits._stamps = seen  # type: ignore[method-assign]
    assert await room.look() == []
    room.write(1, "solution.py", "mine")
    assert await room.look() == [(1, "solution.py")]


async def test_edits_while_the_app_was_closed(room: Room) -> None:
    """Seen when it is opened again, by their time; what was noted or put back before is not noted twice."""
    await room.look(0)
    room.write(1, "solution.py", "a")
    await room.look()
    room.write(2, "solution.py", "put back")
    room.event_log.append(ev.Noted(at=room.clock.advance(1), number=2, what="restore"))
    room.clock.advance(100)
    room.open()
    assert await room.look(0) == []
    room.clock.advance(100)
    room.write(2, "solution.py", "edited while it was closed")
    room.clock.advance(1)
    room.open()
    assert await room.look(0) == [(2, "solution.py")]


async def test_a_new_attempt_begins_without_edits(tmp_path: Path) -> None:
    """Even if the drive's clock goes ahead of the computer's."""
    room = Room(tmp_path)
    os.utime(room.folder(1) / "solution.py", (WALL + 300, WALL + 300))
    room.open()
    assert await room.look(0) == []


async def test_a_folder_that_goes_and_comes_back_is_no_edit(room: Room) -> None:
    """A drive that is away for a moment, a branch that is checked out and back."""
    await room.look(0)
    shutil.move(room.root, room.root.with_name("away"))
    assert await room.look() == []
    shutil.move(room.root.with_name("away"), room.root)
    assert await room.look() == []


async def test_a_record_out_of_reach_costs_no_note(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noted as soon as it can be; after the end nothing is, and looking ends."""
    await room.look(0)
    room.write(1, "solution.py", "a")

    def full(attempt: str, event: ev.Event) -> None:
        raise UserError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(room.journal, "append", full)
        assert await room.look() == []
    assert await room.look() == [(1, "solution.py")]
    room.event_log.append(ev.Finished(at=room.clock.now, reason="candidate"))
    await asyncio.wait_for(room.edits.run(), 1)
    room.write(1, "solution.py", "b")
    assert await room.look(100) == []


async def test_no_line_of_activity(room: Room) -> None:
    """The pane is for receipts and marks."""
    await room.look(0)
    before = room.event_log.story
    room.write(1, "solution.py", "a")
    told: list[Callable[..., None]] = []
    room.event_log.listeners.append(lambda state, event, line: told.append(line))  # type: ignore[arg-type]
    assert await room.look() != []
    assert room.event_log.story == before
    assert told == [None]
