"""The grader's processes: killed, hung, sending nonsense or left alone, they end and restart."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from mockexam.errors import GraderFaultError
from mockexam.exam.scoring import Verdict
from mockexam.grading import client, examiner_process
from mockexam.grading.client import Grader
from mockexam.grading.protocol import ModelGraded, Ready, encode
from tests.grading.conftest import BANK, wait_warm

LINE = "simple_model/tiny_line"
NewGrader = Callable[..., Grader]

APP = """
import asyncio, sys
from pathlib import Path
from mockexam.grading.client import Grader
from mockexam.paths import StatePaths

async def main():
    async with Grader(StatePaths(Path(sys.argv[1]))) as grader:
        await grader.warm_up()
        while grader.state != "warm":
            await asyncio.sleep(0.05)
        print("warm", flush=True)
        model = Path(sys.argv[2])
        await grader.grade("simple_model/slow_line", data_seed="W", holdout_seed="s", model=model, format="saved_model")

asyncio.run(main())
"""

LEAVE = """
import asyncio, contextlib, sys
from pathlib import Path
from mockexam.errors import GraderFaultError
from mockexam.grading.client import Grader
from mockexam.paths import StatePaths

async def main():
    asyncio.get_running_loop().slow_callback_duration = 60  # a busy machine is no fault
    grader = Grader(StatePaths(Path(sys.argv[1])))
    starting = asyncio.create_task(grader.warm_up())
    await asyncio.sleep(float(sys.argv[2]))
    if sys.argv[3] == "cancelled":
        starting.cancel()
    await grader.close()
    with contextlib.suppress(GraderFaultError, asyncio.CancelledError):
        await starting

asyncio.run(main())
"""


async def grade(grader: Grader, model: Path, question: str = LINE) -> ModelGraded:
    """Grade one model."""
    kind = "keras" if model.suffix == ".keras" else "saved_model"
    return await grader.grade(question, data_seed="W", holdout_seed="s", model=model, format=kind)  # type: ignore[arg-type]


def tree(pid: int | None) -> list[psutil.Process]:
    """A process and all below it."""
    assert pid is not None
    top = psutil.Process(pid)
    return [top, *top.children(recursive=True)]


def predictors(pid: int | None) -> list[psutil.Process]:
    """Those that run the predictor (bubblewrap's own process among them), from the top down."""
    return [p for p in tree(pid)[1:] if "mockexam.grading.predictor" in " ".join(words(p))]


def words(examiner_process: psutil.Process) -> list[str]:
    """Its command; empty if it has just ended."""
    try:
        return list(examiner_process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def assert_all_end(processes: list[psutil.Process], seconds: float = 3.0) -> None:
    """Each of these is gone within so many seconds."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    alive = [p for p in alive if p.status() != psutil.STATUS_ZOMBIE]
    for survivor in alive:
        survivor.kill()
    assert not alive


@pytest.mark.slow  # tests/end_to_end/test_kills.py kills the same processes in the default run
@pytest.mark.parametrize("isolation", ["", "limits"])
async def test_killed_at_work_it_comes_back(new_grader: NewGrader, models: Path, isolation: str) -> None:
    """A killed predictor goes unnoticed; a killed examiner is reported as a fault, and the next call works."""
    async with new_grader(MOCKEXAM_ISOLATION=isolation) as grader:
        await wait_warm(grader)
        assert grader.isolation == ("process limits" if isolation else grader.isolation)
        assert (await grade(grader, models / "good.keras")).marks == 5

        # WHEN the predictor is killed while it works on a model
        slow = asyncio.create_task(grade(grader, models / "rogue_loop"))
        await asyncio.sleep(1)
        predictors(grader.pid)[0].kill()
        # THEN the model is graded all the same
        assert (await slow).verdict is Verdict.LIMIT_EXCEEDED

        # WHEN the predictor is killed while idle THEN another warms up by itself
        predictors(grader.pid)[0].kill()
        async with asyncio.timeout(60):
            while grader.state != "starting":
                await asyncio.sleep(0.01)
            while grader.state != "warm":
                await asyncio.sleep(0.05)

        # WHEN the examiner is killed while it works
        slow = asyncio.create_task(grade(grader, models / "rogue_loop"))
        await asyncio.sleep(1)
        before = tree(grader.pid)
        before[0].kill()
        # THEN that is a fault, nothing of it survives, and the next model is graded
        with pytest.raises(GraderFaultError, match="ended unexpectedly"):
            await slow
        assert_all_end(before)
        assert (await grade(grader, models / "good.keras")).marks == 5

        # WHEN it is closed at work THEN all of it ends at once
        slow = asyncio.create_task(grade(grader, models / "rogue_loop"))
        await asyncio.sleep(0.5)
        before = tree(grader.pid)
        began = time.monotonic()
        await grader.close()
        assert time.monotonic() - began < 2
        assert_all_end(before)
        with pytest.raises(GraderFaultError):
            await slow
    with pytest.raises(GraderFaultError, match="closed"):
        await grade(grader, models / "good.keras")


@pytest.mark.parametrize("isolation", ["", pytest.param("limits", marks=pytest.mark.slow)])
def test_when_the_app_is_killed_nothing_survives(tmp_path: Path, models: Path, isolation: str) -> None:
    """`kill -9` of the app ends examiner, predictor and the model at work, in either isolation."""
    environment = os.environ | {"MOCKEXAM_BANK": str(BANK), "MOCKEXAM_ISOLATION": isolation}
    arguments = [sys.executable, "-c", APP, str(tmp_path), str(models / "rogue_loop")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, env=environment) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == b"warm\n"
        time.sleep(1)
        below = tree(app.pid)[1:]
        app.kill()

    assert len(below) >= 3
    assert_all_end(below)
    assert not list((tmp_path / "scratch").glob("marker-*"))


@pytest.mark.parametrize("how", ["cancelled", "closed"])
@pytest.mark.parametrize("seconds", [0, 0.02, 0.3])
def test_left_while_it_starts_it_ends_without_a_word(tmp_path: Path, seconds: float, how: str) -> None:
    """GIVEN an examiner that is just being started WHEN the app is left THEN it ends, and nothing is said of pipes."""
    command = [sys.executable, "-X", "dev", "-c", LEAVE, str(tmp_path), str(seconds), how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


async def test_a_hung_examiner_is_replaced(
    new_grader: NewGrader, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped, it sends nothing more: a fault, and the next call starts another."""
    monkeypatch.setattr(client, "FIRST_SECONDS", 1.0)
    async with new_grader() as grader:
        await grade(grader, models / "empty.keras")
        stopped = tree(grader.pid)
        assert grader.pid is not None
        os.kill(grader.pid, signal.SIGSTOP)

        with pytest.raises(GraderFaultError, match="stopped responding"):
            await grade(grader, models / "empty.keras")
        assert_all_end(stopped)
        assert (await grade(grader, models / "empty.keras")).verdict is Verdict.INVALID_MODEL


async def test_a_cancelled_job_leaves_no_reply_behind(new_grader: NewGrader, models: Path) -> None:
    """The reply to a cancelled job is not taken for the next one."""
    async with new_grader() as grader:
        first = asyncio.create_task(grade(grader, models / "good.keras"))
        await asyncio.sleep(0.8)
        first.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await first
        assert (await grade(grader, models / "empty.keras")).verdict is Verdict.INVALID_MODEL


@pytest.mark.parametrize(
    ("output", "message"),
    [
        (b"", "ended unexpectedly"),
        (b"Welcome to my library!\n", "unreadable"),
        (b'{"type": "ready", "protocol": 99, "isolation": "x", "versions": {}}\n', "another version"),
        (encode(Ready(isolation="x", versions={})) + b'{"type": "model_graded"}\n', "unreadable"),
        (encode(Ready(isolation="x", versions={})) + b"x" * 5_000_000 + b"\n", "unreadable"),
    ],
)
async def test_nonsense_from_the_examiner_is_a_fault(
    new_grader: NewGrader, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: bytes, message: str
) -> None:
    """Never a verdict, never a hang."""
    (tmp_path / "output").write_bytes(output)
    fake = tmp_path / "fake"
    fake.write_text(f"#!/bin/sh\ncat '{tmp_path / 'output'}'\nsleep 0.3\n")
    fake.chmod(0o755)
    monkeypatch.setattr(examiner_process.sys, "executable", str(fake))
    async with new_grader() as grader:
        with pytest.raises(GraderFaultError, match=message):
            await grade(grader, models / "good.keras")


async def test_a_home_that_is_not_writable_is_reported(models: Path, tmp_path: Path) -> None:
    """A file in place of the folder."""
    (tmp_path / "home").write_text("a file, not a folder")
    from mockexam.paths import StatePaths

    async with Grader(StatePaths(tmp_path / "home")) as grader:
        with pytest.raises(GraderFaultError, match="can't be started"):
            await grade(grader, models / "good.keras")


@pytest.mark.slow
async def test_without_fork_each_model_gets_a_fresh_process(new_grader: NewGrader, models: Path) -> None:
    """As on systems where forking TensorFlow is not safe."""
    async with new_grader(MOCKEXAM_PREDICTOR="single") as grader:
        assert (await grade(grader, models / "good.keras")).marks == 5
        assert (await grade(grader, models / "rogue_loop")).verdict is Verdict.LIMIT_EXCEEDED
        assert (await grade(grader, models / "good")).marks == 5
