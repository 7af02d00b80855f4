"""Trains and grades every solution of a question, and says whether the results prove what the rubric claims."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, Protocol

from mockexam.bank.loader import file_hash, load_question
from mockexam.bank.models import Question
from mockexam.bank.rubric import EVIDENCE, Evidence, Rubric, Solution, SolutionRun, rubric_of
from mockexam.bank.verify import solution_run
from mockexam.bank.verify.locate import QuestionFault, evidence_digest, of_error
from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict
from mockexam.grading.protocol import ModelGraded
from mockexam.paths import scoring_of
from mockexam.workspace.layout import SUBMISSION_NAMES, model_format

REFERENCE_SECONDS = 300.0  # on two cores
EDGE_ERRORS = 2.0  # standard errors between a metric and every edge of a band, so that luck does not decide the marks
SETTING_SEEDS = (1, 2, 3)
"""The author chooses the bands by what these show."""
PROOF_SEEDS = (4, 5, 6)
"""Run once the others hold; bands are never fitted to these, or they would prove nothing. Without all six, nothing is
written."""
NOT_FITTED = "Don't fit the bands to this seed: enlarge the hold-out, or let the data vary less from seed to seed."
Progress = Callable[[float, str], None]


def edge_distance(run: SolutionRun, rubric: Rubric) -> float | None:
    """Standard errors from a run's metric to the nearest edge of a band; None without a metric or a standard error."""
    if run.value is None or not run.standard_error:
        return None
    return min(abs(run.value - band) for band in rubric.bands) / run.standard_error


def check_run(
    question: str, scoring: Path, rubric: Rubric, file: str, expected: int, run: SolutionRun
) -> Iterator[QuestionFault]:
    """What a run shows to be wrong with a question."""
    where = f"{scoring / 'rubric.toml'}, {file}, seed {run.seed}"
    if file == solution_run.STUB:
        if run.verdict != "nothing_saved":
            where = f"{scoring}, {file}, seed {run.seed}"
            yield QuestionFault(question, "The untouched stub saves a model.", where, "Stop it before it saves.")
        return
    if run.verdict != "graded":
        what = f"{file} was not graded ({run.verdict}): {run.message or 'it saved no model'}"
        yield QuestionFault(question, what, where, "Correct the solution or the contract.")
        return
    assert run.value is not None
    value = f"{rubric.metric} {run.value:.4g}"
    if run.marks != expected:
        what = f"{file} earned {run.marks} marks, but the rubric expects {expected} ({value})."
        remedy = "Move the bands, or change the solution or the expectation."
        yield QuestionFault(question, what, where, NOT_FITTED if run.seed in PROOF_SEEDS else remedy)
    distance = edge_distance(run, rubric)
    if distance is not None and distance < EDGE_ERRORS:
        what = f"{file} is {distance:.1f} standard errors from an edge of a band ({value} ± {run.standard_error:.2g})."
        remedy = "Move the band, or enlarge the hold-out."
        yield QuestionFault(question, what, where, NOT_FITTED if run.seed in PROOF_SEEDS else remedy)
    if file == solution_run.REFERENCE and run.train_seconds > REFERENCE_SECONDS:
        what = f"The reference took {run.train_seconds:.0f} s; at most {REFERENCE_SECONDS:.0f} s are allowed."
        remedy = "Make the model or the data smaller."
        yield QuestionFault(question, what, where, remedy)


class VerifyGrader(Protocol):
    """The part of the grader that verification uses."""

    async def make_data(self, question: str, *, data_seed: str, folder: Path) -> Any:
        """Write a question's training data."""

    async def grade(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ModelFormat, spread: bool
    ) -> ModelGraded:
        """Grade a model."""


@dataclass(frozen=True)
class Subject:
    """A question to verify."""

    question: Question
    rubric: Rubric

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(solution_run.expectations(self.rubric))


@dataclass
class Verification:
    """Runs every solution on every seed, except what is cached. `faults` and `evidence` are the result."""

    subjects: Sequence[Subject]
    seeds: Sequence[int]
    cache: solution_run.RunCache
    progress: Progress = lambda _fraction, _text: None
    run_script: Callable[[Path], Awaitable[solution_run.ScriptResult]] = solution_run.run_solution
    faults: list[QuestionFault] = field(default_factory=list)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    _done: int = 0

    async def run(self, graders: Sequence[VerifyGrader]) -> None:
        """Verify the questions, one seed of a question at a time for each grader; `PROOF_SEEDS` if the others hold."""
        done: tuple[int, ...] = ()
        for held_back in (False, True):
            seeds = [seed for seed in self.seeds if (seed in PROOF_SEEDS) is held_back]
            sound = [subject for subject in self.subjects if self._holds(subject)]
            done += tuple(seeds)
            units: asyncio.Queue[tuple[Subject, int]] = asyncio.Queue()
            for unit in product(sound, seeds):
                units.put_nowait(unit)
            async with asyncio.TaskGroup() as group:
                for grader in graders:
                    group.create_task(self._work(units, grader))
            for subject in sound if seeds else ():
                self._collect_evidence(subject, done)

    def _holds(self, subject: Subject) -> bool:
        return all(fault.question != subject.question.id for fault in self.faults)

    async def _work(self, units: asyncio.Queue[tuple[Subject, int]], grader: VerifyGrader) -> None:
        while not units.empty():
            subject, seed = units.get_nowait()
            try:
                await self._run_seed(subject, seed, grader)
            except UserError as error:
                self.faults.append(of_error(subject.question.id, error))
            except OSError as error:
                failed = UserError(f"A workspace can't be made: {error.strerror}.", location=str(error.filename))
                self.faults.append(of_error(subject.question.id, failed))

    async def _run_seed(self, subject: Subject, seed: int, grader: VerifyGrader) -> None:
        """All solutions of a question on one seed; each gets a fresh copy of the data."""
        question, rubric = subject.question, subject.rubric
        missing = [file for file in subject.files if self.cache.get(question, rubric, file, seed) is None]
        self._report(len(subject.files) - len(missing), f"{question.id}, seed {seed}")
        if not missing:
            return
        with tempfile.TemporaryDirectory(prefix="mockexam-verify-") as name:
            data = Path(name) / "data"
            data.mkdir()
            await grader.make_data(question.id, data_seed=data_seed_of(seed), folder=data)
            for file in missing:
                folder = Path(name) / "workspace"
                shutil.copytree(data, folder / "data")
                shutil.copyfile(solution_run.solution_path(question, file), folder / "solution.py")
                try:
                    run = await self._run_one(subject, file, seed, folder, grader)
                    self.cache.put(question, rubric, file, run)
                except UserError as error:
                    self.faults.append(of_error(question.id, error))
                finally:
                    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
                self._report(1, f"{question.id}, seed {seed}, {file}")

    async def _run_one(self, subject: Subject, file: str, seed: int, folder: Path, grader: VerifyGrader) -> SolutionRun:
        """Run and grade one solution. Raises UserError if it fails or can't be graded."""
        question = subject.question
        ran = await self.run_script(folder)
        model = next((folder / name for name in SUBMISSION_NAMES if (folder / name).exists()), None)
        _check_end(question.id, file, seed, ran, saved=model is not None)
        measured: dict[str, Any] = {
            "seed": seed, "train_seconds": round(ran.seconds, 2), "peak_megabytes": round(ran.peak_megabytes, 1),
        }  # fmt: skip
        form = model_format(model) if model else None
        if model is None or form is None:
            return SolutionRun(verdict="nothing_saved", marks=0, **measured)
        seeds = {"data_seed": data_seed_of(seed), "holdout_seed": holdout_seed_of(seed)}
        graded = await grader.grade(question.id, **seeds, model=model, format=form, spread=True)
        files = [model] if model.is_file() else [path for path in model.rglob("*") if path.is_file()]
        measured["megabytes"] = round(sum(path.stat().st_size for path in files) / 10**6, 4)
        if graded.verdict is Verdict.GRADED:
            measured |= {"value": graded.value, "standard_error": graded.standard_error}
            return SolutionRun(verdict="graded", marks=graded.marks, **measured)
        if graded.verdict is Verdict.INVALID_MODEL or graded.verdict is Verdict.LIMIT_EXCEEDED:
            message = f"{graded.message} {graded.remedy}".strip()
            return SolutionRun(verdict=graded.verdict.value, marks=None, message=message, **measured)
        message = graded.message or "The grader failed."
        raise UserError(message, location=f"{question.id}, {file}", hint=graded.remedy)

    def _report(self, runs: int, text: str) -> None:
        self._done += runs
        total = sum(len(subject.files) for subject in self.subjects) * len(self.seeds)
        self.progress(self._done / max(total, 1), text)

    def _collect_evidence(self, subject: Subject, seeds: tuple[int, ...]) -> None:
        """The evidence of a question with its runs on these seeds, and the faults that it shows."""
        question, rubric = subject.question, subject.rubric
        models: dict[str, Solution] = {}
        for file, expected in solution_run.expectations(rubric).items():
            found = [self.cache.get(question, rubric, file, seed) for seed in seeds]
            runs = tuple(run for run in found if run is not None)
            if len(runs) < len(found):
                return
            script = file_hash(solution_run.solution_path(question, file))
            models[file] = Solution(expected=expected, sha256=script, runs=runs)
        self.evidence[question.id] = Evidence(
            files=evidence_digest(question, rubric, models),
            data=question.fingerprint,
            machine=solution_run.machine(),
            versions=solution_run.versions(),
            date=datetime.now(UTC).date(),
            seeds=seeds,
            metric=rubric.metric,
            models=models,
        )
        scoring = scoring_of(question.folder)
        for file, solution in models.items():
            for run in solution.runs:
                self.faults += check_run(question.id, scoring, rubric, file, solution.expected, run)

    def write(self) -> list[str]:
        """Write the evidence of every question without a fault; returns their ids. Raises UserError."""
        if not {*SETTING_SEEDS, *PROOF_SEEDS} <= {*self.seeds}:
            return []
        proved = [s.question for s in self.subjects if s.question.id in self.evidence and self._holds(s)]
        for question in proved:
            write_evidence(scoring_of(question.folder) / EVIDENCE, self.evidence[question.id])
        return [question.id for question in proved]


def write_evidence(path: Path, evidence: Evidence) -> None:
    """Write `calibration.json`, whole or not at all. Raises UserError."""
    solution_run.write_text(path, evidence.model_dump_json(indent=1) + "\n")


def data_seed_of(seed: int) -> str:
    """The data seed of `bank show --unpack --seed`, so that an author can look at the data."""
    return f"seed-{seed}"


def holdout_seed_of(seed: int) -> str:
    """The hold-out seed of `grade --seed`."""
    return f"grade-{seed}"


def load_subject(folder: Path) -> Subject:
    """The question in this folder, with its rubric. Raises UserError."""
    question = load_question(folder)
    return Subject(question, rubric_of(question))


def _check_end(question: str, file: str, seed: int, ran: solution_run.ScriptResult, *, saved: bool) -> None:
    location = f"{question}, {file}, seed {seed}"
    if ran.timed_out:
        raise UserError(f"{file} still ran after {ran.seconds:.0f} s.", location=location, hint="Make it faster.")
    if file == solution_run.STUB:
        if "Traceback" in ran.output:
            message = f"The untouched stub raises {ran.last_line}"
            raise UserError(message, location=location, hint="Let it say what to do instead.")
    elif ran.exit_code != 0 or not saved:
        last = ran.last_line or "it printed nothing"
        failed = f"{file} failed (exit code {ran.exit_code}): {last}"
        message = failed if ran.exit_code else f"{file} saved no mymodel.keras."
        hint = "Run it by itself: `mockexam bank show --unpack` makes its data."
        raise UserError(message, location=location, hint=hint)
