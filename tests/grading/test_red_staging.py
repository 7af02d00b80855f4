"""Folders that were made to trip whoever walks them, and names that were made to be printed."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner import staging
from mockexam.grading.examiner.staging import RefusedError
from mockexam.grading.protocol import ModelGraded, encode

ODD = b"\x1b[31m\xff\n\xe2\x80\xae[bold]"


def deep(folder: Path) -> None:
    """Twelve hundred folders, one in the other."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("a", dir_fd=here)
        inner = os.open("a", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)


def long(folder: Path) -> None:
    """A path that is too long for a copy elsewhere."""
    (folder / "/".join(["b" * 200] * 6)).mkdir(parents=True)


def many(folder: Path) -> None:
    """More folders than files are allowed, and not a file in them."""
    for number in range(1100):
        (folder / str(number)).mkdir()


@pytest.mark.parametrize("make", [deep, long, many])
def test_a_folder_without_end_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """A refusal, and no fault of the grader's."""
    folder = tmp_path / "mymodel"
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(b"x")
    make(folder)

    with pytest.raises(RefusedError) as refused:
        staging.look(folder, "saved_model")

    assert "folders" in refused.value.refusal.message
    subprocess.run(["rm", "-rf", folder], check=True)  # Python's own way would trip over it too


@pytest.mark.parametrize("make", [lambda path: Path(os.fsdecode(path)).symlink_to("/x"), os.mkfifo])
def test_a_name_of_any_bytes_can_be_told(tmp_path: Path, make: Callable[[bytes], None]) -> None:
    """Neither what moves a terminal's cursor nor what is no text gets into a message."""
    folder = tmp_path / "mymodel"
    folder.mkdir()
    make(os.path.join(os.fsencode(folder), ODD))

    with pytest.raises(RefusedError) as refused:
        staging.look(folder, "saved_model")

    message = refused.value.refusal.message
    assert message.isprintable()
    assert encode(
        ModelGraded(job="1", isolation="", versions={}, seconds=1, verdict=Verdict.INVALID_MODEL, message=message)
    )
