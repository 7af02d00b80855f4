"""`mockexam status` while no app is open: what waits for one."""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.cli.fast_path import status_text
from mockexam.machine_clock import MachineClock
from mockexam.store.attempt_lock import AttemptLock
from mockexam.store.journal import Journal
from tests.factories import graded, paper, received, started

PAPER = paper((1, 2, 3))


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An attempt under way, whose first question has a graded model."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    work, now = tmp_path / "work", MachineClock().read()
    for item in PAPER.items:
        (work / item.folder).mkdir(parents=True)
    model = work / PAPER.item(1).folder / "mymodel.keras"
    model.write_bytes(b"received")
    received_at = replace(now, wall=max(now.wall, model.stat().st_ctime) + 0.001)
    with closing(Journal(paths.state_paths().database)) as journal:
        attempt = journal.start(started(now, on=PAPER, workspace=str(work)))
        journal.append(attempt, received(received_at, 1, "aa"))
        journal.append(attempt, graded(received_at, 1, "aa", 3))
    return work


def test_what_was_saved_meanwhile_is_named_with_what_to_do(work: Path) -> None:
    """GIVEN no app is open WHEN models are saved THEN their questions are named after the line for a status bar."""
    assert "waits" not in status_text(as_json=False)
    (work / PAPER.item(3).folder / "mymodel.keras").write_bytes(b"new")
    lines = status_text(as_json=False).splitlines()
    assert "left" in lines[0]
    assert "question 3 waits: run `mockexam`" in lines[1]
    (work / PAPER.item(2).folder / "other.keras").write_bytes(b"a name that is not received")
    assert status_text(as_json=False).splitlines()[1] == lines[1]
    assert json.loads(status_text(as_json=True))["left_waiting"] == [3]


def test_an_open_app_grades_it_anyway(work: Path) -> None:
    """Then nothing waits for anybody."""
    (work / PAPER.item(3).folder / "mymodel.keras").write_bytes(b"new")
    lock = AttemptLock(paths.state_paths().locks)
    lock.take()
    try:
        assert "waits" not in status_text(as_json=False)
    finally:
        lock.free()


def test_what_was_received_and_not_graded_waits_too(work: Path) -> None:
    """As after a crash of the grader."""
    with closing(Journal(paths.state_paths().database)) as journal:
        attempt = journal.unsettled()
        assert attempt is not None
        journal.append(attempt, received(MachineClock().read(), 2, "bb"))
    assert "question 2 waits" in status_text(as_json=False).splitlines()[1]
