"""Diagnoses one graded model: predicts unseen and training samples in one go, measures both, and looks for findings."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.loader import find_question
from mockexam.bank.models import Question
from mockexam.bank.rubric import Rubric, rubric_of
from mockexam.errors import GraderFaultError
from mockexam.grading.examiner import metrics, staging
from mockexam.grading.examiner.data_client import Samples
from mockexam.grading.examiner.diagnosis import Case, Part, findings
from mockexam.grading.examiner.grade_model import GradingContext, draw_holdout, draw_train
from mockexam.grading.examiner.prediction_result import Refused, judge
from mockexam.grading.protocol import DiagnoseModel, ModelDiagnosed

MAX_SECONDS = 60.0
"""A model that needs longer is not diagnosed: the next model's marks would have to wait for it."""
Array = npt.NDArray[Any]


def diagnose_model(context: GradingContext, request: DiagnoseModel) -> ModelDiagnosed:
    """What can be measured about a graded model. Raises GraderFaultError (or another UserError) whatever goes wrong."""
    question = find_question(request.question)
    rubric = rubric_of(question)
    held = draw_holdout(context, request, question, rubric)
    train = draw_train(context, request, question, rubric, held)
    features = np.load(held.features, mmap_mode="r", allow_pickle=False)
    more = None if train is None else np.load(train.features, mmap_mode="r", allow_pickle=False)
    if more is not None and more.shape[1:] != features.shape[1:]:  # a free axis: one array can't hold both
        train = more = None
    answer = _answer(context, request, question, features if more is None else np.concatenate([features, more]), held)
    case = Case(
        rubric=rubric,
        output=question.contract.output,
        series=question.contract.input.overlaps,
        held=_part(rubric, question, answer[: held.count], held),
        train=None if train is None else _part(rubric, question, answer[held.count :], train),
        features=features,
    )
    value = case.train.value if case.train else None
    return ModelDiagnosed(
        job=request.job,
        train_value=value if value is not None and math.isfinite(value) else None,
        findings=list(findings(case)),
    )


def _answer(
    context: GradingContext, request: DiagnoseModel, question: Question, features: Array, held: Samples
) -> Array:
    """The model's answers, in the time that marking gives to as many samples."""
    contract = question.contract
    seconds = min(contract.max_seconds * len(features) / held.count, MAX_SECONDS)
    try:
        model = staging.look(Path(request.model), request.format)
        staging.check(model, contract.max_megabytes)
        with context.folder() as folder:
            np.save(folder / "features.npy", features, allow_pickle=False)
            outcome = context.predict(model, contract, folder / "features.npy", len(features), seconds)
    except staging.RefusedError as refused:
        raise _refused(refused.refusal.message, request.model) from None
    answer = judge(outcome, len(features), contract, context.memory, context.host.versions.get("keras", ""))
    if isinstance(answer, Refused):
        raise _refused(answer.refusal.message, request.model)
    return answer


def _refused(why: str, where: str) -> GraderFaultError:
    return GraderFaultError(f"The model can't be diagnosed: {why}", location=where)


def _part(rubric: Rubric, question: Question, answer: Array, samples: Samples) -> Part:
    with np.errstate(over="ignore"):
        value = metrics.measure(rubric.metric, question.contract.output.form, answer, samples.labels)
    return Part(answer, samples.labels, value)
