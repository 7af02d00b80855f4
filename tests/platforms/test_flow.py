"""A whole retry as on Windows and as on macOS: see README.md for what is taken away, and what is not."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from mockexam.paths import scoring_dir
from tests.end_to_end.sitter import Sitter
from tests.platforms.conftest import ForeignPython

SHORT = scoring_dir() / "simple_model" / "basil_trays" / "jury" / "short.py"
"""The right network, stopped too early: three marks."""

AS_H5 = """import tensorflow as tf

tf.keras.models.load_model("mymodel.keras").save("mymodel.h5")
"""


class Candidate:
    """Somebody who has that system."""

    def __init__(self, foreign: ForeignPython, folder: Path) -> None:
        self.foreign, self.home, self.room = foreign, folder / "home", folder / "room"
        self.environment = {
            **foreign.environment,
            "MOCKEXAM_TEST_DENIED": str(folder / "denied"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }
        self.encoding = self.environment.get("PYTHONIOENCODING", "utf-8")

    def sit(self, *arguments: str) -> Sitter:
        return Sitter(
            self.home, *arguments, env=self.environment, command="retry", plain=True,
            python=str(self.foreign.python), encoding=self.encoding,
        )  # fmt: skip

    def run(self, *arguments: str) -> str:
        """The output of a command, which succeeds."""
        done = subprocess.run(
            [self.foreign.python, "-m", "mockexam", *arguments], capture_output=True, check=False, timeout=120,
            env={**os.environ, **self.environment, "MOCKEXAM_HOME": str(self.home), "NO_COLOR": "1"},
            encoding=self.encoding,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.mark.slow
def test_a_retry_to_its_end(foreign: ForeignPython, tmp_path: Path) -> None:
    """Run by the app, killed with the app, resumed, marked, finished, reviewed and deleted."""
    candidate = Candidate(foreign, tmp_path)
    sitter = candidate.sit("simple", "--question", "basil", "--workspace", str(candidate.room))
    sitter.wait_for_line("0:20:00 left", 90)
    question = candidate.room / "q1_simple_model"
    assert (question / "brief.md").read_bytes().count(b"\r\n") in (0, (question / "brief.md").read_bytes().count(b"\n"))

    # WHEN the app is killed while a script runs, THEN the script trains on, and its model is received afterwards
    shutil.copyfile(SHORT, question / "solution.py")
    sitter.say("run 1")
    sitter.wait_for_line("Q1 script started")
    for child in psutil.Process(sitter.process.pid).children(recursive=True):
        if "mockexam.grading" in " ".join(child.cmdline()):
            with suppress(psutil.Error):
                child.send_signal(signal.SIGKILL)
    sitter.kill()
    sitter = candidate.sit()
    sitter.wait_for_line("mymodel.keras received", 120)
    told = sitter.wait_for_line("3/5", 120)
    assert re.search(r"MAE [\d.]+, [\d.]+ to the next mark at 2\.9$", told)
    status = json.loads(candidate.run("status", "--json"))
    assert (status["questions"][0]["marks"], status["questions"][0]["submissions"]) == (3, 1)

    sitter.wait_for_line("script ended", 120)

    # AND a script with the line ends of Windows' editors runs too, and its other format is marked
    (question / "solution.py").write_bytes(AS_H5.replace("\n", "\r\n").encode())
    sitter.say("run 1")
    sitter.wait_for_line("mymodel.h5 received", 120)
    sitter.wait_for_line("3/5", 120)
    sitter.say("finish")
    sitter.say("FINISH")
    sitter.wait_for_line("Basil under lamps", 60)
    assert sitter.end() == 0

    # THEN the review says all of it, and what was stored can be deleted
    assert "3/5" in candidate.run("review", "show", "last")
    page = tmp_path / "review.html"
    candidate.run("review", "html", "last", "--out", str(page))
    assert "Basil under lamps" in page.read_text(encoding="utf-8")
    archive = tmp_path / "attempt.zip"
    candidate.run("review", "export", "last", "--out", str(archive))
    candidate.run("review", "delete", "last", "--yes")
    assert not [
        path
        for path in (candidate.home / "submissions").rglob("*")
        if path.is_file() and path.suffix in (".keras", ".h5")
    ]
    candidate.run("review", "import", str(archive))
    assert "3/5" in candidate.run("review", "show", "last")
