"""The record is deleted, cut short, overwritten or can't be written: it says so, and nothing on the disk is lost."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.session import event_log as event_log_module
from mockexam.session import finish_request, grading_queue
from mockexam.session.event_log import EventLog
from mockexam.store import database
from mockexam.store.database import DamagedDatabaseError, MissingDatabaseError
from mockexam.store.journal import Journal
from mockexam.workspace import watch
from mockexam.workspace.receive import Store
from tests.factories import FakeClock, received, started
from tests.faults import story
from tests.faults.checks import wrongs
from tests.faults.story import SAVES, SCRIPTED, Room, ScriptedGrader
from tests.shared import mounting
from tests.store.past import receive


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    """An attempt with three receipts, none of them graded; then the app was killed."""
    for module, name in (
        (grading_queue, "_PAUSES"), (event_log_module, "_RETRY_SECONDS"), (finish_request, "_SWEEP_AGAIN_SECONDS"),
        (database, "_BUSY_SECONDS"), (watch, "Watcher"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, getattr(module, name))
    story.hurry()
    room = Room(tmp_path, SCRIPTED)
    attempt = story.begin(room)
    with_models(room, attempt)
    return room


def with_models(room: Room, attempt: str) -> None:
    """Receive three models through the real store and record that."""
    journal, clock = Journal(room.state.database), story.BootedClock()
    store = Store(room.state.submissions, attempt)
    for number, content in SAVES[:3]:
        room.save(number, content)
        stored = receive(store, number, room.model(number))
        journal.append(
            attempt,
            ev.Received(
                at=clock.read(), submission=f"q{number}-{stored.sha256[:12]}", number=number, name="mymodel.keras",
                format="keras", size=stored.size, sha256=stored.sha256, stored=stored.relative,
            ),
        )  # fmt: skip
    # Killed: what is in the write-ahead log stays there.
    for suffix in ("", "-wal", "-shm"):
        shutil.copyfile(f"{room.state.database}{suffix}", room.folder / f"kept{suffix}")
    journal.close()
    for suffix in ("", "-wal", "-shm"):
        (room.folder / f"kept{suffix}").rename(f"{room.state.database}{suffix}")


def go_on(room: Room) -> list[str]:
    """Sit to the end; what is wrong then."""
    asyncio.run(story.run_attempt(room, lambda _: None, make_grader=ScriptedGrader, boot_id="boot-2"))
    return list(wrongs(room, []))


def digests(room: Room) -> set[str]:
    """The hashes of what is on record."""
    return {s.received.sha256 for s in story.attempt_of(room).submissions}


def test_deleted_between_two_runs_it_is_reported_and_comes_back_from_its_backup(room: Room) -> None:
    """No empty record takes its place. After the message's steps the models on disk are received and graded again."""
    for suffix in ("", "-wal", "-shm"):
        Path(f"{room.state.database}{suffix}").unlink()

    with pytest.raises(MissingDatabaseError, match=r"missing(?s:.*)rename records\.sqlite3\.backup"):
        Journal(room.state.database)

    assert not room.state.database.exists()
    room.state.database.with_name("records.sqlite3.backup").rename(room.state.database)
    assert go_on(room) == []
    # The first model lies in the workspace no more, only in the store.
    assert SCRIPTED.digest("a") in digests(room)


def test_its_log_is_never_joined_to_a_backup(room: Room) -> None:
    """Where the write-ahead log of the lost file still lies there, moving it away is part of the message."""
    room.state.database.unlink()
    with pytest.raises(MissingDatabaseError, match=r"move records\.sqlite3-wal away, then rename"):
        Journal(room.state.database)
    assert Path(f"{room.state.database}-wal").stat().st_size > 0


def test_what_else_is_left_of_a_record_tells_that_there_was_one(room: Room) -> None:
    """Without a backup: its log, which SQLite would delete, and the models; moved away, a new one begins."""
    log = Path(f"{room.state.database}-wal")
    written = log.read_bytes()
    room.state.database.unlink()
    room.state.database.with_name("records.sqlite3.backup").unlink()
    with pytest.raises(MissingDatabaseError, match=r"only records\.sqlite3-wal and submissions are left"):
        Journal(room.state.database)
    assert log.read_bytes() == written

    log.unlink()
    with pytest.raises(MissingDatabaseError, match="move submissions away to begin with an empty database"):
        Journal(room.state.database)
    room.state.submissions.rename(room.folder / "moved away")
    Journal(room.state.database).close()


def test_a_cut_log_loses_no_model(room: Room) -> None:
    """GIVEN the last commits are cut off WHEN the app is opened THEN the kept models are received again."""
    log = Path(f"{room.state.database}-wal")
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size // 2)
    assert go_on(room) == []
    assert digests(room) == {SCRIPTED.digest(content) for _, content in SAVES}


@pytest.mark.parametrize("damage", [b"\0" * 100, b"garbage " * 20])
def test_a_broken_header_is_reported_and_the_backup_named(room: Room, damage: bytes) -> None:
    """The file stays as it is, a copy is made once, and the backup goes on."""
    Path(f"{room.state.database}-wal").unlink()
    with room.state.database.open("r+b") as file:
        file.write(damage)
    broken = room.state.database.read_bytes()
    for _ in range(3):
        with pytest.raises(DamagedDatabaseError, match=r"damaged(?s:.*)rename records\.sqlite3\.backup"):
            Journal(room.state.database, check=True)
    copies = list(room.state.root.glob("*.damaged-*"))
    assert [copy.read_bytes() for copy in copies] == [broken]
    assert room.state.database.read_bytes() == broken

    room.state.database.with_name("records.sqlite3.backup").replace(room.state.database)
    Path(f"{room.state.database}-shm").unlink(missing_ok=True)
    assert go_on(room) == []


def deleted(path: Path) -> None:
    """The file goes."""
    path.unlink()


def replaced(path: Path) -> None:
    """Another record lies in its place, as a tool that syncs folders would put it there."""
    other = path.with_name("other")
    Journal(other).close()
    other.replace(path)


@pytest.mark.parametrize("loss", [deleted, replaced])
def test_deleted_while_open_nothing_is_shown_as_received(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: Callable[[Path], None]
) -> None:
    """The loss is reported at the next event, all that was recorded is in the backup, and put back it goes on."""
    monkeypatch.setattr(event_log_module, "_RETRY_SECONDS", 0.01)
    path, clock = tmp_path / "records.sqlite3", FakeClock()
    journal = Journal(path)
    attempt = journal.start(started(clock.now))
    event_log = EventLog(journal, attempt)
    event_log.append(received(clock.advance(1), 1, "aa"))
    os.link(path, tmp_path / "away")
    loss(path)

    with pytest.raises(MissingDatabaseError, match=r"deleted or replaced(?s:.*)rename records\.sqlite3\.backup"):
        event_log.append(received(clock.advance(1), 1, "bb"))

    async def record_surely() -> None:
        task = asyncio.create_task(event_log.append_with_retry(received(clock.advance(1), 2, "cc")))
        await asyncio.sleep(0.1)
        assert not task.done()
        (tmp_path / "away").replace(path)
        await asyncio.wait_for(task, 5)

    backup = Journal(tmp_path / "records.sqlite3.backup")
    assert [s.id for s in backup.attempt(attempt).submissions] == ["q1-aa"]
    asyncio.run(record_surely())
    assert sum("deleted or replaced" in line.text for line in event_log.story) == 1
    journal.close()
    assert [s.id for s in Journal(path).attempt(attempt).submissions] == ["q1-aa", "q2-cc"]


def test_what_is_on_record_is_not_recorded_again_when_it_can_not_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error while reading after a commit: the event stands once, and the state follows."""
    clock = FakeClock()
    journal = Journal(tmp_path / "r.sqlite3")
    event_log = EventLog(journal, journal.start(started(clock.now)))
    real = Journal.entries

    def unreadable(*_: object, **__: object) -> object:
        raise UserError("disk I/O error")

    monkeypatch.setattr(Journal, "entries", unreadable)
    state = asyncio.run(event_log.append_with_retry(received(clock.advance(1), 1, "aa")))
    assert [s.id for s in state.submissions] == ["q1-aa"]
    # WHEN another process has recorded something in between THEN it waits until both can be read
    other = Journal(tmp_path / "r.sqlite3")
    other.append(event_log.id, ev.Ticked(at=clock.advance(1)))

    async def second() -> None:
        task = asyncio.create_task(event_log.append_with_retry(received(clock.advance(1), 1, "bb")))
        await asyncio.sleep(0.05)
        monkeypatch.setattr(Journal, "entries", real)
        await asyncio.wait_for(task, 5)

    monkeypatch.setattr(event_log_module, "_RETRY_SECONDS", 0.01)
    asyncio.run(second())
    assert [s.id for s in event_log.state.submissions] == ["q1-aa", "q1-bb"]
    assert journal.attempt(event_log.id).submissions == event_log.state.submissions


def test_the_true_reason_is_reported_where_sqlite_has_undone_a_commit(tmp_path: Path) -> None:
    """Not that there is nothing to undo."""
    journal, clock = Journal(tmp_path / "r.sqlite3"), FakeClock()
    attempt = journal.start(started(clock.now))
    pages = journal.connection.execute("PRAGMA page_count").fetchone()[0]
    journal.connection.execute(f"PRAGMA max_page_count = {pages}")
    message = ""
    while not message:
        try:
            journal.append(attempt, ev.Ticked(at=clock.advance(60)))
        except UserError as error:
            message = str(error)
    assert "disk is full" in message
    journal.connection.execute("PRAGMA max_page_count = 100000")
    journal.append(attempt, ev.Ticked(at=clock.advance(60)))
    assert journal.verify(attempt) is None


MOUNTS = {
    "read-only": ("--ro-bind", "{home}", "{home}"),
    "full": ("--size", "4096", "--tmpfs", "{home}"),
}


@pytest.mark.parametrize("disk", MOUNTS)
@pytest.mark.parametrize("command", [["status"], ["sit", "--json", "--yes"]])
def test_a_disk_that_can_not_be_written_is_told(disk: str, command: list[str], tmp_path: Path) -> None:
    """On a real file system that is read-only or full: what, where and what to do; never a traceback."""
    home = tmp_path / "home"
    Journal(home / "records.sqlite3").close()
    mount = [word.format(home=home) for word in MOUNTS[disk]]
    done = subprocess.run(
        [*mounting("--dev-bind", "/", "/", *mount), sys.executable, "-m", "mockexam", *command],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "MOCKEXAM_HOME": str(home)},
    )  # fmt: skip
    message = done.stdout + done.stderr
    assert "Traceback" not in message
    assert "internal error" not in message
    if command[0] == "sit":
        assert done.returncode == 1
        assert f"where: {home}" in message
        assert "what to do: " in message
