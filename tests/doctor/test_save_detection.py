"""Whether a save is noticed, with the real watcher on a real disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.doctor.quick import assess_saves, check_saves
from mockexam.workspace import watch


async def test_a_save_here_is_noticed_and_nothing_is_left(tmp_path: Path) -> None:
    """The workspace itself need not exist."""
    check = await check_saves(tmp_path / "workspace")

    assert check.status == "ok", check
    assert "is noticed after" in check.text
    assert list(tmp_path.iterdir()) == []


async def test_a_save_that_nobody_sees_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN a disk whose changes can't be seen THEN it is told, in the time allowed, and cleaned up."""
    monkeypatch.setattr(watch.Watcher, "_look", lambda self: (watch.scan(self._workspace, ()), []))

    check = await check_saves(tmp_path, limit=0.4)

    assert check.status == "fail"
    assert "--workspace" in check.remedy
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("seconds", "events", "status", "text"),
    [
        (0.6, True, "ok", "0.6 s"),
        (1.2, False, "ok", "no file events"),
        (4.0, False, "warn", "4.0 s"),
        (None, False, "fail", "not noticed"),
    ],
)
def test_a_sighting_is_judged_by_its_delay(seconds: float | None, events: bool, status: str, text: str) -> None:
    """A disk that tells no changes is fine, if looking is quick."""
    check = assess_saves(seconds, events=events)

    assert check.status == status
    assert text in check.text
