"""Asks the examiner, with its gate, its sandbox and its predictors, for the predictions of a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from compat.cells import TOLERANCE, TOLERANCES
from mockexam.bank.models import Contract, InputContract, OutputContract
from mockexam.errors import GraderFaultError
from mockexam.exam.events import ModelFormat
from mockexam.grading.examiner import sandbox, staging
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.data_worker import SampleCache
from mockexam.grading.examiner.grade_model import GradingContext
from mockexam.grading.examiner.predictor_host import Keras, PredictorHost

_DTYPES = {"U": "string", "f": "float32", "i": "int32", "u": "uint8"}


@dataclass(frozen=True)
class Graded:
    """What came of a file: `same`, `different`, `refused` or `fault`, and what there is to say about it."""

    outcome: str
    text: str = ""
    remedy: str = ""


@contextmanager
def examiner(folder: Path) -> Iterator[GradingContext]:
    """An examiner's inside, with its files in an empty folder. Used from the main thread."""
    jobs = folder / "jobs"
    jobs.mkdir()
    box = sandbox.choose(jobs)
    hosts: dict[Keras, PredictorHost] = {}
    with (folder / "log").open("wb") as log:

        def host(keras: Keras) -> PredictorHost:
            if keras not in hosts:
                hosts[keras] = PredictorHost(box, log, lambda *_: None, lambda: None, keras)
            return hosts[keras]

        try:
            yield GradingContext(host, jobs, SampleCache(jobs, log), {}, announce=lambda _: None)
        finally:
            for made in hosts.values():
                made.kill()


def grade(
    context: GradingContext,
    model: Path,
    format: ModelFormat,
    inputs: npt.NDArray[Any],
    wanted: npt.NDArray[Any],
    dtype: str,
) -> Graded:
    """Compare the examiner's predictions with those `wanted`, (samples, ...), whose type was `dtype` when saved."""
    try:
        found = predictions(context, model, format, inputs, wanted.shape[1:])
    except GraderFaultError as fault:
        return Graded("fault", str(fault))
    if isinstance(found, Refusal):
        return Graded("refused", found.message, found.remedy)
    relative, absolute = TOLERANCES.get(dtype, TOLERANCE)
    if np.allclose(found, wanted, rtol=relative, atol=absolute):
        return Graded("same")
    worst = float(np.abs(found.astype(np.float64) - wanted).max())
    return Graded("different", f"The predictions differ by up to {worst:.3g}.")


def predictions(
    context: GradingContext, model: Path, format: ModelFormat, inputs: npt.NDArray[Any], shape: tuple[int, ...]
) -> Refusal | npt.NDArray[Any]:
    """What a file predicts, (samples, *shape), or why it is refused. Raises GraderFaultError."""
    if inputs.dtype.kind == "U":  # (samples, 1) as the models declare it; a question's texts have no axes
        inputs = inputs.reshape(len(inputs))
    contract = Contract(
        max_megabytes=100,
        input=InputContract(
            shape=inputs.shape[1:], dtype=_DTYPES[inputs.dtype.kind], meaning="the matrix's", windows=False
        ),
        output=OutputContract(shape=shape, form="values", meaning="the matrix's"),
    )
    context.keras = 3  # until the model asks for the other
    try:
        looked = staging.look(model, format)
        staging.check(looked, contract.max_megabytes)
        with context.folder() as folder:
            features = folder / "features.npy"
            np.save(features, inputs, allow_pickle=False)
            outcome = context.predict(looked, contract, features, len(inputs))
    except staging.RefusedError as refused:
        return refused.refusal
    return context.evaluate(outcome, len(inputs), contract)
