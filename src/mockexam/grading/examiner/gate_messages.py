"""What the gate's codes mean in a learner's words. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.model_facts import text

_SHOWN = 120
_SAVE_AGAIN = 'Save again with model.save("mymodel.keras") and wait until it has ended.'
_EXPORT = 'Or save with model.export("mymodel"): a SavedModel needs none of your code.'


@dataclass(frozen=True)
class _Words:
    message: str
    """May name `{found}`; `{where}` is " (…)" or empty."""
    remedy: str
    verdict: Verdict = Verdict.INVALID_MODEL


_GENERAL = _Words(
    "The model holds {found}{where}, which the marker does not load.",
    'Build the model from the layers of tf.keras alone and save it anew with model.save("mymodel.keras").',
)
_MODERN = "Build the model from the layers of tf.keras alone"
_UNCHANGED = 'Save it with model.save("mymodel.keras") and submit that file unchanged.'
_KERAS: dict[str, _Words] = {
    "lambda": _Words(
        "Your model has a Lambda layer{where}. A Lambda stores Python code, which the marker does not run.",
        "Use a layer that does the same: tf.keras.layers.Reshape, Rescaling, Normalization, Permute … "
        f"(for example Reshape((30, 1)) for tf.expand_dims). {_EXPORT}",
    ),
    "own_class": _Words(
        "Your model uses a class of your own, {found}, which the marker does not have.", f"{_MODERN}. {_EXPORT}"
    ),
    "own_function": _Words(
        "Your model uses a function of your own, {found}, which the marker does not have.",
        f'Use one that Keras knows by name (for example activation="relu"). {_EXPORT}',
    ),
    "other_class": _Words(
        "Your model names {found}{where}, which is no part of a model that the marker loads.",
        f"{_MODERN}, and save it with the marker's version of Keras. {_EXPORT}",
    ),
    "outside": _Words(
        "Your model has a {found}{where}, which takes its work from another file or library.",
        f"{_MODERN}, so that the one file holds all of it.",
    ),
    "h5_operation": _Words(
        "Your model calculates between its layers ({found}), which an .h5 file can't keep.",
        'Save it with this TensorFlow as model.save("mymodel.keras").',
    ),
    "path": _Words(
        "Your model would read from another place, {found}{where}; the marker gives it nothing but the file.",
        'Give a lookup layer its words as a list, or layer.adapt(texts), and save again: model.save("mymodel.keras").',
    ),
    "size": _Words(
        "Your model asks for {found}{where}, far more than the marker has memory for.",
        "Use fewer units, filters or steps there.",
        Verdict.LIMIT_EXCEEDED,
    ),
    "no_weights": _Words(
        "The file lacks the model's weights: the save was interrupted or the disk was full.", _SAVE_AGAIN
    ),
    "claims": _Words("Your model asks for {found}: its parts do not fit together.", _SAVE_AGAIN),
    "shape": _Words("The file claims {found}{where}.", _SAVE_AGAIN),
    "too_big": _Words(
        "The file holds {found}{where}: more than the marker reads.",
        "Use a simpler model: fewer layers, and no models inside models inside models.",
        Verdict.LIMIT_EXCEEDED,
    ),
    "bomb": _Words("The archive unpacks to far more than its size: {found}.", _UNCHANGED, Verdict.LIMIT_EXCEEDED),
    "member": _Words("The archive holds {found}, which is no part of a Keras model.", _UNCHANGED),
    "archive": _Words("The archive is not as Keras writes it: {found}.", _UNCHANGED),
    "hdf5_link": _Words(
        "The file of weights holds {found}{where}; Keras keeps every array once, in the file itself.", _UNCHANGED
    ),
    "hdf5_form": _Words("The file of weights holds {found}{where}; Keras keeps plain arrays of numbers.", _UNCHANGED),
    "damaged": _Words("The file is incomplete or damaged: it holds {found}{where}.", _SAVE_AGAIN),
}
_EXPORT_AGAIN = 'Delete the folder and save again with model.export("mymodel"); copy the folder whole.'
_PLAIN_LAYERS = "Build the model from the layers of tf.keras"
_SAVED_MODEL: dict[str, _Words] = {
    "graph_file": _Words(
        "The SavedModel reads or writes files, which the marker lets no model do: it holds {found}{where}.",
        "Take tf.io, tf.data and tf.train.Checkpoint out of what the model calls, give vocabularies as lists "
        '(vocabulary=[...]), and save again with model.export("mymodel").',
    ),
    "graph_print": _Words(
        "The SavedModel prints or writes a log, which the marker lets no model do: it holds {found}{where}.",
        'Take tf.print and tf.summary out of what the model calls, and save again with model.export("mymodel").',
    ),
    "graph_python": _Words(
        "The SavedModel calls Python code, which is not in the folder: it holds {found}{where}.",
        "Replace tf.py_function and tf.numpy_function by layers of tf.keras or by operations of TensorFlow, and save "
        'again with model.export("mymodel").',
    ),
    "graph_codec": _Words(
        "The SavedModel decodes or encodes files: it holds {found}{where}. The marker feeds arrays, not files.",
        "Take tf.io.decode_… and tf.io.parse_… out of what the model calls; the brief tells the input's shape under "
        "'Your model'. Then save again with model.export(\"mymodel\").",
    ),
    "graph_operation": _Words(
        "The SavedModel holds the operation {found}{where}, which is not among those that the marker runs.",
        f"{_PLAIN_LAYERS}, without datasets, queues, timestamps or training machinery in what it calls, and save again "
        'with model.export("mymodel").',
    ),
    "graph_foreign": _Words(
        "The SavedModel holds the operation {found}{where}, which TensorFlow itself does not have: it comes from an "
        "add-on (such as tensorflow_text) or from another version.",
        f"{_PLAIN_LAYERS} alone (TextVectorization for text), with the marker's version of TensorFlow, and save again "
        'with model.export("mymodel").',
    ),
    "graph_saver": _Words(
        "The SavedModel saves or restores a checkpoint when it is called ({found}). The marker lets no model do that.",
        'Save only the model, not tf.train.Checkpoint or a function that saves: model.export("mymodel").',
    ),
    "graph_state": _Words(
        "The SavedModel keeps what it is fed: it holds {found}{where}. An answer must hang on its own sample alone.",
        "Fill tables before you save, take what changes them out of what the model calls, and save again with "
        'model.export("mymodel").',
    ),
    "graph_recursive": _Words(
        "In the SavedModel the function {found} calls itself, again and again{where}.",
        f'{_PLAIN_LAYERS}; write a repetition as a loop, and save again with model.export("mymodel").',
    ),
    "graph_large": _Words(
        "The SavedModel's graph is larger than the marker reads: {found}{where}.",
        "Keep weights in layers, not in tf.constant or NumPy arrays; use fewer layers, and no Python loop that repeats "
        'operations thousands of times. Then save again with model.export("mymodel").',
        Verdict.LIMIT_EXCEEDED,
    ),
    "graph_constant": _Words(
        "A constant in the SavedModel asks for {found} of memory{where}, far more than is stored of it.",
        "Make large masks and tables inside the model from its input's shape, or leave them out, and save again with "
        'model.export("mymodel").',
        Verdict.LIMIT_EXCEEDED,
    ),
    "graph_variables": _Words(
        "The SavedModel's variables take {found}, but its files hold less{where}: the folder is incomplete or damaged.",
        _EXPORT_AGAIN,
    ),
    "graph_asset": _Words(
        "The SavedModel names the file {found}, which is not in its folder assets.",
        _EXPORT_AGAIN,
    ),
    "graph_object": _Words(
        "The SavedModel holds an object of the class {found}, which the marker does not make.",
        f'{_PLAIN_LAYERS} alone, with arrays as inputs and outputs, and save again with model.export("mymodel").',
    ),
    "graph_text": _Words(
        "The folder holds the graph as text (saved_model.pbtxt), which the marker does not read.",
        'Save it with model.export("mymodel").',
    ),
    "graph_several": _Words(
        "The SavedModel holds {found}; the marker takes one.",
        'Save it with model.export("mymodel").',
    ),
    "graph_old": _Words(
        "The SavedModel was written the way of TensorFlow 1 (version {found}).",
        'Train with TensorFlow 2 and save with model.export("mymodel").',
    ),
    "graph_damaged": _Words(
        "The SavedModel is incomplete or damaged: {found}{where}.",
        _EXPORT_AGAIN,
    ),
}
_TABLE = _KERAS | _SAVED_MODEL


def words(reason: str, found: str, where: str) -> tuple[Verdict, Refusal]:
    """A refusal by the gate: `reason` is its code, `found` and `where` are foreign text."""
    told = _TABLE.get(reason, _GENERAL)
    names = {
        "found": text(found, _SHOWN) or "something unknown",
        "where": f" ({text(where, _SHOWN)})" if where else "",
    }
    return told.verdict, Refusal(told.message.format(**names), told.remedy.format(**names))
