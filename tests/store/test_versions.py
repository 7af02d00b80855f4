"""Records of other versions: an older one opens, a newer one is refused and left as it is, to the byte."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mockexam import __version__
from mockexam.entry import run
from mockexam.errors import UserError, install_newer
from mockexam.exam import events as ev
from mockexam.store.archive import import_archive
from mockexam.store.archive.archive_format import FIRST_VERSION, VERSION, ArchiveError
from mockexam.store.database import SCHEMA_VERSION
from mockexam.store.journal import Journal
from mockexam.store.summaries import SummaryReader
from tests.factories import FakeClock, received, started
from tests.store.forge import Forged, listed
from tests.store.past import Past

EARLIER = Path(__file__).parent / "earlier"
FIXTURES = Path(__file__).parents[1] / "golden" / "fixtures"
SCHEMAS = {
    1: EARLIER / "schema-1.sqlite3",
    2: FIXTURES / "home" / "records.sqlite3",
    3: EARLIER / "schema-3.sqlite3",
}
"""A database as each version of the schema wrote it, with an attempt under way."""
FORMS = {1: FIXTURES / "attempts.zip", 2: EARLIER / "form-2.zip"}
"""An archive in each form."""
RECORD = "records.sqlite3"


def test_a_file_of_each_version_is_kept() -> None:
    """Raise a version, and keep a file of the one before here."""
    assert set(range(1, SCHEMA_VERSION)) <= SCHEMAS.keys()
    assert set(range(FIRST_VERSION, VERSION)) <= FORMS.keys()


@pytest.mark.parametrize("version", SCHEMAS)
def test_a_database_of_an_older_version_opens(version: int, tmp_path: Path) -> None:
    """GIVEN a file that this version wrote WHEN it is opened THEN all attempts are read, and one goes on."""
    path = Path(shutil.copy(SCHEMAS[version], tmp_path / RECORD))
    before = events(path)
    assert user_version(path) == version

    with closing(Journal(path, check=True)) as journal:
        assert events(path) == before
        found = list(SummaryReader(journal).each(FakeClock().now))
        running = journal.unsettled()
        assert running is not None
        state = journal.attempt(running)
        at = list(journal.entries(running))[-1].event.at
        journal.append(running, ev.Received(**{**vars(received(at, 1, "f" * 12)), "at": at}))
        assert len(journal.attempt(running).submissions) == len(state.submissions) + 1
        assert journal.verify(running) is None
    assert len(found) == len({attempt for attempt, *_ in before})
    assert user_version(path) == SCHEMA_VERSION


@pytest.mark.parametrize("form", FORMS)
def test_an_archive_of_an_older_form_is_imported(form: int, tmp_path: Path) -> None:
    """Attempts, files and chains."""
    past = Past(tmp_path / "home")
    imported = import_archive(past.journal, FORMS[form], past.submissions)
    assert imported.new
    assert imported.models
    assert [past.journal.verify(attempt) for attempt in imported.new] == [None] * len(imported.new)


@pytest.fixture(params=["closed", "killed"])
def newer(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A home as mockexam 7.8.9 left it, with its log not yet moved into the database if it was killed."""
    past = Past(tmp_path / "home")
    past.ended()
    past.begin("AAAA-AAAA")
    past.submit(past.journal.unsettled() or "", 1, "under way")
    past.journal.backup()
    past.journal.connection.execute("UPDATE last_migration SET app_version = '7.8.9'")
    past.journal.connection.execute("PRAGMA user_version = 99")
    if request.param == "killed":
        shutil.copytree(past.root, tmp_path / "killed")
        past.journal.close()
        return tmp_path / "killed"
    past.journal.close()
    return past.root


COMMANDS = [
    ("status",), ("status", "--json"), ("finish", "--yes"), ("sit", "--yes", "--plain"), ("sit", "--json", "--yes"),
    ("retry", "weakest", "--plain"), ("review", "list"), ("review", "last"), ("review", "readiness"),
    ("review", "html", "--out", "page.html"), ("review", "export", "--out", "out.zip"), ("review", "prune", "--yes"),
    ("review", "import", str(FORMS[1])), ("review", "delete", "last", "--yes"), ("review", "regrade", "last"),
]  # fmt: skip


def test_a_newer_database_is_left_as_it_is(
    newer: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GIVEN a home of a newer version WHEN any command runs THEN it names what to install and changes no byte."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(newer))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    before = tree(newer)
    for command in COMMANDS:
        assert run(list(command)) == 1, command
        told = capsys.readouterr()
        assert "7.8.9" in told.out + told.err, command
        assert "Traceback" not in told.err
        assert tree(newer) == before, command
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_version_to_install_is_the_newest_that_wrote(tmp_path: Path) -> None:
    """The app that opened an attempt last may be newer than the one that changed the schema; what is no version is
    not repeated."""
    journal, clock = Journal(tmp_path / RECORD), FakeClock()
    attempt = journal.start(started(clock.now))
    for version in ("0.1.0", "8.10.0", "8.9.0", "\x1b[2J"):
        journal.append(attempt, ev.Opened(at=clock.advance(1), pid=1, app_version=version))
    journal.connection.execute("PRAGMA user_version = 99")
    journal.close()
    with pytest.raises(UserError) as raised:
        Journal(tmp_path / RECORD)
    assert "8.10.0" in raised.value.hint


@pytest.mark.parametrize("writers", [(), (__version__,), ("0.0.1",), (None,), ("\x1b[2J9",)])
def test_without_a_newer_version_none_is_named(writers: tuple[object, ...]) -> None:
    """The same version may have written it: one that was not released yet."""
    assert not any(character.isdigit() for character in install_newer(writers))


def test_a_newer_archive_names_the_version_that_made_it(tmp_path: Path) -> None:
    """The remedy is that version, not another export."""
    forged = Forged.open(FORMS[2])
    listed(lambda manifest: manifest.update(form=99, app_version="7.8.9"))(forged)
    past = Past(tmp_path / "home")
    with pytest.raises(ArchiveError) as raised:
        import_archive(past.journal, forged.save(tmp_path / "newer.zip"), past.submissions)
    assert "7.8.9" in raised.value.hint
    assert past.journal.newest() is None


def events(path: Path) -> list[tuple[object, ...]]:
    """Every recorded event, as it stands."""
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT attempt, seq, kind, body, hash FROM events ORDER BY attempt, seq").fetchall()


def user_version(path: Path) -> int:
    """The version of the schema."""
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("PRAGMA user_version").fetchone()[0])


def tree(home: Path) -> dict[str, str]:
    """Every file and folder with its hash. The index of SQLite's log holds nothing of its own."""
    return {
        path.relative_to(home).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in home.rglob("*")
        if not path.name.endswith("-shm")
    }
