"""Summaries: as the events say, stored for speed, and never in the way."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from mockexam.exam import events as ev
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome, outcome_of
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.store.database import SCHEMA_VERSION
from mockexam.store.journal import Journal
from mockexam.store.summaries import SUMMARY_FORM, Damaged, SummaryReader
from tests.factories import FakeClock, graded, received, started
from tests.histories import alter, make_history
from tests.shared import mounting

NOW = FakeClock().now

VERSION_1 = """
CREATE TABLE attempts (
    number  INTEGER PRIMARY KEY,
    id      TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    mode    TEXT NOT NULL,
    exam    TEXT NOT NULL,
    code    TEXT NOT NULL,
    secret  TEXT NOT NULL
);
CREATE TABLE events (
    attempt  TEXT NOT NULL REFERENCES attempts (id),
    seq      INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL,
    previous TEXT NOT NULL,
    hash     TEXT NOT NULL,
    PRIMARY KEY (attempt, seq)
) WITHOUT ROWID;
CREATE INDEX events_by_kind ON events (kind, attempt);
CREATE TRIGGER events_stay  BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER events_last  BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
PRAGMA user_version = 1;
"""
"""The schema as the first version made it."""


def version_1(home: Path, attempts: int = 3) -> list[str]:
    """A database as the first version wrote it, with attempts; their ids."""
    names = make_history(home / "new", attempts)
    old = sqlite3.connect(home / "records.sqlite3")
    old.execute("PRAGMA journal_mode = WAL")
    old.executescript(VERSION_1)
    old.execute("ATTACH ? AS new", (str(home / "new" / "records.sqlite3"),))
    for table in ("attempts", "events"):
        old.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
    old.commit()
    old.close()
    return names


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with eight attempts."""
    home = tmp_path_factory.mktemp("made")
    make_history(home, 8)
    return home


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """Its copy, to change."""
    return shutil.copytree(made, tmp_path / "home")


@pytest.fixture
def journal(home: Path) -> Journal:
    return Journal(home / "records.sqlite3")


def kept(journal: Journal) -> dict[str, int]:
    """The attempts whose summaries are stored, and how far each goes."""
    return dict(journal.connection.execute("SELECT attempt, seq FROM summaries"))


def test_a_record_of_version_1_is_brought_up_to_date(tmp_path: Path) -> None:
    """GIVEN a file made with the old schema WHEN it is opened THEN its attempts and chains are whole, and guarded."""
    names = version_1(tmp_path)
    journal = Journal(tmp_path / "records.sqlite3")
    assert journal.connection.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    assert [journal.verify(name) for name in names] == [None] * 3
    assert [o.attempt for o in SummaryReader(journal).outcomes(NOW)] == names
    assert set(kept(journal)) == set(names)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        journal.connection.execute("UPDATE events SET body = '{}'")
    clock = FakeClock()
    assert Journal(tmp_path / "records.sqlite3").start(started(clock.now))


def test_outcomes_are_what_the_events_come_to(journal: Journal) -> None:
    """The first reading folds, the second reads what was stored: both say the same."""
    names = SummaryReader(journal).attempts()
    folded = tuple(outcome_of(journal.attempt(n), NOW, journal.receipt(n)) for n in names)
    assert kept(journal) == {}
    assert SummaryReader(journal).outcomes(NOW) == folded
    assert kept(journal) == {n: journal.count(n) for n in names}
    assert SummaryReader(journal).outcomes(NOW) == folded


def test_a_kept_summary_is_used_until_something_happens(journal: Journal) -> None:
    """GIVEN a stored summary that differs THEN it is what is read; after another event it is made anew."""
    (name, *_), clock = SummaryReader(journal).attempts(), FakeClock()
    true = SummaryReader(journal).outcomes(NOW)[0]
    body = {"form": SUMMARY_FORM, "outcome": {**asdict(true), "title": "As it was kept"}}
    journal.connection.execute("UPDATE summaries SET body = ? WHERE attempt = ?", (json.dumps(body), name))
    assert SummaryReader(journal).outcomes(NOW)[0].title == "As it was kept"
    submission = journal.attempt(name).submissions[0]
    journal.append(
        name,
        ev.Regraded(
            at=clock.now, submission=submission.id, verdict=Verdict.GRADED, marks=5, metric="mae", value=1.0,
            next_at=None, message="", remedy="", isolation="", versions={}, seconds=1.0,
        ),
    )  # fmt: skip
    assert SummaryReader(journal).outcomes(NOW)[0].title == true.title


@pytest.mark.parametrize("body", ["no JSON", "[]", '{"form": 1}', '{"form": 0, "outcome": {}}', '{"outcome": 3}'])
def test_a_summary_that_is_none_is_made_anew(journal: Journal, body: str) -> None:
    """Of another form, or spoiled: what the events say counts, and is stored."""
    true = SummaryReader(journal).outcomes(NOW)
    journal.connection.execute("UPDATE summaries SET body = ?", (body,))
    assert SummaryReader(journal).outcomes(NOW) == true
    assert journal.connection.execute("SELECT count(*) FROM summaries WHERE body = ?", (body,)).fetchone() == (0,)


def test_a_running_attempt_is_not_kept(tmp_path: Path) -> None:
    """Its time goes on: each reading says how far it is."""
    journal, clock = Journal(tmp_path / "r.sqlite3"), FakeClock()
    attempt = journal.start(started(clock.now))
    journal.append(attempt, received(clock.advance(60), 1, "aa"))
    journal.append(attempt, graded(clock.advance(60), 1, "aa", 3))
    first, second = (SummaryReader(journal).outcomes(clock.advance(100))[0] for _ in range(2))
    assert (first.phase, first.questions[0].marks) == (Phase.RUNNING, 3)
    assert second.time_used == first.time_used + 100
    assert kept(journal) == {}


def test_damaged_attempts_do_not_break_the_list(journal: Journal) -> None:
    """GIVEN unknown, inconsistent and unreadable events THEN those attempts are reported, the others shown."""
    names = SummaryReader(journal).attempts()
    alter(journal.connection, names[1], 3, '"', "'")
    alter(journal.connection, names[2], 1, '"weight":', '"wait":')
    seq = next(e.seq for e in journal.entries(names[3]) if isinstance(e.event, ev.Graded) and e.event.marks is not None)
    alter(journal.connection, names[3], seq, '"marks":', '"marks":"x","remedy":')
    found = list(SummaryReader(journal).each(NOW))
    assert [one.attempt for one in found] == names
    assert [one.attempt for one in found if isinstance(one, Damaged) and one.reason] == names[1:4]
    assert [o.attempt for o in SummaryReader(journal).outcomes(NOW)] == [names[0], *names[4:]]
    assert set(kept(journal)) == {names[0], *names[4:]}


def test_attempts_come_in_the_order_in_which_they_were_sat(journal: Journal) -> None:
    """An imported one is listed by when it started."""
    names = SummaryReader(journal).attempts()
    journal.connection.execute("UPDATE attempts SET number = 99 WHERE id = ?", (names[2],))
    assert SummaryReader(journal).attempts() == names
    some = [
        o.attempt for o in SummaryReader(journal).each(NOW, only=[names[5], "gone", names[0]]) if isinstance(o, Outcome)
    ]
    assert some == [names[5], names[0]]


def test_reading_reports_progress(journal: Journal) -> None:
    """How many of how many."""
    reported: list[tuple[int, int]] = []
    assert len(list(SummaryReader(journal).each(NOW, lambda done, of: reported.append((done, of))))) == 8
    assert reported == [(8, 8)]


def test_another_writer_does_not_hold_it_up(home: Path, journal: Journal) -> None:
    """While somebody else writes, everything is read; summaries are stored another time."""
    other = Journal(home / "records.sqlite3")
    other.connection.execute("BEGIN IMMEDIATE")
    begun = time.monotonic()
    assert len(SummaryReader(journal).outcomes(NOW)) == 8
    assert time.monotonic() - begun < 3
    other.connection.execute("ROLLBACK")
    assert kept(journal) == {}
    assert journal.connection.execute("PRAGMA busy_timeout").fetchone() == (10_000,)


READ = """
import sys
from pathlib import Path
from mockexam.store.summaries import SummaryReader
from mockexam.store.journal import Journal
from tests.factories import FakeClock
journal = Journal(Path(sys.argv[1]) / "records.sqlite3", for_reading=True)
found, outcomes = list(SummaryReader(journal).each(FakeClock().now)), SummaryReader(journal).outcomes(FakeClock().now)
print(len(outcomes), len(found) - len(outcomes), sum(o.earned for o in outcomes))
"""


@pytest.mark.parametrize("state", ["cold", "version 1", "left open"])
def test_a_record_on_a_read_only_disk_is_read(made: Path, tmp_path: Path, state: str) -> None:
    """Whether summaries are stored, or there is no table for them, or SQLite's log was left behind."""
    home = tmp_path / "home"
    if state == "version 1":
        home.mkdir()
        version_1(home, 8)
    else:
        shutil.copytree(made, home)
    if state == "left open":
        journal = Journal(home / "records.sqlite3")
        assert len(SummaryReader(journal).outcomes(NOW)) == 8
    probe = [*mounting("--ro-bind", "/", "/", "--dev", "/dev"), sys.executable, "-c", READ, str(home)]
    root = Path(__file__).resolve().parents[2]
    env = {"PYTHONPATH": f"{root / 'src'}:{root}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(probe, capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 0, done.stderr
    expected = sum(o.earned for o in SummaryReader(Journal(made / "records.sqlite3")).outcomes(NOW))
    assert done.stdout.split() == ["8", "0", str(expected)]


def test_the_made_up_history_is_believable(journal: Journal, home: Path) -> None:
    """Real chains, exams and retries, and files for the newest."""
    names = SummaryReader(journal).attempts()
    outcomes = SummaryReader(journal).outcomes(NOW)
    assert all(journal.verify(name) is None for name in names)
    assert {o.mode for o in outcomes} == {Mode.EXAM, Mode.RETRY}
    assert sum(o.submissions for o in outcomes) == 80
    assert not any(isinstance(one, Damaged) for one in outcomes)
    stored = journal.attempt(names[-1]).submissions[0].received.stored
    assert (home / "submissions" / stored).is_file()
