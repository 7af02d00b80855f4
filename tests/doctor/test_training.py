"""The training test as a process: what it tells, and every way in which it can go wrong. The real one: test_full."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from mockexam.doctor.training import TrainingTest, train
from mockexam.errors import UserError

GOOD = """
import json, sys
print("a library says hello")
print("[1, 2]")
print(json.dumps({"stage": "imported", "seconds": 3.5}))
print(json.dumps({"stage": "training", "fraction": 0.5}), flush=True)
print(json.dumps({"stage": "trained", "seconds": 9.0}))
open(sys.argv[4], "wb").write(b"model")
print(json.dumps({"stage": "saved", "seconds": 0.1}))
"""


def script(folder: Path, text: str) -> TrainingTest:
    """A training test that runs this program."""
    path = folder / "train.py"
    path.write_text(text, encoding="utf-8")
    return TrainingTest(script=path, shape=(8, 8, 3), classes=2, steps=1)


async def test_the_seconds_of_each_part_are_told(tmp_path: Path) -> None:
    """What libraries print in between is passed over."""
    told: list[float] = []

    trained = await train(script(tmp_path, GOOD), tmp_path, told.append)

    assert (trained.imports, trained.training, trained.saving) == (3.5, 9.0, 0.1)
    assert trained.model.read_bytes() == b"model"
    assert told == [0.5]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import no_such_library", "No module named 'no_such_library'"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "too little memory"),
        ("import sys; sys.exit(3)", "code 3"),
        (GOOD.replace('open(sys.argv[4], "wb").write(b"model")', ""), "code 0"),
        (GOOD.replace('"trained"', '"other"'), "code 0"),
    ],
)
async def test_what_goes_wrong_is_told(text: str, told: str, tmp_path: Path) -> None:
    """Never a traceback, always a reason and a remedy."""
    with pytest.raises(UserError, match=told) as error:
        await train(script(tmp_path, text), tmp_path)

    assert error.value.hint


async def test_much_noise_does_not_block_it(tmp_path: Path) -> None:
    """A library that fills standard error is not waited for."""
    noisy = "import sys; sys.stderr.write('noise ' * 200_000)\n" + GOOD

    assert (await train(script(tmp_path, noisy), tmp_path, limit=20)).training == 9.0


HANGS = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open("pids.tmp", "w").write(f"{os.getpid()} {child.pid}")
os.rename("pids.tmp", "pids")
time.sleep(60)
"""


def gone(pid: int) -> bool:
    """Whether a process has ended, waited for as long as a busy machine may need."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


async def test_a_training_that_hangs_is_ended(tmp_path: Path) -> None:
    """At its limit it ends with all that it started, and the remedy is told."""
    with pytest.raises(UserError, match="took over"):
        await train(script(tmp_path, HANGS), tmp_path, limit=1.0)

    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


async def test_leaving_ends_the_training(tmp_path: Path) -> None:
    """GIVEN a test that runs WHEN its screen is left THEN nothing of it goes on."""
    task = asyncio.create_task(train(script(tmp_path, HANGS), tmp_path))
    while not (tmp_path / "pids").exists():
        await asyncio.sleep(0.02)

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert all(gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


LEAVE = """
import asyncio, sys
from pathlib import Path
from mockexam.doctor.training import TrainingTest, train

async def main():
    folder = Path(sys.argv[1])
    running = asyncio.create_task(train(TrainingTest(folder / "train.py", (8, 8, 3), 2, 1), folder))
    await asyncio.sleep(float(sys.argv[2]))
    if sys.argv[3] == "cancelled":
        running.cancel()
        await asyncio.wait([running])

asyncio.run(main())
"""


@pytest.mark.parametrize("how", ["cancelled", "with the app"])
@pytest.mark.parametrize("seconds", [0, 0.002, 0.3])
def test_left_while_it_starts_it_ends_without_a_word(tmp_path: Path, seconds: float, how: str) -> None:
    """GIVEN a training that is just being started WHEN it is left THEN it ends, and the app does not wait for it."""
    (tmp_path / "train.py").write_text("import time; time.sleep(60)")
    command = [sys.executable, "-c", LEAVE, str(tmp_path), str(seconds), how]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(tmp_path / "train.py") in (p.info["cmdline"] or [])]
