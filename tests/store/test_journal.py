"""The database: events are appended once, chained, never changed, and sound after anything."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Phase
from mockexam.exam.scoring import Verdict
from mockexam.store.database import DamagedDatabaseError
from mockexam.store.journal import Journal, TooLateError
from tests.factories import FakeClock, graded, paper, received, started


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "records.sqlite3")


def finish(journal: Journal, attempt: str, clock: FakeClock) -> None:
    journal.append(attempt, ev.Finished(at=clock.now, reason="candidate"))
    journal.append(attempt, ev.Settled(at=clock.now, earned=0, possible=75, passed=False))


def test_an_attempt_reads_back(journal: Journal) -> None:
    """What was appended is what is read, in order and folded."""
    clock = FakeClock()
    attempt = journal.start(started(clock.now))
    journal.append(attempt, received(clock.advance(5), 3, "aa"))
    journal.append(attempt, graded(clock.advance(5), 3, "aa", 4))
    state = journal.attempt(attempt)
    assert state.phase is Phase.RUNNING
    assert state.questions[2].marks == 4
    assert [entry.seq for entry in journal.entries(attempt)] == [1, 2, 3]
    assert [entry.seq for entry in journal.entries(attempt, after=1)] == [2, 3]


def test_one_attempt_at_a_time(journal: Journal) -> None:
    """While an attempt runs no other starts; after its result one does, under another id."""
    clock = FakeClock()
    first = journal.start(started(clock.now))
    with pytest.raises(UserError, match="under way"):
        journal.start(started(clock.now))
    finish(journal, first, clock)
    assert journal.unsettled() is None
    second = journal.start(started(clock.now))
    assert second != first
    assert journal.unsettled() == second


def test_two_starts_at_the_same_moment_make_one_attempt(tmp_path: Path) -> None:
    """Two apps that both saw no attempt can't both start one."""
    clock = FakeClock()
    one, two = Journal(tmp_path / "r.sqlite3"), Journal(tmp_path / "r.sqlite3")
    one.start(started(clock.now))
    with pytest.raises(UserError):
        two.start(started(clock.now))


def test_nothing_is_received_after_the_finish(journal: Journal) -> None:
    """A receipt after the finish is refused in the same transaction; marks still come in."""
    clock = FakeClock()
    attempt = journal.start(started(clock.now))
    journal.append(attempt, received(clock.now, 1, "aa"))
    journal.append(attempt, ev.Finished(at=clock.now, reason="time_up"))
    with pytest.raises(TooLateError):
        journal.append(attempt, received(clock.now, 1, "bb"))
    journal.append(attempt, graded(clock.now, 1, "aa", 2))
    journal.append(attempt, ev.Settled(at=clock.now, earned=2, possible=75, passed=False))
    with pytest.raises(TooLateError):
        journal.append(attempt, ev.Settled(at=clock.now, earned=75, possible=75, passed=True))


def test_only_a_regrade_replaces_a_result(journal: Journal) -> None:
    """One more result after each regrade; its hash is the receipt. Nothing else changes a result."""
    clock = FakeClock()
    attempt = journal.start(started(clock.now))
    journal.append(attempt, received(clock.now, 1, "aa"))
    fault = graded(clock.now, 1, "aa", None, verdict=Verdict.GRADER_ERROR)
    journal.append(attempt, fault)
    journal.append(attempt, ev.Finished(at=clock.now, reason="time_up"))
    result = ev.Settled(at=clock.now, earned=0, possible=75, passed=False)
    first = journal.append(attempt, result)
    assert journal.receipt(attempt) == first.hash
    again = ev.Regraded(**graded(clock.now, 1, "aa", 4).__dict__)
    journal.append(attempt, again)
    second = journal.append(attempt, replace(result, earned=4))
    assert journal.receipt(attempt) == second.hash
    with pytest.raises(TooLateError):
        journal.append(attempt, replace(result, earned=75))
    assert journal.attempt(attempt).earned == 4
    assert journal.verify(attempt) is None


def test_events_can_not_be_changed_or_deleted(tmp_path: Path) -> None:
    """The database itself refuses."""
    journal = Journal(tmp_path / "r.sqlite3")
    journal.start(started(FakeClock().now))
    other = sqlite3.connect(tmp_path / "r.sqlite3")
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        other.execute("UPDATE events SET body = '{}'")
    with pytest.raises(sqlite3.IntegrityError, match="never deleted"):
        other.execute("DELETE FROM events")


@pytest.mark.parametrize("column", ["body", "kind", "previous", "hash"])
def test_an_altered_event_is_found(tmp_path: Path, column: str) -> None:
    """Whoever gets round the triggers still breaks the chain at that event."""
    journal, clock = Journal(tmp_path / "r.sqlite3"), FakeClock()
    attempt = journal.start(started(clock.now))
    for name in ("aa", "bb"):
        journal.append(attempt, received(clock.advance(1), 1, name))
        journal.append(attempt, graded(clock.advance(1), 1, name, 1))
    assert journal.verify(attempt) is None
    other = sqlite3.connect(tmp_path / "r.sqlite3")
    other.execute("DROP TRIGGER events_stay")
    other.execute(f"UPDATE events SET {column} = replace({column}, 'e', 'a') || ' ' WHERE seq = 3")
    other.commit()
    broken = journal.verify(attempt)
    assert broken is not None
    assert broken.seq == 3


def test_a_removed_event_is_found(tmp_path: Path) -> None:
    """A gap in the chain is found where it is."""
    journal, clock = Journal(tmp_path / "r.sqlite3"), FakeClock()
    attempt = journal.start(started(clock.now))
    for _ in range(3):
        journal.append(attempt, ev.Ticked(at=clock.advance(60)))
    other = sqlite3.connect(tmp_path / "r.sqlite3")
    other.execute("DROP TRIGGER events_last")
    other.execute("DELETE FROM events WHERE seq = 2")
    other.commit()
    broken = journal.verify(attempt)
    assert broken is not None
    assert broken.seq == 2


def test_receipt_is_the_hash_of_the_result(journal: Journal) -> None:
    """There is none before the result, and it is the last link of the chain after."""
    clock = FakeClock()
    attempt = journal.start(started(clock.now))
    assert journal.receipt(attempt) is None
    finish(journal, attempt, clock)
    assert journal.receipt(attempt) == journal.last_hash(attempt)


def test_seen_questions_are_counted(journal: Journal) -> None:
    """Every paper counts once for each of its questions."""
    clock = FakeClock()
    for _ in range(2):
        finish(journal, journal.start(started(clock.now, on=paper((1, 2)))), clock)
    assert journal.seen_questions() == {"simple_model/made_up": 2, "learning_dataset/made_up": 2}


def test_changes_of_another_process_are_noticed(tmp_path: Path) -> None:
    """The number differs after another connection has written, and stays if nobody has."""
    mine, other = Journal(tmp_path / "r.sqlite3"), Journal(tmp_path / "r.sqlite3")
    attempt = mine.start(started(FakeClock().now))
    before = mine.changes()
    assert mine.changes() == before
    other.append(attempt, ev.Ticked(at=FakeClock().now))
    assert mine.changes() != before


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_database_is_reported_copied_and_left_alone(tmp_path: Path, content: bytes) -> None:
    """The file keeps its bytes, a copy lies beside it, and the message says what to do."""
    path = tmp_path / "records.sqlite3"
    path.write_bytes(content)
    with pytest.raises(DamagedDatabaseError) as raised:
        Journal(path, check=True)
    assert path.read_bytes() == content
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1
    assert "records.sqlite3" in raised.value.location
    assert raised.value.hint


def test_damage_inside_is_found_by_the_check(tmp_path: Path) -> None:
    """Pages overwritten in the middle are found when the app opens the database."""
    path, clock = tmp_path / "records.sqlite3", FakeClock()
    journal = Journal(path)
    attempt = journal.start(started(clock.now))
    for _ in range(300):
        journal.append(attempt, ev.Ticked(at=clock.advance(60)))
    journal.close()
    content = bytearray(path.read_bytes())
    content[8192 : len(content) - 4096] = os.urandom(len(content) - 12288)
    path.write_bytes(content)
    with pytest.raises(DamagedDatabaseError):
        Journal(path, check=True)


def test_the_backup_can_replace_the_database(tmp_path: Path) -> None:
    """The copy is a whole database, and the message about damage names it."""
    path = tmp_path / "records.sqlite3"
    journal = Journal(path)
    attempt = journal.start(started(FakeClock().now))
    journal.backup()
    journal.close()
    for name in (path, tmp_path / "records.sqlite3-wal", tmp_path / "records.sqlite3-shm"):
        name.unlink(missing_ok=True)
    path.write_bytes(b"broken" * 1000)
    with pytest.raises(DamagedDatabaseError, match="damaged") as raised:
        Journal(path)
    assert "records.sqlite3.backup" in raised.value.hint
    (tmp_path / "records.sqlite3.backup").replace(path)
    assert Journal(path, check=True).attempt(attempt).id == attempt


def test_a_home_that_is_a_file_is_reported(tmp_path: Path) -> None:
    """No traceback when the folder can't be made."""
    (tmp_path / "home").write_text("")
    with pytest.raises(UserError, match="can't be opened"):
        Journal(tmp_path / "home" / "r.sqlite3")


WRITER = """
import sys, time
from dataclasses import replace
from pathlib import Path
from mockexam.store.journal import Journal
from mockexam.exam import events as ev
from tests.factories import FakeClock
journal, attempt, clock = Journal(Path(sys.argv[1])), sys.argv[2], FakeClock()
while True:
    entry = journal.append(attempt, ev.Ticked(at=clock.advance(1)))
    print(entry.seq, flush=True)
"""


def test_kill_9_loses_no_acknowledged_event(tmp_path: Path) -> None:
    """Twelve writers are killed at work; every number they had printed is recorded, and the chain is whole."""
    path = tmp_path / "r.sqlite3"
    journal = Journal(path)
    attempt = journal.start(started(FakeClock().now))
    for round_ in range(12):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), attempt],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(0.01 * round_)
        writer.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in (first, *writer.stdout.read().splitlines()) if line.strip()]
        writer.wait()
        writer.stdout.close()
        assert acknowledged
        assert journal.verify(attempt) is None
        assert max(e.seq for e in journal.entries(attempt)) >= acknowledged[-1]
