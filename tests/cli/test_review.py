"""`mockexam review` as it is typed."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mockexam.entry import run
from mockexam.exam import events as ev
from mockexam.store.journal import Journal
from mockexam.store.summaries import SummaryReader
from tests.factories import FakeClock, paper, started
from tests.histories import alter, make_history

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "review.schema.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Said]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with thirty attempts, the sixth altered."""
    home = tmp_path_factory.mktemp("home")
    make_history(home, 30, altered=5, until=time.time())
    return home


@pytest.fixture
def review(made: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Types `mockexam review ...` on that home."""

    def typed(*words: str, home: Path = made) -> Said:
        monkeypatch.setenv("MOCKEXAM_HOME", str(home))
        code = run(["review", *words])
        out, err = capsys.readouterr()
        return Said(code, out, err)

    return typed


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """A home that may be changed."""
    return shutil.copytree(made, tmp_path / "home")


def ids(home: Path) -> list[str]:
    return SummaryReader(Journal(home / "records.sqlite3")).attempts()


def test_without_a_terminal_it_lists(review: Command, made: Path) -> None:
    """How one stands, then the newest attempt first."""
    said = review()
    lines = said.out.splitlines()
    assert (said.code, said.err) == (0, "")
    assert lines[0].startswith("30 attempts")
    start = next(n for n, line in enumerate(lines) if line.startswith("Attempt"))
    assert [line.split()[0] for line in lines[start + 1 : start + 31]] == ids(made)[::-1]
    assert lines[-1].startswith("Disk space: record ")


def test_on_a_terminal_the_app_opens_at_the_review(review: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """With an attempt or without; any option or verb keeps it text."""
    opened: list[str | None] = []
    monkeypatch.setattr("mockexam.cli.review_group._on_terminal", lambda: True)
    monkeypatch.setattr("mockexam.tui.launch.run_review", lambda attempt: opened.append(attempt) or 7)
    assert review().code == 7
    assert review("last").code == 7
    assert opened == [None, "last"]
    for options in (["--plain"], ["--json"], ["--sort", "total"], ["last", "--plain"], ["list"], ["show"]):
        assert review(*options).code == 0
    assert len(opened) == 2


def test_filters_and_order(review: Command) -> None:
    """What does not fit is left out, of the text and of the data."""
    said = review("list", "--mode", "exam", "--failed", "--sort", "total", "--category", "image", "--json")
    document = said.data
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    totals = [attempt["total_percent"] for attempt in document["attempts"]]
    assert totals == sorted(totals, reverse=True)
    assert {(a["mode"], a["passed"]) for a in document["attempts"]} == {("exam", False)}
    assert document["on_record"] == 30
    text = review("list", "--mode", "exam", "--failed", "--category", "image")
    assert f"listed: {len(totals)} failed exams with image classification" in text.out
    assert "No attempt matches." in review("list", "--passed", "--mode", "retry").out


def test_the_data_of_all_attempts_keeps_to_the_schema(review: Command, made: Path) -> None:
    """Standings and estimate are those of the text, whatever is listed."""
    document = review("--json").data
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert [a["attempt"] for a in document["attempts"]] == ids(made)[::-1]
    exams = review("list", "--json", "--mode", "exam", "--sort", "time").data
    assert exams["standings"] == document["standings"]
    assert exams["estimate"]["probability"] == pytest.approx(document["estimate"]["probability"], rel=1e-3)
    assert document["disk"]["models"] > 0
    text = review("--plain").out
    assert f"{document['standings'][0]['mean']:.1f}" in text
    assert f"expected total {document['estimate']['expected_percent']:.0f} %" in text


def test_damaged_attempts_are_told(review: Command, copied: Path) -> None:
    """GIVEN an attempt whose start can't be read THEN the others are listed, and it can be deleted."""
    journal, (first, *_) = Journal(copied / "records.sqlite3"), ids(copied)
    alter(journal.connection, first, 1, '"', "'")
    journal.connection.execute("DELETE FROM summaries")
    document = review("--json", home=copied).data
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert [one["attempt"] for one in document["damaged"]] == [first]
    assert len(document["attempts"]) == 29
    text = review("--plain", home=copied).out
    assert f"{first} can't be read" in text
    assert review(first, home=copied).code == 1
    assert review("delete", first, "--yes", home=copied).code == 0
    assert first not in ids(copied)


def test_nothing_on_record(review: Command, tmp_path: Path) -> None:
    """Friendly, and no error; only an attempt that is named can't be there."""
    said = review("--plain", home=tmp_path)
    assert (said.code, said.err) == (0, "")
    assert "no attempts yet" in said.out
    document = review("--json", home=tmp_path).data
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert (document["attempts"], document["on_record"]) == ([], 0)
    assert review("readiness", home=tmp_path).code == 0
    assert review("last", home=tmp_path).code == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "told"), [("zzzz", "is not known"), ("2", "is ambiguous"), ("last1", "Use one of")])
def test_an_attempt_that_is_none_is_told(review: Command, name: str, told: str) -> None:
    """With others that it might be, and no traceback."""
    said = review(name)
    assert (said.code, said.out) == (1, "")
    assert told in said.err
    assert len(said.err.splitlines()) == 2


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["delete"], "--mode retry"),
        (["delete", "last", "--mode", "exam"], "leave out ATTEMPT"),
        (["export", "last", "--passed", "--out", "x"], "leave out ATTEMPT"),
        (["export"], "--out"), (["html", "last"], "--out"), (["certificate", "--name", "x"], "--out"),
        (["prune", "last"], "last"), (["readiness", "--sort", "total"], "--sort"), (["import"], "ARCHIVE"),
        (["compare", "last"], "OTHER"), (["diff", "last"], "SUBMISSION"), (["restore"], "ATTEMPT"),
        (["show", "a", "b"], "b"), (["list", "--mode", "x"], "exam"), (["regrade", "--yes"], "--yes"),
        (["--json", "list"], "before its options"),
        (["lsit"], "Did you mean"), (["comapre", "a", "b"], "compare"), (["--delte"], "--delete"),
        (["html", "last", "--out", "x", "--exam", "y"], "leave out ATTEMPT"),
    ],
)  # fmt: skip
def test_wrong_usage_is_told_with_a_hint(review: Command, words: list[str], hint: str) -> None:
    """Exit code 2; nothing is done."""
    said = review(*words)
    assert (said.code, said.out) == (2, "")
    assert "Error: " in said.err
    assert hint in said.err


def test_one_attempt(review: Command, made: Path) -> None:
    """As text and as data; an altered one says so."""
    name = ids(made)[5]
    text, document = review(name).out, review(name, "--json").data
    assert "RECORD ALTERED at event 3" in text
    assert (document["intact"], document["broken_at"]) == (False, 3)
    assert document["summary"]["attempt"] == name
    assert "events, unaltered" in review("last").out


def test_two_attempts(review: Command, made: Path) -> None:
    """The earlier one stands on the left, however they are named."""
    first, last = ids(made)[0], ids(made)[-3]
    for words in (["compare", first, last], ["compare", last, first]):
        document = review(*words, "--json").data
        jsonschema.Draft202012Validator(SCHEMA).validate(document)
        assert (document["left"]["attempt"], document["right"]["attempt"]) == (first, last)
        assert review(*words).out.split()[:2] == [first, last]


def test_scripts_side_by_side(review: Command) -> None:
    """Of the last attempt: against the reference, or another submission."""
    document = review("last", "--json").data
    one, other = [s["id"] for s in document["questions"][0]["submissions"]][:2]
    text = review("diff", "last", one, "--against", other).out
    assert f"--- {one}\n+++ {other}\n" in text
    assert "\n- UNITS = 8\n+ UNITS = 16\n" in text
    data = review("diff", "last", one, "--json").data
    jsonschema.Draft202012Validator(SCHEMA).validate(data)
    assert (data["old"], data["new"]) == (one, "reference")
    assert review("diff", "last", "zz").code == 1


def test_readiness(review: Command) -> None:
    """Estimate, method, plan and skills; the same figures as data."""
    text, document = review("readiness").out, review("readiness", "--json").data
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    assert "How this is calculated: " in text
    assert all(skill["title"] in text for skill in document["skills"])


@pytest.fixture
def two_exams(copied: Path) -> Path:
    """A home where an exam of somebody's own, whose file is gone, was taken last."""
    clock = FakeClock(wall=time.time())
    begun = started(clock.now, on=paper((3, 2)))
    journal = Journal(copied / "records.sqlite3")
    attempt = journal.start(replace(begun, rules=replace(begun.rules, exam="two", title="Two")))
    journal.append(attempt, ev.Finished(at=clock.now, reason="candidate"))
    journal.append(attempt, ev.Settled(at=clock.now, earned=0, possible=25, passed=False))
    journal.close()
    return copied


def test_each_exam_is_shown_by_itself(review: Command, two_exams: Path, tmp_path: Path) -> None:
    """The one taken last unless another is named; the others are offered, in text, data and page."""
    text, readiness = review(home=two_exams).out, review("--readiness", home=two_exams).out
    for said in (text, readiness):
        assert "Results in Two. You also took: TensorFlow Developer (tf_developer)." in said
    assert "image classification" not in text.partition("Attempt  ")[0]

    page = tmp_path / "review.html"
    assert review("--html", str(page), home=two_exams).code == 0
    assert "You also took: TensorFlow Developer (tf_developer)" in page.read_text(encoding="utf-8")

    for options, exam, categories in ((), "two", 2), (("--exam", "tf_developer"), "tf_developer", 5):
        history = review(*options, "--json", home=two_exams).data
        ready = review(*options, "--readiness", "--json", home=two_exams).data
        for document in (history, ready):
            jsonschema.Draft202012Validator(SCHEMA).validate(document)
            assert (document["exam"], len(document["estimate"]["evidence"])) == (exam, categories)
        assert (len(history["standings"]), set(history["exams"])) == (categories, {"two", "tf_developer"})


def test_one_exam_alone_needs_no_name(review: Command) -> None:
    """Nothing is said of exams where there is no choice."""
    assert "You also took" not in review().out + review("--readiness").out


@pytest.mark.parametrize("options", [(), ("--json",), ("--readiness",)])
def test_an_exam_that_is_not_known_is_told(review: Command, options: tuple[str, ...]) -> None:
    """Before anything is written."""
    said = review("--exam", "three", *options)
    assert (said.code, said.out) == (1, "")
    assert "three" in said.err


def test_restoring(review: Command, tmp_path: Path, copied: Path) -> None:
    """Model and scripts into the folder that is named; what lies there already is told."""
    into = tmp_path / "into"
    said = review("restore", "last", "last", "--into", str(into), home=copied)
    assert (said.code, said.err) == (0, "")
    assert {path.name for path in into.iterdir()} == {"mymodel.keras", "solution.py"}
    again = review("restore", "last", "last", "--into", str(into), "--json", home=copied).data
    jsonschema.Draft202012Validator(SCHEMA).validate(again)
    assert again["names"] == []
    assert review("restore", "last", "last", home=copied).code == 1


def test_pages(review: Command, tmp_path: Path) -> None:
    """All attempts, one, a certificate; a file that stands there is replaced only if asked."""
    page, certificate = tmp_path / "review.html", tmp_path / "certificate.html"
    assert review("html", "--out", str(page)).code == 0
    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html")
    assert review("html", "last", "--out", str(page)).code == 1
    assert review("html", "last", "--out", str(page), "--yes").code == 0
    said = review("certificate", "--out", str(certificate))
    assert (said.code, certificate.exists()) == (1, False)
    assert "--name" in said.err


def test_deleting_exporting_and_taking_in(review: Command, copied: Path, tmp_path: Path) -> None:
    """One attempt, all that fit, and back again from the archive; pruning tells what it freed."""
    before = ids(copied)
    archive = tmp_path / "kept.zip"
    assert review("export", "--mode", "retry", "--out", str(archive), home=copied).code == 1
    assert not archive.exists()
    assert review("export", "--out", str(archive), "--no-models", home=copied).code == 0
    assert review("delete", "last", home=copied).code == 1
    assert review("delete", "last", "--yes", home=copied).code == 0
    assert ids(copied) == before[:-1]
    assert review("delete", "--mode", "exam", "--yes", home=copied).code == 0
    assert len(ids(copied)) == 19
    assert review("delete", "--passed", "--yes", home=copied).code == 1
    data = review("import", str(archive), "--json", home=copied).data
    assert len(data["new"]) == 11
    assert ids(copied) == before
    assert "freed" in review("prune", "--yes", home=copied).out
