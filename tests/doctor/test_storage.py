"""Room and permission on the disks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mockexam.doctor.machine import assess_space, check_storage, nearest_folder


def test_a_folder_that_does_not_exist_yet_is_fine(tmp_path: Path) -> None:
    """It is judged by where it will be made, and nothing is left there."""
    check = check_storage("workspace", tmp_path / "a" / "b")

    assert check.status in ("ok", "warn")
    assert str(tmp_path / "a" / "b") in check.text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/proc is Linux's")
@pytest.mark.parametrize(("name", "way"), [("workspace", "--workspace"), ("records", "MOCKEXAM_HOME")])
def test_a_folder_that_can_not_be_written_fails(name: str, way: str) -> None:
    """Not even root writes into /proc; the way out is told."""
    check = check_storage(name, Path("/proc/mockexam"))

    assert check.status == "fail"
    assert "/proc can't be written" in check.text
    assert way in check.remedy


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """The folder above it, which would do, is not what was asked for."""
    (tmp_path / "notes.md").touch()
    assert check_storage("records", tmp_path / "notes.md").status == "fail"


@pytest.mark.parametrize(("free", "status"), [(5 * 10**9, "ok"), (10**9, "warn"), (10**8, "fail")])
def test_room_is_judged(free: int, status: str, tmp_path: Path) -> None:
    """A paper's data and many saves must fit."""
    assert assess_space("workspace", tmp_path, free).status == status


def test_the_nearest_folder_is_found(tmp_path: Path) -> None:
    """A file in the way does not count as a folder."""
    (tmp_path / "file").touch()

    assert nearest_folder(tmp_path / "file" / "x") == tmp_path
    assert nearest_folder(tmp_path) == tmp_path
