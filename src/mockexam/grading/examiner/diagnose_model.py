"""Finds out what costs a graded model marks, from its predictions for unseen and training samples.

A finding is two or three sentences for the learner: what was observed, with figures, and what to check; not how the
question is solved. It must be true for these predictions, and most findings are weighed in marks, so that a good model
with a small flaw gets none.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from mockexam.bank.loader import find_question
from mockexam.bank.models import Question
from mockexam.bank.rubric import Rubric, rubric_of
from mockexam.errors import GraderFaultError
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.grading.examiner import class_findings, diagnosis_case, metrics, staging, value_findings
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.data_worker import Samples
from mockexam.grading.examiner.diagnosis_case import Array, DiagnosisCase, Evaluation
from mockexam.grading.examiner.grade_model import GradingContext, draw_holdout, draw_train
from mockexam.grading.protocol import DiagnoseModel, ModelDiagnosed

MAX_SECONDS = 60.0  # a slower model is not diagnosed: the next model would have to wait for its marks
MAX_FINDINGS = 3
_FINDERS = (
    diagnosis_case.overfitting,
    class_findings.undecided,
    class_findings.imbalance,
    class_findings.never_predicted,
    class_findings.confused,
    value_findings.forecast,
    diagnosis_case.underfitting,
    class_findings.overconfident,
)
"""The most important first."""


def diagnose_model(context: GradingContext, request: DiagnoseModel) -> ModelDiagnosed:
    """The diagnosis of a graded model. Raises GraderFaultError (or another UserError) whatever goes wrong."""
    question = find_question(request.question)
    rubric = rubric_of(question)
    holdout = draw_holdout(context, request, question, rubric)
    train = draw_train(context, request, question, rubric, holdout)
    features = np.load(holdout.features, mmap_mode="r", allow_pickle=False)
    more = None if train is None else np.load(train.features, mmap_mode="r", allow_pickle=False)
    if more is not None and more.shape[1:] != features.shape[1:]:  # a free axis: one array can't hold both
        train = more = None
    fed = features if more is None else np.concatenate([features, more])
    predictions = _predict(context, request, question, fed, holdout.count)
    case = DiagnosisCase(
        rubric=rubric, output=question.contract.output, series=question.contract.input.overlaps,
        holdout=_evaluation(rubric, question, predictions[: holdout.count], holdout),
        train=None if train is None else _evaluation(rubric, question, predictions[holdout.count :], train),
        features=features,
    )  # fmt: skip
    value = case.train.value if case.train else None
    return ModelDiagnosed(
        job=request.job,
        train_value=value if value is not None and math.isfinite(value) else None,
        findings=list(findings(case)),
        class_report=class_findings.class_report(case),
    )


def findings(case: DiagnosisCase) -> tuple[str, ...]:
    """At most three findings, the most important first; with full marks one sentence with the values."""
    with np.errstate(all="ignore"):  # a wild model's predictions may overflow; then no comparison holds
        if case.marks(case.holdout.value) == MARKS_PER_QUESTION:
            return (diagnosis_case.full_marks(case),)
        # Plainly wrong predictions spoil every other figure, so nothing else is said.
        found = class_findings.obvious(case) if case.classifies else value_findings.obvious(case)
        found = found or [text for finder in _FINDERS if (text := finder(case))]
    return tuple(found[:MAX_FINDINGS])


def _predict(
    context: GradingContext, request: DiagnoseModel, question: Question, features: Array, holdout_count: int
) -> Array:
    """The model's predictions, in the time that grading allows for so many samples."""
    contract = question.contract
    seconds = min(contract.max_seconds * len(features) / holdout_count, MAX_SECONDS)
    try:
        model = staging.look(Path(request.model), request.format)
        staging.check(model, contract.max_megabytes)
        with context.folder() as folder:
            np.save(folder / "features.npy", features, allow_pickle=False)
            outcome = context.predict(model, contract, folder / "features.npy", len(features), seconds)
        result = context.evaluate(outcome, len(features), contract)
    except staging.RefusedError as refused:
        result = refused.refusal
    if isinstance(result, Refusal):
        raise GraderFaultError(f"The model can't be diagnosed: {result.message}", location=request.model)
    return result


def _evaluation(rubric: Rubric, question: Question, predictions: Array, samples: Samples) -> Evaluation:
    with np.errstate(over="ignore"):
        value = metrics.measure(rubric.metric, question.contract.output.form, predictions, samples.labels)
    return Evaluation(predictions, samples.labels, value)
