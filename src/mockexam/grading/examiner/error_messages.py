"""Maps what TensorFlow and Keras say when a model fails to a learner's words, with the modern way to do it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.model_facts import text

Stage = Literal["load", "predict", "output"]
_EXPORT = 'Or save with model.export("mymodel"): a SavedModel needs none of your code.'
_SAVE_AGAIN = 'Save again with model.save("mymodel.keras") and wait until it has ended.'
_SHOWN = 300


@dataclass(frozen=True)
class ModelError:
    """What a model's process told about its failure."""

    stage: Stage
    error: str
    """The exception's class."""
    text: str
    saved_with: str = ""


@dataclass(frozen=True)
class _Rule:
    pattern: str
    """Looked for anywhere in the class and text of the error."""
    message: str
    remedy: str
    stages: tuple[Stage, ...] = ("load", "predict", "output")


_RULES = (
    _Rule(
        r"Lambda. layer whose|safe_mode=False|`Lambda`.*disallowed|python lambda|Lambda.*name '\w+' is not defined",
        "Your model has a Lambda layer. A Lambda stores Python code, which the marker does not run.",
        "Use a layer that does the same: tf.keras.layers.Reshape, Rescaling, Normalization, Permute … "
        "(for example Reshape((30, 1)) for tf.expand_dims). " + _EXPORT,
    ),
    _Rule(
        r"Unknown layer: '?(?P<name>\w+)|Could not locate class '(?P<name2>\w+)'",
        "Your model uses a class of your own, {name}, which the marker does not have.",
        "Build the model from the layers of tf.keras alone. " + _EXPORT,
        ("load",),
    ),
    _Rule(
        r"Could not locate function '(?P<name>\w+)'|Unknown (?:activation|loss|metric|initializer|regularizer)"
        r"(?: function)?: '?(?P<name2>\w+)|'class_name': 'function', 'config': '(?P<name3>\w+)'",
        "Your model uses a function of your own, {name}, which the marker does not have.",
        "Use one that Keras knows by name (for example activation=\"relu\"). " + _EXPORT,
        ("load",),
    ),
    _Rule(
        r"Table not initialized|lookup table|LookupTable|vocabulary|has not been (?:adapted|initialized)|table_handle",
        "The model's TextVectorization or lookup layer came without its vocabulary.",
        'An .h5 file loses vocabularies: save with model.save("mymodel.keras"), after layer.adapt(...). ',
    ),
    _Rule(
        r"No model config found",
        "The file holds weights alone, no model.",
        'Save the whole model: model.save("mymodel.keras"), not model.save_weights(...).',
        ("load",),
    ),
    _Rule(
        r"truncated file|file signature not found|addr overflow|bad object header|wrong fractal heap|[Uu]nable to "
        r"(?:synchronously )?open (?:file|object)|not a zip file|Bad CRC|Bad magic number|Truncated|zip file",
        "The file is incomplete or damaged.",
        _SAVE_AGAIN,
        ("load",),
    ),
    _Rule(
        r"model\.weights|expected \d+ variables, but received 0|but it has no (?:weights|variables)",
        "The file lacks the model's weights: the save was interrupted or the disk was full.",
        _SAVE_AGAIN,
        ("load",),
    ),
    _Rule(
        r"no signature 'serving_default'",
        "The SavedModel has no signature 'serving_default', which is what gets called.",
        'Save it with model.export("mymodel"), or give tf.saved_model.save(..., signatures=...) that name.',
        ("load",),
    ),
    _Rule(
        r"SavedModel file does not exist|variables/variables|Unsuccessful TensorSliceReader|Cannot parse file|"
        r"Error parsing|Read less bytes|DATA_LOSS|DataLossError|variables\.(?:index|data)",
        "The SavedModel folder is incomplete or damaged.",
        'Delete the folder and save again with model.export("mymodel"); copy the folder whole.',
        ("load",),
    ),
    _Rule(
        r"Cannot cast|Cast string to|string to float|StringToNumber|Invalid dtype: (?:str|object)|expected string|"
        r"dtype (?:tf\.)?string",
        "Your model and the data that the marker feeds are of different kinds: strings against numbers.",
        "Look up the input's dtype in the brief, under 'Your model'. Text layers belong inside the model.",
        ("predict",),
    ),
    _Rule(
        r"incompatible with the layer|Input 0 of layer|expected (?:min_)?ndim|expected shape|Invalid input shape|"
        r"Incompatible shapes|must be the same shape|Dimensions must be equal|Matrix size-incompatible",
        "Your model does not take data of the shape that the marker feeds.",
        "Look up the input's shape in the brief, under 'Your model', and start with tf.keras.Input of that shape.",
        ("predict",),
    ),
    _Rule(
        r"ResourceExhausted|OOM when allocating|MemoryError|bad_alloc|Cannot allocate memory|failed to allocate",
        "Your model ran out of memory in the marker.",
        "Use fewer or smaller layers.",
    ),
    _Rule(
        r"Permission denied|Read-only file system|PermissionDenied|FAILED_PRECONDITION: /|Operation not permitted",
        "Your model tried to read or write files, which the marker does not allow.",
        "Take the file operations out of the model.",
    ),
    _Rule(
        r"answers (?P<name>\d+) arrays",
        "Your model has {name} outputs; a question asks for one.",
        "Save a model that ends in that one output.",
        ("output",),
    ),
    _Rule(
        r"answers (?P<name>.+)",
        "Your model answers {name} instead of numbers.",
        "End the model with a Dense layer as the brief asks.",
        ("output",),
    ),
)  # fmt: skip


def explain(error: ModelError, keras_version: str) -> Refusal:
    """A model's failure in a learner's words. `keras_version` is the marker's own."""
    whole = f"{error.error}: {error.text}"
    for rule in _RULES:
        found = re.search(rule.pattern, whole) if error.stage in rule.stages else None
        if found:
            names = [value for value in found.groupdict().values() if value]
            message = rule.message.format(name=text(names[0], 60) if names else "")
            return Refusal(message, rule.remedy.strip())
    return _version_refusal(error, keras_version) or _plain(error)


def explain_newer(saved_with: str, keras_version: str) -> Refusal | None:
    """The file is of a newer Keras than the marker's `keras_version`; None if it is not."""
    if not _numbers(keras_version) or _numbers(saved_with) <= _numbers(keras_version):
        return None
    return Refusal(
        f"{_told(saved_with, keras_version)}: it is newer.",
        f'Train and save with Keras {keras_version}, or use model.export("mymodel").',
    )


def _told(saved_with: str, keras_version: str) -> str:
    return f"{saved_with} saved this file; the marker has Keras {keras_version}, which can't load it"


def _version_refusal(error: ModelError, keras_version: str) -> Refusal | None:
    """The file is of another Keras, and nothing else explains it."""
    saved = _numbers(error.saved_with)
    here = _numbers(keras_version)
    if error.stage != "load" or not saved or not here or saved == here:
        return None
    newer = explain_newer(error.saved_with, keras_version)
    if newer:
        return newer
    told = _told(error.saved_with, keras_version)
    if saved[0] < here[0]:
        return Refusal(
            f"{told}: files of Keras 2 often fail in Keras 3 ({_short(error)}).",
            "Run the same training script with this TensorFlow and save again as mymodel.keras.",
        )
    return Refusal(f"{told} ({_short(error)}).", "Train and save again with the marker's version.")


def _plain(error: ModelError) -> Refusal:
    if error.stage == "load":
        return Refusal(f"The model can't be loaded: {_short(error)}", f"{_SAVE_AGAIN} {_EXPORT}")
    return Refusal(
        f"The model fails when it predicts: {_short(error)}",
        "Try it yourself: load the saved file in a new Python process and call model.predict on a few samples.",
    )


def _short(error: ModelError) -> str:
    """The part of an error that says most: what a nested message ends with, else its first line."""
    said = error.text.rpartition("Exception encountered:")[2].strip() or error.text
    line = next((line.strip() for line in said.splitlines() if line.strip()), "")
    return text(f"{error.error}: {line}" if line else error.error, _SHOWN)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in found.groups()) if found else ()
