"""Explains errors of TensorFlow and Keras and refusals of the gate to the learner, with a fix."""

from __future__ import annotations

import re
from typing import NamedTuple

from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.prediction_job import ModelError, Stage, printable

SAVE_AGAIN = 'Save again with model.save("mymodel.keras") and wait until it has finished.'
EXPORT_AGAIN = 'Delete the folder, save again with model.export("mymodel"), and submit the whole folder.'
FILLED = (
    'No new training is needed: in your script, put model.load_weights("mymodel.keras") (or "mymodel.h5") in place of '
    "model.fit(...)"
)
"""Rebuilds a model by its own code, from the weights of the file that was refused."""
FILL_AND_EXPORT = f'{FILLED}, and save with model.export("mymodel"): a SavedModel does not need your code.'
OR_EXPORT = f"Or: {FILL_AND_EXPORT}"
FILL_AND_SAVE = f'{FILLED}, and save with model.save("mymodel.keras").'
OPEN_AND_EXPORT = (
    "No new training is needed: open the file with load_model(..., compile=False) in the TensorFlow that saved it, "
    'then save with model.export("mymodel") (before TensorFlow 2.13: tf.saved_model.save(model, "mymodel")).'
)
LEGACY = "If this TensorFlow saved it, unset the environment variable TF_USE_LEGACY_KERAS."
BUILT_IN_LAYERS = "Build the model only from built-in tf.keras layers"
Texts = tuple[str, str]  # message and remedy; `{found}` and `{where}` are filled in
LAMBDA: Texts = (
    "Your model has a Lambda layer{where}. It stores Python code, which the grader does not run.",
    f"{FILL_AND_EXPORT} Or put a built-in layer in place of the Lambda (Reshape, Rescaling, Permute …) and fill that.",
)
CUSTOM_CLASS: Texts = ("Your model uses your own class {found}, which the grader does not have.", FILL_AND_EXPORT)
CUSTOM_FUNCTION: Texts = ("Your model uses your own function {found}, which the grader does not have.", FILL_AND_EXPORT)
OLD_CLASS: Texts = (
    "Your model contains {found}{where} in the form of an older Keras, which the grader can't load.",
    f"{OPEN_AND_EXPORT} {LEGACY}",
)
NO_WEIGHTS: Texts = ("The file has no model weights: saving was interrupted or the disk was full.", SAVE_AGAIN)
SMALLER = "Use fewer or smaller layers: most weights are in a Dense layer after Flatten or in a large Embedding."
MAX_SHOWN = 300


class _Rule(NamedTuple):
    code: str
    stages: tuple[Stage, ...]
    pattern: str  # searched for in the error's class and text
    message: str
    remedy: str


_ANY: tuple[Stage, ...] = ("load", "predict", "output")
RULES = (
    _Rule("keras_lambda", _ANY,
        r"Lambda. layer whose|safe_mode=False|`Lambda`.*disallowed|python lambda|Lambda.*name '\w+' is not defined",
        *LAMBDA),
    # The gate lets pass only classes of Keras: one that Keras does not find was saved by an older one.
    _Rule("not_found_class", ("load",), r"Unknown layer: '?(?P<a>\w+)|Could not locate class '(?P<b>\w+)'", *OLD_CLASS),
    _Rule("not_found_function", ("load",),
        r"Could not locate function '(?P<a>\w+)'|Unknown (?:activation|loss|metric|initializer|regularizer)"
        r"(?: function)?: '?(?P<b>\w+)|'class_name': 'function', 'config': '(?P<c>\w+)'", *CUSTOM_FUNCTION),
    _Rule("vocabulary", _ANY,
        r"Table not initialized|lookup table|LookupTable|vocabulary|has not been (?:adapted|initialized)|"
        r"table_handle|idf_weights",
        "The vocabulary of the model's TextVectorization or lookup layer is missing.",
        f"Call layer.adapt(...) before you save, and do not use .h5, which keeps no vocabulary. {FILL_AND_SAVE}"),
    _Rule("gpu", ("load", "predict"), r"Cudnn\w*",
        "The folder was exported on a GPU: its LSTM or GRU layers run only there, and the grader has none.",
        'Save the same model with model.save("mymodel.keras"), which runs everywhere. If you have only the folder, '
        "build the model without training and fill it: for mine, saved in zip(model.variables, "
        'tf.saved_model.load("mymodel").variables): mine.assign(saved).'),
    _Rule("bfloat16_h5", ("load",), r"No cast function available",
        "An .h5 file with bfloat16 weights can't be loaded again, not even by Keras itself.",
        'Save with model.save("mymodel.keras") or model.export("mymodel") instead.'),
    _Rule("only_weights", ("load",), r"No model config found", "The file contains only weights, not a model.",
        "No new training is needed: rename it to mymodel.weights.h5 (not in Keras 2), in your script put "
        'model.load_weights("mymodel.weights.h5") in place of model.fit(...), and save with '
        'model.save("mymodel.keras").'),
    _Rule("damaged_file", ("load",),
        r"truncated file|file signature not found|addr overflow|bad object header|wrong fractal heap|[Uu]nable to "
        r"(?:synchronously )?open (?:file|object)|not a zip file|Bad CRC|Bad magic number|Truncated|zip file",
        "The file is incomplete or damaged.", SAVE_AGAIN),
    _Rule("weights_missing", ("load",),
        r"model\.weights|expected \d+ variables, but received 0|but it has no (?:weights|variables)", *NO_WEIGHTS),
    _Rule("no_signature", ("load",), r"no signature 'serving_default'",
        "The SavedModel has no signature 'serving_default', which the grader calls.",
        'Save with model.export("mymodel"), or use that name in tf.saved_model.save(..., signatures=...).'),
    _Rule("damaged_folder", ("load",),
        r"SavedModel file does not exist|variables/variables|Unsuccessful TensorSliceReader|Cannot parse file|"
        r"Error parsing|Read less bytes|DATA_LOSS|DataLossError|variables\.(?:index|data)",
        "The SavedModel folder is incomplete or damaged.", EXPORT_AGAIN),
    _Rule("types", ("predict",),
        r"Cannot cast|Cast string to|string to float|StringToNumber|Invalid dtype: (?:str|object)|expected string|"
        r"dtype (?:tf\.)?string",
        "Your model and the grader's input have different types: one is strings, the other numbers.",
        "See the input's dtype in brief.md, under 'Your model'. Put text layers inside the model."),
    _Rule("shapes", ("predict",),
        r"incompatible with the layer|Input 0 of layer|expected (?:min_)?ndim|expected shape|Invalid input shape|"
        r"Incompatible shapes|must be the same shape|Dimensions must be equal|Matrix size-incompatible",
        "Your model does not accept inputs of the shape that the grader feeds.",
        "See the input's shape in brief.md, under 'Your model', and start the model with tf.keras.Input of "
        "that shape."),
    _Rule("memory", _ANY,
        r"ResourceExhausted|OOM when allocating|MemoryError|bad_alloc|Cannot allocate memory|failed to allocate",
        "Your model ran out of memory in the grader.", "Use fewer or smaller layers."),
    _Rule("files", _ANY,
        r"Permission denied|Read-only file system|PermissionDenied|FAILED_PRECONDITION: /|Operation not permitted",
        "Your model tried to read or write files, which the grader does not allow.",
        "Remove the file operations from the model."),
    _Rule("outputs", ("output",), r"(?:answers|returns|outputs) (?P<a>\d+) arrays",
        "Your model has {found} outputs; every question needs exactly one.", "Save a model with a single output."),
    _Rule("odd_output", ("output",), r"(?:answers|returns|outputs) (?P<a>.+)",
        "Your model outputs {found} instead of numbers.",
        "End the model with the Dense layer that brief.md asks for."),
)  # fmt: skip


def explain(error: ModelError, keras_version: str) -> Refusal:
    """The learner's version of an error. `keras_version` is the grader's."""
    text = f"{error.error}: {error.text}"
    for rule in RULES:
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
    remedy = (
        "No new training is needed: open the file with load_model in the TensorFlow that saved it, then save with "
        f'model.export("mymodel"). Or train with Keras {keras_version}.'
    )
    return Refusal(message, remedy)


def _explain_version(error: ModelError, keras_version: str) -> Refusal | None:
    """Blame a different Keras version when nothing else explains the error."""
    saved, here = _numbers(error.saved_with), _numbers(keras_version)
    if error.stage != "load" or not saved or not here or saved == here:
        return None
    if newer := explain_newer(error.saved_with, keras_version):
        return newer
    message = f"The file was saved with {error.saved_with}; the grader's Keras {keras_version} can't load it"
    remedy = f"{OPEN_AND_EXPORT} {LEGACY}" if saved[0] < here[0] else OPEN_AND_EXPORT
    return Refusal(f"{message} ({_short(error)}).", remedy)


def _explain_unknown(error: ModelError) -> Refusal:
    if error.stage == "load":
        return Refusal(f"The model can't be loaded: {_short(error)}.", f"{FILL_AND_EXPORT} Or save it again.")
    message = f"The model fails when it predicts: {_short(error)}."
    remedy = "Try it yourself: load the saved file in a new Python process and call model.predict on a few samples."
    return Refusal(message, remedy)


_IN_GRAPH = "Graph execution error:"
_NODE = re.compile(r"Detected at node '?([\w./-]{1,100})")


def _short(error: ModelError) -> str:
    """The most informative line: the end of a nested message, or the first; of an error in a graph, the operation.

    What a graph says besides may hold any values that the model was fed: the hold-out is not to be read out of it.
    """
    if error.text.startswith(_IN_GRAPH):
        node = _NODE.search(error.text)
        return printable(f"{error.error} in the operation {node[1]}" if node else error.error, MAX_SHOWN)
    text = error.text.rpartition("Exception encountered:")[2].strip() or error.text
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return printable(f"{error.error}: {line}" if line else error.error, MAX_SHOWN).rstrip(".: ")


def _numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return tuple(int(part or 0) for part in found.groups()) if found else ()


_MAX_FOUND = 120
_UNCHANGED = 'Save with model.save("mymodel.keras") and submit that file unchanged.'
_EXPORT = 'save again with model.export("mymodel").'
_TOO_MUCH = Verdict.LIMIT_EXCEEDED
_UNKNOWN = Refusal(
    "The model contains {found}{where}, which the grader does not load.",
    f'{BUILT_IN_LAYERS} and save again with model.save("mymodel.keras").',
)
_KERAS = {
    "lambda": Refusal(*LAMBDA),
    "own_class": Refusal(*CUSTOM_CLASS),
    "own_function": Refusal(*CUSTOM_FUNCTION),
    "other_class": Refusal("Your model refers to {found}{where}, which the grader does not load.",
        f"{BUILT_IN_LAYERS}. {OR_EXPORT}"),
    "old_class": Refusal(*OLD_CLASS),
    "add_on": Refusal("Your model contains {found}{where}, an add-on that the grader does not have.",
        "No new training is needed: open the file with load_model where the add-on is installed, and save with "
        'model.export("mymodel") (before TensorFlow 2.13: tf.saved_model.save(model, "mymodel")). A SavedModel holds '
        "what the add-on computes."),
    "outside": Refusal("Your model has a {found}{where}, which depends on another file or library.",
        f"{BUILT_IN_LAYERS}, so that one file contains everything. {OR_EXPORT}"),
    "h5_operation": Refusal(
        "Your model computes something between its layers ({found}), which an .h5 file can't store.", FILL_AND_SAVE),
    "tensorflow_function": Refusal("Your model calls {found}{where}, which the grader does not run.",
        f"{OPEN_AND_EXPORT} {LEGACY}"),
    "path": Refusal("Your model reads another file, {found}{where}; the grader only has the model file.",
        f"Give the lookup layer its vocabulary as a list or with layer.adapt(texts). {FILL_AND_SAVE}"),
    "size": Refusal("Your model asks for {found}{where}, which needs far more memory than the grader has.",
        "Use fewer units, filters or steps there.", _TOO_MUCH),
    "own_size": Refusal(
        "Your model's weights and graph take {found}, more than this question allows{where}. The optimizer is not "
        "counted.",
        SMALLER, _TOO_MUCH),
    "no_weights": Refusal(*NO_WEIGHTS),
    "claims": Refusal("Your model needs {found}: its parts do not match.", SAVE_AGAIN),
    "shape": Refusal("The file declares {found}{where}.", SAVE_AGAIN),
    "too_big": Refusal("The file contains {found}{where}, more than the grader reads.",
        "Use a simpler model: fewer layers, and no deeply nested models.", _TOO_MUCH),
    "bomb": Refusal("The archive unpacks to far more than its size: {found}.", _UNCHANGED, _TOO_MUCH),
    "member": Refusal("The archive contains {found}, which is not part of a Keras model.", _UNCHANGED),
    "archive": Refusal("Keras did not write this archive: {found}.", _UNCHANGED),
    "hdf5_link": Refusal("The weights file contains {found}{where}; Keras stores every array once, inside the file.",
        _UNCHANGED),
    "hdf5_form": Refusal("The weights file contains {found}{where}; Keras stores plain numeric arrays.", _UNCHANGED),
    "damaged": Refusal("The file is incomplete or damaged: {found}{where}.", SAVE_AGAIN),
}  # fmt: skip
_SAVED_MODEL = {
    "graph_file": Refusal("The SavedModel reads or writes files, which the grader does not allow: {found}{where}.",
        "Remove tf.io, tf.data and tf.train.Checkpoint from the code that the model calls, give vocabularies as lists "
        f"(vocabulary=[...]), and {_EXPORT}"),
    "graph_print": Refusal("The SavedModel prints or writes logs, which the grader does not allow: {found}{where}.",
        f"Remove tf.print and tf.summary from the code that the model calls, and {_EXPORT}"),
    "graph_python": Refusal("The SavedModel calls Python code, which the folder does not contain: {found}{where}.",
        f"Replace tf.py_function and tf.numpy_function with tf.keras layers or TensorFlow operations, and {_EXPORT}"),
    "graph_codec": Refusal(
        "The SavedModel decodes or encodes files: {found}{where}. The grader feeds arrays, not files.",
        "Remove tf.io.decode_… and tf.io.parse_… from the code that the model calls (brief.md shows the input's shape "
        f"under 'Your model'), and {_EXPORT}"),
    "graph_operation": Refusal("The SavedModel contains the operation {found}{where}, which the grader does not run.",
        f"{BUILT_IN_LAYERS}, without datasets, queues, timestamps or training code in its call, and {_EXPORT}"),
    "graph_foreign": Refusal(
        "The SavedModel contains the operation {found}{where}, which is not part of this TensorFlow: it comes from an "
        "add-on (such as tensorflow_text) or another version.",
        f"{BUILT_IN_LAYERS} (TextVectorization for text) with the grader's version of TensorFlow, and {_EXPORT}"),
    "graph_saver": Refusal(
        "The SavedModel saves or restores a checkpoint when called ({found}), which the grader does not allow.",
        'Save only the model with model.export("mymodel"), not tf.train.Checkpoint or a function that saves.'),
    "graph_state": Refusal(
        "The SavedModel remembers its inputs: {found}{where}. The prediction for a sample must depend on that sample "
        "only.", f"Fill tables before saving, remove the code that changes them during a call, and {_EXPORT}"),
    "graph_recursive": Refusal("In the SavedModel the function {found} calls itself without end{where}.",
        f"{BUILT_IN_LAYERS}, write repetition as a loop, and {_EXPORT}"),
    "graph_large": Refusal("The SavedModel's graph is larger than the grader reads: {found}{where}.",
        "Keep weights in layers, not in tf.constant or NumPy arrays. Use fewer layers, and no Python loop that repeats "
        f"operations thousands of times. Then {_EXPORT}", _TOO_MUCH),
    "graph_constant": Refusal(
        "A constant in the SavedModel needs {found} of memory{where}, far more than the file stores.",
        f"Compute large masks and tables from the input's shape inside the model, or remove them, and {_EXPORT}",
        _TOO_MUCH),
    "graph_variables": Refusal(
        "The SavedModel's variables need {found}, but its files contain less{where}: the folder is incomplete or "
        "damaged.", EXPORT_AGAIN),
    "graph_asset": Refusal("The SavedModel refers to the file {found}, which is missing from its folder assets.",
        EXPORT_AGAIN),
    "graph_object": Refusal("The SavedModel contains an object of class {found}, which the grader does not create.",
        f"{BUILT_IN_LAYERS}, with arrays as inputs and outputs, and {_EXPORT}"),
    "graph_text": Refusal("The folder contains the graph as text (saved_model.pbtxt), which the grader does not read.",
        'Save with model.export("mymodel").'),
    "graph_several": Refusal("The SavedModel contains {found}; the grader accepts one.",
        'Save with model.export("mymodel").'),
    "graph_old": Refusal("The SavedModel is in TensorFlow 1 format (version {found}).",
        'Train with TensorFlow 2 and save with model.export("mymodel").'),
    "graph_damaged": Refusal("The SavedModel is incomplete or damaged: {found}{where}.", EXPORT_AGAIN),
}  # fmt: skip
_OLD_OPERATIONS = frozenset({"TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"})
"""How Keras 2 writes what is computed between layers, in a file of any format."""
TEXTS = _KERAS | _SAVED_MODEL  # by the gate's code; `{found}` and `{where}` are filled in


def gate_refusal(code: str, found: str, where: str) -> Refusal:
    """The refusal for the gate's `code`; `found` and `where` are untrusted text."""
    texts = TEXTS.get("old_class" if found in _OLD_OPERATIONS else code, _UNKNOWN)
    names = {
        "found": printable(found, _MAX_FOUND).removeprefix("Custom>") or "something unknown",
        "where": f" ({printable(where, _MAX_FOUND)})" if where else "",
    }
    return Refusal(texts.message.format(**names), texts.remedy.format(**names), texts.verdict)
