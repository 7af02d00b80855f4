"""Whole sittings through `mockexam sit --json`, with really trained models and the real marker."""

from __future__ import annotations

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.end_to_end.conftest import Trained
from tests.end_to_end.sitter import Sitter, exam_file, mockexam, save_as, variant


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def sit(home: Path, trained: Trained, room: Path, *, quick: bool = False) -> Sitter:
    """Start the short exam on the paper that the models were trained for."""
    return Sitter(home, str(trained.exam), "--code", trained.paper.code, "--workspace", str(room), quick=quick)


def test_a_solution_trains_in_the_workspace(trained: Trained) -> None:
    """The reference in place of the stub saves its model there; the sittings below submit it."""
    assert [model.name for model in (*trained.formats, trained.logits) if not model.exists()] == []


def test_a_whole_sitting_in_all_three_formats(home: Path, trained: Trained, tmp_path: Path) -> None:
    """Saved, received, marked, refused with a reason, finished with a result and a receipt."""
    room = tmp_path / "room"
    sitter = sit(home, trained, room)
    planned = sitter.wait_for("planned")
    assert planned["code"] == trained.paper.code
    sitter.wait_for("attempt")
    first, second = (room / item.folder for item in trained.paper.items)

    # GIVEN the same trained model in all three formats, each is received and earns the same
    for model, form in zip(trained.formats, ("keras", "h5", "saved_model"), strict=True):
        saved = save_as(model, first)
        received = sitter.wait_for("received", question=1, format=form)
        assert received["name"] == saved.name
        graded = sitter.wait_for("marked", submission=received["submission"])
        assert (graded["verdict"], graded["marks"]) == ("graded", 5)
        assert "value" not in graded  # an exam tells marks, not metrics

    # WHEN a model without its softmax is saved, THEN it is refused in words that help
    save_as(trained.logits, second)
    refused = sitter.wait_for("marked", question=2)
    assert (refused["verdict"], refused["marks"]) == ("invalid_model", None)
    assert "softmax" in refused["message"] + refused["remedy"]

    # WHEN the exam is finished, THEN the total is 5 of 20 weighted marks
    result = sitter.finish()
    assert (result["earned"], result["possible"], result["passed"]) == (5, 20, False)
    assert [q["marks"] for q in result["questions"]] == [5, None]
    assert len(result["receipt"]) == 64
    assert sitter.end() == 0
    assert json.loads(mockexam(home, "status", "--json").stdout) == {"attempt": None}

    # AND the command for single files judges the same, by the same path
    with ThreadPoolExecutor() as pool:  # each waits for a TensorFlow of its own
        again = [pool.submit(mockexam, home, "grade", str(f / "mymodel.keras"), "--json") for f in (first, second)]
    graded, refused_again = (done.result() for done in again)
    assert graded.returncode == 0, graded.stderr
    assert json.loads(graded.stdout)["marks"] == 5
    assert refused_again.returncode == 1
    told = json.loads(refused_again.stdout)
    assert (told["verdict"], told["remedy"]) == (refused["verdict"], refused["remedy"])


def test_an_exam_is_diagnosed_once_it_has_ended(home: Path, trained: Trained, tmp_path: Path) -> None:
    """Nothing of a diagnosis before the result; then each model that counts, with recall by class where it applies."""
    sitter = sit(home, trained, tmp_path / "room")
    sitter.wait_for("attempt")
    first, second = (tmp_path / "room" / item.folder for item in trained.paper.items)
    save_as(trained.full, first)
    sitter.wait_for("marked", question=1)
    save_as(trained.guess, second)
    assert sitter.wait_for("marked", question=2)["verdict"] == "graded"
    time.sleep(1)
    running = json.loads(mockexam(home, "review", "show", "last", "--json").stdout)
    sitter.finish()
    assert sitter.end() == 0

    kinds = [event["event"] for event in sitter.events]
    assert kinds.count("diagnosed") == 2
    assert kinds.index("settled") < kinds.index("diagnosed")
    assert all(
        s["findings"] == [] and s["class_report"] is None for q in running["questions"] for s in q["submissions"]
    )
    shown = json.loads(mockexam(home, "review", "show", "last", "--json").stdout)
    line, classes = (q["submissions"][0] for q in shown["questions"])
    assert line["findings"][0].startswith("Full marks")
    assert line["class_report"] is None
    assert classes["findings"]
    recalls = classes["class_report"]["classes"]
    assert {c["name"] for c in recalls} == {"dry", "ice", "snow", "wet"}
    assert all(c["recall"] == pytest.approx(c["right"] / c["samples"]) for c in recalls)
    text = mockexam(home, "review", "show", "last").stdout
    assert "confusion matrix" in text


def test_kill_9_and_reopen(home: Path, trained: Trained, tmp_path: Path) -> None:
    """What was received is marked after the app was killed; the clock went on; the attempt is the same."""
    room = tmp_path / "room"
    sitter = sit(home, trained, room)
    opened = sitter.wait_for("attempt")
    save_as(trained.full, room / trained.paper.items[0].folder)
    received = sitter.wait_for("received")
    sitter.kill()

    status = json.loads(mockexam(home, "status", "--json").stdout)
    assert status["attempt"] == opened["attempt"]
    assert status["questions"][0]["submissions"] == 1

    # A model saved while no app is open is found when it is opened again.
    variant(trained.full, room / trained.paper.items[0].folder / "mymodel.keras", 1)
    time.sleep(1)
    again = Sitter(home)
    reopened = again.wait_for("attempt")
    assert reopened["attempt"] == opened["attempt"]
    assert reopened["remaining_seconds"] < opened["remaining_seconds"] - 1
    graded = {again.wait_for("marked")["submission"], again.wait_for("marked")["submission"]}
    assert received["submission"] in graded
    result = again.finish()
    assert result["questions"][0]["marks"] == 5
    assert result["questions"][0]["submissions"] == 2
    again.end()


def test_a_second_app_and_a_finish_from_elsewhere(home: Path, trained: Trained, tmp_path: Path) -> None:
    """A second app says who has the attempt; `mockexam finish` ends it in the app that is open."""
    sitter = sit(home, trained, tmp_path / "room", quick=True)
    sitter.wait_for("attempt")
    second = mockexam(home, "sit", "--json", "--yes")
    assert second.returncode == 1
    assert str(sitter.process.pid) in second.stderr
    assert "mockexam status" in second.stderr

    save_as(trained.full, tmp_path / "room" / trained.paper.items[0].folder)
    unsure = mockexam(home, "finish", stdin="no\n")
    assert unsure.returncode == 1
    assert "clock is still running" in unsure.stderr
    finished = mockexam(home, "finish", "--yes", "--json")
    assert finished.returncode == 0, finished.stderr
    told = json.loads(finished.stdout)
    assert told["questions"][0]["marks"] == 5
    assert sitter.wait_for("result")["receipt"] == told["receipt"]
    assert sitter.end() == 0


def test_time_up(home: Path, trained: Trained, tmp_path: Path) -> None:
    """At zero nothing more is received; what lay there before is received and marked."""
    exam = exam_file(tmp_path / "blink.toml", {"simple_model": 1, "learning_dataset": 3}, minutes=0.15)
    room = tmp_path / "room"
    sitter = Sitter(home, str(exam), "--workspace", str(room), quick=True)
    left = sitter.wait_for("attempt")["remaining_seconds"]
    deadline = time.time() + left
    folders = {q["number"]: room / q["folder"] for q in sitter.events[0]["questions"]}
    # Saved so late that it can't have been still for long: the last look receives it.
    time.sleep(max(0.0, deadline - time.time() - 0.25))
    save_as(trained.full, folders[1])
    assert sitter.wait_for("finished")["reason"] == "time_up"
    save_as(trained.logits, folders[2])
    result = sitter.wait_for("result")
    assert [q["submissions"] for q in result["questions"]] == [1, 0]
    assert result["questions"][0]["marks"] is not None
    assert result["time_used_seconds"] == pytest.approx(9.0, abs=0.01)
    assert sitter.end() == 0


def test_saved_in_time_while_the_app_was_closed(home: Path, trained: Trained, tmp_path: Path) -> None:
    """Reopened after the time was up: what was saved before counts, what was saved after does not."""
    exam = exam_file(tmp_path / "blink.toml", {"simple_model": 1, "learning_dataset": 3}, minutes=0.1)
    room = tmp_path / "room"
    sitter = Sitter(home, str(exam), "--workspace", str(room), quick=True)
    left = sitter.wait_for("attempt")["remaining_seconds"]
    deadline = time.time() + left
    folders = {q["number"]: room / q["folder"] for q in sitter.events[0]["questions"]}
    sitter.kill()
    save_as(trained.full, folders[1])
    time.sleep(max(0.0, deadline - time.time() + 0.5))
    late = save_as(trained.logits, folders[2])
    os.utime(late, (0, 0))  # an old date does not make it earlier
    again = Sitter(home, quick=True)
    received = again.wait_for("received")
    assert (received["question"], received["swept"]) == (1, True)
    result = again.wait_for("result")
    assert [q["submissions"] for q in result["questions"]] == [1, 0]
    again.end()


def test_a_wrecked_workspace_breaks_nothing(home: Path, trained: Trained, tmp_path: Path) -> None:
    """Deleted folders and foreign files are survived; what is missing is restored on request."""
    room = tmp_path / "room"
    sitter = sit(home, trained, room, quick=True)
    sitter.wait_for("attempt")
    first, second = (room / item.folder for item in trained.paper.items)
    shutil.rmtree(first)
    (second / "mymodel.keras").write_bytes(b"PK\x03\x04 not a model")
    (second / "mymodel.h5").symlink_to(trained.folder / "full.h5")
    told = sitter.wait_until(
        lambda e: e["event"] == "activity" and "mymodel.keras" in e["text"] and e["tone"] == "warn", "a warning", 20
    )
    assert told["question"] == 2
    sitter.say("restore 1")
    sitter.wait_for("noted", what="restore")
    assert (first / "solution.py").is_file()
    assert any((first / "data").iterdir())
    shutil.rmtree(room)
    time.sleep(1.5)
    first.mkdir(parents=True)
    save_as(trained.full, first)
    assert sitter.wait_for("marked")["marks"] == 5
    result = sitter.finish()
    assert [q["submissions"] for q in result["questions"]] == [1, 0]
    sitter.end()


@pytest.mark.slow
def test_saves_each_second_lose_nothing(home: Path, trained: Trained, tmp_path: Path) -> None:
    """Six saves, faster than they are marked: each is received, each is marked."""
    room = tmp_path / "room"
    sitter = sit(home, trained, room)
    sitter.wait_for("attempt")
    target = room / trained.paper.items[0].folder / "mymodel.keras"
    time.sleep(2)  # the watch has begun
    for number in range(6):
        variant(trained.full, target, number)
        time.sleep(1.0)
    result = sitter.finish()
    assert result["questions"][0]["submissions"] == 6
    assert result["questions"][0]["waiting"] == 0
    sitter.end()


def test_leaving_keeps_the_clock_running(home: Path, trained: Trained, tmp_path: Path) -> None:
    """Ctrl+C leaves with exit code 130 and says that the clock is still running; nothing is left running."""
    sitter = sit(home, trained, tmp_path / "room")
    sitter.wait_for("attempt")
    assert sitter.leave() == 130
    assert sitter.events[-1]["event"] == "left"
    time.sleep(0.5)
    assert not _processes_of(home)
    status = json.loads(mockexam(home, "status", "--json").stdout)
    assert status["phase"] == "running"
    assert mockexam(home, "finish", "--yes").returncode == 0


def _processes_of(home: Path) -> list[list[str]]:
    """Processes that were started for this home folder and still live."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("MOCKEXAM_HOME") == str(home) and process.pid != os.getpid():
                found.append(process.cmdline())
        except psutil.Error:
            continue
    return found
