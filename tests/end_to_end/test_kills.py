"""kill -9 of the app, the examiner or the predictor at random moments: nothing received is lost or marked wrongly."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from mockexam.exam.attempt import MAX_FAULTS
from mockexam.exam.scoring import Verdict
from mockexam.store.journal import Journal
from tests.end_to_end.sitter import Sitter, exam_file, variant
from tests.shared import models_to_grade

BANK = Path(__file__).parents[1] / "verify" / "made_up_bank"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that keeps to the contract; its marks do not matter here."""
    return models_to_grade(tmp_path_factory) / "good.keras"


class Candidate:
    """Saves and saves again, and comes back whenever the app is gone."""

    def __init__(self, home: Path, room: Path, exam: Path, model: Path, chance: random.Random) -> None:
        self.home, self.room, self.model, self.chance = home, room, model, chance
        self.saves = 0
        self.shown: set[str] = set()
        self.remaining: float | None = None
        self.sitter = self._open(str(exam), "--workspace", str(room))

    def _open(self, *arguments: str) -> Sitter:
        sitter = Sitter(self.home, *arguments, env={"MOCKEXAM_BANK": str(BANK)})
        attempt = sitter.wait_for("attempt")
        if self.remaining is not None:
            assert attempt["remaining_seconds"] <= self.remaining
        self.remaining = attempt["remaining_seconds"]
        return sitter

    def save(self) -> None:
        """Overwrite the model in place, as a script does."""
        self.saves += 1
        variant(self.model, self.room / "q1_simple_model" / "mymodel.keras", self.saves)

    def kill(self, what: str) -> None:
        """Kill the app, the examiner or the predictor; with the app gone, come back."""
        if what == "app":
            self.sitter.kill()
            self._note()
            self.sitter = self._open()
            return
        for victim in self._processes(what):
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)

    def finish(self) -> dict[str, object]:
        result = self.sitter.finish(seconds=180)
        self.sitter.end()
        self._note()
        return result

    def _note(self) -> None:
        self.shown |= {e["submission"] for e in self.sitter.events if e["event"] == "received"}

    def _processes(self, what: str) -> Iterator[int]:
        for process in psutil.Process(self.sitter.process.pid).children(recursive=True):
            with suppress(psutil.Error):
                if f"mockexam.grading.{what}" in " ".join(process.cmdline()):
                    yield process.pid


@pytest.mark.parametrize("kills", [4, pytest.param(200, marks=[pytest.mark.slow, pytest.mark.timeout(3000)])])
def test_nothing_received_is_lost(kills: int, tmp_path: Path, model: Path) -> None:
    """What was shown as received is on record once, is marked, and is never a zero through our fault."""
    chance = random.Random(kills)
    exam = exam_file(tmp_path / "one.toml", {"simple_model": 1}, minutes=600, only={"simple_model": "fence_line"})
    candidate = Candidate(tmp_path / "home", tmp_path / "room", exam, model, chance)
    for _ in range(kills):
        candidate.save()
        time.sleep(chance.uniform(0.0, 1.6))
        candidate.kill(chance.choice(("app", "examiner", "predictor")))
    time.sleep(1.5)  # the last save has its still moment
    candidate.finish()

    journal = Journal(tmp_path / "home" / "records.sqlite3", check=True)
    newest = journal.newest()
    assert newest is not None
    attempt = journal.attempt(newest)
    on_record = [s.id for s in attempt.submissions]
    assert candidate.shown <= set(on_record)
    assert len(on_record) == len(set(on_record))
    assert len(candidate.shown) >= kills // 10
    assert journal.verify(newest) is None
    for submission in attempt.submissions:
        assert submission.grading is not None
        if submission.grading.verdict is Verdict.GRADER_ERROR:
            assert submission.faults == MAX_FAULTS
            assert submission.marks is None
        else:
            assert submission.grading.verdict is Verdict.GRADED
    last = hashlib.sha256((candidate.room / "q1_simple_model" / "mymodel.keras").read_bytes()).hexdigest()
    assert last in {s.received.sha256 for s in attempt.submissions}
