"""Makes models with Keras 2 and has them loaded again: `python make_keras2.py FOLDER`.

FOLDER gets `line.keras`, `line.h5` and `line` (a compiled SavedModel), which earn full marks, and `differences.json`:
by how much the answers of each model, when it has passed the gate and is loaded as the predictor does it, differ from
those of the model that was saved; or the error.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import h5py
import numpy as np
import tensorflow as tf

from mockexam.grading.predictor.gate.check import check
from mockexam.grading.predictor.loaded_model import load, predict
from mockexam.grading.predictor.zygote import import_libraries

K = tf.keras
L = K.layers
Named = tuple[str, Any, Any]
FORMS = {"keras": "keras", "h5": "h5", "": "saved_model"}
"""The predictor's name of a format, by ending."""


def _series() -> Iterator[Named]:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(5, 8, 2)).astype(np.float32)
    yield "bidirectional", K.Sequential([L.Bidirectional(L.LSTM(3), input_shape=[8, 2]), L.Dense(2)]), x
    yield "gru", K.Sequential([L.GRU(3, return_sequences=True, input_shape=[8, 2]), L.Flatten()]), x
    wide = [L.TimeDistributed(L.Dense(3), input_shape=[8, 2]), L.LocallyConnected1D(2, 3), L.ThresholdedReLU(0.1)]
    yield "time_distributed", K.Sequential(wide), x
    entry = K.Input((8, 2))
    attended = L.MultiHeadAttention(2, 3)(entry, entry)
    yield "attention", K.Model(entry, L.LayerNormalization()(attended + entry)), x
    middle = (entry - 20.0) / 10.0
    last = tf.reshape(middle[:, -3:, :], (tf.shape(middle)[0], 6))
    yield "operators", K.Model(entry, tf.math.softplus(L.Dense(2)(last)) * 10.0 + 20.0), x
    inner = K.Sequential([L.Dense(3, input_shape=[2]), L.BatchNormalization()], name="inner")
    inner.compile("adam", "mse")
    yield "nested", K.Sequential([L.TimeDistributed(inner, input_shape=[8, 2]), L.Flatten()]), x


def _others() -> Iterator[Named]:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(5, 6)).astype(np.float32)
    yield "slashes", K.Sequential([L.Dense(4, name="conv1/conv", input_shape=[6]), L.Dense(2, name="a/b/c")]), x
    half = [L.Dense(4, dtype="mixed_float16", input_shape=[6]), L.Dense(2, dtype="float32")]
    yield "mixed", K.Sequential(half), x
    pictures = rng.normal(size=(3, 8, 8, 3)).astype(np.float32)
    depthwise = [L.RandomFlip(input_shape=(8, 8, 3)), L.DepthwiseConv2D(3), L.ReLU(6.0), L.GlobalAveragePooling2D()]
    yield "depthwise", K.Sequential(depthwise), pictures
    words = np.array(["a good day", "a bad day", "nothing", ""])
    for mode, length in (("int", 4), ("tf_idf", None)):
        vectorize = L.TextVectorization(max_tokens=8, output_mode=mode, output_sequence_length=length)
        vectorize.adapt(["a good day", "a bad day", "one day"])
        yield f"words_{mode}", K.Sequential([K.Input((), dtype=tf.string), vectorize]), words


def _line_models(folder: Path) -> None:
    model = K.Sequential([L.Dense(1, input_shape=[1])])
    model.compile(K.optimizers.Adam(1e-9), "mse")
    model.fit(np.zeros((1, 1)), np.ones((1, 1)), verbose=0)
    model.set_weights([np.array([[2.0]]), np.array([1.0])])
    for name in ("line.keras", "line.h5", "line"):
        model.save(folder / name)
    model.compile(K.optimizers.legacy.Adam(1e-9), "mse")
    model.fit(np.zeros((1, 1)), np.ones((1, 1)), verbose=0)
    model.set_weights([np.array([[2.0]]), np.array([1.0])])
    model.save(folder / "line_legacy")


def _old(value: Any) -> Any:
    """A configuration as TensorFlow up to 2.11 writes it: no class names its module."""
    if isinstance(value, dict):
        return {key: _old(inner) for key, inner in value.items() if key not in ("module", "registered_name")}
    return [_old(inner) for inner in value] if isinstance(value, list) else value


def _as_2_11(path: Path) -> None:
    with h5py.File(path, "a") as file:
        file.attrs["keras_version"] = "2.4.0"
        file.attrs["model_config"] = json.dumps(_old(json.loads(file.attrs["model_config"])))


def _as_2_12(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["config.json"] = members["config.json"].replace(b'"tf_keras.src.', b'"keras.')
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def _as_2_13(path: Path) -> None:
    """Weights below another group, where each layer with weights counts twice among those of its class."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    weights = io.BytesIO(members.pop("model.weights.h5"))
    with h5py.File(weights, "r+") as file:
        layers = file["layers"]
        for name in sorted(layers, reverse=True):
            stem, _, number = name.rpartition("_")
            if number.isdecimal():
                layers.move(name, f"{stem}_{2 * int(number)}")
        file.move("layers", "_layer_checkpoint_dependencies")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.weights.h5", weights.getvalue())
        for name, content in members.items():
            archive.writestr(name.replace("assets/layers/", "assets/_layer_checkpoint_dependencies/"), content)


def _difference(path: Path, x: Any, wanted: Any) -> float | str:
    with tempfile.TemporaryDirectory() as scratch:
        try:
            passed = check(str(path), FORMS[path.suffix[1:]], scratch)
            loaded = load(passed, FORMS[path.suffix[1:]])
            values = predict(loaded, x, batch_size=2, values_per_sample=wanted[0].size).values
        except Exception as error:  # noqa: BLE001  # the test says what went wrong
            return f"{type(error).__name__}: {error}"[:500]
    return "no values" if values is None else float(np.abs(values - wanted).max())


def main() -> None:
    """Make, load and compare."""
    folder = Path(sys.argv[1])
    import_libraries()
    K.utils.set_random_seed(1)
    _line_models(folder)
    found: dict[str, float | str] = {}
    for name, model, x in (*_series(), *_others()):
        if not name.startswith("words"):
            model.compile("adam", "mse")
        fed = tf.constant(x.tolist()) if x.dtype.kind == "U" else x
        wanted = np.asarray(model(fed, training=False))
        for ending in ("keras", "h5", ""):
            if name.startswith("words") and ending == "h5":  # Keras itself can't
                continue
            if name == "bidirectional" and not ending:  # a graph like that of `gru`, and slow to save
                continue
            path = folder / (f"{name}.{ending}" if ending else name)
            model.save(path)
            found[path.name] = _difference(path, x, wanted)
        if name == "bidirectional":
            _as_2_11(folder / f"{name}.h5")
            found["bidirectional of 2.11"] = _difference(folder / f"{name}.h5", x, wanted)
        if name == "operators":
            _as_2_12(folder / f"{name}.keras")
            found["operators of 2.12"] = _difference(folder / f"{name}.keras", x, wanted)
        if name in ("slashes", "words_tf_idf"):
            _as_2_13(folder / f"{name}.keras")
            found[f"{name} of 2.13"] = _difference(folder / f"{name}.keras", x, wanted)
    (folder / "differences.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
