"""Deleting attempts: all of it, nothing else, never a running one, and sound whenever it is cut short."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.store import database
from mockexam.store.attempt_lock import retention_lock
from mockexam.store.journal import Journal, TooLateError
from mockexam.store.retention import delete_attempts, folders, prune
from mockexam.store.summaries import SummaryReader
from tests.store.past import Past


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path / "home")


def home_bytes(past: Past) -> bytes:
    """All bytes of the database, its log and its backup."""
    past.journal.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    return b"".join(path.read_bytes() for path in past.root.glob("records.sqlite3*"))


def assert_guarded(past: Past) -> None:
    """The database refuses to change or delete events."""
    with sqlite3.connect(past.root / "records.sqlite3") as other:
        for statement, refusal in (
            ("DELETE FROM events", "never deleted"),
            ("UPDATE events SET seq = 9", "never changed"),
        ):
            with pytest.raises(sqlite3.IntegrityError, match=refusal):
                other.execute(statement)
    other.close()


def test_nothing_is_left_of_a_deleted_attempt(past: Past) -> None:
    """Rows, summary, models and scripts go, from the backup and freed pages too; the others stay as they were."""
    first, second = past.ended("AAAA-AAAA"), past.ended("BBBB-BBBB")
    past.journal.backup()
    assert len(SummaryReader(past.journal).outcomes(past.clock.now)) == 2  # stores summaries
    secret, rows = past.journal.holdout_seed(first).encode(), past.journal.rows(second)
    assert secret in home_bytes(past)
    size = sum(path.stat().st_size for path in (past.submissions / first).rglob("*") if path.is_file())

    freed = delete_attempts(past.journal, [first, first], past.submissions)

    assert (freed.attempts, freed.models, freed.size, freed.left) == ((first,), 4, size, ())
    assert folders(past.submissions) == [second]
    content = home_bytes(past)
    assert secret not in content
    assert first.encode() not in content
    assert [o.attempt for o in SummaryReader(past.journal).outcomes(past.clock.now)] == [second]
    assert past.journal.rows(second) == rows
    assert len(past.kept(second)) == 4
    assert_guarded(past)


def test_a_running_attempt_is_refused_with_all_others(past: Past) -> None:
    """One that runs, or is not fully graded, is named, and nothing is deleted."""
    ended, running = past.ended(), past.begin("BBBB-BBBB")
    past.submit(running, 1, "waits")
    for _ in range(2):
        with pytest.raises(UserError, match="nothing was deleted") as raised:
            delete_attempts(past.journal, [ended, running], past.submissions)
        assert running in raised.value.location
        assert folders(past.submissions) == sorted([ended, running])
        if past.journal.attempt(running).finished is None:
            past.journal.append(running, ev.Finished(at=past.clock.now, reason="candidate"))  # not settled
    with pytest.raises(UserError, match="no attempt 'nobody'"):
        delete_attempts(past.journal, [ended, "nobody"], past.submissions)
    assert past.journal.attempt(ended).settled


def test_what_is_recorded_later_is_refused(past: Past) -> None:
    """A verdict that comes for a deleted attempt finds no attempt, in a database opened before the deletion too."""
    attempt, other = past.ended(), Journal(past.root / "records.sqlite3")
    other.attempt(attempt)
    delete_attempts(past.journal, [attempt], past.submissions)
    with pytest.raises(TooLateError, match="deleted"):
        other.append(attempt, ev.GradingFailed(at=past.clock.now, submission="q1-x", detail=""))
    assert past.begin() != ""  # the same paper starts anew


def test_another_writer_is_waited_for_and_then_told(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody else writes nothing is deleted, and the message says so."""
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.1)
    attempt, impatient = past.ended(), Journal(past.root / "records.sqlite3")
    past.journal.connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(UserError, match="locked") as raised:
        delete_attempts(impatient, [attempt], past.submissions)
    assert "Another mockexam" in raised.value.hint
    past.journal.connection.execute("ROLLBACK")
    assert len(past.kept(attempt)) == 4
    delete_attempts(impatient, [attempt], past.submissions)
    assert folders(past.submissions) == []


def test_two_do_not_tidy_at_once(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second process that deletes, prunes or imports gets an error."""
    monkeypatch.setattr("mockexam.store.attempt_lock._RETENTION_SECONDS", 0.1)
    attempt = past.ended()
    with retention_lock(past.submissions), pytest.raises(UserError, match="Another mockexam"):
        delete_attempts(past.journal, [attempt], past.submissions)
    assert past.journal.attempt(attempt).settled


KILLED = """
import os, signal, sys
from pathlib import Path
from mockexam.store import retention
from mockexam.store.journal import Journal

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

home, where, attempt = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
if where == "before the folders":
    retention.hide_folders = die
if where == "at the folders":
    retention.remove = die
journal = Journal(home / "records.sqlite3")
if where == "in the transaction":
    # The guard is lifted and the rows are gone, but nothing is committed.
    journal.connection.set_trace_callback(lambda sql: die() if sql.startswith("CREATE TRIGGER") else None)
retention.delete_attempts(journal, [attempt], home / "submissions")
"""


@pytest.mark.parametrize("where", ["in the transaction", "before the folders", "at the folders"])
def test_a_kill_leaves_at_most_a_folder(past: Past, where: str) -> None:
    """Killed in the transaction it has not happened; killed after it, pruning removes the folder that is left."""
    first, second = past.ended("AAAA-AAAA"), past.ended("BBBB-BBBB")
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(past.root), where, first],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    journal = Journal(past.root / "records.sqlite3", check=True)
    known = set(SummaryReader(journal).attempts())
    assert known == ({first, second} if where == "in the transaction" else {second})
    assert_guarded(past)
    assert journal.verify(second) is None
    assert len(folders(past.submissions)) == 2

    freed = prune(journal, past.submissions)

    assert freed.strays == (0 if first in known else 1)
    assert set(folders(past.submissions)) == known
    assert (past.submissions / second).is_dir()


@pytest.mark.parametrize("step", ["deleting from the database", "compacting the database", "removing stored models"])
def test_an_interrupt_does_no_harm(past: Past, step: str) -> None:
    """In the transaction nothing has happened; after it the attempts are gone, and pruning removes what they left."""
    ids = [past.ended(f"{letter * 4}-{letter * 4}") for letter in "ABC"]
    seen: list[str] = []

    def interrupt(_: float, text: str) -> None:
        seen.append(text)
        if text == step and (seen.count(text) == 2 or text.startswith("compacting")):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delete_attempts(past.journal, ids[:2], past.submissions, interrupt)
    assert_guarded(past)
    known = SummaryReader(past.journal).attempts()
    assert known == (ids if step.startswith("deleting") else ids[2:])
    prune(past.journal, past.submissions)
    assert set(folders(past.submissions)) == set(known)
    assert past.journal.verify(ids[2]) is None


def test_a_new_attempt_of_the_same_name_keeps_its_models(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """Started between the commit and the removal, it takes over the id; what it receives stays."""
    from mockexam.store import retention

    first = past.ended()
    real = retention.hide_folders

    def start_first(*arguments: Any) -> list[str]:
        assert past.begin(wait=0) == first
        past.submit(first, 1, "new work")
        return real(*arguments)

    monkeypatch.setattr(retention, "hide_folders", start_first)
    delete_attempts(past.journal, [first], past.submissions)
    stored = past.journal.attempt(first).submissions[0].received.stored
    assert (past.submissions / stored).exists()
