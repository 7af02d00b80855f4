"""What only a real terminal shows: lending the screen to an editor, a crash, and what idling costs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

APP = Path(__file__).with_name("pty_app.py")


class Terminal:
    """A process in a pseudo terminal of 80x24."""

    def __init__(self, tmp_path: Path, scene: str) -> None:
        self.log = tmp_path / "ticks.log"
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.before = termios.tcgetattr(slave)
        self._slave = slave
        source = str(APP.parents[2] / "src")
        home = {"MOCKEXAM_HOME": str(tmp_path / "home"), "PYTHONPATH": source, "TERM": "xterm-256color"}
        environment = {**os.environ, **home}
        made_up = [str(APP), str(tmp_path / "work"), str(self.log), scene]
        self.process = subprocess.Popen(
            [sys.executable, *(["-m", "mockexam"] if scene == "real" else made_up)],
            stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
        )  # fmt: skip
        self.seen = ""

    def read(self, seconds: float) -> None:
        """Take what is drawn for a while."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0]:
                self.seen += os.read(self._master, 1 << 16).decode(errors="replace")

    def until(self, text: str, seconds: float = 15.0) -> None:
        """Read until this was drawn."""
        end = time.monotonic() + seconds
        while text not in self.seen:
            assert time.monotonic() < end, f"{text!r} was not drawn: {self.seen[-2000:]!r}"
            self.read(0.1)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def wait(self) -> int:
        """The exit code; what is drawn meanwhile is read."""
        end = time.monotonic() + 15
        while self.process.poll() is None:
            assert time.monotonic() < end, "it did not end"
            self.read(0.1)
        self.read(0.2)
        return self.process.returncode

    @property
    def modes(self) -> list[object]:
        """The terminal's settings: local modes tell raw from cooked."""
        return termios.tcgetattr(self._slave)

    def close(self) -> None:
        """End what is left."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        os.close(self._slave)


@pytest.fixture
def terminal(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Terminal]:
    terminal = Terminal(tmp_path, request.param)
    yield terminal
    terminal.close()


@pytest.mark.parametrize("terminal", ["edit"], indirect=True)
def test_the_clock_runs_on_while_an_editor_has_the_screen(terminal: Terminal) -> None:
    """More frames fall into that time than Textual's queue of writes would hold; then the room is back, at the time."""
    terminal.until("7K3Q-F2XM")
    terminal.type("e")
    terminal.until("EDITOR-OPEN")
    start = len(terminal.log.read_text().splitlines())
    drawn = len(terminal.seen)
    terminal.until("EDITOR-SHUT")
    ticks = len(terminal.log.read_text().splitlines()) - start
    assert ticks > 40, "the timers stood still"
    assert "\x1b[" not in terminal.seen[drawn : terminal.seen.index("EDITOR-SHUT")], "drawn over the editor"
    after = len(terminal.seen)
    terminal.read(1.0)
    assert "left" in terminal.seen[after:], "the room did not come back"
    terminal.type("q")
    terminal.until("The clock keeps running")
    terminal.type("\r")
    assert terminal.wait() == 0
    assert terminal.modes[3] == terminal.before[3], "the terminal was left raw"


@pytest.mark.parametrize("terminal", ["time-up"], indirect=True)
def test_the_time_can_run_out_in_an_editor(terminal: Terminal) -> None:
    """A bell is heard; the editor is left alone; after it the result stands."""
    terminal.until("7K3Q-F2XM")
    terminal.type("e")
    terminal.until("EDITOR-OPEN")
    opened = len(terminal.seen)
    terminal.until("EDITOR-SHUT")
    assert "marking" in terminal.log.read_text()
    assert "\a" in terminal.seen[opened : terminal.seen.index("EDITOR-SHUT")]
    terminal.until("The time is up.")


@pytest.mark.parametrize("terminal", ["train"], indirect=True)
def test_the_progress_of_a_training_is_written_and_cleared(terminal: Terminal) -> None:
    """A quarter is done; on leaving nothing of it stays in the tab."""
    terminal.until("7K3Q-F2XM")
    terminal.type("r")
    terminal.until("\x1b]9;4;1;25\x1b\\")
    terminal.type("q")
    terminal.until("The clock keeps running")
    terminal.type("\r")
    assert terminal.wait() == 0
    assert re.findall(r"\x1b\]9;4;\d;\d+", terminal.seen)[-1] == "\x1b]9;4;0;0"


@pytest.mark.parametrize("terminal", ["train-crash"], indirect=True)
def test_a_crash_clears_the_progress_too(terminal: Terminal) -> None:
    """What is left by a fault of the app is a terminal as it was."""
    terminal.until("7K3Q-F2XM")
    terminal.type("r")
    assert terminal.wait() == 1
    assert re.findall(r"\x1b\]9;4;\d;\d+", terminal.seen) == ["\x1b]9;4;1;25", "\x1b]9;4;0;0"]


@pytest.mark.parametrize("terminal", ["crash"], indirect=True)
def test_a_crash_shows_no_traceback_and_gives_the_terminal_back(terminal: Terminal) -> None:
    """The exit code is 1; whoever runs the app reports it."""
    assert terminal.wait() == 1
    assert "Traceback" not in terminal.seen
    assert "FAULT-TOLD a bug of ours" in terminal.seen
    assert terminal.modes[3] == terminal.before[3]


@pytest.mark.parametrize("terminal", ["real"], indirect=True)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_kill_gives_the_terminal_back(terminal: Terminal, number: signal.Signals) -> None:
    """As when the window is closed; the exit code tells the signal."""
    terminal.until("Start an exam")
    terminal.read(0.5)
    terminal.process.send_signal(number)
    assert terminal.wait() == 128 + number
    assert terminal.modes[3] == terminal.before[3]
    assert "Traceback" not in terminal.seen


@pytest.mark.parametrize("terminal", ["idle"], indirect=True)
@pytest.mark.slow
def test_a_ticking_clock_costs_next_to_nothing(terminal: Terminal) -> None:
    """At most 1 % of a core over 20 s."""
    terminal.until("7K3Q-F2XM")
    terminal.read(3.0)
    process = psutil.Process(terminal.process.pid)
    before = sum(process.cpu_times()[:2])
    drawn = len(terminal.seen)
    terminal.read(20.0)
    used = (sum(process.cpu_times()[:2]) - before) / 20.0
    bytes_a_second = (len(terminal.seen) - drawn) / 20.0
    assert used <= 0.01, f"{used:.2%} of a core"
    assert bytes_a_second < 400


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="threads are counted in /proc")
@pytest.mark.parametrize("terminal", ["idle"], indirect=True)
def test_nothing_looks_for_keys_that_nobody_types_and_a_lone_escape_still_comes(terminal: Terminal) -> None:
    """No thread wakes ten times a second; Escape, which is also the beginning of other keys, needs another look."""
    terminal.until("7K3Q-F2XM")
    terminal.read(3.0)  # the terminal's own answers are input too
    before = _wakes(terminal.process.pid)
    terminal.read(3.0)
    assert [name for name, wakes in _wakes(terminal.process.pid).items() if wakes - before.get(name, 0) >= 24] == []
    drawn = len(terminal.seen)
    terminal.type("?")
    while "Help" not in terminal.seen[drawn:]:  # before it is drawn, a key would not be for the help
        terminal.read(0.2)
    terminal.read(1.0)
    terminal.type("\x1b")
    terminal.read(1.0)
    terminal.type("q")
    terminal.until("The clock keeps running")  # the help would take the key
    assert terminal.seen.index("Help", drawn) < terminal.seen.index("The clock keeps running", drawn)


def _wakes(process: int) -> dict[str, int]:
    """How often each thread has gone to sleep of its own accord, by its id."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return {
        task.name: int(re.findall(r"^voluntary_ctxt_switches:\s+(\d+)", (task / "status").read_text(), re.MULTILINE)[0])
        for task in tasks
    }


@pytest.mark.parametrize("terminal", ["edit"], indirect=True)
@pytest.mark.parametrize(
    "storm",
    [
        b"\x1b[MC\xa8:\x1b[M\xc3\xa8\xff",
        b"\x1b[200~" + b"fFINISH\r" * 125_000 + b"\x1b[201~",
        b"fFINISH\r" * 650,
        b"fFINISH\r",
    ],
    ids=["mouse", "paste", "keys", "word"],
)
def test_a_storm_of_bytes_costs_nothing(storm: bytes, terminal: Terminal) -> None:
    """Old mouse reports, a pasted megabyte, 5,000 keys at once, the whole way to the end in one go: nothing ends."""
    terminal.until("7K3Q-F2XM")
    terminal.read(0.3)
    for at in range(0, len(storm), 4000):
        os.write(terminal._master, storm[at : at + 4000])
        terminal.read(0.0)
    terminal.read(1.5)
    ticks = len(terminal.log.read_text().splitlines())
    terminal.read(1.0)
    lines = terminal.log.read_text().splitlines()
    assert len(lines) > ticks, "the clock stood still"
    assert lines[-1].endswith("running")
    terminal.type("\x1b")
    terminal.read(0.5)
    terminal.type("q")
    terminal.until("The clock keeps running")
    terminal.read(0.3)
    terminal.type("\r")
    assert terminal.wait() == 0
