"""The doctor tells which questions are left out of papers; the check behind it is the real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mockexam.cli import doctor_command as command
from mockexam.cli.main import invoke
from mockexam.doctor.machine import Check
from mockexam.doctor.quick import QUESTIONS, check_questions
from mockexam.paths import BANK_VARIABLE, HOME_VARIABLE
from tests.verify.made_up import QUESTION, edit, made_up_bank

UNREAD, SPOILT = "simple_model/hedge_line", "simple_model/wall_line"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A made-up bank of one good question, and a home of its own."""
    made_up_bank(tmp_path)
    monkeypatch.setenv(BANK_VARIABLE, str(tmp_path))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path


def spoil(root: Path) -> None:
    """Two questions more: one can't be read, and one has a fault that only the whole check sees."""
    (made_up_bank(root, UNREAD) / "hints.md").unlink()
    made_up_bank(root, SPOILT)
    edit(root / "scoring" / SPOILT / "rubric.toml", 'file = "no_posts.py"', 'file = "missing.py"')
    made_up_bank(root)


def test_each_question_that_is_left_out_is_a_warning(root: Path) -> None:
    """GIVEN a fault seen at once and one that is not THEN each is told with its remedy; mended, all are well."""
    spoil(root)
    told: list[tuple[float, str]] = []

    checks = check_questions(lambda fraction, text: told.append((fraction, text)))

    assert [(check.name, check.status) for check in checks] == [(QUESTIONS, "warn")] * 2
    for check, name, fault in zip(checks, (UNREAD, SPOILT), ("hints.md", "missing.py"), strict=True):
        assert check.text.startswith(f"{name} is left out of papers: ")
        assert fault in check.text
        assert "bank verify --static" in check.remedy
    assert [fraction for fraction, _ in told] == [0.5, 1.0]

    (root / "exams" / UNREAD / "hints.md").write_bytes((root / "exams" / QUESTION / "hints.md").read_bytes())
    edit(root / "scoring" / SPOILT / "rubric.toml", 'file = "missing.py"', 'file = "no_posts.py"')
    assert check_questions() == [Check(QUESTIONS, "ok", "all 3 can be used")]


def test_no_bank_at_all_is_a_failure(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it no exam can be sat."""
    monkeypatch.setenv(BANK_VARIABLE, str(root / "nowhere"))

    (check,) = check_questions()

    assert (check.name, check.status) == (QUESTIONS, "fail")
    assert "missing" in check.text
    assert check.remedy


@pytest.mark.parametrize(("status", "code"), [("ok", 0), ("warn", 0), ("fail", 1)])
def test_the_command_asks_before_it_trains(
    status: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its exit code counts failures alone; `--quick`, which is to take a second, does not ask."""

    async def full(*_: object) -> list[Check]:
        return [Check("training", "ok", "trained")]

    monkeypatch.setattr(command, "quick_checks", lambda _: [Check("memory", "ok", "enough")])
    monkeypatch.setattr(command, "full_checks", full)
    monkeypatch.setattr(command, "check_questions", lambda _: [Check(QUESTIONS, status, "as told")])  # type: ignore[arg-type]

    assert invoke(["doctor", "--json"]) == code

    found = json.loads(capsys.readouterr().out)
    assert [(check["name"], check["status"]) for check in found["checks"]] == [
        ("memory", "ok"), (QUESTIONS, status), ("training", "ok"),
    ]  # fmt: skip
    assert found["ready"] is (code == 0)
    invoke(["doctor", "--quick", "--json"])
    assert [check["name"] for check in json.loads(capsys.readouterr().out)["checks"]] == ["memory"]
