"""What is done again and again under faults: a learner saves models in a real attempt, finishes, and is graded.

Record, store, intake, grading loop and result are the real ones. The watcher looks at once instead of waiting for a
still moment, and the pauses are short; both are tested elsewhere as they are.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import time
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mockexam.errors import GraderFaultError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Paper
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import ModelGraded
from mockexam.paths import StatePaths
from mockexam.session import event_log, exam_session, finish_request, grading_queue
from mockexam.session import manager as manager_module
from mockexam.session.regrade import regrade
from mockexam.store import database
from mockexam.store.journal import Journal
from mockexam.workspace import watch
from mockexam.workspace.layout import Workspace
from mockexam.workspace.scan import DetectedModel, End, MissedModel
from mockexam.workspace.signature import Signature, sign
from tests.factories import FakeClock, paper, started
from tests.faults.points import POINTS

SAVES = ((1, "a"), (2, "b"), (1, "c"), (3, "d"))
"""Question and content of each save, in order."""
HARD = 3
"""The question on which the grader fails before it marks."""
HARD_FAULTS = 2
LONGEST = 90.0
"""Seconds that a whole story may take before it counts as hung."""
Shown = Callable[[ev.Event], None]


@dataclass(frozen=True)
class Corpus:
    """The models that are saved."""

    models: Mapping[str, bytes]
    """By content."""
    deserved: Callable[[str], tuple[Verdict, int | None]]
    """Verdict and marks by a model's SHA-256."""

    def digest(self, content: str) -> str:
        """A model's SHA-256 as hex."""
        return hashlib.sha256(self.models[content]).hexdigest()


@dataclass(frozen=True)
class Room:
    """One attempt's files."""

    folder: Path
    corpus: Corpus

    @property
    def state(self) -> StatePaths:
        return StatePaths(self.folder / "home")

    @property
    def workspace(self) -> Path:
        return self.folder / "room"

    @property
    def diary(self) -> Path:
        """What the learner has saved, a line a save."""
        return self.folder / "saved.txt"

    def model(self, number: int) -> Path:
        return self.workspace / PAPER.item(number).folder / "mymodel.keras"

    def saved(self) -> list[str]:
        """The contents saved so far, in order."""
        return self.diary.read_text(encoding="utf-8").split() if self.diary.exists() else []

    def save(self, number: int, content: str) -> None:
        """Save a model and note it."""
        with POINTS.calm():
            self.model(number).write_bytes(self.corpus.models[content])
            self.diary.write_text("\n".join([*self.saved(), content]), encoding="utf-8")


PAPER: Paper = replace(
    paper((1, 2, 3)), items=tuple(replace(i, question="simple_model/tiny_line") for i in paper((1, 2, 3)).items)
)


def _model(content: str) -> bytes:
    """A `.keras` file that is whole by structure: the same bytes whenever and wherever it is made."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("metadata.json"), json.dumps({"keras_version": "3.15.1", "note": content}))
        archive.writestr(zipfile.ZipInfo("config.json"), "{}")
        archive.writestr(zipfile.ZipInfo("model.weights.h5"), b"\x89HDF\r\n\x1a\n")
    return file.getvalue()


def marks_of(sha256: str) -> int:
    """What a model gets: 1 to 5, so that a zero is always a mistake."""
    return 1 + int(sha256, 16) % 5


SCRIPTED = Corpus({content: _model(content) for _, content in SAVES}, lambda digest: (Verdict.GRADED, marks_of(digest)))
"""Models that only look like some, for a grader that goes by their bytes alone."""


def begin(room: Room) -> str:
    """Start the attempt; returns its id."""
    for item in PAPER.items:
        (room.workspace / item.folder).mkdir(parents=True)
        (room.workspace / item.folder / "solution.py").write_text(f"# {item.number}\n", encoding="utf-8")
    with closing(Journal(room.state.database)) as journal:
        attempt = journal.start(started(BootedClock().read(), on=PAPER, workspace=str(room.workspace)))
        journal.backup()
    return attempt


class BootedClock:
    """Runs as the machine's clock does, since a boot of one's choice."""

    def __init__(self, boot_id: str = "boot-1") -> None:
        self._boot_id = boot_id
        self._booted = time.monotonic() - (5000.0 if boot_id == "boot-1" else 5.0)

    def read(self) -> Reading:
        return Reading(time.time(), time.monotonic() - self._booted, self._boot_id)


@dataclass
class ScriptedGrader:
    """Gives the marks that a model's bytes deserve. On the hard question it fails so many times before."""

    faults: int = 0
    state: str = "warm"
    isolation: str = "none"
    detail: str = ""
    asked: list[str] = field(default_factory=list)

    async def warm_up(self) -> None:
        """Nothing to do."""

    async def prepare(self, *_: object, **__: object) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ev.ModelFormat
    ) -> ModelGraded:
        self.asked.append(model.name)
        if POINTS.pass_by("grader.asked"):
            raise GraderFaultError("the examiner is gone")
        await asyncio.sleep(0.001)
        with POINTS.calm():
            digest = hashlib.sha256(model.read_bytes()).hexdigest()
        if POINTS.pass_by("grader.answered"):
            raise GraderFaultError("the answer is lost")
        if self.faults and model.name.startswith(f"q{HARD}-"):
            self.faults -= 1
            raise GraderFaultError("the predictor died")
        return ModelGraded(
            job="1", verdict=Verdict.GRADED, marks=marks_of(digest), metric="mae", value=1.0, isolation="x",
            versions={}, seconds=0.1,
        )  # fmt: skip


class PromptWatcher:
    """Tells each model at once, and again when it was not received."""

    def __init__(self, workspace: Workspace, paper: Paper) -> None:
        self._places = {i.number: workspace.question(i.folder) / "mymodel.keras" for i in paper.items}
        self._handled: dict[Path, Signature] = {}
        self._again = False

    async def watch(self) -> AsyncIterator[DetectedModel]:
        while True:
            async for sighting in self.sweep(time.time()):
                self._again = False
                yield sighting
                if not self._again:
                    self._handled[sighting.path] = sighting.signature
            await asyncio.sleep(0.003)

    async def sweep(self, deadline: float) -> AsyncIterator[DetectedModel]:
        found = [(number, path, sign(path)) for number, path in self._places.items()]
        for number, path, signature in found:
            if signature is not None and self._handled.get(path) != signature:
                yield DetectedModel(number, path, "keras", signature)

    async def missed(self, end: End) -> list[MissedModel]:
        return []

    def look_again(self, sighting: DetectedModel) -> None:
        self._again = True

    async def close(self) -> None:
        """Nothing to do."""


def hurry() -> None:
    """Make all pauses short, in this process."""
    grading_queue._PAUSES = (0.005, 0.01, 0.01)
    event_log._RETRY_SECONDS = 0.01
    finish_request._SWEEP_AGAIN_SECONDS = 0.01
    database._BUSY_SECONDS = 0.1
    watch.Watcher = PromptWatcher  # type: ignore[assignment,misc]


async def run_attempt(room: Room, shown: Shown, *, make_grader: Callable[[], Any], boot_id: str = "boot-1") -> None:
    """Open the attempt, save what is not saved yet, finish. Raises UserError where the app would report one and end.

    `make_grader` makes the grader.
    """
    manager = manager_module.SessionManager(room.state, BootedClock(boot_id))
    manager._grader = make_grader()
    try:
        attempt = manager.journal.unsettled()
        if attempt is None:
            return
        opened = manager.open(attempt)
        opened.listen(lambda _, event, __: shown(event) if event is not None else None)
        run = asyncio.create_task(opened.run())
        learner = asyncio.create_task(_work(room, opened))
        await asyncio.wait({run, learner}, return_when=asyncio.FIRST_COMPLETED)
        if not run.done():
            learner.result()
        await run
        learner.cancel()
        with suppress(asyncio.CancelledError):
            await learner
        await opened.close()
    finally:
        await manager.close()


async def _work(room: Room, opened: exam_session.ExamSession) -> None:
    def known(content: str) -> bool:
        digest = room.corpus.digest(content)
        return any(s.received.sha256 == digest for s in opened.snapshot.attempt.submissions)

    for number, content in SAVES:
        if content not in room.saved():
            room.save(number, content)
            # The third comes while the second is graded; the others after the one before.
            while content != "b" and not known(content):
                await asyncio.sleep(0.002)
    await opened.finish()
    await asyncio.Event().wait()


async def grade_again(room: Room, *, make_grader: Callable[[], Any]) -> None:
    """Grade all that is kept again, as `--regrade` does."""
    questions = {i.question: SimpleNamespace(is_edition=i.fingerprint.__eq__) for i in PAPER.items}
    bank: Any = SimpleNamespace(questions=questions)
    with closing(Journal(room.state.database)) as journal:
        newest = journal.newest()
        assert newest is not None
        grader = make_grader()
        try:
            await regrade(journal, grader, bank, FakeClock(time.time()), newest, room.state.submissions)
        finally:
            await grader.close()


def attempt_of(room: Room) -> Attempt:
    """The attempt as on record."""
    with closing(Journal(room.state.database, check=True)) as journal:
        newest = journal.newest()
        assert newest is not None
        return journal.attempt(newest)
