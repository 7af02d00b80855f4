"""What `mockexam grade` keeps to itself during an exam, of one model and of many."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.cli import grade_commands
from mockexam.cli.main import invoke
from mockexam.errors import UserError
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import ModelGraded
from mockexam.machine_clock import MachineClock
from mockexam.paths import BANK_VARIABLE, HOME_VARIABLE
from mockexam.store.journal import Journal
from tests.factories import paper, started

BANK = Path(__file__).parents[1] / "grading" / "bank"
QUESTION = "simple_model/tiny_line"
CODE = "7K3Q-F2XM"


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workspace of an exam that is under way, with a model in it."""
    monkeypatch.setenv(BANK_VARIABLE, str(BANK))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    folder = tmp_path / "room" / "1-line"
    folder.mkdir(parents=True)
    (folder / "mymodel.keras").write_bytes(b"x")
    marker = {"version": 1, "paper": CODE, "exam": "x", "questions": {"1-line": QUESTION}}
    (tmp_path / "room" / ".mockexam.json").write_text(json.dumps(marker))
    drawn = paper((1,), CODE)
    drawn = replace(drawn, items=(replace(drawn.items[0], question=QUESTION),))
    with closing(Journal(tmp_path / "home" / "records.sqlite3")) as journal:
        journal.start(started(MachineClock().read(), mode=Mode.EXAM, on=drawn))
    return tmp_path / "room"


@pytest.mark.parametrize("target", [".", "1-line/mymodel.keras"])
def test_a_question_on_the_running_paper_is_not_marked(room: Path, target: str) -> None:
    """It would tell the metric, and tell it before anything has started or was written."""
    with pytest.raises(UserError, match="on the paper of the running exam"):
        invoke(["grade", str(room / target)])

    assert not list(room.glob("*.ndjson"))


@pytest.mark.parametrize("as_json", [False, True])
def test_other_data_of_such_a_question_earn_marks_alone(
    room: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, as_json: bool
) -> None:
    """GIVEN a seed THEN no metric and no distance, as in the exam; for many models, which would store it, a refusal."""
    graded = ModelGraded(
        job="1", verdict=Verdict.GRADED, marks=4, metric="mse", value=0.02137, next_at=0.021, standard_error=0.001,
        isolation="rlimits", seconds=1.0, versions={},
    )  # fmt: skip
    monkeypatch.setattr(grade_commands, "run_with_grader", lambda _: graded)
    argv = ["grade", str(room / "1-line" / "mymodel.keras"), "--seed", "5", *(["--json"] if as_json else [])]
    assert invoke(argv) == 0
    shown = capsys.readouterr().out
    assert ('"marks": 4' if as_json else "4/5") in shown
    assert "0.021" not in shown
    assert "mse" not in shown

    with pytest.raises(UserError, match="running exam"):
        invoke(["grade", str(room), "--seed", "5"])
    assert not list(room.glob("*.ndjson"))


def test_a_question_on_the_running_paper_is_not_handed_out(room: Path, tmp_path: Path) -> None:
    """Nothing is made; with its data would come more to train on."""
    with pytest.raises(UserError, match="running exam"):
        invoke(["bank", "handout", QUESTION, "--count", "2", "--to", str(tmp_path / "class")])

    assert not (tmp_path / "class").exists()
