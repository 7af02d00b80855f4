"""What is shown while somebody sits an exam or retries a question, from start to result."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockexam.entry import run
from tests.golden.conftest import FIXTURES, ROOT
from tests.golden.golden import check_json, check_text, normal
from tests.golden.models import keras_model
from tests.golden.old_record import RECORD, attempts, move_workspace, rows
from tests.golden.sitter import QuickGrader, Typed, Watched
from tests.shared import checked_questions

Script = Callable[[Watched], Iterator[str]]
FOLDERS = ("q1_simple_model", "q2_learning_dataset", "q3_time_series")


@pytest.fixture
def room(tmp_path: Path) -> Path:
    return tmp_path / "room"


@pytest.fixture
def home(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without a record, whose questions were checked."""
    home = tmp_path / "home"
    shutil.copytree(checked_questions(tmp_path_factory), home / "scratch")
    return home


def sat(home: Path, script: Script, *words: str) -> tuple[int, str, str]:
    """Exit code, standard output and error of a command that is typed into while it runs."""
    out, err = io.StringIO(), io.StringIO()
    typed = Typed(script(Watched(home)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MOCKEXAM_HOME", str(home))
        patch.setattr("mockexam.grading.client.Grader", QuickGrader)
        for name, stream in {"stdin": typed, "stdout": out, "stderr": err}.items():
            patch.setattr(f"sys.{name}", stream)
        code = run(list(words))
    if typed.fault is not None:
        raise typed.fault
    return code, out.getvalue(), err.getvalue()


def save(folder: Path, text: str) -> None:
    """A model, whole at one stroke."""
    fresh = folder / "fresh"
    fresh.write_bytes(keras_model(text))
    fresh.replace(folder / "mymodel.keras")


def told(text: str, **places: Path) -> str:
    """Without paths, codes, ids, times of day and hashes of what happened here."""
    text = normal(text, **places)
    text = re.sub(r"\b\d{8}-[0-9A-Z]{8}\b", "<attempt>", text)
    text = re.sub(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b", "<code>", text)
    text = re.sub(r'(receipt"?:? "?)[0-9a-f]{64}', r"\1<hash>", text)
    text = re.sub(r'"pid": \d+, "app_version": "[^"]+"', '"pid": 0, "app_version": "<version>"', text)
    return re.sub(r"(?m)^\d\d:\d\d:\d\d  ", "hh:mm:ss  ", text)


def lines_of(out: str) -> list[Any]:
    return [json.loads(line) for line in out.splitlines()]


def exam(room: Path) -> Script:
    """Two models, of which one is refused; all that can be asked; the end."""

    def script(record: Watched) -> Iterator[str]:
        record.wait_for("opened")
        yield "help"
        yield "brief 1"
        save(room / FOLDERS[0], "first")
        record.wait_for("marked")
        save(room / FOLDERS[1], "second")
        record.wait_for("marked", 2)
        yield "status"
        yield "inspect 1"
        yield "hint 1"
        yield "restore 2"
        (room / FOLDERS[2] / "brief.md").unlink()
        yield "restore 3"
        yield "brief 9"
        yield "finish"
        yield "no"
        yield "finish"
        yield "FINISH"

    return script


def retry(room: Path) -> Script:
    """Hints, a model with its metric and diagnosis, the end."""

    def script(record: Watched) -> Iterator[str]:
        record.wait_for("opened")
        yield "hints 1"
        yield "hint 1"
        yield "yes"
        yield "hint 1"
        yield "yes"
        yield "hints 1"
        save(room / FOLDERS[0], "first")
        record.wait_for("diagnosed")
        yield "status"
        yield "finish"
        yield "FINISH"

    return script


@pytest.mark.parametrize("form", ["plain", "json"])
@pytest.mark.parametrize(
    ("name", "script", "words"),
    [("sit", exam, ["sit"]), ("retry", retry, ["retry", "simple", "--untimed"])],
    ids=["sit", "retry"],
)
def test_a_whole_attempt(
    home: Path, room: Path, tmp_path: Path, name: str, script: Callable[..., Script], words: list[str], form: str
) -> None:
    """Every line of it, what is told beside it, and the exit code."""
    command = [*words, f"--{form}", "--yes", "--workspace", str(room)]
    code, out, err = sat(home, script(room), *command)
    places = {"home": home, "tmp": tmp_path, "root": ROOT}
    if form == "json":
        check_json(f"sat/{name}.json", lines_of(told(out, **places)))
        check_text(f"sat/{name}-json-errors.txt", told(err, **places))
    else:
        parts = [out, "--- standard error", err, f"--- exit code {code}"]
        check_text(f"sat/{name}.txt", told("\n".join(parts), **places))
    assert code == 0


def test_the_attempt_under_way_goes_on(old: Path, room: Path, tmp_path: Path) -> None:
    """GIVEN a record and a workspace of version 0.1.0 WHEN the attempt is opened THEN what waited is marked, a model
    saved now is received and marked, and finishing ends it with a result.
    """
    attempt = attempts(old / RECORD)[-1]
    shutil.copytree(FIXTURES / "room", room)
    move_workspace(old / RECORD, attempt, room)
    before = rows(old / RECORD, attempt)

    def script(record: Watched) -> Iterator[str]:
        record.wait_for("marked", 2)
        save(room / FOLDERS[2], "third")
        record.wait_for("marked", 3)
        yield "finish"
        yield "FINISH"

    code, out, err = sat(old, script, "sit", "--json")
    assert code == 0, err
    events = lines_of(out)
    assert [event["event"] for event in events if event["event"] != "activity"] == [
        "attempt", "ticked", "opened", "marked", "received", "marked", "finished", "settled", "diagnosed", "diagnosed",
        "result",
    ]  # fmt: skip
    result = events[-1]
    assert (result["attempt"], result["earned"], result["possible"]) == (attempt, 4 + 25, 40)
    assert [question["marks"] for question in result["questions"]] == [4, None, 5]
    assert rows(old / RECORD, attempt)[: len(before)] == before
    check_json("sat/continued.json", lines_of(told(out, home=old, tmp=tmp_path)))
