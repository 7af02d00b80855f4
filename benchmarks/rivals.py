"""The same models graded by mockexam, otter-grader and nbgrader, each in the quickest way that its documentation has.

None keeps its process between two calls, so each time has the start of Python and the import of TensorFlow in it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks import attempt, rival_home
from benchmarks.figures import Figure, interleave
from benchmarks.grading import Bare
from benchmarks.rival_task import KILLS, TASK, nbgrader_submission, otter_submission, write_nbgrader, write_otter
from benchmarks.sizes import CLASSES, SIZES, make_bank
from mockexam.paths import BANK_VARIABLE

CLASS, QUICK_CLASS = 50, 4
GOALS = {"nbgrader": 5.0, "otter": 8.0}
"""How many times as long as mockexam they take for a class, at least."""
SIZE = next(size for size in SIZES if size.name == "small_cnn")
LIMIT = 1800


def measure(*, quick: bool = False) -> list[Figure]:
    """From submission to marks, for one submission and for a class; and what a killed process brings."""
    try:
        programs = rival_home.ready()
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"      otter-grader and nbgrader can't be installed here: {error}")
        return []
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        models, heldout = asyncio.run(_make(folder, QUICK_CLASS if quick else CLASS))
        ours = Ours(folder)
        otter = Otter(folder / "otter", programs, models, heldout)
        nbgrader = Nbgrader(folder / "nbgrader", programs, models, heldout)
        one = {
            "ours": lambda: ours.one(models[0]),
            "nbgrader": lambda: nbgrader.grade("student0"),
            "otter": lambda: otter.one("0.zip"),
        }
        figures = _ratios("one model", interleave(1 if quick else 3, one))
        # Once each: theirs take minutes, and the rounds above have filled the caches.
        many = {"ours": ours.many(), "nbgrader": nbgrader.grade("student*"), "otter": otter.many(len(models))}
        figures += _ratios(f"{len(models)} models", many, GOALS)
        marks = list(zip(ours.marks, nbgrader.marks(len(models)), otter.marks, strict=True))
        told = f"mockexam, nbgrader, otter-grader: {dict(Counter(marks))}"
        figures.append(Figure("models with other marks", sum(len(set(found)) > 1 for found in marks), 0, "", told))
        print(f"      killed while it runs: otter-grader: {otter.killed()}; nbgrader: {nbgrader.killed()}")
        return figures


def _ratios(title: str, seen: Mapping[str, float], goals: Mapping[str, float] | None = None) -> list[Figure]:
    return [
        Figure(f"{rival} / mockexam, {title}", seen[rival] / seen["ours"], (goals or {}).get(rival), at_least=True,
               detail=f"{seen[rival]:.1f} s, mockexam {seen['ours']:.1f} s")
        for rival in GOALS
    ]  # fmt: skip


async def _make(folder: Path, count: int) -> tuple[Sequence[Path], Path]:
    """Models of one architecture, and held-out data as the bank's question would draw them."""
    make_bank(folder / "bank")
    bare = await Bare.start()
    models = [folder / "models" / f"{number:02}.keras" for number in range(count)]
    models[0].parent.mkdir()
    for seed, model in enumerate(models):
        await bare.ask("save", name=SIZE.name, shape=SIZE.shape, classes=CLASSES, file=str(model), seed=seed)
    await bare.end()
    rng = np.random.default_rng(1)
    heldout = folder / "heldout.npz"
    x = rng.uniform(0, 1, (SIZE.samples, *SIZE.shape)).astype(np.float32)
    np.savez(heldout, x=x, y=rng.integers(0, CLASSES, SIZE.samples))
    return models, heldout


def _timed(command: Sequence[object], environ: Mapping[str, str], cwd: Path) -> tuple[float, str]:
    """Seconds, and what was printed. Raises RuntimeError if the command fails."""
    begun = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in command], env=environ, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=LIMIT, check=False,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed ({done.returncode}): {(done.stderr or done.stdout)[-2000:]}")
    return time.perf_counter() - begun, done.stdout


class Ours:
    """`mockexam grade`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._environ = {**attempt.environment(folder / "home"), BANK_VARIABLE: str(folder / "bank")}
        self._command = [sys.executable, str(attempt.ROOT / "benchmarks" / "programs" / "command.py"), "grade"]
        self.marks: Sequence[float] = ()

    def one(self, model: Path) -> float:
        """Seconds for one model."""
        return _timed([*self._command, model, "--question", SIZE.question, "--json"], self._environ, self._folder)[0]

    def many(self) -> float:
        """Seconds for the class's folder, a job a core."""
        jobs = str(os.cpu_count() or 1)
        command = [*self._command, self._folder / "models", "--question", SIZE.question, "--jobs", jobs, "--json"]
        seconds, reported = _timed(command, self._environ, self._folder)
        found = {result["name"]: float(result["marks"]) for result in map(json.loads, reported.splitlines())}
        self.marks = [found[name] for name in sorted(found)]
        return seconds


class Otter:
    """`otter run`, and for many otter's Python API: neither needs a container, as `otter grade` does."""

    def __init__(self, folder: Path, programs: Path, models: Sequence[Path], heldout: Path) -> None:
        write_otter(folder, heldout)
        self._folder, self._otter, self._python = folder, programs / "otter", programs / "python"
        self._environ = rival_home.environment(folder)
        (folder / "requirements.txt").write_text("tensorflow\n", encoding="utf-8")
        _timed([self._otter, "generate", "-t", "tests", "heldout.npz"], self._environ, folder)
        for number, model in enumerate(models):
            otter_submission(folder / f"{number}.zip", model)
        otter_submission(folder / "kills.zip", models[0], code=KILLS)
        self.marks: Sequence[float] = ()

    def one(self, submission: str) -> float:
        """Seconds for a submission."""
        (self._folder / "results.json").unlink(missing_ok=True)
        return _timed([self._otter, "run", "--no-logo", submission], self._environ, self._folder)[0]

    def many(self, count: int) -> float:
        """Seconds for the first so many submissions."""
        program = attempt.ROOT / "benchmarks" / "programs" / "otter_class.py"
        command = [self._python, program, *(f"{number}.zip" for number in range(count))]
        seconds, points = _timed(command, self._environ, self._folder)
        self.marks = [float(line) for line in points.splitlines()]
        return seconds

    def killed(self) -> str:
        """What comes of a submission that kills the process it runs in."""
        try:
            self.one("kills.zip")
        except RuntimeError as error:
            return f"no result: {str(error).strip().splitlines()[-1][:100]}"
        results = json.loads((self._folder / "results.json").read_text(encoding="utf-8"))
        return f"{sum(test.get('score', 0) for test in results['tests']):g} points"


class Nbgrader:
    """`nbgrader autograde` on collected submissions; the marks are in its database then."""

    def __init__(self, folder: Path, programs: Path, models: Sequence[Path], heldout: Path) -> None:
        write_nbgrader(folder, heldout)
        self._folder, self._nbgrader = folder, programs / "nbgrader"
        self._environ = rival_home.environment(folder)
        _timed([self._nbgrader, "generate_assignment", TASK, "--create"], self._environ, folder)
        for number, model in enumerate(models):
            nbgrader_submission(folder, f"student{number}", model)
        nbgrader_submission(folder, "kills", models[0], code=KILLS)

    def grade(self, students: str) -> float:
        """Seconds for the submissions of the students whose names match, in one command."""
        command = [self._nbgrader, "autograde", TASK, "--create", "--force", f"--student={students}"]
        return _timed(command, self._environ, self._folder)[0]

    def marks(self, count: int) -> Sequence[float | None]:
        """Of the first so many students."""
        return [self._reported(f"student{number}") for number in range(count)]

    def _reported(self, student: str) -> float | None:
        query = (
            "select sum(coalesce(g.manual_score, g.auto_score)) from grade g"
            " join submitted_notebook n on g.notebook_id = n.id join submitted_assignment a on n.assignment_id = a.id"
            " where a.student_id = ?"
        )
        with sqlite3.connect(self._folder / "gradebook.db") as database:
            found: float | None = database.execute(query, (student,)).fetchone()[0]
        return found

    def killed(self) -> str:
        """What comes of a submission that kills the process it runs in."""
        try:
            self.grade("kills")
        except RuntimeError as error:
            reported = str(error).strip().splitlines()
            return f"score {self._reported('kills')}, the command fails: {reported[-1][:100]}"
        return f"{self._reported('kills')} points"
