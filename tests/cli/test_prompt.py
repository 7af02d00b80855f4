"""The prompt of `--plain` in a real terminal, with real scripts; and the same commands without a terminal."""

from __future__ import annotations

import fcntl
import io
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockexam.cli.prompt import LineEditor, can_prompt
from tests.shared import GOLDEN_BANK, checked_questions

APP = Path(__file__).with_name("plain_app.py")
PATIENCE = 60.0
"""Seconds."""
COLUMNS = 80
TRAINING = """
import time
for epoch in range(1, 4000):
    print(f"Epoch {epoch}/4000\\n9/9 - 0s - 5ms/step - loss: 0.5", flush=True)
    time.sleep(0.03)
"""
EDITOR = """#!/bin/sh
echo EDITOR-OPEN
while [ ! -e quit-editor ]; do sleep 0.1; done
echo '# edited' >> "$1"
echo EDITOR-SHUT
"""


class Rows:
    """What a terminal that knows the few sequences of a prompt shows."""

    def __init__(self) -> None:
        self.rows = [""]
        self.cursor = 0

    def feed(self, text: str) -> None:
        for part in re.findall(r"\x1b\[\d*[A-Z]|[\r\n\a]|[^\x1b\r\n\a]+", text):
            row = self.rows[-1]
            if part == "\r":
                self.cursor = 0
            elif part == "\n":
                self.rows.append("")
                self.cursor = 0
            elif part == "\x1b[K":
                self.rows[-1] = row[: self.cursor]
            elif part.endswith("D") and part.startswith("\x1b["):
                self.cursor -= int(part[2:-1])
            elif part != "\a":
                self.rows[-1] = row[: self.cursor].ljust(self.cursor) + part + row[self.cursor + len(part) :]
                self.cursor += len(part)


class Room:
    """A home, a workspace and an editor of a candidate."""

    def __init__(self, folder: Path) -> None:
        self.scripts = folder / "room"
        editor = folder / "editor"
        editor.write_text(EDITOR)
        editor.chmod(0o755)
        own = {"MOCKEXAM_HOME": str(folder / "home"), "MOCKEXAM_BANK": str(GOLDEN_BANK), "EDITOR": str(editor)}
        self.environment = {**os.environ, **own, "TERM": "xterm-256color", "VISUAL": "", "COLUMNS": str(COLUMNS)}
        self.environment.pop("MOCKEXAM_SIGNALS", None)

    def command(self, form: str, *words: str) -> list[str]:
        return [sys.executable, str(APP), "sit", form, "--workspace", str(self.scripts), *words]

    def script(self, number: int) -> Path:
        (folder,) = self.scripts.glob(f"q{number}_*")
        return folder / "solution.py"

    def quit_editor(self, number: int) -> None:
        self.script(number).with_name("quit-editor").touch()


class Terminal:
    """`mockexam sit --plain` in a terminal."""

    def __init__(self, room: Room) -> None:
        self._master, self._slave = pty.openpty()
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
        self.before = termios.tcgetattr(self._slave)

        self.process = subprocess.Popen(
            room.command("--plain", "--yes"), stdin=self._slave, stdout=self._slave, stderr=self._slave,
            env=room.environment, start_new_session=True,
        )  # fmt: skip
        self._open = True
        self.screen = Rows()
        self.seen = ""

    def read(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if select.select([self._master], [], [], left)[0]:
                text = os.read(self._master, 1 << 16).decode(errors="replace")
                self.seen += text
                self.screen.feed(text)

    def until(self, pattern: str, times: int = 1) -> None:
        """Until so many rows match."""
        end = time.monotonic() + PATIENCE
        while sum(re.search(pattern, row) is not None for row in self.screen.rows) < times:
            assert time.monotonic() < end, f"no {pattern!r}:\n{chr(10).join(self.screen.rows[-30:])}"
            self.read(0.05)

    def type(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def wait(self) -> int:
        end = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, "it did not end"
            self.read(0.05)
        self.read(0.2)
        return self.process.returncode

    @property
    def gave_back(self) -> bool:
        """Whether the terminal is as it was, with the cursor on an empty row."""
        return termios.tcgetattr(self._slave) == self.before and self.screen.rows[-1] == ""

    def hang_up(self) -> None:
        """Close the window."""
        os.close(self._slave)
        os.close(self._master)
        self._open = False

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        if self._open:
            self.hang_up()


@pytest.fixture
def room(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    """At the end no script runs any more: the attempt is finished."""
    shutil.copytree(checked_questions(tmp_path_factory), tmp_path / "home" / "scratch")
    room = Room(tmp_path)
    yield room
    finish = [sys.executable, str(APP), "finish", "--yes"]
    subprocess.run(finish, env=room.environment, capture_output=True, check=False, timeout=PATIENCE)


@pytest.fixture
def terminal(room: Room) -> Iterator[Terminal]:
    terminal = Terminal(room)
    yield terminal
    terminal.close()


PROMPT = r"^\d h \d\d min · 0 %( · [Q\d, ]+ running)? > "


def test_the_typed_line_stays_whole_while_a_script_prints(room: Room, terminal: Terminal) -> None:
    """It is the last row, with its cursor, and what is printed above is whole too; then the script is stopped."""
    terminal.until(PROMPT + "$")
    room.script(1).write_text(TRAINING)
    terminal.type("run 1\r")
    terminal.until("^Q1  +5/4000  loss 0.5")
    for keys in ("sttus", "\x1b[D\x1b[D\x1b[D", "a"):
        terminal.type(keys)
        printed = len(terminal.screen.rows)
        while len(terminal.screen.rows) < printed + 3:
            terminal.read(0.05)
    terminal.until(PROMPT + "status$")
    assert terminal.screen.cursor == len(terminal.screen.rows[-1]) - len("tus")
    above = [row for row in terminal.screen.rows[:-1] if "  loss" in row]
    assert [int(re.findall(r"^Q1 +(\d+)/", row)[0]) for row in above] == list(range(1, len(above) + 1))
    assert all(re.fullmatch(r"Q1  +\d+/4000  loss 0\.5(?:  0\.0s)?", row) for row in above)
    assert not any("tatus" in row for row in terminal.screen.rows[:-1])

    terminal.type("\r")
    terminal.until(r"^  Q1 · running \d\d:\d\d")
    terminal.type("stop\r")
    terminal.until("Q1 script (stopped|interrupted) after")
    terminal.type("x" * 3 * COLUMNS)
    terminal.until("…x+$")
    assert len(terminal.screen.rows[-1]) < COLUMNS
    terminal.type("\x15\x04")
    assert terminal.wait() == 130
    assert terminal.gave_back


def test_a_closed_terminal_leaves_the_attempt_in_order(room: Room, terminal: Terminal) -> None:
    """It ends by itself, and the script runs on."""
    terminal.until(PROMPT + "$")
    room.script(1).write_text(TRAINING)
    terminal.type("run 1\r")
    terminal.until(r"^Q1 +\d+/\d+  loss")
    terminal.hang_up()
    assert terminal.process.wait(PATIENCE) > 0, "it was killed"
    back = Terminal(room)
    try:
        back.until("Q1  … .* before; `output 1 all`")
        back.until(r"Q1 running > $")
    finally:
        back.close()


def test_scripts_side_by_side_and_queued(room: Room, terminal: Terminal) -> None:
    """A second script asks what becomes of it; each way is a word, and every line has its question's number."""
    terminal.until(PROMPT + "$")
    for number in (1, 2):
        room.script(number).write_text(TRAINING)
    room.script(3).write_text("print('third')")
    terminal.type("run 1\rrun 2\r")
    terminal.until("run 2 beside")
    terminal.type("run 3 wait\rrun 2 beside\r")
    terminal.until(r"^Q2 +\d+/\d+  loss")
    terminal.until(r"· Q1, Q2 running > $")
    terminal.type("status\r")
    terminal.until("^  Q3 · queued")
    terminal.type("stop\r")
    terminal.until("Choose the question: questions 1, 2")
    terminal.type("run 3 instead\r")
    terminal.until("^Q3  third$")
    assert sum("Q3 script started" in row for row in terminal.screen.rows) == 1
    terminal.until("Q3 script ended after")
    terminal.type("output 3\r")
    terminal.until("^third$")


def test_a_script_goes_on_when_the_attempt_is_left(room: Room, terminal: Terminal) -> None:
    """That is said; coming back shows its newest lines and goes on; finishing stops it."""
    terminal.until(PROMPT + "$")
    room.script(1).write_text(TRAINING)
    terminal.type("run 1\r")
    terminal.until(r"^Q1 +\d+/\d+  loss")
    terminal.type("\x03")
    assert terminal.wait() == 130
    assert "question 1 keeps running" in terminal.seen
    assert terminal.gave_back
    last = max(int(number) for number in re.findall(r"Q1 +(\d+)/\d+  loss", terminal.seen))
    back = Terminal(room)
    try:
        back.until("Q1  … .* before; `output 1 all`")
        back.until(r"^Q1 +\d+/\d+  loss", 20)
        first = next(row for row in back.screen.rows if re.match(r"Q1 +\d+/\d+  loss", row))
        assert int(re.findall(r"Q1 +(\d+)/", first)[0]) > last
        back.type("finish\rFINISH\r")  # pasted, it confirms nothing
        back.until("Not finished")
        back.type("finish\r")
        back.until("^Type FINISH to finish", times=2)
        back.read(0.5)
        back.type("FINISH\r")
        back.until("FAIL: 0 %")
        assert back.wait() == 0
        assert "script stopped" in back.seen
        assert back.gave_back
    finally:
        back.close()


def test_an_editor_gets_the_whole_terminal(room: Room, terminal: Terminal) -> None:
    """Nothing is drawn over it; what came meanwhile is shown afterwards, above the prompt."""
    terminal.until(PROMPT + "$")
    room.script(2).write_text(TRAINING)
    terminal.type("run 2\redit 1\r")
    terminal.until("^EDITOR-OPEN")
    terminal.read(1.0)
    room.quit_editor(1)
    terminal.until("^EDITOR-SHUT")
    terminal.until(r"^Q2 +\d+/\d+  loss", 10)
    inside = terminal.seen.partition("EDITOR-OPEN")[2].partition("EDITOR-SHUT")[0]
    assert inside.strip() == ""
    assert room.script(1).read_text().endswith("# edited\n")
    terminal.type("stop 2\r")
    terminal.until("Q2 script (stopped|interrupted) after")


def test_the_attempt_can_end_while_an_editor_is_open(room: Room, terminal: Terminal) -> None:
    """It keeps the terminal until it is left; then the result stands."""
    terminal.until(PROMPT + "$")
    terminal.type("edit 1\r")
    terminal.until("^EDITOR-OPEN")
    finish = [sys.executable, str(APP), "finish", "--yes"]
    subprocess.run(finish, env=room.environment, capture_output=True, check=True, timeout=PATIENCE)
    terminal.read(1.0)
    assert terminal.seen.partition("EDITOR-OPEN")[2].strip() == ""
    room.quit_editor(1)
    terminal.until("FAIL: 0 %")
    assert terminal.wait() == 0
    assert terminal.gave_back


def test_without_a_terminal_the_same_commands_and_no_prompt(room: Room) -> None:
    """Lines as they are, with neither prompt nor sequences; as JSON each is an event."""

    def sit(form: str, word: str) -> str:
        sitting = subprocess.Popen(
            room.command(form, "--yes"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=room.environment, text=True,
        )  # fmt: skip
        assert sitting.stdin is not None
        assert sitting.stdout is not None
        said = ""
        for line in sitting.stdout:
            said += line
            if "opened" in line:
                room.script(1).write_text(f"print({word!r})")
                sitting.stdin.write("run 1\n")
                sitting.stdin.flush()
            elif "run_ended" in line or "script ended" in line:
                sitting.stdin.write("output 1\nquit\n")
                sitting.stdin.flush()
        assert sitting.wait(PATIENCE) == 0, "a decision by word is no interruption"
        sitting.stdin.close()
        sitting.stdout.close()
        return said

    told = sit("--plain", "hello")
    assert "\x1b" not in told
    assert " > " not in told
    assert re.search(r"(?m)^Q1  hello$", told)
    assert re.search(r"(?m)^hello\nQ1 · ended after", told)

    events = [json.loads(line) for line in sit("--json", "again").splitlines()]
    own = {kind: [e for e in events if e["event"] == kind] for kind in ("runs", "output", "last_output")}
    assert own["runs"] == [
        {"event": "runs", "running": [1], "queued": []},
        {"event": "runs", "running": [], "queued": []},
    ]
    assert own["output"] == [{"event": "output", "question": 1, "lines": ["again"]}]
    assert own["last_output"] == [{"event": "last_output", "question": 1, "running": False, "lines": ["again"]}]


@pytest.mark.parametrize(
    ("typed", "shown", "term", "prompt"),
    [
        (True, True, "xterm", True),
        (False, True, "xterm", False),
        (True, False, "xterm", False),
        (True, True, "dumb", False),
    ],
)
def test_a_prompt_needs_a_terminal_on_both_sides(
    monkeypatch: pytest.MonkeyPatch, typed: bool, shown: bool, term: str, prompt: bool
) -> None:
    """And one that can erase a row."""
    for name, is_terminal in {"stdin": typed, "stdout": shown}.items():
        stream = io.StringIO()
        monkeypatch.setattr(stream, "isatty", lambda is_terminal=is_terminal: is_terminal)
        monkeypatch.setattr(sys, name, stream)
    monkeypatch.setenv("TERM", term)
    assert can_prompt() is prompt


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (["a", "c", "\x1b[D", "b"], "abc"),
        (["a", "b", "\x7f", "\x7f", "\x7f", "c"], "c"),
        (["a", "b", "\x01", "\x04", "c"], "cb"),
        ([*"run 12", "\x17", "3"], "run 3"),
        ([*"run 1", "\x1b[H", "\x0b", "x"], "x"),
        ([*"äö", "\x02", "\x15"], "ö"),
        (["a", "\t", "\x1b[15~", "\x1bx"], "a"),
    ],
)
def test_keys_edit_the_line(keys: list[str], line: str) -> None:
    """As in a shell; an unknown key types nothing."""
    editor = LineEditor()
    for key in keys:
        editor.press(key)
    assert editor.take() == line
    assert editor.text == ""


def test_earlier_lines_come_back() -> None:
    """Each once, however often it was typed in a row, and below the newest an empty one."""
    editor = LineEditor()
    for line in ("status", "run 1", "run 1", ""):
        for key in line:
            editor.press(key)
        editor.take()
    shown = []
    for key in ("\x1b[A", "\x1b[A", "\x1b[A", "\x1b[B", "\x1b[B", "\x1b[B"):
        editor.press(key)
        shown.append(editor.text)
    assert shown == ["run 1", "status", "status", "run 1", "", ""]


def test_no_byte_makes_it_deaf(room: Room) -> None:
    """Without a terminal: what is no UTF-8, no number, NUL, endless or a lone CR is only a wrong command."""
    numbers = [b"brief \xc2\xb2", b"brief \xb2", b"brief " + b"9" * 5000]
    bad = [*numbers, b"\xff\xfe", b"sta\0tus", b"x" * 1_000_000, b"\r", b"\x1b[M\xa8"]
    sitting = subprocess.Popen(
        room.command("--plain", "--yes"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**room.environment, "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "utf-8:strict"},
    )  # fmt: skip
    said, _ = sitting.communicate(b"\n".join([*bad, b"status", b"finish", b"FINISH", b""]), timeout=PATIENCE)
    assert sitting.returncode == 0, said
    assert said.count(b"There is no question") == 3
    assert said.count(b"Unknown command") == 4
    assert b"FAIL: 0 %" in said
    assert max(map(len, said.splitlines())) < 1000
    assert b"\0" not in said


def test_a_paste_of_a_megabyte_is_survived(room: Room, terminal: Terminal) -> None:
    """The commands in it do nothing, a long line is cut, and what is typed afterwards is heard."""
    terminal.until(PROMPT + "$")
    for _ in range(250):
        terminal.type("finish\rFINISH\r" * 270)
        terminal.read(0.0)
    terminal.until("was ignored")
    terminal.type("x" * 100_000)
    terminal.read(1.0)
    terminal.type("\x15\r")
    terminal.read(0.5)
    terminal.type("status\r")
    terminal.until("^  1  –/5")
    assert terminal.process.poll() is None
    assert "Not finished" not in terminal.seen
