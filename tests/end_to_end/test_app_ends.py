"""Whatever ends the app, the training goes on: its output is shown and its model received at the next opening."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.cli.test_prompt import APP, PATIENCE, Room
from tests.shared import checked_questions

TRAINING = """
import os, shutil, time
from pathlib import Path
Path("pid").write_text(str(os.getpid()))
step = 0
while not Path("go").exists():
    print("step", step, flush=True)
    step += 1
    time.sleep(0.1)
shutil.copy("trained", "mymodel.keras")
print("saved after", step, flush=True)
"""
AGAIN_SECONDS = 10.0
"""A fault that strikes in a bare callback of the event loop is logged, and the app goes on: it must strike again."""
FAULTY = """
import runpy, signal, sys

def fail(kind):
    def act(*_):
        raise kind("a fault")
    return act

signal.signal(signal.SIGUSR1, fail(RuntimeError))
signal.signal(signal.SIGUSR2, fail(MemoryError))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture
def room(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Room:
    shutil.copytree(checked_questions(tmp_path_factory), tmp_path / "home" / "scratch")
    return Room(tmp_path)


class Screen:
    """The full-screen app in a terminal."""

    def __init__(self, room: Room) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", FAULTY, str(APP)], stdin=slave, stdout=slave, stderr=slave,
            env=room.environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        self.seen = b""

    def until(self, fits: Callable[[], bool]) -> None:
        """Let it draw until this is so."""
        end = time.monotonic() + PATIENCE
        while not fits():
            assert time.monotonic() < end
            if select.select([self.master], [], [], 0.1)[0]:
                with suppress(OSError):  # it has ended
                    self.seen += os.read(self.master, 1 << 16)

    def end(self, how: str) -> None:
        """End it in this way."""
        if how == "hang up":
            os.close(self.master)
        else:
            tried = 0.0

            def ended() -> bool:
                nonlocal tried
                if self.process.poll() is None and time.monotonic() - tried > AGAIN_SECONDS:
                    tried = time.monotonic()
                    self.process.send_signal(getattr(signal, how))
                return self.process.poll() is not None

            self.until(ended)
            os.close(self.master)
        self.process.wait(PATIENCE)


def say(room: Room, *commands: str) -> str:
    """What the app says, without a screen, to these commands."""
    done = subprocess.run(
        room.command("--plain", "--yes"), input="\n".join([*commands, ""]), env=room.environment, text=True,
        capture_output=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    return done.stdout


def test_the_app_ends_with_its_terminal(room: Room) -> None:
    """Also while it draws: what waits to be drawn then goes nowhere."""
    say(room, "quit")
    for seconds in (0, 0.01, 0.02, 0.04, 0.08):
        screen = Screen(room)
        screen.until(lambda: b"Finish" in screen.seen)  # noqa: B023  # called in this round only
        time.sleep(seconds)
        screen.end("hang up")
        assert screen.process.returncode != 0


@pytest.mark.parametrize(
    "how",
    ["SIGKILL", "hang up", "SIGUSR1", *(pytest.param(name, marks=pytest.mark.slow) for name in ("SIGTERM", "SIGUSR2"))],
)
def test_a_training_outlives_the_app(how: str, room: Room, tmp_path: Path) -> None:
    """Killed, its terminal closed, ended, a bug, no memory: the same script runs on and saves."""
    say(room, "quit")
    script = room.script(1)
    script.write_text(TRAINING)
    with zipfile.ZipFile(script.with_name("trained"), "w") as model:
        for name in ("metadata.json", "config.json", "model.weights.h5"):
            model.writestr(name, "{}")
    screen = Screen(room)
    pid, output = script.with_name("pid"), tmp_path / "home" / "runs"
    screen.until(lambda: b"Finish" in screen.seen)
    os.write(screen.master, b"r")
    screen.until(lambda: any("step 3" in path.read_text() for path in output.glob("*/1/output")))
    training = psutil.Process(int(pid.read_text()))
    screen.end(how)
    assert screen.process.returncode != 0
    time.sleep(0.5)
    assert training.is_running()
    script.with_name("go").touch()
    end = time.monotonic() + PATIENCE
    while not script.with_name("mymodel.keras").exists():
        assert time.monotonic() < end
        time.sleep(0.1)
    back = subprocess.Popen(
        room.command("--plain", "--yes"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=room.environment, text=True
    )
    assert back.stdin is not None
    assert back.stdout is not None
    for line in back.stdout:
        if "mymodel.keras received" in line:
            break
    said, _ = back.communicate("output 1 all\nfinish\nFINISH\n", timeout=PATIENCE)
    assert all(line in said for line in ("step 0\n", "step 3\n", "saved after "))
