"""The examiner's folder, log and start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockexam.errors import GraderFaultError
from mockexam.grading.client import Grader
from mockexam.grading.examiner.server import remove_stale
from mockexam.grading.protocol import MakeData, encode
from mockexam.paths import StatePaths

SRC = Path(__file__).parents[2] / "src"


def test_what_a_killed_examiner_left_is_removed(tmp_path: Path) -> None:
    """Folders of dead processes go; those of living ones stay, and so do other folders."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    for name, pid in (("marker-dead", gone.pid), ("marker-alive", os.getpid())):
        (tmp_path / name / "jobs").mkdir(parents=True)
        (tmp_path / name / "pid").write_text(str(pid))
    (tmp_path / "other").mkdir()

    remove_stale(tmp_path)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["marker-alive", "other"]


def test_an_examiner_killed_at_start_leaves_nothing_for_ever(tmp_path: Path) -> None:
    """A folder without an id goes when it is old; a new one stays."""
    for name in ("marker-old", "marker-new"):
        (tmp_path / name).mkdir()
    os.utime(tmp_path / "marker-old", (time.time() - 3600, time.time() - 3600))

    remove_stale(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["marker-new"]


async def test_a_failed_start_is_explained(tmp_path: Path) -> None:
    """What happened, where, and what to do."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "scratch").write_text("a file, not a folder")
    async with Grader(StatePaths(tmp_path)) as grader:
        with pytest.raises(GraderFaultError, match=r"can't write its files") as fault:
            await grader.inspect(model=tmp_path / "no.keras", format="keras")
    assert fault.value.location == str(tmp_path / "scratch")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_log_that_is_not_writable_ends_nothing(tmp_path: Path) -> None:
    """GIVEN a full disk WHEN an unreadable request arrives THEN the next request is served all the same."""
    environment = {**os.environ, "MOCKEXAM_HOME": str(tmp_path), "PYTHONPATH": str(SRC)}
    command = [sys.executable, "-P", "-m", "mockexam.grading.examiner"]
    with (
        Path("/dev/full").open("wb") as full,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=full, env=environment, start_new_session=True
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"nonsense\n" + encode(MakeData(job="j1", question="no/such", data_seed="W", folder="/")))
        process.stdin.flush()
        replies = [process.stdout.readline() for _ in range(2)]
        process.stdin.close()
    assert b'"job":"j1"' in replies[-1]
