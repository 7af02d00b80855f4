"""A whole retry through `mockexam retry --plain`, with a really trained model and the real marker."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from mockexam.bank.handbook import read_hints
from mockexam.exam.attempt import Phase
from mockexam.exam.clock import Reading
from mockexam.exam.outcome import outcome_of
from mockexam.exam.paper import Mode
from mockexam.paths import exams_dir, scoring_dir
from mockexam.store.journal import Journal
from tests.end_to_end.sitter import Sitter, mockexam
from tests.shared import train

SHORT = scoring_dir() / "simple_model" / "basil_trays" / "jury" / "short.py"
"""The right network, stopped too early: three marks, so that there is a next one to aim for."""
FIRST_HINT = read_hints(exams_dir() / "simple_model" / "basil_trays" / "hints.md")[0].splitlines()[0]


def test_a_whole_retry(tmp_path: Path) -> None:
    """A hint, a model with full feedback, the result with its next steps, and the record."""
    home, room = tmp_path / "home", tmp_path / "room"
    sitter = Sitter(home, "simple", "--question", "basil", "--workspace", str(room), command="retry", plain=True)
    sitter.wait_for_line("0:20:00 left", 30)
    question = room / "q1_simple_model"

    # WHEN a hint is asked for, THEN its use is noted before it is shown
    sitter.say("hint 1")
    sitter.say("yes")
    sitter.wait_for_line("hint 1 was shown")
    sitter.wait_for_line("hint 1 of 3")
    sitter.wait_for_line(FIRST_HINT)

    # AND another retry can't be begun meanwhile
    other = mockexam(home, "retry", "time", "--plain", "--yes")
    assert other.returncode == 1
    assert str(sitter.process.pid) in other.stderr

    # WHEN a model is trained in the question's folder, THEN its marks come with the metric and what is missing
    shutil.copyfile(SHORT, question / "solution.py")
    train(question)
    sitter.wait_for_line("mymodel.keras received")
    told = sitter.wait_for_line("3/5 · MAE ")
    assert re.search(r"MAE [\d.]+, [\d.]+ to the next mark at 2\.9$", told)
    sitter.wait_for_line("on the training data")
    status = json.loads(mockexam(home, "status", "--json").stdout)
    assert (status["mode"], status["questions"][0]["marks"], status["questions"][0]["hints"]) == ("retry", 3, 1)
    sitter.say("finish")
    sitter.say("FINISH")

    # THEN the result tells what it took and where to go on
    assert sitter.wait_for_line("Basil under lamps").endswith(told.partition("Q1 ")[2])
    sitter.wait_for_line("submissions 1 · hints used 1 · worked 0:0")
    submission = re.search(r"diff last (q1-[0-9a-f]{12})", sitter.wait_for_line("mockexam review diff last"))
    assert submission is not None
    sitter.wait_for_line("mockexam retry simple_model")
    assert sitter.end() == 0

    journal = Journal(home / "records.sqlite3", check=True)
    newest = journal.newest()
    assert newest is not None
    attempt = journal.attempt(newest)
    assert attempt.submission(submission[1]).marks == 3
    outcome = outcome_of(attempt, Reading(0, 0, ""), journal.receipt(newest))
    assert (outcome.mode, outcome.phase, outcome.questions[0].hints) == (Mode.RETRY, Phase.ENDED, 1)
    assert outcome.questions[0].metric == "mae"
    assert journal.verify(newest) is None
    journal.close()
