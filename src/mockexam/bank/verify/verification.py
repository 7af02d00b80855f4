"""Whether runs prove what a question claims. Pure."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from mockexam.bank.calibration import FILE_NAME, Evidence, Solution, SolutionRun, write_evidence
from mockexam.bank.loader import load_question
from mockexam.bank.models import Question
from mockexam.bank.rubric import Rubric, load_rubric
from mockexam.bank.verify.locate import QuestionFault, of_error, proved_digest
from mockexam.bank.verify.reference_time import machine
from mockexam.bank.verify.solution_run import STUB, Ran, RunCache, run_solution, solution_path, versions
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import ModelGraded
from mockexam.paths import scoring_of
from mockexam.workspace.layout import CANDIDATES, model_format

REFERENCE = "reference.py"
REFERENCE_SECONDS = 300.0
"""On two cores."""
EDGE_ERRORS = 2.0
"""Standard errors that a metric keeps from every edge of a band, so that luck moves nobody a mark."""


def expectations(rubric: Rubric) -> dict[str, int]:
    """Marks by solution: the reference, the jury, the untouched stub."""
    return {REFERENCE: rubric.reference.marks, **{f"jury/{j.file}": j.marks for j in rubric.jury}, STUB: 0}


def edge_distance(run: SolutionRun, rubric: Rubric) -> float | None:
    """How many standard errors a run's metric lies from the nearest edge; None where there is no spread or metric."""
    if run.value is None or not run.standard_error:
        return None
    return min(abs(run.value - band) for band in rubric.bands) / run.standard_error


def judge(question: str, scoring: Path, rubric: Rubric, evidence: Evidence) -> list[QuestionFault]:
    """All that the runs show to be wrong."""
    return [
        fault
        for file, solution in evidence.models.items()
        for run in solution.runs
        for fault in _check_run(question, scoring, rubric, file, solution.expected, run)
    ]


def _check_run(
    question: str, scoring: Path, rubric: Rubric, file: str, expected: int, run: SolutionRun
) -> Iterator[QuestionFault]:
    where = f"{scoring / 'rubric.toml'}, {file}, seed {run.seed}"
    if file == STUB:
        if run.verdict != "nothing_saved":
            where = f"{scoring}, {file}, seed {run.seed}"
            yield QuestionFault(question, "The untouched stub saves a model.", where, "End it before it saves.")
        return
    if run.verdict != "graded":
        what = f"{file} was not graded ({run.verdict}): {run.message or 'it saved no model'}"
        yield QuestionFault(question, what, where, "Correct the solution or the contract.")
        return
    assert run.value is not None
    value = f"{rubric.metric} {run.value:.4g}"
    if run.marks != expected:
        what = f"{file} earned {run.marks} marks where {expected} are expected ({value})."
        yield QuestionFault(question, what, where, "Move the bands, or change the solution or the expectation.")
    distance = edge_distance(run, rubric)
    if distance is not None and distance < EDGE_ERRORS:
        what = f"{file} lies {distance:.1f} standard errors from a band's edge ({value} ± {run.standard_error:.2g})."
        yield QuestionFault(question, what, where, "Move the band, or make the hold-out larger.")
    if file == REFERENCE and run.train_seconds > REFERENCE_SECONDS:
        what = f"The reference took {run.train_seconds:.0f} s, over {REFERENCE_SECONDS:.0f}."
        yield QuestionFault(
            question, what, where, "Make the model or the data smaller. Was the machine busy otherwise?"
        )


SEEDS_TO_PROVE = 3
"""Fewer are a try: nothing is written then."""
Progress = Callable[[float, str], None]
RunSolution = Callable[[Path], Awaitable[Ran]]


class VerifyGrader(Protocol):
    """What is asked of the marker."""

    async def make_data(self, question: str, *, data_seed: str, folder: Path) -> Any:
        """Write a question's training data."""

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ModelFormat, spread: bool
    ) -> ModelGraded:
        """Judge a model."""


@dataclass(frozen=True)
class Subject:
    """A question under test."""

    question: Question
    rubric: Rubric

    @property
    def files(self) -> tuple[str, ...]:
        """Its solutions."""
        return tuple(expectations(self.rubric))


@dataclass
class Verification:
    """Runs what has not been run, by question and seed. `faults` and `evidence` are its result."""

    subjects: Sequence[Subject]
    seeds: Sequence[int]
    kept: RunCache
    progress: Progress = lambda _fraction, _text: None
    run_script: RunSolution = run_solution
    faults: list[QuestionFault] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    _done: int = 0

    async def run(self, markers: Sequence[VerifyGrader]) -> None:
        """Work with as many at a time as there are markers. What was kept before is not run again."""
        units: asyncio.Queue[tuple[Subject, int]] = asyncio.Queue()
        for subject in self.subjects:
            for seed in self.seeds:
                units.put_nowait((subject, seed))
        async with asyncio.TaskGroup() as group:
            for grader in markers:
                group.create_task(self._work(units, grader))
        for subject in self.subjects:
            self._conclude(subject)

    async def _work(self, units: asyncio.Queue[tuple[Subject, int]], grader: VerifyGrader) -> None:
        while not units.empty():
            subject, seed = units.get_nowait()
            try:
                await self._unit(subject, seed, grader)
            except UserError as error:
                self.faults.append(of_error(subject.question.id, error))
            except OSError as error:
                told = UserError(f"A workspace can't be made: {error.strerror}.", location=str(error.filename))
                self.faults.append(of_error(subject.question.id, told))

    async def _unit(self, subject: Subject, seed: int, grader: VerifyGrader) -> None:
        """All solutions of a question on one seed: the data are made once, each has its own fresh copy."""
        question, rubric = subject.question, subject.rubric
        missing = [file for file in subject.files if self.kept.get(question, rubric, file, seed) is None]
        self._tell(len(subject.files) - len(missing), f"{question.id}, seed {seed}")
        if not missing:
            return
        with tempfile.TemporaryDirectory(prefix="mockexam-verify-") as name:
            data = Path(name) / "data"
            data.mkdir()
            await grader.make_data(question.id, data_seed=data_seed_of(seed), folder=data)
            for file in missing:
                folder = Path(name) / "workspace"
                shutil.copytree(data, folder / "data")
                shutil.copyfile(solution_path(question, file), folder / "solution.py")
                try:
                    run = await self._one(subject, file, seed, folder, grader)
                    self.kept.put(question, rubric, file, run)
                except UserError as error:
                    self.faults.append(of_error(question.id, error))
                finally:
                    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                self._tell(1, f"{question.id}, seed {seed}, {file}")

    async def _one(self, subject: Subject, file: str, seed: int, folder: Path, grader: VerifyGrader) -> SolutionRun:
        """Run and mark one solution. Raises UserError if it fails or nothing can be said of it."""
        question = subject.question
        ran = await self.run_script(folder)
        model = next((folder / name for name in CANDIDATES if (folder / name).exists()), None)
        _check_end(question.id, file, seed, ran, saved=model is not None)
        measured: dict[str, Any] = {
            "seed": seed, "train_seconds": round(ran.seconds, 2), "peak_megabytes": round(ran.peak_megabytes, 1),
        }  # fmt: skip
        form = model_format(model) if model else None
        if model is None or form is None:
            return SolutionRun(verdict="nothing_saved", marks=0, **measured)
        graded = await grader.grade(
            question.id,
            data_seed=data_seed_of(seed),
            holdout_seed=holdout_seed_of(seed),
            model=model,
            format=form,
            spread=True,
        )
        measured["megabytes"] = round(_size(model) / 10**6, 4)
        if graded.verdict is Verdict.GRADED:
            error = graded.standard_error
            return SolutionRun(
                verdict="graded", marks=graded.marks, value=graded.value, standard_error=error, **measured
            )
        if graded.verdict is Verdict.INVALID_MODEL or graded.verdict is Verdict.LIMIT_EXCEEDED:
            message = f"{graded.message} {graded.remedy}".strip()
            return SolutionRun(verdict=graded.verdict.value, marks=None, message=message, **measured)
        raise UserError(graded.message or "The marker failed.", location=f"{question.id}, {file}", hint=graded.remedy)

    def _tell(self, runs: int, text: str) -> None:
        self._done += runs
        total = sum(len(subject.files) for subject in self.subjects) * len(self.seeds)
        self.progress(self._done / max(total, 1), text)

    def _conclude(self, subject: Subject) -> None:
        """Judge a question of which every run is there."""
        question, rubric = subject.question, subject.rubric
        models: dict[str, Solution] = {}
        for file, expected in expectations(rubric).items():
            runs = [self.kept.get(question, rubric, file, seed) for seed in self.seeds]
            there = tuple(run for run in runs if run is not None)
            if len(there) < len(runs):
                return
            models[file] = Solution(expected=expected, runs=there)
        evidence = Evidence(
            files=proved_digest(question, rubric, models),
            machine=machine(),
            versions=versions(),
            date=datetime.now(UTC).date(),
            seeds=tuple(self.seeds),
            metric=rubric.metric,
            models=models,
        )
        self.evidence[question.id] = evidence
        self.faults += judge(question.id, scoring_of(question.folder), rubric, evidence)

    def write(self) -> list[str]:
        """Write the calibration of every question that is proved; returns their ids. Raises UserError."""
        if len(self.seeds) < SEEDS_TO_PROVE:
            return []
        broken = {fault.question for fault in self.faults}
        proved = [s.question for s in self.subjects if s.question.id in self.evidence and s.question.id not in broken]
        for question in proved:
            write_evidence(scoring_of(question.folder) / FILE_NAME, self.evidence[question.id])
        return [question.id for question in proved]


def data_seed_of(seed: int) -> str:
    """The same numbers as `bank show --unpack --seed` makes, so that an author can look at them."""
    return f"seed-{seed}"


def holdout_seed_of(seed: int) -> str:
    """The same hold-out as `grade --seed` marks on."""
    return f"grade-{seed}"


def load_subject(folder: Path) -> Subject:
    """The question in this folder, with its rubric. Raises UserError."""
    question = load_question(folder)
    return Subject(question, load_rubric(scoring_of(folder).parents[1], question.id))


def _check_end(question: str, file: str, seed: int, ran: Ran, *, saved: bool) -> None:
    where = f"{question}, {file}, seed {seed}"
    if ran.timed_out:
        raise UserError(f"{file} was still at work after {ran.seconds:.0f} s.", location=where, hint="Make it quicker.")
    if file == STUB:
        if "Traceback" in ran.said:
            raise UserError(f"The untouched stub raises {ran.last_line}", location=where, hint="Let it say what to do.")
    elif ran.code != 0 or not saved:
        last = ran.last_line or "it said nothing"
        what = f"{file} failed (exit code {ran.code}): {last}" if ran.code else f"{file} saved no mymodel.keras."
        raise UserError(what, location=where, hint="Run it by itself: `mockexam bank show --unpack` makes its data.")


def _size(model: Path) -> int:
    if model.is_file():
        return model.stat().st_size
    return sum(path.stat().st_size for path in model.rglob("*") if path.is_file())
