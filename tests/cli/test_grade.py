"""Options of `mockexam grade` for one model."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from mockexam.bank.loader import load_bank
from mockexam.batch.job import BatchItem, read_content, versions
from mockexam.batch.planning import plan
from mockexam.batch.results import BatchResult, Verdicted
from mockexam.batch.runner import BatchRunner
from mockexam.cli import grade_commands
from mockexam.cli.grade_commands import model_text
from mockexam.cli.grade_many import ManyOptions
from mockexam.cli.grade_reports import Reports, same_files
from mockexam.cli.main import invoke
from mockexam.entry import run
from mockexam.errors import UserError
from mockexam.exam.hand_in import HandIn
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import InspectionFinding, ModelInspected


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each call asks for, in place of grading."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(grade_commands, "_grade_one", lambda _, **options: calls.append(options) or 0)
    return calls


@pytest.mark.parametrize("option", ["--holdout-seed", "--secret"])
def test_a_holdout_seed(option: str, graded: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    """By its name, or by the name that it used to have, which the help no longer shows."""
    assert invoke(["grade", "m.keras", option, "ours"]) == 0
    assert graded[0]["holdout_seed"] == "ours"
    invoke(["grade", "--help"])
    assert (option in capsys.readouterr().out) is (option == "--holdout-seed")


@pytest.mark.parametrize("option", ["--holdout-seed", "--secret"])
def test_an_empty_holdout_seed_is_wrong_usage(option: str, tmp_path: Path, graded: list[dict[str, Any]]) -> None:
    """Such as that of a shell variable that is not set."""
    with pytest.raises(click.UsageError):
        grade_commands.grade.main([str(tmp_path), option, ""], standalone_mode=False)
    assert graded == []


def test_reports_of_a_run_that_came_to_nothing_lack_nobody(tmp_path: Path) -> None:
    """Table, gradebook and page have the model that was not graded, who handed in nothing, and both questions."""
    car, line = "simple_model/ballast_car", "simple_model/first_line"
    (tmp_path / "a.keras").write_bytes(b"x")
    (tmp_path / "list.csv").write_text(f"model,question,name\na.keras,{car},Ann\nb.keras,{line},Bob\n")
    planned, bank = plan(tmp_path / "list.csv", None, 7), load_bank()
    table, book, page = tmp_path / "t.csv", tmp_path / "g.csv", tmp_path / "p.html"

    Reports(planned, ManyOptions(csv=table, html=page), bank, taken=()).write({})
    Reports(planned, ManyOptions(csv=book, columns="canvas", zeros=True), bank, taken=()).write({})

    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["name"], row["verdict"]) for row in rows] == [("Ann", "not_graded"), ("Bob", "no_model")]
    titles = [bank.question(name).title for name in (car, line)]
    _, ann, bob = csv.DictReader(book.read_text(encoding="utf-8-sig").splitlines())
    assert [ann[title] for title in titles] == ["", ""], "not tried, and not asked"
    assert [bob[title] for title in titles] == ["", "0"]
    assert all(title in page.read_text(encoding="utf-8") for title in titles)


def test_an_interrupted_run_keeps_what_earlier_ones_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """In its table, although it did not come to that model; and it says truly how to continue."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    for name in ("ann", "bob"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "mymodel.keras").write_bytes(name.encode())

    def grade_the_first(runner: BatchRunner, items: Sequence[BatchItem]) -> int:
        for item in items[:1]:
            content = read_content(item.path)
            verdict = Verdicted(verdict=Verdict.GRADED, marks=5, metric="mae", value=0.1, versions=versions())
            sha256 = content.sha256 if content else None
            runner._results.add(BatchResult.of(item, verdict, sha256=sha256, at="2026-01-01"))
        raise KeyboardInterrupt

    def interrupt(runner: BatchRunner, items: Sequence[BatchItem]) -> int:
        raise KeyboardInterrupt

    ask = ["grade", str(tmp_path / "class"), "--question", "ballast_car", "--csv", str(tmp_path / "t.csv")]
    monkeypatch.setattr(BatchRunner, "run", grade_the_first)
    assert run(ask) == 130
    (tmp_path / "class" / "ann" / "mymodel.keras").touch()  # so that only its content tells that it is known
    monkeypatch.setattr(BatchRunner, "run", interrupt)
    capfd.readouterr()
    assert run([*ask, "--fresh"]) == 130

    told = capfd.readouterr().err
    assert "0 of 2" in told
    assert "1 keep an earlier result" in told
    assert "without --fresh" in told
    rows = list(csv.DictReader((tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["name"], row["marks"]) for row in rows] == [("ann/mymodel.keras", "5"), ("bob/mymodel.keras", "")]

    # THEN what is strange about the earlier results is told: another hold-out, and a line that was changed
    assert "--holdout-seed" not in told
    assert run([*ask, "--holdout-seed", "ours"]) == 130
    assert "--holdout-seed" in capfd.readouterr().err
    results = tmp_path / "class" / "mockexam-results.ndjson"
    results.write_text(results.read_text().replace('"marks": 5', '"marks": 4'))
    assert run([*ask, "--dry-run"]) == 0
    assert "Left out: 1 result in" in capfd.readouterr().err


def test_reports_of_what_is_known_need_no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scheduler of the run may be gone when a teacher wants another table."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path / "home"))
    models = tmp_path / "class"
    models.mkdir()
    (models / "ann.keras").write_bytes(b"x")

    def grade_all(runner: BatchRunner, items: Sequence[BatchItem]) -> int:
        for item in items:
            content = read_content(item.path)
            assert content is not None
            verdict = Verdicted(verdict=Verdict.GRADED, marks=5, metric="mae", value=0.1, versions=versions())
            runner._results.add(BatchResult.of(item, verdict, sha256=content.sha256, at="", state=content.state))
        return 0

    ask = ["grade", str(models), "--question", "ballast_car"]
    with monkeypatch.context() as patched:
        patched.setattr(BatchRunner, "run", grade_all)
        assert run(ask) == 0
    table = tmp_path / "t.csv"
    assert run([*ask, "--scheduler", "tcp://127.0.0.1:9", "--csv", str(table)]) == 0
    (row,) = csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines())
    assert row["marks"] == "5"

    (models / "bob.keras").write_bytes(b"y")
    asked: list[str] = []

    def connect(address: str, *_: object) -> None:
        asked.append(address)
        raise UserError("No scheduler.")

    monkeypatch.setattr("mockexam.batch.cluster.connect", connect)
    assert run([*ask, "--scheduler", "tcp://127.0.0.1:9"]) == 1
    assert asked == ["tcp://127.0.0.1:9"]


def test_what_was_found_is_said_once() -> None:
    """With the question that was checked; a warning and a refusal keep their lines."""
    accepted = InspectionFinding(severity="note", message="The grader accepts this model.")
    model = ModelInspected(job="1", format="keras", size=1, saved_with="", inputs=[], outputs=[], layers=[],
                           parameters=None, findings=[accepted])  # fmt: skip
    lines = model_text(model, question="simple_model/tiny_line").splitlines()
    assert [line for line in lines if "accept" in line] == [lines[-1]]
    assert "simple_model/tiny_line" in lines[-1]
    assert "--question" in model_text(model.model_copy(update={"findings": []}), question="")
    refused = model.model_copy(update={"findings": [InspectionFinding(severity="refused", message="It is empty.")]})
    assert "accept" not in model_text(refused, question="q")


def test_who_handed_in_the_same_file() -> None:
    """For one question; a model that could not be hashed is like no other."""
    rows = [("Bob", "q", "1"), ("Ann", "q", "1"), ("Cid", "q", "2"), ("Ann", "r", "1"), ("Dan", "q", None),
            ("Eve", "q", None)]  # fmt: skip
    hand_ins = [HandIn(name, "m.keras", question, sha256=sha256) for name, question, sha256 in rows]

    (line,) = same_files(hand_ins)

    assert "Bob, Ann" in line
