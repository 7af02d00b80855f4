"""Inspects one model: what it is and what marking would refuse. No marks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.loader import find_question
from mockexam.bank.models import Contract, InputContract, OutputContract
from mockexam.grading.examiner import staging
from mockexam.grading.examiner.grade_model import GradingContext
from mockexam.grading.examiner.model_facts import ModelFacts
from mockexam.grading.examiner.prediction_job import PredictionOutcome
from mockexam.grading.examiner.prediction_result import Refused, judge
from mockexam.grading.protocol import InspectionFinding, InspectModel, ModelInspected

SAMPLES = 8
FREE_AXIS = 16
"""How long a free axis is made for a try."""
WORDS = ("a short try", "the marker feeds some words to your model", "one", "")
_ANY = Contract(
    max_megabytes=500,
    max_seconds=60,
    input=InputContract(shape=(), dtype="float32", meaning="nothing is fed"),
    output=OutputContract(shape=(1,), form="values", meaning="nothing is asked"),
)


def inspect_model(context: GradingContext, request: InspectModel) -> ModelInspected:
    """What a model is. Raises GraderFaultError (or another UserError) for what is not the model's fault."""
    contract = find_question(request.question).contract if request.question else None
    findings: list[InspectionFinding] = []
    outcome: PredictionOutcome | None = None
    size = 0
    try:
        model = staging.look(Path(request.model), request.format)
        size = model.size
        staging.check(model, contract.max_megabytes if contract else None)
        outcome = _try(context, model, contract)
    except staging.RefusedError as refused:
        findings.append(_finding(Refused(refused.verdict, refused.refusal)))
    if outcome is not None:
        findings += _judge(context, outcome, contract)
    facts = (outcome and outcome.facts) or ModelFacts()
    error = outcome and (outcome.error or outcome.gate)
    return ModelInspected(
        job=request.job,
        format=request.format,
        size=size,
        saved_with=facts.saved_with or (error.saved_with if error else ""),
        inputs=[str(tensor) for tensor in facts.inputs],
        outputs=[str(tensor) for tensor in facts.outputs],
        layers=list(facts.layers),
        parameters=facts.parameters,
        findings=findings,
    )


def _try(context: GradingContext, model: staging.ModelStaging, contract: Contract | None) -> PredictionOutcome:
    if contract is None:
        return context.predict(model, _ANY, None, 0)
    with context.folder() as folder:
        path = folder / "features.npy"
        np.save(path, trial_features(contract.input), allow_pickle=False)
        return context.predict(model, contract, path, SAMPLES)


def trial_features(wanted: InputContract) -> npt.NDArray[Any]:
    """A few samples of the contract's form: words, or random numbers over its range."""
    shape = (SAMPLES, *(FREE_AXIS if axis == -1 else axis for axis in wanted.shape))
    rng = np.random.default_rng(0)
    if wanted.dtype == "string":
        return rng.choice(np.array(WORDS), size=shape)
    low, high = wanted.range or (0.0, 1.0)
    if wanted.dtype == "float32":
        return rng.uniform(low, high, shape).astype(np.float32)
    return rng.integers(int(low), int(high), shape, endpoint=True).astype(wanted.dtype)


def _judge(context: GradingContext, outcome: PredictionOutcome, contract: Contract | None) -> list[InspectionFinding]:
    if contract is None and outcome.how == "answered":
        return []
    grading = judge(
        outcome,
        SAMPLES,
        contract or _ANY,
        context.memory,
        context.host.versions.get("keras", ""),
    )
    if isinstance(grading, Refused):
        return [_finding(grading)]
    return [InspectionFinding(severity="note", message="The marker would take this model.")]


def _finding(refused: Refused) -> InspectionFinding:
    return InspectionFinding(severity="refused", message=refused.refusal.message, remedy=refused.refusal.remedy)
