"""What a shell offers for the word being typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from mockexam.bank.category import CATEGORIES
from mockexam.cli.main import cli
from tests.histories import make_history


def offered(*words: str) -> list[str]:
    """What is offered for the last of these words."""
    shell = ShellComplete(cli, {}, "mockexam", "_MOCKEXAM_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("retry ", ["weakest", *CATEGORIES]),
        ("retry im", ["image_classification"]),
        ("review list --category t", ["text_classification", "time_series"]),
        ("retry --question simple_model/ba", ["simple_model/ballast_car", "simple_model/basil_trays"]),
        ("inspect x.keras --question bas", ["basil_trays"]),
        ("bank show no_such", []),
        ("sit tf", ["tf_developer"]),
        ("review readiness --exam tf", ["tf_developer"]),
        ("sit ./my", ["./my"]),
    ],
)
def test_categories_questions_and_exams(words: str, names: list[str]) -> None:
    """By their beginning; a question by the name after its category too; what is no exam's name is left as a path."""
    assert offered(*words.split(" ")) == names


@pytest.mark.parametrize("damage", ["", "no database", "half", "locked away"])
def test_a_record_that_cannot_be_read_offers_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], damage: str
) -> None:
    """No report, no copy, no repair, no new file: a Tab only looks."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path))
    ids = make_history(tmp_path, 3)
    database = tmp_path / "records.sqlite3"
    content = database.read_bytes()
    if damage == "no database":
        database.unlink()
    elif damage == "locked away":
        database.unlink()
        database.mkdir()
    elif damage:
        database.write_bytes(b"\0" * 100 + content[100 : len(content) // 2])
    before = sorted(tmp_path.rglob("*"))
    assert offered("review", "show", "") == ["last", *([] if damage else reversed(ids))]
    submissions = offered("review", "diff", ids[0], "q")
    assert bool(submissions) is not bool(damage)
    assert offered("pack", "") == []
    assert sorted(tmp_path.rglob("*")) == before
    assert capfd.readouterr() == ("", "")


def test_no_library_is_loaded_that_would_make_it_slow(tmp_path: Path) -> None:
    """Neither the app's nor TensorFlow's."""
    code = (
        "import json, sys\n"
        "from tests.cli.test_completion import offered\n"
        "names = offered('retry', '--question', ''), offered('review', 'show', ''), offered('sit', '')\n"
        "print(json.dumps([[len(each) for each in names], sorted(sys.modules)]))"
    )
    environment = {**os.environ, "MOCKEXAM_HOME": str(tmp_path)}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    numbers, modules = json.loads(found.stdout)
    assert all(numbers)
    assert not {"tensorflow", "keras", "numpy", "textual", "rich"}.intersection(modules)
