"""A candidate for tests: runs the real `mockexam sit` or `retry` without a screen and works in its workspace."""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

EXAM = """
title = "{title}"
duration_minutes = {minutes}
pass_mark = {pass_mark}
counts = "best"
{questions}
"""


APP = ("-m", "mockexam")
QUICK_APP = (str(Path(__file__).parents[1] / "cli" / "plain_app.py"),)
QUICK = {"simple_model": "ballast_car", "learning_dataset": "pass_road"}
"""The shipped questions that are asked unless others are named: data and the first one's reference take a moment."""


def exam_file(
    path: Path,
    weights: dict[str, int],
    *,
    minutes: float = 10.0,
    pass_mark: int = 90,
    title: str = "Short",
    only: Mapping[str, str] = QUICK,
) -> Path:
    """An exam file with one question of each of these categories."""
    questions = "\n".join(
        f'[[questions]]\ncategory = "{c}"\nweight = {w}\nonly = ["{c}/{only[c]}"]' for c, w in weights.items()
    )
    path.write_text(EXAM.format(title=title, minutes=minutes, pass_mark=pass_mark, questions=questions))
    return path


class Sitter:
    """One run of the app without a screen."""

    def __init__(
        self,
        home: Path,
        *arguments: str,
        env: dict[str, str] | None = None,
        command: str = "sit",
        plain: bool = False,
        python: str = sys.executable,
        encoding: str = "utf-8",
        quick: bool = False,
    ) -> None:
        """With `plain` each line of text is an event `line` with a `text`. `encoding` is that of the app's streams.

        With `quick` the grader answers at once, where a test is about other things.
        """
        self.home = home
        self._plain = plain
        self._encoding = encoding
        self.process = subprocess.Popen(
            [python, *(QUICK_APP if quick else APP), command, "--plain" if plain else "--json", "--yes", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**environment(home), **(env or {})},
            start_new_session=True,
        )
        self.events: list[dict[str, Any]] = []
        self.narration: list[str] = []
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._threads = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._narrate, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def wait_for(self, event: str, seconds: float = 60, **fields: Any) -> dict[str, Any]:
        """The next event of this name with these fields. Fails with the story if it does not come."""

        def fits(line: dict[str, Any]) -> bool:
            return line["event"] == event and all(line.get(k) == v for k, v in fields.items())

        return self.wait_until(fits, f"{event} {fields}", seconds)

    def wait_for_line(self, text: str, seconds: float = 60) -> str:
        """The next line of text that holds this."""
        return str(self.wait_until(lambda line: text in line["text"], f"line with {text!r}", seconds)["text"])

    def wait_until(self, fits: Callable[[dict[str, Any]], bool], what: str, seconds: float) -> dict[str, Any]:
        """The next event that fits."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"no {what} in {seconds} s\nstory: {self.events[-12:]}\nerrors: {self.told()}")
            if fits(line):
                return line

    def say(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def finish(self, seconds: float = 60) -> dict[str, Any]:
        """Finish early and wait for the result."""
        self.say("finish")
        self.say("FINISH")
        return self.wait_for("result", seconds)

    def leave(self) -> int:
        """Leave as with Ctrl+C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def kill(self) -> None:
        """Kill the app, and nothing but the app, with -9."""
        self.process.kill()
        self.process.wait()
        self._close()

    def end(self, seconds: float = 20) -> int:
        """Wait for the app's end; returns the exit code."""
        code = self.process.wait(seconds)
        self._close()
        return code

    def told(self) -> str:
        """What stood on stderr."""
        return "\n".join(self.narration)

    def _close(self) -> None:
        for thread in self._threads:
            thread.join(5)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = (
                {"event": "line", "text": line.decode(self._encoding).rstrip("\n")} if self._plain else json.loads(line)
            )
            self.events.append(event)
            self._lines.put(event)
        self._lines.put(None)

    def _narrate(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.narration.append(line.decode(self._encoding).rstrip())


def environment(home: Path) -> dict[str, str]:
    """The environment of a candidate whose state lies in this folder."""
    return {**os.environ, "MOCKEXAM_HOME": str(home), "NO_COLOR": "1"}


def mockexam(home: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "mockexam", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(home),
        timeout=120,
        check=False,
    )


def save_as(model: Path, folder: Path) -> Path:
    """Put a trained model into a question's folder under the name that is watched for."""
    if model.is_dir():
        target = folder / "mymodel"
        shutil.copytree(model, target)
    else:
        target = folder / f"mymodel{model.suffix}"
        shutil.copyfile(model, target)
    return target


def variant(model: Path, target: Path, number: int) -> Path:
    """The same .keras model with other bytes, as another save of it would have."""
    with zipfile.ZipFile(model) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "metadata.json":
                content = json.dumps({**json.loads(content), "date_saved": f"2026-01-01@00:00:{number}"}).encode()
            new.writestr(name, content)
    return target
