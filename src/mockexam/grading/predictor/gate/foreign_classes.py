"""Says where a class that is not allowed comes from: an older Keras, an add-on, or the learner's script."""

from __future__ import annotations

from mockexam.grading.predictor.gate.classes import names

_ADD_ONS = {
    "Addons": "TensorFlow Addons", "tensorflow_addons": "TensorFlow Addons", "tensorflow_hub": "TensorFlow Hub",
    "tensorflow_text": "TensorFlow Text", "tensorflow_probability": "TensorFlow Probability",
    "tensorflow_decision_forests": "TensorFlow Decision Forests", "keras_cv": "KerasCV", "keras_nlp": "KerasNLP",
    "keras_hub": "KerasHub", "keras_rs": "KerasRS", "transformers": "Transformers", "official": "TensorFlow Models",
}  # fmt: skip
"""Libraries with layers of their own, by package: of the module, or of the name that a class is registered under."""
_WITHOUT_MODULE = {"KerasLayer": "TensorFlow Hub"}  # as .h5 files name them
_OLD_PACKAGES = frozenset({"tf_keras", "tensorflow"})
_KERAS_2_ONLY = names(
    "AbstractRNNCell CuDNNGRU CuDNNLSTM DenseFeatures ExperimentalLinearModel LinearModel LocallyConnected1D "
    "LocallyConnected2D PeepholeLSTMCell RandomFourierFeatures RandomHeight RandomWidth SequenceFeatures "
    "SyncBatchNormalization ThresholdedReLU WideDeepModel"
)
"""Public classes of Keras 2 that Keras 3 does not have."""


def kind_of(module: str | None, registered: str, name: str) -> tuple[str, str]:
    """The code that refuses this class, and what was found. `registered` is `package>name`, or empty."""
    package, _, last = (registered or name).rpartition(">")
    top = (module or "").partition(".")[0]
    if add_on := _ADD_ONS.get(package) or _ADD_ONS.get(top) or (None if module else _WITHOUT_MODULE.get(name)):
        return "add_on", f"{last or name} of {add_on}"
    if package:
        return "own_class", last
    if top in _OLD_PACKAGES or (name in _KERAS_2_ONLY and top in ("", "keras")):
        return "old_class", name
    return ("other_class", f"{module}.{name}") if top == "keras" else ("own_class", name)
