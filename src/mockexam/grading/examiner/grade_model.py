"""Grades or inspects one model: the single path that every verdict takes."""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam import paths
from mockexam.bank.loader import find_question
from mockexam.bank.models import Contract, InputContract, OutputContract, Question
from mockexam.bank.rubric import Rubric, rubric_of
from mockexam.errors import GraderFaultError
from mockexam.exam.scoring import Verdict
from mockexam.grading import protocol as p
from mockexam.grading.examiner import metrics, staging
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.data_worker import DATA_SECONDS, SampleCache, Samples
from mockexam.grading.examiner.prediction_job import ModelFacts, PredictionJob, PredictionOutcome
from mockexam.grading.examiner.prediction_result import batch_sample, check_batch_independence, evaluate
from mockexam.grading.examiner.predictor_host import (
    OVERTIME_SECONDS,
    START_SECONDS,
    TRIES,
    Keras,
    PredictorHost,
    memory_limit,
)
from mockexam.grading.ipc import BUSY_TIMES

FILE_BYTES = 64 * staging.MEGABYTE  # what loading may unpack into files, besides twice the model's own size
TRIAL_SAMPLES = 8
TRIAL_LENGTH = 16  # length of a free axis in an inspection
TRIAL_TEXTS = ("a short test", "the grader feeds some words to your model", "one", "")
_ANY_CONTRACT = Contract(
    max_megabytes=500,
    max_seconds=60,
    input=InputContract(shape=(), dtype="float32", meaning="no input"),
    output=OutputContract(shape=(1,), form="values", meaning="no output"),
)


@dataclass
class GradingContext:
    """What grading works with: the predictors, one folder that they can read, the samples drawn so far."""

    hosts: Callable[[Keras], PredictorHost]
    jobs: Path
    sample_cache: SampleCache
    versions: Mapping[str, str]
    announce: Callable[[float], None]  # called before each step of a job with the seconds that it takes at most
    memory: int = field(default_factory=memory_limit)
    keras: Keras = 3
    """What the current request's model needs, as far as it is known."""
    _count: int = 0

    @property
    def host(self) -> PredictorHost:
        """The predictor of the current request's model."""
        return self.hosts(self.keras)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        self._count += 1
        folder = self.jobs / f"job{self._count}"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def predict(
        self,
        model: staging.ModelStaging,
        contract: Contract,
        features: Path | None,
        samples: int,
        seconds: float | None = None,
        rows: Sequence[int] = (),
        forget: bool = False,
    ) -> PredictionOutcome:
        """Load a model and, if there are features, predict, within so many seconds (None: the contract's limit).

        With `rows` only those samples are fed; with `forget` variables are reset after each batch.
        Raises GraderFaultError, RefusedError.
        """
        with self.folder() as folder:
            try:
                placed = staging.place(model, folder, paths.state_paths().submissions)
            except OSError as error:
                raise GraderFaultError(f"The model can't be copied: {error.strerror}.", location=str(folder)) from None
            job = PredictionJob(
                model=str(placed), format=model.format, features=str(features) if features else None,
                samples=len(rows) or samples, rows=tuple(rows), forget=forget, values=contract.output.values_a_sample,
                seconds=contract.max_seconds if seconds is None else seconds, memory=self.memory,
                file_bytes=2 * model.size + FILE_BYTES, own_bytes=staging.own_limit(model, contract.max_megabytes),
            )  # fmt: skip
            outcome = self._run(job)
            if outcome.how == "other_keras" and self.keras == 3:
                self.keras = 2
                outcome = self._run(job)
            return outcome

    def _run(self, job: PredictionJob) -> PredictionOutcome:
        self.announce(2 * START_SECONDS)
        self.host.wait_warm()
        self.announce(TRIES * (START_SECONDS + OVERTIME_SECONDS + job.seconds * BUSY_TIMES))
        return self.host.run(job)

    def evaluate(self, outcome: PredictionOutcome, samples: int, contract: Contract) -> Refusal | npt.NDArray[Any]:
        """The predictions, (samples, *output shape), or why they don't count."""
        return evaluate(outcome, samples, contract, self.memory, self.host.versions.get("keras", ""))

    def all_versions(self) -> dict[str, str]:
        """Versions of everything that contributes to a verdict."""
        return {**self.versions, **self.host.versions}


def grade_model(context: GradingContext, request: p.GradeModel) -> p.ModelGraded:
    """The verdict on a model. Raises GraderFaultError (or another UserError) for what is not the candidate's fault."""
    began = time.monotonic()
    question = find_question(request.question)
    rubric = rubric_of(question)
    result = _predictions_and_labels(context, request, question, rubric)
    if isinstance(result, Refusal):
        fields: dict[str, Any] = {"verdict": result.verdict, "message": result.message, "remedy": result.remedy}
    else:
        fields = {"verdict": Verdict.GRADED, **_marks(rubric, question, *result), "answers": answers_hash(result[0])}
        if request.spread:
            form, series = question.contract.output.form, question.contract.input.overlaps
            fields["standard_error"] = metrics.standard_error(rubric.metric, form, *result, series=series)
    return p.ModelGraded(
        job=request.job, isolation=context.host.sandbox.record, versions=context.all_versions(),
        seconds=round(time.monotonic() - began, 3), **fields,
    )  # fmt: skip


def _predictions_and_labels(
    context: GradingContext, request: p.GradeModel, question: Question, rubric: Rubric
) -> Refusal | tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    contract = question.contract

    def predict(rows: Sequence[int] = (), *, forget: bool) -> Refusal | npt.NDArray[Any]:
        outcome = context.predict(model, contract, holdout.features, holdout.count, rows=rows, forget=forget)
        return context.evaluate(outcome, len(rows) or holdout.count, contract)

    try:
        model = staging.look(Path(request.model), request.format)
        staging.check(model, contract.max_megabytes)
        holdout = draw_holdout(context, request, question, rubric)
        overlaps = contract.input.overlaps  # elsewhere one sample tells nothing about another
        predictions = predict(forget=overlaps)
        if isinstance(predictions, Refusal):
            return predictions
        if overlaps:
            rows = batch_sample(holdout.count, request.holdout_seed)
            again = predict(rows, forget=True)
            refusal = again if isinstance(again, Refusal) else check_batch_independence(predictions, again, rows)
            if refusal:
                return refusal
    except staging.RefusedError as refused:
        return refused.refusal
    return predictions, holdout.labels


def _marks(
    rubric: Rubric, question: Question, predictions: npt.NDArray[Any], labels: npt.NDArray[Any]
) -> dict[str, Any]:
    with np.errstate(over="ignore"):
        value = metrics.measure(rubric.metric, question.contract.output.form, predictions, labels)
    if not np.isfinite(value):  # finite predictions can have an infinite error, which JSON can't hold
        value = -sys.float_info.max if rubric.larger_is_better else sys.float_info.max
    marks, next_at = metrics.to_marks(rubric, value)
    return {"marks": marks, "metric": rubric.metric, "value": value, "next_at": next_at}


def answers_hash(predictions: npt.NDArray[Any]) -> str:
    """Identifies predictions to the last bit; empty if they are the same for each sample, as of a model that died."""
    if len(predictions) == 0 or bool(np.all(predictions == predictions[0])):
        return ""
    exact = np.ascontiguousarray(predictions, dtype="<f8")
    return hashlib.sha256(exact.tobytes()).hexdigest()[:32]


def prepare(context: GradingContext, request: p.Prepare) -> None:
    """Draw the samples that grading a question will need. Raises UserError."""
    question = find_question(request.question)
    rubric = rubric_of(question)
    holdout = draw_holdout(context, request, question, rubric)
    if request.train:
        draw_train(context, request, question, rubric, holdout)


def draw_holdout(
    context: GradingContext, request: p.HoldoutRequest | p.Prepare, question: Question, rubric: Rubric
) -> Samples:
    """The question's hold-out. Raises GraderFaultError."""
    context.announce(DATA_SECONDS)
    return context.sample_cache.holdout(question, rubric.metric, request.data_seed, request.holdout_seed)


def draw_train(
    context: GradingContext, request: p.DiagnoseModel | p.Prepare, question: Question, rubric: Rubric, holdout: Samples
) -> Samples | None:
    """At most as many training samples as the hold-out has; None if there are none. Raises GraderFaultError."""
    context.announce(DATA_SECONDS)
    return context.sample_cache.train(question, rubric.metric, request.data_seed, holdout.count)


def inspect_model(context: GradingContext, request: p.InspectModel) -> p.ModelInspected:
    """Describe a model and say what would be refused. Raises UserError for what is not the model's fault."""
    contract = find_question(request.question).contract if request.question else None
    outcome: PredictionOutcome | None = None
    size = 0
    try:
        model = staging.look(Path(request.model), request.format)
        size = model.size
        staging.check(model, contract.max_megabytes if contract else None)
        outcome = _try(context, model, contract)
        refusal = _trial_refusal(context, outcome, contract)
    except staging.RefusedError as refused:
        refusal = refused.refusal
    findings: list[p.InspectionFinding] = []
    if refusal:
        findings = [p.InspectionFinding(severity="refused", message=refusal.message, remedy=refusal.remedy)]
    elif contract:
        findings = [p.InspectionFinding(severity="note", message="The grader accepts this model.")]
    facts = (outcome and outcome.facts) or ModelFacts()
    error = outcome and (outcome.error or outcome.gate)
    return p.ModelInspected(
        job=request.job, format=request.format, size=size,
        saved_with=facts.saved_with or (error.saved_with if error else ""),
        inputs=[str(tensor) for tensor in facts.inputs], outputs=[str(tensor) for tensor in facts.outputs],
        layers=list(facts.layers), parameters=facts.parameters, findings=findings,
    )  # fmt: skip


def _try(context: GradingContext, model: staging.ModelStaging, contract: Contract | None) -> PredictionOutcome:
    if contract is None:
        return context.predict(model, _ANY_CONTRACT, None, 0)
    with context.folder() as folder:
        path = folder / "features.npy"
        np.save(path, trial_features(contract.input), allow_pickle=False)
        return context.predict(model, contract, path, TRIAL_SAMPLES)


def trial_features(wanted: InputContract) -> npt.NDArray[Any]:
    """A few samples of the contract's shape: texts, or random numbers within its range."""
    shape = (TRIAL_SAMPLES, *(TRIAL_LENGTH if axis == -1 else axis for axis in wanted.shape))
    rng = np.random.default_rng(0)
    if wanted.dtype == "string":
        return rng.choice(np.array(TRIAL_TEXTS), size=shape)
    low, high = wanted.range or (0.0, 1.0)
    if wanted.dtype == "float32":
        return rng.uniform(low, high, shape).astype(np.float32)
    return rng.integers(int(low), int(high), shape, endpoint=True).astype(wanted.dtype)


def _trial_refusal(context: GradingContext, outcome: PredictionOutcome, contract: Contract | None) -> Refusal | None:
    if contract is None and outcome.how == "predicted":
        return None
    result = context.evaluate(outcome, TRIAL_SAMPLES, contract or _ANY_CONTRACT)
    return result if isinstance(result, Refusal) else None
