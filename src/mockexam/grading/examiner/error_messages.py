"""Explains errors from TensorFlow and Keras to the learner, with a fix."""

from __future__ import annotations

import re
from typing import NamedTuple

from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.prediction_job import ModelError, Stage, printable

SAVE_AGAIN = 'Save again with model.save("mymodel.keras") and wait until it has finished.'
EXPORT_AGAIN = 'Delete the folder, save again with model.export("mymodel"), and submit the whole folder.'
OR_EXPORT = 'Or save with model.export("mymodel"): a SavedModel does not need your code.'
BUILT_IN_LAYERS = "Build the model only from built-in tf.keras layers"
Texts = tuple[str, str]  # message and remedy; `{found}` and `{where}` are filled in
LAMBDA: Texts = (
    "Your model has a Lambda layer{where}. It stores Python code, which the grader does not run.",
    (
        "Use a built-in layer instead: tf.keras.layers.Reshape, Rescaling, Normalization, Permute … "
        f"(for example Reshape((30, 1)) instead of tf.expand_dims). {OR_EXPORT}"
    ),
)
CUSTOM_CLASS: Texts = (
    "Your model uses your own class {found}, which the grader does not have.",
    f"{BUILT_IN_LAYERS}. {OR_EXPORT}",
)
CUSTOM_FUNCTION: Texts = (
    "Your model uses your own function {found}, which the grader does not have.",
    f'Use one that Keras knows by name, such as activation="relu". {OR_EXPORT}',
)
NO_WEIGHTS: Texts = ("The file has no model weights: saving was interrupted or the disk was full.", SAVE_AGAIN)
MAX_SHOWN = 300


class _Rule(NamedTuple):
    stages: tuple[Stage, ...]
    pattern: str  # searched for in the error's class and text
    message: str
    remedy: str


_ANY: tuple[Stage, ...] = ("load", "predict", "output")
_RULES = (
    _Rule(_ANY,
        r"Lambda. layer whose|safe_mode=False|`Lambda`.*disallowed|python lambda|Lambda.*name '\w+' is not defined",
        *LAMBDA),
    _Rule(("load",), r"Unknown layer: '?(?P<a>\w+)|Could not locate class '(?P<b>\w+)'", *CUSTOM_CLASS),
    _Rule(("load",),
        r"Could not locate function '(?P<a>\w+)'|Unknown (?:activation|loss|metric|initializer|regularizer)"
        r"(?: function)?: '?(?P<b>\w+)|'class_name': 'function', 'config': '(?P<c>\w+)'", *CUSTOM_FUNCTION),
    _Rule(_ANY,
        r"Table not initialized|lookup table|LookupTable|vocabulary|has not been (?:adapted|initialized)|table_handle",
        "The vocabulary of the model's TextVectorization or lookup layer is missing.",
        'Call layer.adapt(...), then save with model.save("mymodel.keras"): an .h5 file does not keep vocabularies.'),
    _Rule(("load",), r"No model config found", "The file contains only weights, not a model.",
        'Save the whole model with model.save("mymodel.keras"), not model.save_weights(...).'),
    _Rule(("load",),
        r"truncated file|file signature not found|addr overflow|bad object header|wrong fractal heap|[Uu]nable to "
        r"(?:synchronously )?open (?:file|object)|not a zip file|Bad CRC|Bad magic number|Truncated|zip file",
        "The file is incomplete or damaged.", SAVE_AGAIN),
    _Rule(("load",), r"model\.weights|expected \d+ variables, but received 0|but it has no (?:weights|variables)",
        *NO_WEIGHTS),
    _Rule(("load",), r"no signature 'serving_default'",
        "The SavedModel has no signature 'serving_default', which the grader calls.",
        'Save with model.export("mymodel"), or use that name in tf.saved_model.save(..., signatures=...).'),
    _Rule(("load",),
        r"SavedModel file does not exist|variables/variables|Unsuccessful TensorSliceReader|Cannot parse file|"
        r"Error parsing|Read less bytes|DATA_LOSS|DataLossError|variables\.(?:index|data)",
        "The SavedModel folder is incomplete or damaged.", EXPORT_AGAIN),
    _Rule(("predict",),
        r"Cannot cast|Cast string to|string to float|StringToNumber|Invalid dtype: (?:str|object)|expected string|"
        r"dtype (?:tf\.)?string",
        "Your model and the grader's input have different types: one is strings, the other numbers.",
        "See the input's dtype in brief.md, under 'Your model'. Put text layers inside the model."),
    _Rule(("predict",),
        r"incompatible with the layer|Input 0 of layer|expected (?:min_)?ndim|expected shape|Invalid input shape|"
        r"Incompatible shapes|must be the same shape|Dimensions must be equal|Matrix size-incompatible",
        "Your model does not accept inputs of the shape that the grader feeds.",
        "See the input's shape in brief.md, under 'Your model', and start the model with tf.keras.Input of "
        "that shape."),
    _Rule(_ANY,
        r"ResourceExhausted|OOM when allocating|MemoryError|bad_alloc|Cannot allocate memory|failed to allocate",
        "Your model ran out of memory in the grader.", "Use fewer or smaller layers."),
    _Rule(_ANY,
        r"Permission denied|Read-only file system|PermissionDenied|FAILED_PRECONDITION: /|Operation not permitted",
        "Your model tried to read or write files, which the grader does not allow.",
        "Remove the file operations from the model."),
    _Rule(("output",), r"(?:answers|returns|outputs) (?P<a>\d+) arrays",
        "Your model has {found} outputs; every question needs exactly one.", "Save a model with a single output."),
    _Rule(("output",), r"(?:answers|returns|outputs) (?P<a>.+)", "Your model outputs {found} instead of numbers.",
        "End the model with the Dense layer that brief.md asks for."),
)  # fmt: skip


def explain(error: ModelError, keras_version: str) -> Refusal:
    """The learner's version of an error. `keras_version` is the grader's."""
    text = f"{error.error}: {error.text}"
    for rule in _RULES:
        found = re.search(rule.pattern, text) if error.stage in rule.stages else None
        if found:
            name = printable(next((name for name in found.groups() if name), ""), 60)
            return Refusal(rule.message.format(found=name, where=""), rule.remedy.format(found=name, where=""))
    return _explain_version(error, keras_version) or _explain_unknown(error)


def explain_newer(saved_with: str, keras_version: str) -> Refusal | None:
    """The refusal of a file from a newer Keras than the grader's; None for any other file."""
    if not _numbers(keras_version) or _numbers(saved_with) <= _numbers(keras_version):
        return None
    message = f"The file was saved with {saved_with}; the grader has Keras {keras_version} and can't load newer files."
    return Refusal(message, f'Train and save with Keras {keras_version}, or save with model.export("mymodel").')


def _explain_version(error: ModelError, keras_version: str) -> Refusal | None:
    """Blame a different Keras version when nothing else explains the error."""
    saved, here = _numbers(error.saved_with), _numbers(keras_version)
    if error.stage != "load" or not saved or not here or saved == here:
        return None
    if newer := explain_newer(error.saved_with, keras_version):
        return newer
    message = f"The file was saved with {error.saved_with}; the grader's Keras {keras_version} can't load it"
    if saved[0] < here[0]:
        message = f"{message}: files from Keras 2 often fail in Keras 3 ({_short(error)})."
        remedy = 'Run your training script again with this TensorFlow and save with model.save("mymodel.keras").'
        return Refusal(message, remedy)
    return Refusal(f"{message} ({_short(error)}).", f"Train and save again with Keras {keras_version}.")


def _explain_unknown(error: ModelError) -> Refusal:
    if error.stage == "load":
        return Refusal(f"The model can't be loaded: {_short(error)}", f"{SAVE_AGAIN} {OR_EXPORT}")
    message = f"The model fails when it predicts: {_short(error)}"
    remedy = "Try it yourself: load the saved file in a new Python process and call model.predict on a few samples."
    return Refusal(message, remedy)


def _short(error: ModelError) -> str:
    """The most informative line: the end of a nested message, or the first line."""
    text = error.text.rpartition("Exception encountered:")[2].strip() or error.text
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return printable(f"{error.error}: {line}" if line else error.error, MAX_SHOWN)


def _numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in found.groups()) if found else ()
