"""A made-up record of years: real events through the real chain, but thousands of them in a moment."""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection

from mockexam import paths
from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.papers import SEEDS, encode, retry_rules, rules
from mockexam.bank.rubric import Rubric, load_rubric
from mockexam.exam import events as ev
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Mode, Paper, PaperItem, Rules
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict, marks_for, passes, weighted_total
from mockexam.store.database import connect, writing
from mockexam.store.journal import _FIRST, _hash
from tests.factories import CATEGORIES, WALL

YEARS = 2 * 365 * 86400.0
GONE_VERSION = "0ldbank00000"
"""A version of the bank that is gone: its questions, or these editions of them, can't be had any more."""
PAPER = (
    "simple_model/basil_trays",
    "learning_dataset/pass_road",
    "image_classification/repair_cafe",
    "text_classification/town_hall_inbox",
    "time_series/tidal_quay",
)
"""The shipped questions that are met, one of each category: a history stays as it is while the bank grows."""
FILES = 6
"""So many of the newest attempts have their models and scripts on the disk by default."""

REFUSALS = (
    (Verdict.INVALID_MODEL, "The model answers 3 values a sample; the question asks for 4.", "End with Dense(4)."),
    (Verdict.INVALID_MODEL, "The model answers numbers that are no probabilities.", "End with a softmax."),
    (Verdict.LIMIT_EXCEEDED, "The model is 31.0 MB; the limit is 20.0 MB.", "Use fewer or smaller layers."),
    (Verdict.GRADER_ERROR, "The marker ended while it marked this model.", "Mark it again: mockexam review regrade."),
)
FINDINGS = (
    "It does much better on the training data than on unseen data: it overfits.",
    "It does no better on the training data: it underfits.",
    "It gives the same answer to nearly every sample.",
)
SCRIPT = """import tensorflow as tf

UNITS = {units}

model = tf.keras.Sequential(
    [
        tf.keras.layers.Dense(UNITS, activation="relu"),
        tf.keras.layers.Dense(1),
    ]
)
model.compile(optimizer="adam", loss="mse")
# model.fit(features, labels, epochs={epochs})
model.save("mymodel.keras")
"""


def make_history(
    home: Path,
    attempts: int,
    *,
    seed: int = 0,
    submissions_each: int = 10,
    altered: int | None = None,
    running: bool = False,
    until: float = WALL,
    reach: float = 1.0,
    files: int = FILES,
) -> list[str]:
    """Write a record under this home folder; the attempts' ids, oldest first.

    Exams and retries over two years that end at `until` (seconds since 1970 UTC), with marks that improve, refusals,
    clock jumps, hints and diagnoses. About three in four attempts stand on shipped questions, those of `PAPER`, the
    older ones on a version that is gone. The newest `files` have their models and scripts kept. `altered`: the index of
    an attempt of which event 3 is changed afterwards. `running`: the last attempt is still under way, an exam. `reach`:
    how much of the last attempts' skill is got to, from 0 to 1.
    """
    chance = random.Random(seed)
    writer = _Writer(home, chance, load_bank(), submissions_each, until, reach, files)
    with closing(connect(home / "records.sqlite3")) as database:
        for number in range(attempts):
            last = number == attempts - 1
            writer.attempt(number, attempts, running=running and last)
        with writing(database, home / "records.sqlite3"):
            database.executemany("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?)", writer.attempt_rows)
            database.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", writer.event_rows)
        names = [str(row[1]) for row in writer.attempt_rows]
        if altered is not None:
            alter(database, names[altered], 3)
    return names


def alter(database: Connection, attempt: str, seq: int, old: str = '"boot-', new: str = '"boat-') -> None:
    """Change an event on record, as somebody would who gets round the database's own guard."""
    (guard,) = database.execute("SELECT sql FROM sqlite_master WHERE name = 'events_stay'").fetchone()
    database.execute("DROP TRIGGER events_stay")
    done = database.execute(
        "UPDATE events SET body = replace(body, ?, ?) WHERE attempt = ? AND seq = ?", (old, new, attempt, seq)
    )
    assert done.rowcount == 1
    database.execute(guard)


@dataclass
class _Sitting:
    """One attempt while it is made up."""

    id: str
    rules: Rules
    paper: Paper
    mode: Mode
    start: float
    elapsed: float = 0.0
    events: list[ev.Event] = field(default_factory=list)
    marks: dict[int, int] = field(default_factory=dict)
    seen: list[tuple[int, str]] = field(default_factory=list)
    """Question number and id of each submission."""

    @property
    def now(self) -> Reading:
        return Reading(self.start + self.elapsed, 5000.0 + self.elapsed, f"boot-{int(self.start)}")

    def pass_time(self, seconds: float) -> Reading:
        self.elapsed += seconds
        return self.now


class _Writer:
    def __init__(
        self, home: Path, chance: random.Random, bank: Bank, submissions: int, until: float, reach: float, files: int
    ) -> None:
        self._home = home
        self._chance = chance
        self._bank = bank
        self._submissions = submissions
        self._until = until
        self._reach = reach
        self._files = files
        self._met = {category: [q for q in PAPER if q.startswith(category)] for category in CATEGORIES}
        self._rubrics = {q: load_rubric(paths.scoring_dir(), q) for q in PAPER}
        self._taken: set[str] = set()
        self.attempt_rows: list[tuple[object, ...]] = []
        self.event_rows: list[tuple[object, ...]] = []

    def attempt(self, number: int, of: int, *, running: bool) -> None:
        """Make up attempt `number` (from 0) of so many."""
        progress = number / max(1, of - 1)
        session = self._begin(number, of, progress, running)
        self._work(session, progress, keep_files=number >= of - self._files)
        if not running:
            self._end(session)
        self._rows(number, session)

    def _begin(self, number: int, of: int, progress: float, running: bool) -> _Sitting:
        chance = self._chance
        mode = Mode.EXAM if running or number % 3 == 0 else Mode.RETRY
        gone = progress < 0.25
        paper = self._paper(mode, gone)
        named = self._bank.exam("tf_developer")
        if mode is Mode.EXAM:
            its_rules = rules(named)
        else:
            its_rules = retry_rules(named, paper.items[0].category, timed=chance.random() >= 0.2)
        start = self._until - (7200.0 if running else YEARS * (of - number) / of)
        session = _Sitting(self._id(start, paper.code), its_rules, paper, mode, start)
        session.events += [
            ev.Started(
                at=session.now,
                mode=mode,
                rules=its_rules,
                paper=paper,
                workspace=f"/home/learner/mockexam/{paper.code}",
                bank_version=GONE_VERSION if gone else self._bank.version,
                app_version="0.1.0",
            ),
            ev.Opened(at=session.pass_time(1), pid=chance.randrange(1000, 30000), app_version="0.1.0"),
        ]
        return session

    def _id(self, start: float, code: str) -> str:
        base = f"{time.strftime('%Y%m%d', time.gmtime(start))}-{code.replace('-', '')}"
        name = next(n for n in (base, *(f"{base}-{i}" for i in range(2, 99))) if n not in self._taken)
        self._taken.add(name)
        return name

    def _paper(self, mode: Mode, gone: bool) -> Paper:
        categories = list(CATEGORIES) if mode is Mode.EXAM else [self._chance.choice(CATEGORIES)]
        items = tuple(self._item(n, category, gone) for n, category in enumerate(categories, 1))
        return Paper(code=encode(self._chance.randrange(SEEDS), "gone" if gone else self._bank.version), items=items)

    def _item(self, number: int, category: str, gone: bool) -> PaperItem:
        question = self._bank.question(self._chance.choice(self._met[category]))
        changed = gone and self._chance.random() < 0.5
        vanished = gone and not changed
        return PaperItem(
            number=number,
            question=f"{category}/long_gone" if vanished else question.id,
            category=category,
            title="Long gone" if vanished else question.title,
            weight=CATEGORIES.index(category) + 1,
            minutes=question.file.minutes,
            fingerprint="0" * 64 if gone else question.fingerprint,
            folder=f"q{number}_{category}",
        )

    def _work(self, session: _Sitting, progress: float, *, keep_files: bool) -> None:
        items = session.paper.items
        for step in range(self._submissions):
            item = items[min(len(items) - 1, step * len(items) // self._submissions)]
            part = (step % max(1, self._submissions // len(items))) / max(1, self._submissions // len(items))
            session.events += self._submission(session, item, progress, part, step, keep_files)
            if self._chance.random() < 0.05:
                session.events.append(ev.Ticked(at=session.pass_time(60)))
        if self._chance.random() < 0.04:
            session.events.append(
                ev.ClockJumped(at=session.pass_time(5), seconds=self._chance.choice([-3600.0, 120.0]))
            )

    def _submission(
        self, session: _Sitting, item: PaperItem, progress: float, part: float, step: int, keep_files: bool
    ) -> Iterator[ev.Event]:
        chance = self._chance
        slowly = 1 if session.mode is Mode.EXAM else 4
        works: tuple[ev.NoteKind, ...] = ("edit", "run")
        for what in works:
            if chance.random() < 0.4:
                yield ev.Noted(at=session.pass_time(chance.uniform(60, 1600) / slowly), number=item.number, what=what)
        if session.mode is Mode.RETRY and step in (2, 4) and chance.random() < 0.3:
            yield ev.Noted(at=session.pass_time(20), number=item.number, what="hint", detail="1" if step == 2 else "2")
        script = SCRIPT.format(units=8 * (1 + step), epochs=10 * (1 + int(10 * progress)))
        model = f"{session.id} q{item.number} s{step}\n".encode() * 40
        digest = hashlib.sha256(model).hexdigest()
        name = f"q{item.number}-{digest[:12]}"
        code = f"{session.id}/q{item.number}-code-{hashlib.sha256(_as_kept(script)).hexdigest()[:12]}"
        if keep_files:
            self._keep(f"{session.id}/{name}.keras", model, code, script)
        session.seen.append((item.number, name))
        yield ev.Received(
            at=session.pass_time(chance.uniform(5, 120)),
            submission=name,
            number=item.number,
            name="mymodel.keras",
            format="keras",
            size=len(model),
            sha256=digest,
            stored=f"{session.id}/{name}.keras",
            scripts=code,
        )
        yield from self._verdict(session, item, name, progress, part)

    def _verdict(
        self, session: _Sitting, item: PaperItem, name: str, progress: float, part: float
    ) -> Iterator[ev.Event]:
        chance = self._chance
        rubric = self._rubrics.get(item.question) or self._rubrics[self._met[item.category][0]]
        if chance.random() < 0.06:
            yield self._judged(session, name, rubric, None, refusal=chance.choice(REFUSALS))
            return
        skill = 0.6 + 3.9 * progress - 0.3 * (1 - 0.7 * progress) * CATEGORIES.index(item.category) + 0.8 * part
        skill *= self._reach
        marks = max(0, min(5, round(chance.gauss(skill, 0.8))))
        grading = self._judged(session, name, rubric, marks)
        yield grading
        session.marks[item.number] = max(session.marks.get(item.number, 0), marks)
        if session.mode is Mode.RETRY and marks < 5:
            yield ev.Diagnosed(
                at=session.pass_time(0.5),
                submission=name,
                train_value=None if grading.value is None else round(grading.value * 0.9, 4),
                findings=(chance.choice(FINDINGS),),
            )

    def _judged(
        self,
        session: _Sitting,
        name: str,
        rubric: Rubric,
        marks: int | None,
        refusal: tuple[Verdict, str, str] | None = None,
    ) -> ev.Graded:
        verdict, message, remedy = refusal or (Verdict.GRADED, "", "")
        return ev.Graded(
            at=session.pass_time(1.5),
            submission=name,
            verdict=verdict,
            marks=marks,
            metric=None if marks is None else rubric.metric,
            value=None if marks is None else value_for(marks, rubric, self._chance.random()),
            next_at=None if marks in (None, 5) else rubric.bands[marks],
            message=message,
            remedy=remedy,
            isolation="bubblewrap",
            versions={"tensorflow": "2.21.0", "keras": "3.15.1"},
            seconds=0.4,
        )

    def _keep(self, stored: str, model: bytes, code: str, script: str) -> None:
        folder = self._home / "submissions"
        (folder / code).mkdir(parents=True, exist_ok=True)
        (folder / code / "solution.py").write_text(script, encoding="utf-8")
        (folder / stored).write_bytes(model)

    def _end(self, session: _Sitting) -> None:
        late = self._chance.random() < 0.3 and session.rules.duration
        if late:
            session.elapsed = max(session.elapsed, float(late))
        at = session.pass_time(10)
        weights = [(item.weight, session.marks.get(item.number)) for item in session.paper.items]
        earned = sum(weight * (marks or 0) for weight, marks in weights)
        session.events += [
            ev.Finished(at=at, reason="time_up" if late else "candidate"),
            ev.Settled(
                at=session.pass_time(1),
                earned=earned,
                possible=sum(weight * MARKS_PER_QUESTION for weight, _ in weights),
                passed=passes(weighted_total(weights), session.rules.pass_mark),
            ),
            ev.Closed(at=session.pass_time(1)),
        ]

    def _rows(self, number: int, session: _Sitting) -> None:
        created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(session.start))
        secret = hashlib.sha256(session.id.encode()).hexdigest()[:32]
        self.attempt_rows.append(
            (number + 1, session.id, created, session.mode, session.rules.exam, session.paper.code, secret)
        )
        previous = _FIRST
        for seq, event in enumerate(session.events, 1):
            body = json.dumps(ev.to_fields(event), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
            hashed = _hash(previous, session.id, seq, event.kind, body)
            self.event_rows.append((session.id, seq, event.kind, body, previous, hashed))
            previous = hashed


def _as_kept(script: str) -> bytes:
    """What names a folder that holds this one script: the file's name, size and bytes."""
    content = script.encode()
    return b"solution.py\0%d\0" % len(content) + content


def value_for(marks: int, rubric: Rubric, part: float) -> float:
    """A value of the metric that gets these marks; `part` (0 to 1) says where in the band it lies."""
    bands = rubric.bands
    if rubric.larger_is_better:
        low = bands[marks - 1] if marks else bands[0] * 0.5
        high = bands[marks] if marks < 5 else min(1.0, bands[4] + 0.02)
    else:
        low = bands[marks - 1] if marks else bands[0] * 1.5
        high = bands[marks] if marks < 5 else bands[4] * 0.9
    value = low + (high - low) * part * 0.9
    assert marks_for(value, bands, larger_is_better=rubric.larger_is_better) == marks
    return value
