"""What bad input gets: a clear error with the right exit code, and nothing lost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from mockexam.entry import run
from mockexam.paths import HOME_VARIABLE
from tests.end_to_end.sitter import exam_file, mockexam

SIT = ("sit", "--plain", "--yes")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands run in this process: a start of Python costs more than most of them."""
    monkeypatch.setenv(HOME_VARIABLE, str(home))


def refused(home: Path, *arguments: str, stdin: str = "") -> str:
    """What a command that must fail with exit code 1 tells."""
    done = mockexam(home, *arguments, stdin=stdin)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stderr


def test_unknown_exam(home: Path) -> None:
    assert "tf_developer" in refused(home, *SIT, "tensorfow")


def test_unknown_code(home: Path) -> None:
    assert "7K3Q-F2XM" in refused(home, *SIT, "--code", "hello")


def test_code_of_another_exam(home: Path, tmp_path: Path) -> None:
    """A code only stands for the exam that it was drawn from."""
    told = refused(home, *SIT, str(exam_file(tmp_path / "a.toml", {"simple_model": 1})), "--code", "0000-0000")
    assert "another exam or another edition" in told


def test_broken_exam_file(home: Path, tmp_path: Path) -> None:
    """File, key and what is allowed."""
    exam = exam_file(tmp_path / "a.toml", {"simple_model": 1})
    exam.write_text(exam.read_text().replace("pass_mark", "pasmark"))
    told = refused(home, *SIT, str(exam))
    assert str(exam) in told
    assert "pasmark" in told
    assert "pass_mark" in told


def test_unknown_question_and_model(home: Path, tmp_path: Path) -> None:
    model = tmp_path / "m.keras"
    model.write_bytes(b"x")
    assert "not known" in refused(home, "bank", "show", "nothing")
    assert "No such file" in refused(home, "inspect", str(tmp_path / "none.keras"))
    assert "not known" in refused(home, "grade", str(model), "--question", "nothing")
    assert "--question" in refused(home, "grade", str(model))
    text = tmp_path / "notes.txt"
    text.write_text("x")
    assert "Not a saved model" in refused(home, "inspect", str(text))


def test_a_workspace_that_is_not_ours(home: Path, tmp_path: Path) -> None:
    """A folder with somebody's files is left as it is."""
    room = tmp_path / "room"
    room.mkdir()
    (room / "thesis.txt").write_text("mine")
    assert "--workspace" in refused(home, *SIT, "--workspace", str(room))
    assert [p.name for p in room.iterdir()] == ["thesis.txt"]
    (tmp_path / "file").write_text("mine")
    refused(home, *SIT, "--workspace", str(tmp_path / "file"))
    assert (tmp_path / "file").read_text() == "mine"


def test_no_attempt_to_finish(home: Path) -> None:
    assert "No attempt is under way" in refused(home, "finish", "--yes")
    assert mockexam(home, "status").stdout == "No attempt is under way.\n"


def test_not_confirmed(home: Path, tmp_path: Path) -> None:
    """Without the typed word the clock does not start, and the prepared workspace can be come back to."""
    exam = exam_file(tmp_path / "a.toml", {"simple_model": 1})
    told = refused(home, "sit", "--plain", str(exam), "--workspace", str(tmp_path / "room"), stdin="maybe\n")
    assert "START" in told
    assert "--code" in told
    assert mockexam(home, "status").stdout == "No attempt is under way.\n"


def test_a_damaged_record(home: Path) -> None:
    """Told, a copy kept, the file untouched; every command that needs it says the same."""
    home.mkdir()
    (home / "records.sqlite3").write_bytes(b"not a database" * 500)
    for command in (SIT, ("status",), ("finish", "--yes")):
        told = refused(home, *command)
        assert "damaged" in told
    assert (home / "records.sqlite3").read_bytes() == b"not a database" * 500
    assert list(home.glob("*.damaged-*"))


def test_a_record_of_a_newer_version(home: Path) -> None:
    home.mkdir()
    with sqlite3.connect(home / "records.sqlite3") as record:
        record.execute("PRAGMA user_version = 99")
    record.close()
    assert "newer" in refused(home, "status")


def test_no_terminal(home: Path) -> None:
    """The app needs one, and says what works without."""
    assert "--plain" in refused(home)


@pytest.mark.parametrize("arguments", [("sitt",), ("sit", "--cod"), ("grade",), ("sit", "--yes")])
def test_usage(here: None, arguments: tuple[str, ...], capfd: pytest.CaptureFixture[str]) -> None:
    """Exit code 2 and a usage line."""
    assert run([*arguments]) == 2
    assert "Usage:" in capfd.readouterr().err


@pytest.mark.parametrize(
    "command", ["sit", "retry", "status", "finish", "inspect", "grade", "doctor", "bank", "bank list", "bank show"]
)
def test_help(here: None, command: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Every command explains itself."""
    assert run([*command.split(), "--help"]) == 0
    assert f"Usage: mockexam {command} " in capfd.readouterr().out


def test_help_and_usage_of_a_process(home: Path) -> None:
    """What ends in this one above ends a process of its own with the same code."""
    done = mockexam(home, "--help")
    assert done.returncode == 0
    assert "Usage: mockexam" in done.stdout
    done = mockexam(home, "sitt")
    assert done.returncode == 2
    assert "Usage:" in done.stderr


def test_completion(home: Path) -> None:
    """A script for each shell."""
    for shell in ("bash", "zsh", "fish"):
        assert "_MOCKEXAM_COMPLETE" in mockexam(home, "completion", shell).stdout
