"""Deleting, pruning, archives from the command line: what is said before, the typed word, what is told after."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from mockexam.cli import progress_bar
from mockexam.cli.main import invoke
from mockexam.cli.progress_bar import delayed_progress
from mockexam.errors import UnknownNameError, UserError
from mockexam.paths import HOME_VARIABLE
from mockexam.store.summaries import SummaryReader
from tests.histories import alter
from tests.store.past import Past

Capture = pytest.CaptureFixture[str]


class Typist(io.StringIO):
    """A terminal on which somebody types this."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def past(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Past:
    past = Past(tmp_path / "home")
    monkeypatch.setenv(HOME_VARIABLE, str(past.root))
    return past


def review(*words: object) -> int:
    """Type `mockexam review ...`."""
    return invoke(["review", *map(str, words)])


def attempts(past: Past) -> list[str]:
    return SummaryReader(past.journal).attempts()


def test_delete_asks_for_the_word(past: Past, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """It says what goes and how much; another word, or none, deletes nothing."""
    ids = [past.ended("AAAA-AAAA"), past.ended("BBBB-BBBB")]
    for typed in ("yes\n", "", "\n"):
        monkeypatch.setattr(sys, "stdin", Typist(typed))
        with pytest.raises(UserError, match="Nothing was deleted"):
            review("delete", "AAAA")
    assert attempts(past) == ids
    capsys.readouterr()

    monkeypatch.setattr(sys, "stdin", Typist("delete\n"))
    assert review("delete", "AAAA") == 0

    out, err = capsys.readouterr()
    assert ids[0] in err
    assert "paper AAAA-AAAA" in err
    assert "4 stored models" in err
    assert "Type DELETE" in err
    assert ids[1] not in err
    assert out.startswith("Deleted 1 attempt: ")
    assert attempts(past) == ids[1:]


def test_where_nobody_can_type_yes_is_needed(past: Past, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe, or no input at all, is not taken for an answer."""
    attempt = past.ended()
    for stdin in (io.StringIO("DELETE\nPRUNE\n"), None):
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(UserError, match=r"Nothing was deleted\. .*terminal") as told:
            review("delete", attempt)
        assert "--yes" in told.value.hint
        with pytest.raises(UserError, match=r"Nothing was removed\. .*terminal"):
            review("prune")
    assert len(past.kept(attempt)) == 4


def test_a_running_attempt_is_refused_before_the_question(past: Past) -> None:
    """Nobody types a word for what can't be; an unknown name lists those there are."""
    running = past.begin()
    with pytest.raises(UserError, match="under way"):
        review("delete", "last")
    with pytest.raises(UnknownNameError, match="not known") as told:
        review("delete", "nonsense", "--yes")
    assert running in told.value.hint


def test_prune_says_its_rule_and_what_it_frees(past: Past, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """Before, what would go; after, what went; then there is nothing more."""
    attempt = past.ended()
    (past.submissions / "20200101-GONE").mkdir()
    monkeypatch.setattr(sys, "stdin", Typist("no\n"))
    with pytest.raises(UserError, match="Nothing was removed"):
        review("prune")
    assert len(past.kept(attempt)) == 4
    monkeypatch.setattr(sys, "stdin", Typist("PRUNE\n"))
    review("prune")
    out, err = capsys.readouterr()
    assert "the best and the last" in err
    assert "1 model of 1 attempt and 1 stray folder" in err
    assert out.startswith("Removed 1 model of 1 attempt and 1 stray folder")
    assert len(past.kept(attempt)) == 3
    review("prune")
    assert capsys.readouterr().out == "There is nothing to prune.\n"


def test_data_for_programs(past: Past, tmp_path: Path, capsys: Capture) -> None:
    """With `--json` standard output is one JSON object a call."""
    attempt = past.ended()

    def told() -> dict[str, object]:
        answer: dict[str, object] = json.loads(capsys.readouterr().out)
        return answer

    review("prune", "--yes", "--json")
    assert {**told(), "bytes": 0} == {
        "attempts": [attempt], "models": 1, "bytes": 0, "stray_folders": 0, "left": [],
    }  # fmt: skip
    review("export", attempt, "--out", tmp_path / "a.zip", "--json")
    size = (tmp_path / "a.zip").stat().st_size
    assert told() == {
        "path": str(tmp_path / "a.zip"), "attempts": [attempt], "files": 9, "bytes": size, "left_out": [],
    }  # fmt: skip
    review("delete", attempt, "--yes", "--json")
    assert told()["attempts"] == [attempt]
    review("import", tmp_path / "a.zip", "--json")
    assert {**told(), "bytes": 0} == {"new": [attempt], "known": [], "models": 3, "bytes": 0}


def test_export_of_all_leaves_out_what_can_not_travel(
    past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    """None named: all that have ended and are intact; the others are said. The import says what it knew."""
    good, bad = past.ended("AAAA-AAAA"), past.ended("BBBB-BBBB")
    alter(past.journal.connection, bad, 3, old='"marks":2', new='"marks":5')
    running = past.begin("CCCC-CCCC")
    monkeypatch.chdir(tmp_path)
    review("export", "--out", "all.zip", "--no-models")
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'all.zip'}\n"
    assert f"{bad} was left out: its record was altered." in err
    assert f"{running} was left out: it has not ended." in err
    assert "Exported 1 attempt with 4 files" in err
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "another"))
    for said in ("Imported 1 attempt", "Imported 0 attempts; already on record: 1 attempt."):
        review("import", "all.zip")
        assert capsys.readouterr().out.startswith(said)
    assert Past(tmp_path / "another").journal.rows(good) == past.journal.rows(good)


def test_progress_is_late(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    """What is done within a second says nothing; what lasts longer does, to its end."""
    quick = delayed_progress()
    quick(0.5, "working")
    quick(1.0, "done")
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress_bar, "DELAY_SECONDS", -1.0)
    slow = delayed_progress()
    slow(0.5, "working")
    slow(1.0, "done")
    assert capsys.readouterr().err == " 50%  working\n100%  done\n"
