"""From how a model's job went to a refusal or an array that keeps to the contract. Pure."""

from __future__ import annotations

import random
import signal
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.models import Contract
from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner import contract as rules
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.error_messages import explain, explain_newer
from mockexam.grading.examiner.gate_messages import words
from mockexam.grading.examiner.model_facts import ModelFacts
from mockexam.grading.examiner.prediction_job import GateReason, PredictionOutcome, RawAnswer

_DTYPES = frozenset({"float16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8", "uint16", "bool"})


@dataclass(frozen=True)
class Refused:
    """A verdict without marks."""

    verdict: Verdict
    refusal: Refusal


def judge(
    outcome: PredictionOutcome, samples: int, contract: Contract, memory: int, keras_version: str
) -> Refused | npt.NDArray[Any]:
    """The answer, (samples, *output shape), or why it can't be marked. `memory` is the limit in bytes."""
    limit = _limit_refusal(outcome, contract, memory)
    if limit:
        return Refused(Verdict.LIMIT_EXCEEDED, limit)
    if outcome.gate is not None:
        return _gate(outcome.gate, keras_version)
    facts = outcome.facts or ModelFacts()
    refusal = rules.check_facts(facts, contract)
    if refusal:
        return _invalid(refusal)
    if outcome.error is not None and outcome.how == "failed":
        return _invalid(explain(outcome.error, keras_version))
    if outcome.how == "crash" or outcome.answer is None:
        return _invalid(_crash(outcome))
    return _answer(outcome.answer, samples, contract, facts)


def _gate(gate: GateReason, keras_version: str) -> Refused:
    """What the gate does not know may be what a newer Keras has brought."""
    newer = explain_newer(gate.saved_with, keras_version) if gate.reason == "other_class" else None
    return _invalid(newer) if newer else Refused(*words(gate.reason, gate.found, gate.where))


def _answer(raw: RawAnswer, samples: int, contract: Contract, facts: ModelFacts) -> Refused | npt.NDArray[Any]:
    if raw.shape[:1] != (samples,):
        return _invalid(rules.batch_mixed(raw.shape, samples))
    refusal = rules.check_shape(raw.shape[1:], contract.output)
    if refusal:
        return _invalid(refusal)
    values = decode(raw)
    if values is None:
        return _invalid(_NONSENSE)
    refusal = rules.check_answer(values, samples, contract.output, facts)
    if refusal:
        return _invalid(refusal)
    return values.reshape(samples, *contract.output.shape)


def decode(raw: RawAnswer) -> npt.NDArray[Any] | None:
    """The array in foreign bytes; None if they are not what they claim."""
    if raw.dtype not in _DTYPES:
        return None
    dtype = np.dtype(raw.dtype)
    count = 1
    for axis in raw.shape:
        count *= axis
    if count * dtype.itemsize != len(raw.data):
        return None
    if dtype == np.bool_:  # a byte other than 0 and 1 is no bool
        return (np.frombuffer(raw.data, np.uint8) != 0).reshape(raw.shape).astype(np.float32)
    return np.frombuffer(raw.data, dtype).reshape(raw.shape)


_NONSENSE = Refusal(
    "Your model's process answered what is no array of numbers.", "Save a plain Keras model and submit it again."
)


def _invalid(refusal: Refusal) -> Refused:
    return Refused(Verdict.INVALID_MODEL, refusal)


def _limit_refusal(outcome: PredictionOutcome, contract: Contract, memory: int) -> Refusal | None:
    doing = "loading" if outcome.facts is None else "predicting"
    if outcome.how == "time":
        return Refusal(
            f"The model was still {doing} after {contract.max_seconds:g} s, more than this question allows.",
            "Use a smaller model: fewer layers, filters or recurrent units, or shorter sequences.",
        )
    if outcome.how == "memory" or (outcome.error and outcome.error.error in ("ResourceExhaustedError", "MemoryError")):
        return Refusal(
            f"The model took over {memory / 2**30:.1f} GiB of memory while {doing}, more than the marker allows.",
            "Use a smaller model: fewer filters or units, or pool before the wide layers.",
        )
    return None


def _crash(outcome: PredictionOutcome) -> Refusal:
    doing = "loaded" if outcome.facts is None else "predicted"
    ended = ""
    if outcome.code < 0:
        try:
            ended = f" (signal {signal.Signals(-outcome.code).name})"
        except ValueError:
            ended = f" (signal {-outcome.code})"
    return Refusal(
        f"The process that {doing} your model crashed{ended}.",
        "Load and predict with the saved file in a new Python process: if that crashes too, save a plain Keras model "
        "again, and a smaller one.",
    )


COUNT = 64
"""One batch of the predictor. A model that looks up a share f of its answers has all of them left out in (1 − f)^64."""
TOLERANCE = 0.02
"""Of the spread of all answers. Another batch size moves float32 by 2e-7, float16 by some thousandths; what is looked
up moves by tenths."""
_REFUSAL = Refusal(
    "Your model answers otherwise for the same sample when it stands among other samples, or when it is asked again: "
    "it mixes samples, or draws random numbers.",
    "Keep the first axis (the batch) as it is in every layer, call layers with training=False, and save again.",
)


def batch_sample(count: int, holdout_seed: str) -> list[int]:
    """Which of `count` samples are fed once more; the same ones for the same secret."""
    rng = random.Random(f"company-{holdout_seed}")
    return rng.sample(range(count), COUNT) if count >= COUNT else rng.choices(range(count), k=COUNT)


def check_batch_independence(
    answers: npt.NDArray[np.generic], apart: Refused | npt.NDArray[np.generic], rows: list[int]
) -> Refused | npt.NDArray[np.generic]:
    """`answers` for all samples, or why they don't count; `apart` are those for `rows` alone, if there are any."""
    if isinstance(apart, Refused):
        return apart
    among, spread = answers[rows].astype(np.float64), float(answers.astype(np.float64).std())
    allowed = TOLERANCE * spread + 1e-5 * float(np.abs(among).max()) + 1e-9
    same = float(np.abs(apart.astype(np.float64) - among).max()) <= allowed
    return answers if same else Refused(Verdict.INVALID_MODEL, _REFUSAL)
