"""How soon marks are shown after a save, against load and predict of the model in a bare, warm TensorFlow process."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.attempt import ROOT, silent
from benchmarks.figures import Figure
from mockexam.bank.models import Question
from mockexam.machine_clock import MachineClock
from mockexam.paths import StatePaths
from mockexam.session.exam_session import ExamSession
from mockexam.session.manager import SessionManager
from mockexam.session.ports import Snapshot

STILL = 0.5
"""Seconds for which a file must be unchanged before it is received; no part of the grading."""
CATEGORIES = ("simple_model", "image_classification")
PAUSE = 1.5
"""Seconds before each save: candidates save now and then, and the grader has a warm process ready again by then."""
SPARE = 2
"""The first models of each question are not counted: the hold-out is made with the first."""


class Bare:
    """The process that is compared with."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """A running benchmarks/programs/bare_tensorflow.py."""
        self._process = process

    @classmethod
    async def start(cls) -> Bare:
        """Start it; it imports TensorFlow first."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(ROOT / "benchmarks" / "programs" / "bare_tensorflow.py"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""},
        )
        return cls(process)

    async def ask(self, do: str, **given: object) -> Any:
        """Have one of its functions called."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **given}).encode() + b"\n")
        await self._process.stdin.drain()
        return json.loads(await self._process.stdout.readline())

    async def end(self) -> None:
        """End it."""
        self._process.kill()
        await self._process.communicate()


class Watched:
    """A sitting, and the moment at which each submission's marks were shown."""

    def __init__(self, session: ExamSession) -> None:
        """Subscribes as a screen does."""
        self.session = session
        self._shown: dict[str, float] = {}
        self._news = asyncio.Event()
        session.subscribe(self._take)

    def _take(self, picture: Snapshot) -> None:
        now = time.perf_counter()
        for submission in picture.attempt.submissions:
            if submission.grading is not None:
                self._shown.setdefault(submission.id, now)
        self._news.set()

    async def warm(self) -> None:
        """Wait until the predictor is warm."""
        while self.session.snapshot.grader.state != "warm":
            await self._next()

    async def seconds(self, number: int, model: Path) -> float:
        """Save a model in a question's folder at one stroke; seconds until its marks are shown."""
        identifier = f"q{number}-{hashlib.sha256(model.read_bytes()).hexdigest()[:12]}"
        folder = self.session.folder(number)
        shutil.copy(model, folder / ".arriving")
        begun = time.perf_counter()
        (folder / ".arriving").replace(folder / "mymodel.keras")
        while identifier not in self._shown:
            await self._next()
        grading = self.session.snapshot.attempt.submission(identifier).grading
        assert grading is not None
        assert grading.verdict == "graded", grading
        return self._shown[identifier] - begun

    async def _next(self) -> None:
        async with asyncio.timeout(120):
            await self._news.wait()
        self._news.clear()


def measure(*, quick: bool = False) -> list[Figure]:
    """For a small and a middling model: (time to marks - 0.5 s) / (bare load and predict)."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        return asyncio.run(_measure(Path(name), 3 if quick else 15))


async def _measure(folder: Path, runs: int) -> list[Figure]:
    manager = SessionManager(_home(folder), MachineClock())
    bare = await Bare.start()
    try:
        questions = [manager.bank.of_category(category)[0] for category in CATEGORIES]
        for number, question in enumerate(questions, 1):
            await _make(bare, question, folder / str(number), runs + SPARE)
        plan = manager.plan(exam=str(_exam(folder, questions)), workspace=folder / "workspace")
        await manager.prepare(plan, silent)
        session = manager.open(manager.start(plan))
        running = asyncio.create_task(session.run())
        watched = Watched(session)
        await watched.warm()
        figures = [
            await _compare(bare, watched, number, question, folder / str(number), runs)
            for number, question in enumerate(questions, 1)
        ]
        await session.close()
        await running
        return figures
    finally:
        await bare.end()
        await manager.close()


def _home(folder: Path) -> StatePaths:
    (folder / "home").mkdir()
    return StatePaths(folder / "home")


def _exam(folder: Path, questions: list[Question]) -> Path:
    slots = [
        f'[[questions]]\ncategory = "{question.category}"\nweight = 1\nonly = ["{question.id}"]\n'
        for question in questions
    ]
    path = folder / "bench.toml"
    path.write_text('title = "Benchmark"\nduration_minutes = 60\n\n' + "\n".join(slots), encoding="utf-8")
    return path


async def _make(bare: Bare, question: Question, folder: Path, count: int) -> None:
    folder.mkdir()
    contract = question.contract
    await bare.ask(
        "make_models",
        shape=contract.input.shape,
        output=contract.output.shape,
        form=contract.output.form,
        folder=str(folder),
        count=count,
    )
    await bare.ask("make_features", data=str(question.folder / "data.py"), file=str(folder / "features.npy"))


async def _compare(bare: Bare, watched: Watched, number: int, question: Question, folder: Path, runs: int) -> Figure:
    """Both ways with each model in turn, the order changing; the medians."""
    ours: list[float] = []
    theirs: list[float] = []
    for count in range(runs + SPARE):
        model = folder / f"{count}.keras"
        for way in ("ours", "bare") if count % 2 else ("bare", "ours"):
            if way == "ours":
                await asyncio.sleep(PAUSE)
                seconds = await watched.seconds(number, model) - STILL
            else:
                seconds = await bare.ask("predict", model=str(model), features=str(folder / "features.npy"))
            if count >= SPARE:
                (ours if way == "ours" else theirs).append(seconds)
    mine, other = statistics.median(ours), statistics.median(theirs)
    size = (folder / "0.keras").stat().st_size
    detail = f"{mine:.2f} s + 0.5 s still, bare {other:.2f} s; {question.id}, {size / 1e6:.1f} MB"
    return Figure(f"marks shown, {question.category.replace('_', ' ')} / bare", mine / other, 1.5, detail=detail)
