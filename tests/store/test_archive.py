"""Attempts taken along: the same on the other side, and a foreign archive is taken in whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.class_report import ClassRecall, ClassReport, Confusion
from mockexam.exam.training_history import FitHistory
from mockexam.store.archive import Imported, export_attempts, import_archive, importing
from mockexam.store.archive.archive_format import ArchiveError, clash
from mockexam.store.journal import Journal
from mockexam.store.retention import folders, prune
from mockexam.store.summaries import SummaryReader
from mockexam.workspace.receive import hash_of
from mockexam.workspace.scripts import read_scripts
from tests.histories import alter
from tests.store.forge import Change, Forged, event, extra, header, listed, rename, row
from tests.store.past import Past


@pytest.fixture
def past(tmp_path: Path) -> Past:
    return Past(tmp_path / "home")


@pytest.fixture
def other(tmp_path: Path) -> Past:
    """Another machine's home, with an attempt of its own."""
    other = Past(tmp_path / "other")
    other.ended("ZZZZ-ZZZZ")
    return other


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of one attempt with models of both kinds."""
    past = Past(tmp_path_factory.mktemp("archive"))
    path = past.root / "one.zip"
    export_attempts(past.journal, [past.ended()], past.submissions, path)
    return path


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """A home that refuses what it is offered."""
    untouched = Past(tmp_path_factory.mktemp("untouched"))
    untouched.ended("ZZZZ-ZZZZ")
    return untouched


def tree(past: Past) -> dict[str, tuple[int, bytes]]:
    """All stored files with modes and contents."""
    files = [path for path in past.submissions.rglob("*") if path.is_file() and path.name != "housekeeping.lock"]
    return {str(f.relative_to(past.submissions)): (stat.S_IMODE(f.stat().st_mode), f.read_bytes()) for f in files}


def everything(past: Past) -> tuple[Any, ...]:
    """All that an import could change."""
    tables = ("attempts", "events", "sqlite_master")
    rows = [past.journal.connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    return tree(past), folders(past.submissions), rows


def test_the_same_on_the_other_side(past: Past, other: Past, tmp_path: Path) -> None:
    """Events, receipts, seeds, models and scripts arrive as they were; the second time they are known."""
    ids, own = [past.ended("AAAA-AAAA"), past.ended("BBBB-BBBB")], other.journal.newest()
    before = tree(past)

    done = export_attempts(past.journal, ids, past.submissions, tmp_path / "two.zip")
    assert (done.attempts, done.left_out, done.size) == (tuple(ids), (), (tmp_path / "two.zip").stat().st_size)
    taken = import_archive(other.journal, tmp_path / "two.zip", other.submissions)

    assert taken == Imported(tuple(ids), (), 8, sum(len(content) for _, content in before.values()))
    for attempt in ids:
        assert other.journal.rows(attempt) == past.journal.rows(attempt)
        assert other.journal.holdout_seed(attempt) == past.journal.holdout_seed(attempt)
        for submission in other.journal.attempt(attempt).submissions:
            kept = submission.received
            assert hash_of(other.submissions / kept.stored) == kept.sha256
            assert read_scripts(other.submissions / kept.scripts)
    assert {name: found for name, found in tree(other).items() if not name.startswith(str(own))} == before
    assert len(SummaryReader(other.journal).outcomes(other.clock.now)) == 3

    state = everything(other)
    again = import_archive(other.journal, tmp_path / "two.zip", other.submissions)
    assert (again.new, again.known) == ((), tuple(ids))
    assert everything(other) == state


REPORT = ClassReport((ClassRecall("calm", 9, 8, 0.9), ClassRecall("storm", 3, 1)), (Confusion("storm", "calm", 2),))


def test_what_earlier_versions_can_not_read_travels_in_a_newer_form(past: Past, other: Past, tmp_path: Path) -> None:
    """GIVEN one attempt with a curve, one with recall by class and one with neither THEN only archives with those have
    form 2."""
    plain, trained, attempt = past.ended("AAAA-AAAA"), past.begin("BBBB-BBBB"), ""
    fit = FitHistory(9, (1, 2), (1.5, 1.25), {"loss": (0.5, 0.25), "val_loss": (None, 0.5)})
    submission = past.submit(trained, 1, "m", 3)
    past.journal.append(trained, ev.TrainingRecorded(at=past.clock.advance(1), submission=submission, fits=(fit,)))
    past.end(trained)
    attempt = past.begin("CCCC-CCCC")
    submission = past.submit(attempt, 1, "m", 3)
    past.end(attempt)
    for name, report in ((plain, None), (attempt, REPORT)):
        chosen = submission if report else past.journal.attempt(plain).submissions[0].id
        event = ev.Diagnosed(
            at=past.clock.advance(1), submission=chosen, train_value=None, findings=(), class_report=report
        )
        past.journal.append(name, event)
    for ids, form in (([plain], 1), ([trained], 2), ([plain, attempt], 2)):
        name = "-".join(ids)
        export_attempts(past.journal, ids, past.submissions, tmp_path / f"{name}.zip")
        manifest = json.loads(zipfile.ZipFile(tmp_path / f"{name}.zip").read("manifest.json"))
        assert manifest["form"] == form
        import_archive(other.journal, tmp_path / f"{name}.zip", other.submissions)
    assert other.journal.rows(attempt) == past.journal.rows(attempt)
    assert other.journal.attempt(trained).submissions[0].training == (fit,)
    diagnosis = other.journal.attempt(attempt).submissions[0].diagnosis
    assert diagnosis is not None
    assert diagnosis.class_report == REPORT


def test_a_training_that_makes_no_sense_is_not_taken_along(past: Past, tmp_path: Path) -> None:
    """What would be refused elsewhere is not exported: more values than epochs."""
    attempt = past.begin()
    submission = past.submit(attempt, 1, "m", 3)
    bad = (FitHistory(9, (1,), (1.5,), {"loss": (0.5, 0.25)}),)
    past.journal.append(attempt, ev.TrainingRecorded(at=past.clock.advance(1), submission=submission, fits=bad))
    past.end(attempt)
    with pytest.raises(UserError, match="trained"):
        export_attempts(past.journal, [attempt], past.submissions, tmp_path / "a.zip")


def test_a_class_report_that_makes_no_sense_is_not_taken_along(past: Past, tmp_path: Path) -> None:
    """More right than there are."""
    attempt = past.begin()
    submission = past.submit(attempt, 1, "m", 3)
    past.end(attempt)
    bad = ClassReport((ClassRecall("calm", 2, 3),), ())
    at = past.clock.advance(1)
    past.journal.append(
        attempt, ev.Diagnosed(at=at, submission=submission, train_value=None, findings=(), class_report=bad)
    )
    with pytest.raises(UserError, match="diagnosed"):
        export_attempts(past.journal, [attempt], past.submissions, tmp_path / "a.zip")


def test_what_was_sat_last_stays_last(past: Past, other: Past, tmp_path: Path) -> None:
    """An imported attempt is listed by when it started, not by when it was imported."""
    attempt = past.ended()
    late = Past(tmp_path / "late")
    late.clock.advance(900_000)
    newest = late.ended("CCCC-CCCC")
    export_attempts(past.journal, [attempt], past.submissions, tmp_path / "a.zip")
    import_archive(late.journal, tmp_path / "a.zip", late.submissions)
    assert late.journal.newest() == newest


def test_the_same_attempts_make_the_same_archive(past: Past, tmp_path: Path) -> None:
    """Byte for byte, for its owner alone, and without models only the scripts."""
    ids = [past.ended("AAAA-AAAA"), past.ended("BBBB-BBBB")]
    paths = [tmp_path / name for name in ("a.zip", "b.zip", "c.zip")]
    export_attempts(past.journal, ids, past.submissions, paths[0])
    export_attempts(past.journal, ids[::-1], past.submissions, paths[1])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert stat.S_IMODE(paths[0].stat().st_mode) == 0o600
    bare = export_attempts(past.journal, ids, past.submissions, paths[2], models=False)
    names = zipfile.ZipFile(paths[2]).namelist()
    assert sum("-code-" in name for name in names) == bare.files == len(names) - 3 == 8
    assert {p.name for p in tmp_path.iterdir()} == {"home", "a.zip", "b.zip", "c.zip"}


def test_a_pruned_attempt_travels(past: Past, other: Past, tmp_path: Path) -> None:
    """Missing models are just not there; an altered one is left out, and the result says so."""
    attempt = past.ended()
    prune(past.journal, past.submissions)
    kept = sorted(past.kept(attempt))
    model = past.submissions / attempt / kept[0]
    model.chmod(0o600)
    model.write_bytes(b"tampered")
    done = export_attempts(past.journal, [attempt], past.submissions, tmp_path / "a.zip")
    assert len(done.left_out) == 1
    assert kept[0] in done.left_out[0]
    assert import_archive(other.journal, tmp_path / "a.zip", other.submissions).models == len(kept) - 1


@pytest.mark.parametrize(
    ("names", "one"),
    [
        (["a/b", "a/c"], False), (["a", "ab/c"], False), (["a", "A"], True), (["a/b", "A"], True),
        (["\u00e9", "e\u0301"], True), (["a/b", "a/b/c"], True), (["a", "a"], True),
    ],
)  # fmt: skip
def test_names_that_are_one_somewhere(names: list[str], one: bool) -> None:
    """Apart on this system they may be one on another, or a file be in a folder's way."""
    assert clash(names) is one


def test_names_that_do_not_travel_are_left_out(past: Past, tmp_path: Path) -> None:
    """A SavedModel of which two files are one on other systems is left out, and the result says so."""
    attempt = past.begin()
    (past.work / "q1" / "mymodel" / "assets").mkdir(parents=True)
    for name in ("Words.txt", "words.txt"):
        (past.work / "q1" / "mymodel" / "assets" / name).write_text(name)
    past.submit(attempt, 1, "folder", 3)
    past.end(attempt)
    done = export_attempts(past.journal, [attempt], past.submissions, tmp_path / "a.zip")
    assert done.files == 1
    assert "not exist on every system" in done.left_out[0]


def test_what_is_not_exported(past: Past, tmp_path: Path) -> None:
    """An attempt under way, unknown or altered; to a file that is there, or a folder that is not: nothing is left."""
    good, bad = past.ended("AAAA-AAAA"), past.ended("BBBB-BBBB")
    alter(past.journal.connection, bad, 3, old='"marks":2', new='"marks":5')
    running = past.begin("CCCC-CCCC")
    for attempt, why in ((running, "not ended"), (bad, "altered .event 3"), ("nobody", "no attempt")):
        with pytest.raises(UserError, match=why):
            export_attempts(past.journal, [good, attempt], past.submissions, tmp_path / "a.zip")
    with pytest.raises(UserError, match="no attempt to export"):
        export_attempts(past.journal, [], past.submissions, tmp_path / "a.zip")
    with pytest.raises(UserError, match="can't be written"):
        export_attempts(past.journal, [good], past.submissions, tmp_path / "nowhere" / "a.zip")
    (tmp_path / "there.zip").write_bytes(b"mine")
    with pytest.raises(UserError, match="already"):
        export_attempts(past.journal, [good], past.submissions, tmp_path / "there.zip")
    assert (tmp_path / "there.zip").read_bytes() == b"mine"
    assert {p.name for p in tmp_path.iterdir()} == {"home", "there.zip"}


def set_end(value: str) -> Change:
    """The last event says so."""
    return lambda forged: forged.record["events"][-1].update(body=value)


def drop(forged: Forged) -> None:
    forged.files.pop(next(name for name in forged.files if name.endswith("variables.index")))


def drop_result(forged: Forged) -> None:
    forged.record["events"] = [e for e in forged.record["events"] if e["kind"] != "settled"]


def unchained(forged: Forged) -> None:
    forged.chained = False
    forged.body("marked", lambda fields: fields.update(marks=5))


def bomb(forged: Forged) -> None:
    """A model that is what the record says, and a thousand times its place in the archive."""
    name, content = next(n for n in forged.files if n.endswith(".keras")), bytes(20_000_000)
    forged.files[name] = content
    event("received", size=len(content), sha256=hashlib.sha256(content).hexdigest())(forged)


def hidden(forged: Forged) -> None:
    """A model that the next clearing up would take for something half received."""
    rename(".keras", "tmp-x.keras")(forged)
    event("received", stored=f"{forged.id}/tmp-x.keras")(forged)


def link(info: zipfile.ZipInfo) -> None:
    info.external_attr = (stat.S_IFLNK | 0o777) << 16


def first_file(change: dict[str, Any]) -> Change:
    return listed(lambda manifest: manifest["attempts"][0]["files"][0].update(change))


def again(manifest: dict[str, Any]) -> None:
    manifest["attempts"] *= 2


NAMES = [
    "../../../evil.keras", "/etc/evil.keras", "..\\evil.keras", "C:evil.keras", "q1-x/../../evil", "q1-x//evil",
    "./q1-x", "q1-x/", "q1-\x1b[2J", "con", "q1-x/nul.txt", "q1-x ", "", "q1-x\u202e", "a" * 250, "/".join("a" * 14),
]  # fmt: skip

FORGERIES: dict[str, Change] = {
    **{f"named {name[:20]!r}": rename(".keras", name) for name in NAMES},
    "no event names the file": extra("attempts/20270116-7K3QF2/files/q1-0123456789ab.keras"),
    "an event names another": rename(".keras", "q1-0123456789ab.keras"),
    "an attempt's folder": extra("attempts/20270116-7K3QF2/"),
    "a file and its folder": lambda f: f.files.update({f"{next(n for n in f.files if n.endswith('.keras'))}/x": b"x"}),
    "two of a name": extra("manifest.json", b"{}"),
    "a link": header(link),
    "a pipe": header(lambda info: setattr(info, "external_attr", stat.S_IFIFO << 16)),
    "packed oddly": header(lambda info: setattr(info, "compress_type", zipfile.ZIP_BZIP2)),
    "a bomb": bomb,
    "a file is missing": lambda f: setattr(f, "listed", lambda m: m["attempts"][0]["files"].pop()),
    "part of a model is missing": drop,
    "another size": first_file({"size": 7}),
    "a negative size": first_file({"size": -1}),
    "another hash": first_file({"sha256": "0" * 64}),
    "a flag for a number": first_file({"size": True}),
    "one more field": listed(lambda m: m.update(more=1)),
    "a field too few": listed(lambda m: m.pop("models")),
    "a newer form": listed(lambda m: m.update(form=3)),
    "no attempt": listed(lambda m: m.update(attempts=[])),
    "an attempt twice": listed(again),
    "an id with a path": listed(lambda m: m["attempts"][0].update(id="../../x")),
    "another's record": row(id="20270116-OTHER1"),
    "another mode in the row": row(mode="retry"),
    "another day in the row": row(created="2027-01-17T08:00:00Z"),
    "no seed": row(secret="x"),
    "a broken chain": unchained,
    "no result": drop_result,
    "no number": set_end('{"earned": NaN}'),
    "a name twice": set_end('{"earned": 1, "earned": 1}'),
    "deeply nested": set_end("[" * 100_000),
    "half a character": event("marked", message="\ud800"),
    "an unknown kind": lambda f: f.record["events"][-1].update(kind="blessed"),
    "a text for a number": event("marked", marks="5"),
    "six marks": event("marked", marks=6),
    "marks for a refusal": event("marked", verdict="invalid_model"),
    "a terminal's escape": event("marked", message="\x1b]0;owned\x07"),
    "a model under a temporary name": hidden,
    "a model elsewhere": event("received", stored="20270116-7K3QF2/../../x"),
    "a model of another attempt": event("received", stored="20270101-OTHER/q1-x.keras"),
    "scripts elsewhere": event("received", scripts="/home/me/.ssh"),
    "a name with a path": event("received", name="../mymodel.keras"),
    "a question's folder elsewhere": event("started", paper__items__0__folder="site-packages"),
    "a weight of nothing": event("started", paper__items__0__weight=0),
    "a time of no clock": event("started", at__wall=1e300),
    "infinite time": event("started", at__wall=float("inf")),
    "a submission nobody made": event("marked", submission="q1-nobody"),
    "something behind the end": lambda f: setattr(f, "tail", b"more"),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_archive_is_refused_whole(archive: Path, tmp_path: Path, untouched: Past, forgery: str) -> None:
    """Told as an archive that can't be imported; nothing is written, neither there nor around it."""
    forged = Forged.open(archive)
    FORGERIES[forgery](forged)
    evil = forged.save(tmp_path / "evil.zip")
    before, around = everything(untouched), sorted(untouched.root.parent.iterdir())
    with pytest.raises(ArchiveError, match="Nothing was imported"):
        import_archive(untouched.journal, evil, untouched.submissions)
    assert everything(untouched) == before
    assert sorted(untouched.root.parent.iterdir()) == around


def test_taken_apart_and_put_together_it_is_fine(archive: Path, tmp_path: Path, other: Past) -> None:
    """The forger's own work is sound: what is refused above is refused for what was forged."""
    forged = Forged.open(archive)
    assert import_archive(other.journal, forged.save(tmp_path / "good.zip"), other.submissions).new == (forged.id,)


def test_no_archive_at_all(tmp_path: Path, other: Past) -> None:
    """Missing, a folder, a pipe, an empty file, a zip of something else, an encrypted one."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "zip", "w") as something:
        something.writestr("hello.txt", "hello")
    locked = bytearray((tmp_path / "zip").read_bytes())
    for at, signature in ((6, b"PK\x03\x04"), (8, b"PK\x01\x02")):
        locked[locked.index(signature) + at] |= 1
    (tmp_path / "locked").write_bytes(bytes(locked))
    before = everything(other)
    for name in ("missing", ".", "pipe", "empty", "zip", "locked"):
        with pytest.raises(UserError):
            import_archive(other.journal, tmp_path / name, other.submissions)
    assert everything(other) == before


def test_another_story_of_the_same_name_is_refused(archive: Path, tmp_path: Path, other: Past) -> None:
    """A known attempt with different events is named, and the archive refused whole."""
    forged = Forged.open(archive)
    import_archive(other.journal, archive, other.submissions)
    event("marked", marks=5)(forged)
    before = everything(other)
    with pytest.raises(UserError, match="different events") as raised:
        import_archive(other.journal, forged.save(tmp_path / "b.zip"), other.submissions)
    assert forged.id in raised.value.location
    assert everything(other) == before


def test_nothing_is_imported_during_an_attempt(archive: Path, other: Past) -> None:
    """Refused at once, and also where the attempt starts while the archive is looked through."""
    late = Past(other.root)
    late.clock.advance(5000)

    def start(fraction: float, text: str) -> None:
        if text == "recording" and late.journal.unsettled() is None:
            late.begin()

    before = tree(other)
    for progress in (start, lambda *_: None):
        with pytest.raises(UserError, match="under way"):
            import_archive(other.journal, archive, other.submissions, progress)
        assert tree(other) == before
        assert not [name for name in folders(other.submissions) if name.startswith(".")]


@pytest.mark.parametrize("what", ["insert", "rename", "fsync", "space"])
def test_a_failure_leaves_nothing(archive: Path, other: Past, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Whatever fails while it is brought in: no row, no folder, nothing half unpacked."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = everything(other)
    with monkeypatch.context() as broken:
        if what == "space":
            broken.setattr(importing, "_RESERVE_BYTES", 1 << 60)
        elif what == "insert":
            broken.setattr(importing, "sync_folder", lambda path: fail() if path == other.submissions else None)
        elif what == "fsync":
            broken.setattr(os, "fsync", fail)
        else:
            broken.setattr(Path, "rename", fail)
        with pytest.raises(UserError, match=r"written|space"):
            import_archive(other.journal, archive, other.submissions)
    assert everything(other) == before
    assert len(import_archive(other.journal, archive, other.submissions).new) == 1


KILLED = """
import os, signal, sys
from pathlib import Path
from mockexam.store.archive import importing
from mockexam.store.journal import Journal
home, archive = map(Path, sys.argv[1:])
importing.sync_folder = lambda path: os.kill(os.getpid(), signal.SIGKILL) if path == home / "submissions" else None
importing.import_archive(Journal(home / "records.sqlite3"), archive, home / "submissions")
"""


def test_a_kill_leaves_at_most_folders(archive: Path, other: Past) -> None:
    """Killed just before the commit nothing is recorded; the next import, or pruning, cleans up."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    arguments = [sys.executable, "-c", KILLED, str(other.root), str(archive)]
    own = set(folders(other.submissions))
    assert subprocess.run(arguments, env=environment, check=False).returncode == -signal.SIGKILL
    journal = Journal(other.root / "records.sqlite3", check=True)
    assert set(SummaryReader(journal).attempts()) == own
    assert len(folders(other.submissions)) == 3  # with the attempt's folder and the emptied workplace
    (attempt,) = import_archive(journal, archive, other.submissions).new
    assert set(folders(other.submissions)) == {*own, attempt}
    assert len(other.kept(attempt)) == 4


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damage_anywhere_is_refused_or_harmless(
    archive: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Bytes changed, cut off or put in between: refused whole, or what is taken in is what was exported."""
    content = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["change", "change", "cut", "put in"])):
            case "change":
                content[at] = data.draw(st.integers(0, 255))
            case "cut":
                del content[at : at + data.draw(st.integers(1, 4000))]
            case _:
                content[at:at] = data.draw(st.binary(min_size=1, max_size=30))
        if not content:
            return
    home = tmp_path_factory.mktemp("damage")
    (home / "damaged.zip").write_bytes(content)
    other, submissions = Journal(home / "records.sqlite3"), home / "submissions"
    source = Journal(archive.parent / "records.sqlite3")
    try:
        (attempt,) = import_archive(other, home / "damaged.zip", submissions).new
    except UserError:
        assert SummaryReader(other).attempts() == folders(submissions) == []
    else:
        assert other.rows(attempt) == source.rows(attempt)
        for kept in (s.received for s in other.attempt(attempt).submissions):
            assert hash_of(submissions / kept.stored) in (kept.sha256, None)
    finally:
        other.close()
        source.close()
