"""From the outcome of a model's job to a refusal or to predictions that meet the contract. Pure."""

from __future__ import annotations

import math
import random
import signal
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.models import Contract
from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.contract import Refusal, check_facts, check_predictions, check_rows, check_shape
from mockexam.grading.examiner.error_messages import explain, explain_newer, gate_refusal
from mockexam.grading.examiner.prediction_job import ModelFacts, PredictionOutcome, RawPredictions

DTYPES = frozenset({"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "bool"})
COUNT = 64
"""One batch of the predictor. If a model looks up a share f of its predictions, all are missed with (1 − f)^64."""
TOLERANCE = 0.02
"""As a share of the predictions' standard deviation. Another batch size moves float32 by 2e-7 and float16 by a few
thousandths; a looked-up prediction moves by tenths."""
_NO_ARRAY = Refusal(
    "Your model's process did not return an array of numbers.", "Save a plain Keras model and try again."
)
_BATCH_DEPENDENT = Refusal(
    "The prediction for a sample changes with the other samples in its batch, or from call to call.",
    "Keep the batch dimension separate in every layer, use no random numbers at prediction time (call layers with "
    "training=False), and save again.",
)


def evaluate(
    outcome: PredictionOutcome, samples: int, contract: Contract, memory: int, keras_version: str
) -> Refusal | npt.NDArray[Any]:
    """The predictions, (samples, *output shape), or why they don't count. `memory` is the limit in bytes."""
    if limit := _limit_refusal(outcome, contract, memory):
        return limit
    if outcome.gate is not None:
        gate = outcome.gate  # a class that it does not know may come from a newer Keras
        newer = explain_newer(gate.saved_with, keras_version) if gate.reason == "other_class" else None
        return newer or gate_refusal(gate.reason, gate.found, gate.where)
    facts = outcome.facts or ModelFacts()
    if refusal := check_facts(facts, contract, predicted=outcome.predictions is not None):
        return refusal
    if outcome.error is not None and outcome.how == "failed":
        return explain(outcome.error, keras_version)
    if outcome.how == "crash" or outcome.predictions is None:
        return _crash_refusal(outcome)
    raw = outcome.predictions  # the shape first: it explains more than bytes that do not fit it
    if refusal := check_rows(raw.shape, samples) or check_shape(raw.shape[1:], contract.output):
        return refusal
    values = decode(raw)
    if values is None:
        return _NO_ARRAY
    refusal = check_predictions(values, samples, contract.output, facts)
    return refusal or values.reshape(samples, *contract.output.shape)


def decode(raw: RawPredictions) -> npt.NDArray[Any] | None:
    """The array in untrusted bytes; None if they are not what they claim to be."""
    if raw.dtype not in DTYPES:
        return None
    dtype = np.dtype(raw.dtype)
    if math.prod(raw.shape) * dtype.itemsize != len(raw.data):
        return None
    if dtype == np.bool_:  # a byte other than 0 and 1 is not a bool
        return (np.frombuffer(raw.data, np.uint8) != 0).reshape(raw.shape).astype(np.float32)
    return np.frombuffer(raw.data, dtype).reshape(raw.shape)


def batch_sample(count: int, holdout_seed: str) -> list[int]:
    """Which of `count` samples are predicted a second time, in a batch of their own; fixed by the hold-out seed."""
    rng = random.Random(f"company-{holdout_seed}")
    return rng.sample(range(count), COUNT) if count >= COUNT else rng.choices(range(count), k=COUNT)


def check_batch_independence(predictions: npt.NDArray[Any], again: npt.NDArray[Any], rows: list[int]) -> Refusal | None:
    """Compare the predictions for all samples with those for `rows` alone, made by another process."""
    first, spread = predictions[rows].astype(np.float64), float(predictions.astype(np.float64).std())
    allowed = TOLERANCE * spread + 1e-5 * float(np.abs(first).max()) + 1e-9
    return None if float(np.abs(again.astype(np.float64) - first).max()) <= allowed else _BATCH_DEPENDENT


def _limit_refusal(outcome: PredictionOutcome, contract: Contract, memory: int) -> Refusal | None:
    step = "loading" if outcome.facts is None else "predicting"
    if outcome.how == "time":
        message = f"The model was still {step} after {contract.max_seconds:g} s, the limit for this question."
        remedy = "Use a smaller model: fewer layers, filters or recurrent units, or shorter sequences."
        return Refusal(message, remedy, Verdict.LIMIT_EXCEEDED)
    if outcome.how == "memory" or (outcome.error and outcome.error.error in ("ResourceExhaustedError", "MemoryError")):
        message = f"The model used over {memory / 2**30:.1f} GiB of memory while {step}, more than the grader allows."
        remedy = "Use a smaller model: fewer filters or units, or pooling before wide layers."
        return Refusal(message, remedy, Verdict.LIMIT_EXCEEDED)
    return None


def _crash_refusal(outcome: PredictionOutcome) -> Refusal:
    step = "loading" if outcome.facts is None else "predicting"
    ended = ""
    if outcome.code < 0:
        names = {int(known): known.name for known in signal.Signals}
        ended = f" (signal {names.get(-outcome.code, -outcome.code)})"
    return Refusal(
        f"Your model's process crashed while {step}{ended}.",
        "Load the saved file in a new Python process and call model.predict: if that crashes too, build a smaller "
        "model from plain Keras layers and save it again.",
    )
