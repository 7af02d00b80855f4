"""What the real grader answers about single models and about many, and what grading again records."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.golden.conftest import FIXTURES, Command
from tests.golden.golden import check_json, check_text, normal
from tests.golden.models import keras_model
from tests.golden.sitter import QuickGrader

QUESTION = ("--question", "simple_model/fence_line")
DIFFER = {"isolation": "", "versions": {}, "seconds": 0.0, "at": "", "edition": ""}
"""Fields that tell of the machine."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real model, and one that is whole by structure alone."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copyfile(FIXTURES / "line.keras", folder / "line.keras")
    (folder / "made_up.keras").write_bytes(keras_model("made up"))
    return folder


@pytest.fixture(scope="module")
def answers(models: Path) -> Iterator[dict[str, subprocess.Popen[str]]]:
    """Commands that start TensorFlow, at the same time."""
    commands = {
        "inspect": ["inspect", str(models / "line.keras"), *QUESTION, "--json"],
        "grade": ["grade", str(models), *QUESTION, "--json", "--jobs", "1", "--csv", str(models / "table.csv")],
    }
    started = {
        name: subprocess.Popen(
            [sys.executable, "-m", "mockexam", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "MOCKEXAM_HOME": str(models.parent / f"home-{name}"), "TF_CPP_MIN_LOG_LEVEL": "3"},
        )
        for name, words in commands.items()
    }  # fmt: skip
    yield started
    for process in started.values():
        process.kill()
        process.communicate()


def the_same(document: Any) -> Any:
    """Without what differs between machines; single precision differs in its last digits."""
    fields = {name: DIFFER.get(name, value) for name, value in document.items()}
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in fields.items()}


def test_the_real_grader(answers: dict[str, subprocess.Popen[str]], models: Path) -> None:
    """A look at a model, and a class of two of which one is refused: data, table and exit code."""
    out = {name: process.communicate(timeout=110) for name, process in answers.items()}
    assert {name: process.returncode for name, process in answers.items()} == {"inspect": 0, "grade": 0}, out
    check_json("graded/inspect.json", json.loads(out["inspect"][0]))
    many = [json.loads(line) for line in normal(out["grade"][0], models=models).splitlines()]
    assert "keras" in many[0]["versions"]
    check_json("graded/many.json", [the_same(one) for one in many])
    table = (models / "table.csv").read_text(encoding="utf-8-sig")
    for one in many:
        table = table.replace(one["at"], "<at>")
    check_text("graded/many.csv", table)


def test_one_model(command: Command, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shape of the answer, graded and refused, as data and as text."""
    monkeypatch.setattr("mockexam.grading.client.Grader", QuickGrader)
    for name, question in {"graded": "simple_model/fence_line", "refused": "learning_dataset/ferry_deck"}.items():
        words = ("grade", str(models / "line.keras"), "--question", question)
        said = command(*words, "--json", home=tmp_path)
        assert said.code == (0 if name == "graded" else 1)
        check_json(f"graded/{name}.json", json.loads(normal(said.out, models=models)))
        command(*words, home=tmp_path).is_text(f"graded/{name}.txt", lambda text: normal(text, models=models))
    words = ("inspect", str(models / "line.keras"))
    command(*words, home=tmp_path).is_text("graded/inspect.txt", lambda text: normal(text, models=models))


def test_grading_again(command: Command, taken_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both verdicts stay; what changed is told, as text the first time and as data the next."""
    monkeypatch.setattr("mockexam.grading.client.Grader", QuickGrader)
    home = shutil.copytree(taken_in, tmp_path / "home")
    command("review", "20961005", "--regrade", home=home).is_text("graded/again.txt")
    command("review", "20961005", "--regrade", "--json", home=home).is_json("graded/again.json")
    command("review", "20961005", "--plain", home=home).is_text("graded/review.txt")
