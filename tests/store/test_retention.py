"""Disk use of past attempts, and which stored models are removed."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.exam import events as ev
from mockexam.exam.paper import Counts
from mockexam.exam.scoring import Verdict
from mockexam.store.retention import Freed, disk_use, folders, prune
from tests.factories import started
from tests.histories import alter
from tests.store.past import Past


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path / "home")


def names(*identifiers: str) -> set[str]:
    """The names under which these submissions' models are stored."""
    return {f"{identifier}.keras" for identifier in identifiers}


def scripts(past: Past, attempt: str) -> set[str]:
    """The folders of scripts of an attempt."""
    return {path.name for path in (past.submissions / attempt).iterdir()} - past.kept(attempt)


def test_the_best_and_the_last_stay(past: Past) -> None:
    """A question's other models go, and the result says what they freed; scripts stay; a dry run only reports."""
    attempt = past.begin()
    weak, best, last = (past.submit(attempt, 1, text, marks) for text, marks in (("a", 1), ("b", 4), ("c", 3)))
    only = past.submit(attempt, 2, "d", 0)
    past.end(attempt)
    size = (past.submissions / attempt / f"{weak}.keras").stat().st_size
    before = disk_use(past.journal, past.submissions)

    could = prune(past.journal, past.submissions, dry=True)
    assert past.kept(attempt) == names(weak, best, last, only)
    freed = prune(past.journal, past.submissions)

    assert could == freed == Freed(attempts=(attempt,), models=1, size=size)
    assert past.kept(attempt) == names(best, last, only)
    assert len(scripts(past, attempt)) == 4
    after = disk_use(past.journal, past.submissions)
    assert (before.models - after.models, before.scripts - after.scripts) == (size, 0)
    assert before.by_attempt[attempt] - after.by_attempt[attempt] == size
    assert prune(past.journal, past.submissions) == Freed()


def test_saved_again_is_last(past: Past) -> None:
    """The bytes of an earlier submission saved again make it the last one."""
    attempt = past.begin()
    first, best, _ = (past.submit(attempt, 1, text, marks) for text, marks in (("a", 1), ("b", 4), ("c", 3)))
    past.journal.append(attempt, ev.ReceivedAgain(at=past.clock.advance(5), submission=first))
    past.end(attempt)
    prune(past.journal, past.submissions)
    assert past.kept(attempt) == names(first, best)


def test_what_is_not_graded_yet_stays(past: Past) -> None:
    """A model that could not be graded may be the best: it stays; refused ones go, but for the last."""
    attempt = past.begin()
    owed = past.submit(attempt, 1, "a", verdict=Verdict.GRADER_ERROR)
    past.submit(attempt, 1, "b", verdict=Verdict.INVALID_MODEL)
    best, last = past.submit(attempt, 1, "c", 0), past.submit(attempt, 1, "d", verdict=Verdict.LIMIT_EXCEEDED)
    past.end(attempt)
    assert prune(past.journal, past.submissions).models == 1
    assert past.kept(attempt) == names(owed, best, last)


def test_where_the_last_counts_the_best_and_the_counted_stay(past: Past) -> None:
    """The last graded one counts there, which need not be the last or the best."""
    attempt = past.journal.start(started(past.clock.advance(9), counts=Counts.LAST))
    best, counted = past.submit(attempt, 1, "a", 5), past.submit(attempt, 1, "b", 2)
    last = past.submit(attempt, 1, "c", verdict=Verdict.INVALID_MODEL)
    past.end(attempt)
    prune(past.journal, past.submissions)
    assert past.kept(attempt) == names(best, counted, last)


@pytest.mark.parametrize("finished", [False, True])
def test_an_attempt_under_way_keeps_all(past: Past, finished: bool) -> None:
    """Running, or finished and not settled, it is not touched, nor is what is half received there."""
    attempt = past.begin()
    for text, marks in (("a", 1), ("b", 4), ("c", 3)):
        past.submit(attempt, 1, text, marks)
    (past.submissions / attempt / "tmp-half").mkdir()
    if finished:
        past.journal.append(attempt, ev.Finished(at=past.clock.now, reason="candidate"))
    before = past.kept(attempt)
    assert prune(past.journal, past.submissions) == Freed()
    assert past.kept(attempt) == before


def test_an_altered_attempt_keeps_all(past: Past) -> None:
    """What its events say of best and last is nothing to go by."""
    attempt = past.ended()
    alter(past.journal.connection, attempt, 3, old='"marks":2', new='"marks":5')
    assert prune(past.journal, past.submissions) == Freed()
    assert len(past.kept(attempt)) == 4


def test_strays_are_counted_and_removed(past: Past) -> None:
    """A folder that no attempt owns, and what a crash left half done, go; a file that somebody put there stays."""
    attempt = past.ended()
    for name in ("20200101-GONE", ".import-x", ".deleted-y"):
        folder = past.submissions / name / "inner"
        folder.mkdir(parents=True)
        (folder / "model.keras").write_bytes(b"x" * 100)
        folder.chmod(0o500)
    (past.submissions / "notes.txt").write_text("mine")
    (past.submissions / attempt / "tmp-half").write_bytes(b"y" * 10)

    assert disk_use(past.journal, past.submissions).strays == 300
    could = prune(past.journal, past.submissions, dry=True)
    freed = prune(past.journal, past.submissions)

    assert could == freed
    assert freed.strays == 3
    assert folders(past.submissions) == [attempt]
    assert (past.submissions / "notes.txt").exists()
    assert "tmp-half" not in past.kept(attempt)
    assert disk_use(past.journal, past.submissions).strays == 0


def test_what_can_not_be_removed_is_reported(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """It counts as not freed."""
    attempt = past.ended()
    monkeypatch.setattr("mockexam.store.retention.remove", lambda path: False)
    freed = prune(past.journal, past.submissions)
    assert (freed.models, freed.size) == (0, 0)
    assert attempt in freed.left[0]


def test_the_record_counts_with_its_copies(past: Past) -> None:
    """The database, its log and its backup; without any folder of submissions nothing else."""
    before = disk_use(past.journal, past.submissions)
    assert (before.models, before.scripts, dict(before.by_attempt), before.strays) == (0, 0, {}, 0)
    assert before.total == before.database >= past.journal.path.stat().st_size
    copy = past.journal.backup()
    assert disk_use(past.journal, past.submissions).database == before.database + copy.stat().st_size
