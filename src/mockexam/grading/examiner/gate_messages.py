"""Explains the gate's refusal codes to the learner. Pure."""

from __future__ import annotations

from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.error_messages import (
    BUILT_IN_LAYERS,
    CUSTOM_CLASS,
    CUSTOM_FUNCTION,
    EXPORT_AGAIN,
    LAMBDA,
    NO_WEIGHTS,
    OR_EXPORT,
    SAVE_AGAIN,
)
from mockexam.grading.examiner.prediction_job import printable

MAX_SHOWN = 120
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
        f"{BUILT_IN_LAYERS}, and save it with the grader's version of Keras. {OR_EXPORT}"),
    "outside": Refusal("Your model has a {found}{where}, which depends on another file or library.",
        f"{BUILT_IN_LAYERS}, so that one file contains everything."),
    "h5_operation": Refusal(
        "Your model computes something between its layers ({found}), which an .h5 file can't store.",
        'Save with this TensorFlow and model.save("mymodel.keras").'),
    "path": Refusal("Your model reads another file, {found}{where}; the grader only has the model file.",
        "Give the lookup layer its vocabulary as a list or with layer.adapt(texts), then save again with "
        'model.save("mymodel.keras").'),
    "size": Refusal("Your model asks for {found}{where}, which needs far more memory than the grader has.",
        "Use fewer units, filters or steps there.", _TOO_MUCH),
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
TEXTS = _KERAS | _SAVED_MODEL  # by the gate's code; `{found}` and `{where}` are filled in


def gate_refusal(code: str, found: str, where: str) -> Refusal:
    """The refusal for the gate's `code`; `found` and `where` are untrusted text."""
    texts = TEXTS.get(code, _UNKNOWN)
    names = {
        "found": printable(found, MAX_SHOWN) or "something unknown",
        "where": f" ({printable(where, MAX_SHOWN)})" if where else "",
    }
    return Refusal(texts.message.format(**names), texts.remedy.format(**names), texts.verdict)
