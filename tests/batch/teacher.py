"""A teacher for tests: runs the real `mockexam grade` on a folder, and looks for what it leaves behind."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from mockexam.paths import BANK_VARIABLE, HOME_VARIABLE
from tests.batch.conftest import BANK
from tests.end_to_end.sitter import variant

PATIENCE = 90.0
"""Seconds."""


def environment(home: Path) -> dict[str, str]:
    """The tests' bank, a home of its own."""
    return {**os.environ, HOME_VARIABLE: str(home), BANK_VARIABLE: str(BANK)}


class Teacher:
    """One run of `mockexam grade … --json`."""

    def __init__(self, home: Path, *arguments: str | Path) -> None:
        self.home = home
        command = [sys.executable, "-m", "mockexam", "grade", "--json", *map(str, arguments)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, env=environment(home), stdout=pipe, stderr=pipe, text=True)
        self.pid = self._process.pid
        self.family: set[psutil.Process] = set()
        """All processes of this run that were ever looked at."""

    def look(self) -> list[psutil.Process]:
        """Its descendants now."""
        found: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.pid).children(recursive=True)
        self.family |= set(found)
        return found

    def workers(self) -> list[psutil.Process]:
        """Its worker processes."""
        found = []
        for process in self.look():
            with contextlib.suppress(psutil.Error):
                if any("spawn_main" in part for part in process.cmdline()):
                    found.append(process)
        return found

    def interrupt(self) -> None:
        """Press Ctrl+C, which every process of the terminal's foreground group sees."""
        import signal

        self._process.send_signal(signal.SIGINT)
        for worker in self.workers():
            with contextlib.suppress(psutil.NoSuchProcess):  # it ends with the first, or was killed before
                worker.send_signal(signal.SIGINT)

    def end(self) -> tuple[int, list[dict[str, Any]], str]:
        """Wait for its end: exit code, lines, narration."""
        out, err = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, [json.loads(line) for line in out.splitlines()], err

    def survivors(self) -> list[str]:
        """What still runs of it, two seconds after its end."""
        _, alive = psutil.wait_procs(list(self.family), timeout=2)
        return [str(process) for process in alive]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Wait for something; fails if it does not come."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"no {what}"
        time.sleep(0.02)


def results_in(record: Path) -> int:
    """Whole lines in the file of results."""
    return record.read_bytes().count(b"\n") if record.exists() else 0


def make_submissions(models: Path, folder: Path, each: int) -> dict[str, tuple[str, int | None]]:
    """Fill a folder with a class's models; verdict and marks that each must have, by name."""
    expected: dict[str, tuple[str, int | None]] = {}
    for number in range(each):
        for source, marks in (("good.keras", 5), ("half.keras", 2)):
            name = f"student{number}/{source}"
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            variant(models / source, folder / name, number)
            expected[name] = ("graded", marks)
    shutil.copytree(models / "good", folder / "cid")
    shutil.copyfile(models / "truncated.keras", folder / "dora.keras")
    return expected | {"cid": ("graded", 5), "dora.keras": ("invalid_model", None)}


def verdicts(lines: list[dict[str, Any]]) -> dict[str, tuple[str, int | None]]:
    """What stands in lines, by name; each name once."""
    found = {line["name"]: (line["verdict"], line["marks"]) for line in lines}
    assert len(found) == len(lines)
    return found
