"""Compares a model with a question's contract, and tells the learner what is wrong and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.models import Contract, InputContract, OutputContract
from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.prediction_job import ModelFacts, TensorFact, shape_text

SUM_TOLERANCE = 1e-3
SUM_TOLERANCE_FLOAT16 = 5e-3  # three decimal digits
SUM_TOLERANCE_BFLOAT16 = 2e-2  # eight binary digits: a softmax of ten classes adds up to 1 ± 0.01
EDGE_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Refusal:
    """Why a model can't be graded, and how to fix it."""

    message: str
    remedy: str
    verdict: Verdict = Verdict.INVALID_MODEL


def check_facts(facts: ModelFacts, contract: Contract, *, predicted: bool = False) -> Refusal | None:
    """Check what a model declares. What it does not declare passes, and its predictions decide.

    If it has `predicted`, they alone decide about the shape of its output: layers can declare another, such as
    TextVectorization with tf-idf.
    """
    return _check_input(facts, contract.input) or _check_outputs(facts, contract.output, predicted=predicted)


def _check_input(facts: ModelFacts, wanted: InputContract) -> Refusal | None:
    if not facts.inputs:
        return None
    fed = _fed(wanted)
    if len(facts.inputs) > 1:
        names = ", ".join(t.name for t in facts.inputs[:5])
        message = f"Your model has {len(facts.inputs)} inputs ({names}); this question has one: {fed}."
        return Refusal(message, "Build the model with a single input of that shape.")
    tensor = facts.inputs[0]
    return _check_input_dtype(tensor, wanted, fed) or _check_input_shape(tensor, wanted, fed)


def _check_input_dtype(tensor: TensorFact, wanted: InputContract, fed: str) -> Refusal | None:
    if (tensor.dtype == "string") == (wanted.dtype == "string"):
        return None
    if tensor.dtype == "string":
        message = f"Your model expects strings; the samples of this question are numbers: {fed}."
        remedy = f"Start the model with tf.keras.Input(shape={_keras_shape(wanted)}), without dtype=tf.string."
        return Refusal(message, remedy)
    return Refusal(
        f"Your model expects {tensor}; the input of this question is {fed}.",
        "Put your adapted TextVectorization layer inside the model. No new training is needed: save "
        "tf.keras.Sequential([tf.keras.Input((1,), dtype=tf.string), vectorize, model]).",
    )


def _check_input_shape(tensor: TensorFact, wanted: InputContract, fed: str) -> Refusal | None:
    if tensor.shape is None:
        return None
    start = f"Start the model with tf.keras.Input(shape={_keras_shape(wanted)})"
    any_batch = (
        f"{start}, without batch_size, batch_shape or stateful=True. No new training is needed: put "
        'model.load_weights("mymodel.keras") (or "mymodel.h5") in place of model.fit(...), and save again.'
    )
    if not tensor.shape:
        return Refusal(f"Your model's input has no batch dimension; the input of this question is {fed}.", any_batch)
    if tensor.shape[0] is not None:
        return Refusal(
            f"Your model only accepts batches of exactly {tensor.shape[0]} samples; it must accept any batch size.",
            any_batch,
        )
    have = tensor.shape[1:]
    if any(_fits(have, shape) for shape in _also_fed(wanted.shape)):
        return None
    flattened = len(have) == 1 < len(wanted.shape) and -1 not in wanted.shape and have[0] == int(np.prod(wanted.shape))
    return Refusal(
        f"Your model expects samples of shape {shape_text(have)}; the input of this question is {fed}.",
        "Flatten inside the model. No new training is needed: save tf.keras.Sequential([tf.keras.Input("
        f"{_keras_shape(wanted)}), tf.keras.layers.Flatten(), model])."
        if flattened
        else f"{start}; if a layer needs another shape, reshape inside the model.",
    )


def _also_fed(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Shapes that the predictor can feed: with or without a last axis of length 1."""
    shapes = [shape, (*shape, 1)]
    return [*shapes, shape[:-1]] if shape and shape[-1] == 1 else shapes


def _fits(have: tuple[int | None, ...], wanted: tuple[int, ...]) -> bool:
    return len(have) == len(wanted) and all(h is None or w in (-1, h) for h, w in zip(have, wanted, strict=True))


def _keras_shape(wanted: InputContract) -> tuple[int | None, ...]:
    return tuple(None if axis == -1 else axis for axis in wanted.shape)


def _fed(wanted: InputContract) -> str:
    kind = "plain strings" if wanted.dtype == "string" else wanted.dtype
    return (
        f"{kind} of shape {shape_text(_keras_shape(wanted))} per sample" if wanted.shape else f"{kind}, one per sample"
    )


def _check_outputs(facts: ModelFacts, wanted: OutputContract, *, predicted: bool) -> Refusal | None:
    if len(facts.outputs) > 1:
        message = f"Your model has {len(facts.outputs)} outputs; this question needs one: {_needed(wanted)}."
        return Refusal(message, "Save a model with a single output.")
    if predicted or not facts.outputs or facts.outputs[0].shape is None:
        return None
    declared = facts.outputs[0].shape[1:]
    if any(axis is None for axis in declared):
        return None
    return check_shape(tuple(axis or 0 for axis in declared), wanted)


def check_shape(sample: tuple[int, ...], wanted: OutputContract) -> Refusal | None:
    """Check the shape of one sample's prediction. Last axes of length 1 are optional."""
    if _squeezed(sample) == _squeezed(wanted.shape):
        return None
    message = f"Your model outputs {_size(sample)} per sample; this question needs {_needed(wanted)}."
    if wanted.form == "probabilities" and _squeezed(sample) == _squeezed(wanted.shape[:-1]) and wanted.shape[-1] > 2:
        return Refusal(message, f"{_last_layer(wanted)} If the model ends with argmax, remove it.")
    if len(sample) == len(wanted.shape) + 1 and sample[-1:] == wanted.shape[-1:]:
        return Refusal(
            message,
            "Predict once per sample, not once per time step: set return_sequences=False in the last recurrent layer, "
            "or pool or flatten before the last Dense layer.",
        )
    return Refusal(message, _last_layer(wanted))


def _last_layer(wanted: OutputContract) -> str:
    if len(wanted.shape) > 1:
        return f"End the model with shape {wanted.shape} per sample, for example with Dense and Reshape layers."
    activation = {"probabilities": ', activation="softmax"', "unit_interval": ', activation="sigmoid"', "values": ""}
    return f"End the model with Dense({wanted.shape[-1]}{activation[wanted.form]})."


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    while shape and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def _size(sample: tuple[int, ...]) -> str:
    if len(sample) > 1:
        return f"an array of shape {shape_text(sample)}"
    return "1 number" if sample in ((), (1,)) else f"{sample[0]} numbers"


def _needed(wanted: OutputContract) -> str:
    if wanted.form == "values":
        return _size(wanted.shape)
    if wanted.form == "unit_interval":
        return f"{_size(wanted.shape)} from 0 to 1"
    if len(wanted.shape) == 1:
        return f"{wanted.shape[-1]} probabilities that sum to 1"
    return f"probabilities in {_size(wanted.shape)}"


def check_predictions(
    predictions: npt.NDArray[Any], samples: int, wanted: OutputContract, facts: ModelFacts
) -> Refusal | None:
    """Check all predictions, (samples, ...) of any number type, against the output contract."""
    refusal = check_rows(predictions.shape, samples) or check_shape(predictions.shape[1:], wanted)
    if refusal:
        return refusal
    values = predictions.reshape(samples, *wanted.shape)
    return _check_finite(values) or _check_form(values, wanted, facts)


def check_rows(shape: tuple[int, ...], samples: int) -> Refusal | None:
    """Check that there is one row per sample."""
    if shape[:1] == (samples,):
        return None
    rows = shape[0] if shape else 1
    return Refusal(
        f"For {samples} samples your model returns {rows} row{'' if rows == 1 else 's'}: it mixes the samples in a "
        "batch.",
        "Keep the batch dimension: reshape with tf.keras.layers.Reshape or Flatten, not with tf.reshape.",
    )


def _check_finite(values: npt.NDArray[Any]) -> Refusal | None:
    if values.dtype.kind not in "fc" or np.isfinite(values).all():
        return None
    bad = int((~np.isfinite(values.reshape(len(values), -1)).all(-1)).sum())
    return Refusal(
        f"Your model predicts NaN or infinity for {bad} of {len(values)} samples: training diverged, or missing values "
        "pass through the model.",
        "Scale the inputs and fill missing values inside the model, lower the learning rate, and check that the loss "
        "stays finite. Then train and save again.",
    )


def _check_form(values: npt.NDArray[Any], wanted: OutputContract, facts: ModelFacts) -> Refusal | None:
    if wanted.form == "values":
        return None
    rounding = _rounding(values)
    edge = rounding or EDGE_TOLERANCE
    low, high = float(values.min()), float(values.max())
    outside = low < -edge or high > 1 + edge
    span = f"from {_unlike(low, 0)} to {_unlike(high, 1)}"
    if wanted.form == "unit_interval":
        return _no_activation(f"values {span}", "values from 0 to 1", "sigmoid") if outside else None
    if outside:
        kind = "logits" if facts.last_activation in ("", "linear") else "numbers"
        return _no_activation(f"{wanted.shape[-1]} {kind} ({span})", "probabilities that sum to 1", "softmax")
    sums = values.astype(np.float64).sum(-1)
    worst = float(sums.flat[int(np.abs(sums - 1).argmax())])
    if abs(worst - 1) <= (rounding or SUM_TOLERANCE):
        return None
    return Refusal(
        f"Your model's {wanted.shape[-1]} outputs per sample sum to {_unlike(worst, 1)}; this question needs "
        "probabilities that sum to 1.",
        "The last layer seems to use sigmoid; use softmax instead."
        if facts.last_activation == "sigmoid"
        else _last_layer(wanted),
    )


def _rounding(values: npt.NDArray[Any]) -> float:
    """How far sums may be from 1 because a short type rounded the values; 0 if none did.

    The values tell: they may have been cast to a longer type since.
    """
    if values.dtype.kind != "f":
        return 0.0
    single = np.ascontiguousarray(values, np.float32)
    if not (single.view(np.uint32) & 0xFFFF).any():  # the half of a float32 that bfloat16 leaves out
        return SUM_TOLERANCE_BFLOAT16
    with np.errstate(over="ignore"):
        halved = values.dtype == np.float16 or bool((single.astype(np.float16) == values).all())
    return SUM_TOLERANCE_FLOAT16 if halved else 0.0


def _unlike(value: float, limit: float) -> str:
    """A number with three digits, or with as many as it takes to differ from `limit`."""
    texts = (f"{value:.{digits}g}" for digits in range(3, 17))
    return next((text for text in texts if value == limit or float(text) != limit), repr(value))


def _no_activation(found: str, needed: str, activation: str) -> Refusal:
    return Refusal(
        f"Your model outputs {found}; this question needs {needed}: the {activation} is missing.",
        f"If you trained with from_logits=True, no new training is needed: save tf.keras.Sequential([model, "
        f'tf.keras.layers.Activation("{activation}")]). Otherwise set activation="{activation}" in the last layer and '
        "train again.",
    )
