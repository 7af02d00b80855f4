"""Marks one model: the one path that every verdict takes."""

from __future__ import annotations

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
from mockexam.bank.models import Contract, Question
from mockexam.bank.rubric import Rubric, rubric_of
from mockexam.errors import GraderFaultError
from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner import metrics, prediction_result, staging
from mockexam.grading.examiner.data_client import MAKER_SECONDS, SampleCache, Samples
from mockexam.grading.examiner.metrics import standard_error
from mockexam.grading.examiner.prediction_job import PredictionJob, PredictionOutcome
from mockexam.grading.examiner.prediction_result import Refused, judge
from mockexam.grading.examiner.predictor_host import OVERTIME_SECONDS, START_SECONDS, TRIES, PredictorHost, memory_limit
from mockexam.grading.protocol import DiagnoseModel, GradeModel, ModelGraded, Prepare

FILE_BYTES = 64 * staging.MEGABYTE
"""What loading may unpack into files besides twice the model's own size."""


@dataclass
class GradingContext:
    """What marking works with: one predictor, one folder that it may read, the samples drawn so far."""

    host: PredictorHost
    jobs: Path
    sample_cache: SampleCache
    versions: Mapping[str, str]
    announce: Callable[[float], None]
    """Told before each part of a job how many seconds it takes at most."""
    memory: int = field(default_factory=memory_limit)
    _count: int = 0

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder for one job, gone afterwards."""
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
        """Have a model loaded and, if there are features, predicted, in so many seconds (None: the contract's).

        With `rows` those samples alone are fed; with `forget` variables are set back after each batch.

        Raises GraderFaultError, RefusedError.
        """
        with self.folder() as folder:
            try:
                placed = staging.place(model, folder, paths.state_paths().submissions)
            except OSError as error:
                raise GraderFaultError(f"The model can't be copied: {error.strerror}.", location=str(folder)) from None
            job = PredictionJob(
                model=str(placed),
                format=model.format,
                features=str(features) if features else None,
                samples=len(rows) or samples,
                rows=tuple(rows),
                forget=forget,
                values=contract.output.values_a_sample,
                seconds=contract.max_seconds if seconds is None else seconds,
                memory=self.memory,
                file_bytes=2 * model.size + FILE_BYTES,
            )
            self.announce(2 * START_SECONDS)
            self.host.wait_warm()
            self.announce(TRIES * (START_SECONDS + OVERTIME_SECONDS + job.seconds))
            return self.host.run(job)

    def all_versions(self) -> dict[str, str]:
        """Versions of everything that had a part in a verdict."""
        return {**self.versions, **self.host.versions}


def grade_model(context: GradingContext, request: GradeModel) -> ModelGraded:
    """The verdict on a model. Raises GraderFaultError (or another UserError) for what is no candidate's fault."""
    began = time.monotonic()
    question = find_question(request.question)
    rubric = rubric_of(question)
    grading = _judge(context, request, question, rubric)
    if isinstance(grading, Refused):
        fields: dict[str, Any] = {
            "verdict": grading.verdict, "message": grading.refusal.message, "remedy": grading.refusal.remedy,
        }  # fmt: skip
    else:
        fields = {"verdict": Verdict.GRADED, **_marks(rubric, question, *grading)}
        if request.spread:
            form, series = question.contract.output.form, question.contract.input.overlaps
            fields["standard_error"] = standard_error(rubric.metric, form, *grading, series=series)
    return ModelGraded(
        job=request.job,
        isolation=context.host.sandbox.record,
        versions=context.all_versions(),
        seconds=round(time.monotonic() - began, 3),
        **fields,
    )


def _judge(
    context: GradingContext, request: GradeModel, question: Question, rubric: Rubric
) -> Refused | tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """A refusal, or answer and labels."""
    contract = question.contract
    try:
        model = staging.look(Path(request.model), request.format)
        staging.check(model, contract.max_megabytes)
        held = draw_holdout(context, request, question, rubric)
        apart = contract.input.overlaps  # elsewhere samples know nothing of one another
        answer = _answer(context, model, contract, held, forget=apart)
        if apart and not isinstance(answer, Refused):
            rows = prediction_result.batch_sample(held.count, request.holdout_seed)
            answer = prediction_result.check_batch_independence(
                answer, _answer(context, model, contract, held, rows, forget=True), rows
            )
    except staging.RefusedError as refused:
        return Refused(refused.verdict, refused.refusal)
    return answer if isinstance(answer, Refused) else (answer, held.labels)


def _answer(
    context: GradingContext,
    model: staging.ModelStaging,
    contract: Contract,
    held: Samples,
    rows: Sequence[int] = (),
    *,
    forget: bool,
) -> Refused | npt.NDArray[Any]:
    """A process's answers for all samples, or for those of `rows`; or why there are none that count."""
    outcome = context.predict(model, contract, held.features, held.count, rows=rows, forget=forget)
    return judge(outcome, len(rows) or held.count, contract, context.memory, context.host.versions.get("keras", ""))


def prepare(context: GradingContext, request: Prepare) -> None:
    """Draw what a question's marking will need, to be at hand when a model comes. Raises UserError."""
    question = find_question(request.question)
    rubric = rubric_of(question)
    held = draw_holdout(context, request, question, rubric)
    if request.train:
        draw_train(context, request, question, rubric, held)


def draw_holdout(
    context: GradingContext, request: GradeModel | DiagnoseModel | Prepare, question: Question, rubric: Rubric
) -> Samples:
    """The question's hold-out. Raises GraderFaultError."""
    context.announce(MAKER_SECONDS)
    return context.sample_cache.holdout(
        request.question, question.fingerprint, rubric.metric, request.data_seed, request.holdout_seed
    )


def draw_train(
    context: GradingContext, request: DiagnoseModel | Prepare, question: Question, rubric: Rubric, held: Samples
) -> Samples | None:
    """Training samples, at most as many as the hold-out has; None if a pack gives none. Raises GraderFaultError."""
    context.announce(MAKER_SECONDS)
    return context.sample_cache.train(
        request.question, question.fingerprint, rubric.metric, request.data_seed, held.count
    )


def _marks(rubric: Rubric, question: Question, answer: npt.NDArray[Any], labels: npt.NDArray[Any]) -> dict[str, Any]:
    with np.errstate(over="ignore"):
        value = metrics.measure(rubric.metric, question.contract.output.form, answer, labels)
    if not np.isfinite(value):  # finite answers may have an error beyond all numbers, which no message can hold
        value = -sys.float_info.max if rubric.larger_is_better else sys.float_info.max
    marks, next_at = metrics.mark(rubric, value)
    return {"marks": marks, "metric": rubric.metric, "value": value, "next_at": next_at}
