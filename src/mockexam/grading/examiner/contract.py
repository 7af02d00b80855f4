"""Compares a model with a question's contract, and says in a learner's words what is wrong and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.bank.models import Contract, InputContract, OutputContract
from mockexam.grading.examiner.model_facts import ModelFacts, TensorFact, shape_text

SUM_TOLERANCE = 1e-3
SUM_TOLERANCE_HALF = 5e-3
"""For answers in half precision (mixed_float16): three decimal digits are all it has."""
EDGE_TOLERANCE = 1e-6
_NEXT_SAVE = "Train again and save again."


@dataclass(frozen=True)
class Refusal:
    """Why a model can't be marked, and what to do."""

    message: str
    remedy: str


def check_facts(facts: ModelFacts, contract: Contract) -> Refusal | None:
    """Compare what a model declares. What it does not declare passes: its answer will tell."""
    return _check_input(facts, contract.input) or _check_outputs(facts, contract.output)


def _check_input(facts: ModelFacts, wanted: InputContract) -> Refusal | None:
    if not facts.inputs:
        return None
    given = _given(wanted)
    if len(facts.inputs) > 1:
        names = ", ".join(t.name for t in facts.inputs[:5])
        return Refusal(
            f"Your model has {len(facts.inputs)} inputs ({names}); this question feeds one: {given}.",
            "Build the model with a single input of that shape.",
        )
    tensor = facts.inputs[0]
    return _check_input_dtype(tensor, wanted, given) or _check_input_shape(tensor, wanted, given)


def _check_input_dtype(tensor: TensorFact, wanted: InputContract, given: str) -> Refusal | None:
    takes_text = tensor.dtype == "string"
    if takes_text and wanted.dtype != "string":
        return Refusal(
            f"Your model takes strings; this question feeds numbers: {given}.",
            f"Start the model with tf.keras.Input({_input_shape(wanted)}), without dtype=tf.string.",
        )
    if wanted.dtype == "string" and not takes_text:
        return Refusal(
            f"Your model takes {tensor}; this question feeds {given}.",
            "Put the TextVectorization layer inside the model: start it with "
            "tf.keras.Input(shape=(1,), dtype=tf.string), then the adapted layer.",
        )
    return None


def _check_input_shape(tensor: TensorFact, wanted: InputContract, given: str) -> Refusal | None:
    if tensor.shape is None:
        return None
    if not tensor.shape:
        return Refusal(f"Your model's input has no batch axis; this question feeds {given}.", _batch_remedy(wanted))
    if tensor.shape[0] is not None:
        return Refusal(
            f"Your model takes only batches of exactly {tensor.shape[0]} samples; the marker needs any number.",
            _batch_remedy(wanted),
        )
    if any(_fits(tensor.shape[1:], shape) for shape in _alike(wanted.shape)):
        return None
    return Refusal(
        f"Your model takes samples of shape {shape_text(tensor.shape[1:])}; this question feeds {given}.",
        _shape_remedy(tensor.shape[1:], wanted),
    )


def _shape_remedy(have: tuple[int | None, ...], wanted: InputContract) -> str:
    start = f"Start the model with tf.keras.Input({_input_shape(wanted)})"
    axes = [axis for axis in wanted.shape if axis != -1]
    if len(have) == 1 and len(axes) == len(wanted.shape) > 1 and have[0] == int(np.prod(axes)):
        return f"{start}, followed by tf.keras.layers.Flatten(): the flattening belongs inside the model."
    return f"{start} and do what changes the shape inside the model."


def _alike(shape: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Shapes that the predictor feeds as well: a last axis of length 1 more or less."""
    shapes = [shape, (*shape, 1)]
    return [*shapes, shape[:-1]] if shape and shape[-1] == 1 else shapes


def _fits(have: tuple[int | None, ...], wanted: tuple[int, ...]) -> bool:
    return len(have) == len(wanted) and all(h is None or w in (-1, h) for h, w in zip(have, wanted, strict=True))


def _given(wanted: InputContract) -> str:
    kind = "plain strings" if wanted.dtype == "string" else wanted.dtype
    axes = tuple(None if axis == -1 else axis for axis in wanted.shape)
    return f"{kind}, one a sample" if not axes else f"{kind} of shape {shape_text(axes)} a sample"


def _input_shape(wanted: InputContract) -> str:
    return f"shape={tuple(None if axis == -1 else axis for axis in wanted.shape)}"


def _batch_remedy(wanted: InputContract) -> str:
    return f"Start the model with tf.keras.Input({_input_shape(wanted)}): leave batch_size and batch_shape out."


def _check_outputs(facts: ModelFacts, wanted: OutputContract) -> Refusal | None:
    if len(facts.outputs) > 1:
        return several_outputs(len(facts.outputs), wanted)
    if not facts.outputs or facts.outputs[0].shape is None:
        return None
    declared = facts.outputs[0].shape[1:]
    if any(axis is None for axis in declared):
        return None
    return check_shape(tuple(axis or 0 for axis in declared), wanted)


def several_outputs(count: int, wanted: OutputContract) -> Refusal:
    """A model with more than one output."""
    return Refusal(
        f"Your model has {count} outputs; this question asks for one: {_asked(wanted)}.",
        "Save a model that ends in that one output.",
    )


def check_shape(sample: tuple[int, ...], wanted: OutputContract) -> Refusal | None:
    """Compare the shape of one sample's answer. Last axes of length 1 may be there or not."""
    if _squeezed(sample) == _squeezed(wanted.shape):
        return None
    message = f"Your model answers {_shape_words(sample)} a sample; this question asks for {_asked(wanted)}."
    if wanted.form == "probabilities" and _squeezed(sample) == _squeezed(wanted.shape[:-1]) and wanted.shape[-1] > 2:
        return Refusal(message, f"{_units(wanted)} If the model ends in an argmax, take it out.")
    if len(sample) == len(wanted.shape) + 1 and sample[-1:] == wanted.shape[-1:]:
        return Refusal(message, "One answer for the whole sample is asked: the last recurrent layer needs "
                       "return_sequences=False, or pool or flatten before the last Dense layer.")  # fmt: skip
    return Refusal(message, _units(wanted))


def _units(wanted: OutputContract) -> str:
    if len(wanted.shape) > 1:
        return f"Make the model end in shape {wanted.shape} a sample, for example with Dense and Reshape layers."
    return f"End the model with {_ending(wanted)}."


def _ending(wanted: OutputContract) -> str:
    activation = {"probabilities": ', activation="softmax"', "unit_interval": ', activation="sigmoid"', "values": ""}
    return f"Dense({wanted.shape[-1]}{activation[wanted.form]})"


def _squeezed(shape: tuple[int, ...]) -> tuple[int, ...]:
    while shape and shape[-1] == 1:
        shape = shape[:-1]
    return shape


def _shape_words(sample: tuple[int, ...]) -> str:
    if len(sample) == 1:
        return f"{sample[0]} number{'' if sample[0] == 1 else 's'}"
    return f"an array of shape {shape_text(sample)}" if sample else "1 number"


def _asked(wanted: OutputContract) -> str:
    size = _shape_words(wanted.shape)
    if wanted.form == "probabilities":
        return (
            f"{wanted.shape[-1]} probabilities that add up to 1" if len(wanted.shape) == 1 else f"probabilities, {size}"
        )
    return f"{size} from 0 to 1" if wanted.form == "unit_interval" else size


def check_answer(answer: npt.NDArray[Any], samples: int, wanted: OutputContract, facts: ModelFacts) -> Refusal | None:
    """Check a whole answer, (samples, ...) of any number type, against the output contract."""
    if answer.shape[:1] != (samples,):
        return batch_mixed(answer.shape, samples)
    refusal = check_shape(answer.shape[1:], wanted)
    if refusal:
        return refusal
    values = answer.reshape(samples, *wanted.shape)
    return _check_finite(values) or _check_form(values, wanted, facts)


def batch_mixed(shape: tuple[int, ...], samples: int) -> Refusal:
    """A model that does not answer one row a sample."""
    rows = shape[0] if shape else 1
    return Refusal(
        f"For {samples} samples your model answers {rows} row{'' if rows == 1 else 's'}: it mixes up the samples.",
        "Keep the first axis as it is: reshape with tf.keras.layers.Reshape or Flatten, not with tf.reshape.",
    )


def _check_finite(values: npt.NDArray[Any]) -> Refusal | None:
    if values.dtype.kind not in "fc" or np.isfinite(values).all():
        return None
    bad = int((~np.isfinite(values.reshape(len(values), -1)).all(-1)).sum())
    return Refusal(
        f"Your model answers NaN or infinity for {bad} of {len(values)} samples: the training diverged, or a gap in "
        "the data runs through the model.",
        "Scale the inputs inside the model, fill gaps, lower the learning rate, watch that the loss stays a number. "
        + _NEXT_SAVE,
    )


def _check_form(values: npt.NDArray[Any], wanted: OutputContract, facts: ModelFacts) -> Refusal | None:
    if wanted.form == "values":
        return None
    edge = SUM_TOLERANCE_HALF if values.dtype == np.float16 else EDGE_TOLERANCE
    outside = float(values.min()) < -edge or float(values.max()) > 1 + edge
    if wanted.form == "unit_interval":
        return _not_in_unit(values) if outside else None
    if outside:
        return _logits(values, wanted, facts)
    sums = values.astype(np.float64).sum(-1)
    worst = float(sums.flat[int(np.abs(sums - 1).argmax())])
    tolerance = SUM_TOLERANCE_HALF if values.dtype == np.float16 else SUM_TOLERANCE
    if abs(worst - 1) <= tolerance:
        return None
    return Refusal(
        f"Your model's {wanted.shape[-1]} numbers a sample add up to {worst:.3g}; this question asks for probabilities "
        "that add up to 1.",
        "The last layer seems to use sigmoid: use softmax." if facts.last_activation == "sigmoid"
        else f"End the model with {_ending(wanted)}.",
    )  # fmt: skip


def _logits(values: npt.NDArray[Any], wanted: OutputContract, facts: ModelFacts) -> Refusal:
    kind = "logits" if facts.last_activation in ("", "linear") else "numbers"
    return Refusal(
        f"Your model ends in {wanted.shape[-1]} {kind} (from {values.min():.3g} to {values.max():.3g}); this question "
        "asks for probabilities that add up to 1: a softmax is missing.",
        'Give the last layer activation="softmax" and train with from_logits=False (the default), '
        "or add a Softmax layer after training.",
    )


def _not_in_unit(values: npt.NDArray[Any]) -> Refusal:
    return Refusal(
        f"Your model answers values from {values.min():.3g} to {values.max():.3g}; this question asks for values "
        "from 0 to 1: a sigmoid is missing.",
        'Give the last layer activation="sigmoid" and train with from_logits=False (the default).',
    )
