"""Made `fixtures/` once with the code of version 0.1.0 before its restructuring; it runs against that code only.

`python -m tests.golden.make_fixtures` from the root of that checkout. Clocks, ids, seeds and models are fixed, so a
second run makes the same record and the same archive.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from unittest import mock

from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.papers import paper_of_seed, retry_paper, retry_rules, rules
from mockexam.exam import events as ev
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Mode, Paper, Rules
from mockexam.exam.scoring import Verdict
from mockexam.store.archive import export_attempts
from mockexam.store.journal import Journal
from mockexam.store.summaries import SummaryReader
from mockexam.workspace.layout import Workspace
from mockexam.workspace.receive import Store, StoredModel
from mockexam.workspace.scan import DetectedModel
from mockexam.workspace.scripts import store_scripts
from mockexam.workspace.setup import unpack
from mockexam.workspace.signature import sign
from tests.golden.models import h5_model, keras_model
from tests.histories import alter
from tests.store.past import receive as receive_past

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures"
HOME = FIXTURES / "home"
ROOM = FIXTURES / "room"
BEGIN = 4_000_000_000.0
"""When the first attempt starts, in October 2096: a file that a test writes is older than that on any machine."""
DAY = 86_400.0
VERSIONS = {"tensorflow": "2.21.0", "keras": "3.15.1", "numpy": "2.3.5"}
SCRIPT = '''"""Version {n} of {what}."""

import tensorflow as tf

UNITS = {units}

model = tf.keras.Sequential([tf.keras.layers.Dense(UNITS, activation="relu"), tf.keras.layers.Dense(1)])
model.compile("adam", "mse")
model.save("mymodel.keras")
'''


@dataclass
class Story:
    """Makes up one attempt after the other, all through the real record and the real store."""

    bank: Bank
    journal: Journal
    work: Path
    wall: float = BEGIN
    boot: float = 1000.0
    attempt: str = ""
    scripts: int = 0
    last: dict[int, str] = field(default_factory=dict)

    def now(self, seconds: float = 0.0) -> Reading:
        """Let time pass."""
        self.wall += seconds
        self.boot += seconds
        return Reading(self.wall, self.boot, "7d0c1f5e-boot")

    def begin(self, mode: Mode, its_rules: Rules, paper: Paper, *, wait: float, version: str | None = None) -> None:
        """Start an attempt, so many seconds after what was before."""
        self.last.clear()
        self.attempt = self.journal.start(
            ev.Started(
                at=self.now(wait), mode=mode, rules=its_rules, paper=paper,
                workspace=f"/home/learner/mockexam/{paper.code}",
                bank_version=version or self.bank.version, app_version="0.1.0",
            )
        )  # fmt: skip
        self.add(ev.Opened, 1, pid=4242, app_version="0.1.0")

    def add(self, kind: Callable[..., ev.Event], after: float, /, **fields: object) -> None:
        """Record an event, so many seconds after the last one."""
        self.journal.append(self.attempt, kind(at=self.now(after), **fields))

    def note(self, number: int, what: str, detail: str = "", after: float = 30) -> None:
        """The candidate does something on a question."""
        self.add(ev.Noted, after, number=number, what=what, detail=detail)

    def save(self, number: int, form: str = "keras", *, after: float = 600, swept: bool = False) -> str:
        """A new model is received with its script; returns the submission's id."""
        self.scripts += 1
        folder = self.work / f"q{number}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        script = SCRIPT.format(n=self.scripts, what=f"question {number}", units=8 * self.scripts)
        (folder / "solution.py").write_text(script, encoding="utf-8")
        model = _make_model(folder, form, f"{self.attempt} q{number} {self.scripts}")
        store = Store(Path(self.journal.path).parent / "submissions", self.attempt)
        stored = _receive(store, number, model, form)
        submission = f"q{number}-{stored.sha256[:12]}"
        self.add(
            ev.Received, after, submission=submission, number=number, name=model.name, format=stored.format,
            size=stored.size, sha256=stored.sha256, stored=stored.relative, swept=swept,
            scripts=store_scripts(folder, store, number),
        )  # fmt: skip
        self.last[number] = submission
        return submission

    def grade(self, submission: str, marks: int, value: float, next_at: float | None, metric: str = "mae") -> None:
        """A model is graded."""
        self.add(ev.Graded, 1.5, **_verdict(submission, marks, value, next_at, metric))

    def refuse(self, submission: str, verdict: Verdict, message: str, remedy: str) -> None:
        """A model is not graded."""
        values = {**_verdict(submission, None, None, None, None), "verdict": verdict}
        self.add(ev.Graded, 1.5, **{**values, "message": message, "remedy": remedy})

    def end(self, reason: str = "candidate", after: float = 60) -> None:
        """Finish and settle."""
        self.add(ev.Finished, after, reason=reason)
        self.settle()
        self.add(ev.Closed, 1)

    def settle(self) -> None:
        """The result as it stands."""
        state = self.journal.attempt(self.attempt)
        self.add(ev.Settled, 1, earned=state.earned, possible=state.possible, passed=state.passed)


def _verdict(
    submission: str, marks: int | None, value: float | None, next_at: float | None, metric: str | None
) -> dict[str, object]:
    return {
        "submission": submission, "verdict": Verdict.GRADED, "marks": marks, "metric": metric, "value": value,
        "next_at": next_at, "message": "", "remedy": "", "isolation": "bubblewrap", "versions": VERSIONS,
        "seconds": 0.4125,
    }  # fmt: skip


def _make_model(folder: Path, form: str, text: str) -> Path:
    if form == "saved_model":
        model = folder / "mymodel"
        (model / "variables").mkdir(parents=True)
        (model / "variables" / "variables.data-00000-of-00001").write_bytes(text.encode())
        (model / "variables" / "variables.index").write_bytes(b"index")
        (model / "saved_model.pb").write_bytes(text.encode())
        return model
    model = folder / f"mymodel.{form}"
    model.write_bytes(h5_model(text) if form == "h5" else keras_model(text))
    return model


def _receive(store: Store, number: int, model: Path, form: str) -> StoredModel:
    """Keep a model as the app does."""
    if form == "saved_model":
        return receive_past(store, number, model)
    signature = sign(model)
    assert signature is not None
    stored = store.receive(DetectedModel(number, model, form, signature))
    assert stored is not None
    return stored


def passed_exam(story: Story) -> None:
    """Every format, notes, a jump of the clock, the same bytes again."""
    exam = story.bank.exam("tf_developer")
    story.begin(Mode.EXAM, rules(exam), paper_of_seed(story.bank, exam, 101), wait=0)
    story.note(1, "edit")
    story.note(1, "run")
    story.note(1, "run_ended", "exit code 0", after=45)
    story.grade(story.save(1, after=20), 5, 0.04, None)
    first = story.save(2, "h5")
    story.grade(first, 3, 0.83, 0.9, "accuracy")
    story.note(2, "inspect", "mymodel.h5")
    story.add(ev.Ticked, 60)
    story.grade(story.save(2, "saved_model"), 5, 0.96, None, "accuracy")
    story.add(ev.ReceivedAgain, 120, submission=first, scripts="")
    story.wall += 120
    story.add(ev.ClockJumped, 1, seconds=120.0)
    story.note(3, "restore", "solution.py, data/levels.csv")
    story.grade(story.save(3, after=1500), 2, 4.5, 3.0)
    story.grade(story.save(3), 4, 1.2, 0.8)
    story.note(3, "restore", "mymodel.keras, solution.py of submission 1")
    story.end()


def failed_exam(story: Story) -> None:
    """Refusals, a fault of the grader that grading again mends, a model of the last look, the time up."""
    exam = story.bank.exam("tf_developer")
    story.begin(Mode.EXAM, rules(exam), paper_of_seed(story.bank, exam, 202), wait=3 * DAY)
    story.note(1, "edit")
    story.refuse(
        story.save(1), Verdict.INVALID_MODEL, "The model answers 3 values a sample; the question asks for 1.",
        "End with Dense(1).",
    )  # fmt: skip
    story.grade(story.save(1), 1, 0.7, 0.5)
    story.refuse(
        story.save(2), Verdict.LIMIT_EXCEEDED, "The model is 3.1 MB; the limit is 1.0 MB.",
        "Use fewer or smaller layers.",
    )  # fmt: skip
    fault = story.save(2)
    for _ in range(3):
        story.add(ev.GradingFailed, 5, submission=fault, detail="The marker hangs and was ended.")
    story.refuse(
        fault, Verdict.GRADER_ERROR, "The marker failed 3 times: The marker hangs and was ended.",
        "Your model is kept. `mockexam doctor` tells what is wrong with the marker.",
    )  # fmt: skip
    late = story.save(3, after=3000, swept=True)
    story.add(ev.Finished, 100, reason="time_up")
    story.grade(late, 3, 2.2, 1.5)
    story.settle()
    story.add(ev.Closed, 1)
    story.add(ev.Regraded, DAY, **_verdict(fault, 4, 0.93, 0.95, "accuracy"))
    again = {**_verdict(late, 2, 3.3, 3.0, "mae"), "versions": {**VERSIONS, "keras": "3.16.0"}}
    story.add(ev.Regraded, 5, **again)
    story.settle()


def timed_retry(story: Story) -> None:
    """Hints, diagnoses and better marks."""
    _retry(story, "time_series/mill_pond", 31, timed=True)
    story.note(1, "hint", "1")
    story.note(1, "edit")
    first = story.save(1, after=300)
    story.grade(first, 2, 4.1, 3.0)
    story.add(
        ev.Diagnosed, 2, submission=first, train_value=1.1,
        findings=("It does much better on the training data than on unseen data: it overfits.",),
    )  # fmt: skip
    story.note(1, "hint", "2")
    second = story.save(1, after=400)
    story.grade(second, 4, 1.4, 0.8)
    story.add(ev.Diagnosed, 2, submission=second, train_value=None, findings=())
    story.end()


def untimed_retry(story: Story) -> None:
    """No time limit, full marks with HDF5."""
    _retry(story, "simple_model/fence_line", 47, timed=False)
    first = story.save(1, "h5", after=90)
    story.grade(first, 4, 0.08, 0.05)
    story.note(1, "restore", "mymodel.h5, solution.py of submission 1")
    story.grade(story.save(1, "h5", after=90), 5, 0.02, None)
    story.end()


def short_exam(story: Story) -> None:
    """Another exam, in which the last submission counts, and a question without any."""
    exam = story.bank.exam("short")
    story.begin(Mode.EXAM, rules(exam), paper_of_seed(story.bank, exam, 7), wait=2 * DAY)
    story.grade(story.save(2, after=200), 5, 0.97, None, "accuracy")
    story.grade(story.save(2, after=200), 2, 0.7, 0.8, "accuracy")
    story.end()


def gone_retry(story: Story) -> None:
    """A question that is not in the bank any more."""
    question = story.bank.question("learning_dataset/ferry_deck")
    exam = story.bank.exam("tf_developer")
    paper = retry_paper(story.bank, exam, question)
    item = replace(paper.items[0], question="learning_dataset/long_gone", title="Long gone", fingerprint="0" * 64)
    gone = Paper(code="0GDP-APER", items=(item,))
    story.begin(
        Mode.RETRY, retry_rules(exam, question.category, timed=True), gone, wait=2 * DAY, version="0ldbank00000"
    )
    story.grade(story.save(1, after=200), 3, 0.81, 0.9, "accuracy")
    story.end()


def altered_retry(story: Story) -> None:
    """Somebody has changed an event of it."""
    _retry(story, "learning_dataset/ferry_deck", 53, timed=True)
    story.grade(story.save(1, after=200), 1, 0.5, 0.6, "accuracy")
    story.end()
    alter(story.journal.connection, story.attempt, 4, '"marks":1', '"marks":4')


def running_exam(story: Story) -> None:
    """Half an hour in: one model graded, one received and not graded yet; the app has let go."""
    exam = story.bank.exam("tf_developer")
    paper = paper_of_seed(story.bank, exam, 303)
    story.begin(Mode.EXAM, rules(exam), paper, wait=2 * DAY)
    asyncio.run(unpack(Workspace(ROOM), paper, story.bank, _make_data, lambda *_: None, rules=rules(exam)))
    story.note(1, "edit")
    story.grade(story.save(1), 4, 0.09, 0.05)
    story.save(2)
    story.add(ev.Closed, 600)


def _retry(story: Story, name: str, seed: int, *, timed: bool) -> None:
    exam, question = story.bank.exam("tf_developer"), story.bank.question(name)
    chance = mock.Mock(**{"randrange.return_value": seed})
    with mock.patch("random.SystemRandom", return_value=chance):
        paper = retry_paper(story.bank, exam, question)
    story.begin(Mode.RETRY, retry_rules(exam, question.category, timed=timed), paper, wait=2 * DAY)


async def _make_data(question: str, folder: Path, told: Callable[[float], None]) -> None:
    (folder / "table.csv").write_text(f"1,2\n3,4\n{question}\n", encoding="utf-8")
    told(1.0)


@contextlib.contextmanager
def fixed_secrets() -> Iterator[None]:
    """The same hold-outs in each run."""
    numbers = iter(range(1000))

    def urandom(size: int) -> bytes:
        return hashlib.sha256(b"golden %d" % next(numbers)).digest()[:size]

    with mock.patch("mockexam.store.journal.os.urandom", urandom):
        yield


REAL_MODEL = """
import sys
import numpy as np
import tensorflow as tf
model = tf.keras.Sequential([tf.keras.Input((1,)), tf.keras.layers.Dense(1)])
model.set_weights([np.array([[2.0]]), np.array([1.0])])
model.save(sys.argv[1])
"""
"""A real line, for the commands that ask the real grader."""


def main() -> None:
    """Make all fixtures anew."""
    shutil.rmtree(FIXTURES, ignore_errors=True)
    HOME.mkdir(parents=True)
    work = FIXTURES / "work"
    with closing(Journal(HOME / "records.sqlite3")) as journal, fixed_secrets():
        story = Story(load_bank(HERE / "bank" / "exams"), journal, work)
        for tell in (
            passed_exam, failed_exam, timed_retry, untimed_retry, short_exam, gone_retry, altered_retry,
        ):  # fmt: skip
            tell(story)
        history = SummaryReader(journal)
        intact = [name for name in history.attempts() if journal.verify(name) is None]
        export_attempts(journal, intact, HOME / "submissions", FIXTURES / "attempts.zip")
        running_exam(story)
        history.outcomes(story.now())  # keeps the summaries beside the events
    shutil.rmtree(work)
    subprocess.run([sys.executable, "-c", REAL_MODEL, str(FIXTURES / "line.keras")], check=True)


if __name__ == "__main__":
    main()
