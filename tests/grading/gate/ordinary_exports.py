"""Exports many ordinary models and asks the gate about each: `python ordinary_exports.py FOLDER`, printed as JSON."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import keras
import numpy as np
import own_operations
import tensorflow as tf
from keras import layers

from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.check import check_saved_model

Export = Callable[[str], object]
WORDS = ["a good day", "a bad day", "one two three"]


class Own(layers.Layer):
    """A layer of one's own around a function."""

    def __init__(self, function: Any) -> None:
        super().__init__()
        self.function = function

    def call(self, x: Any) -> Any:
        return self.function(x)


def _keras(build: Callable[[], Any]) -> Export:
    return lambda path: build().export(path, verbose=False)


def _stack(shape: tuple[int, ...], *stack: Any, dtype: str = "float32") -> Any:
    return keras.Sequential([keras.Input(shape, dtype=dtype), *stack])


def _own() -> Iterator[tuple[str, Export]]:
    for kind, (shape, dtype, functions) in own_operations.ALL.items():
        for name, function in functions.items():
            yield f"{kind}_{name}", _keras(lambda s=shape, d=dtype, f=function: _stack(s, Own(f), dtype=d))


def _text(vocabulary: Any = None, **how: Any) -> Callable[[], Any]:
    def build() -> Any:
        layer = layers.TextVectorization(vocabulary=vocabulary, **how)
        if vocabulary is None:
            layer.adapt(WORDS)
        return _stack((1,), layer, dtype="string")

    return build


def _lookup(kind: Any, values: Any, dtype: str, *, adapt: bool, **how: Any) -> Callable[[], Any]:
    def build() -> Any:
        layer = kind(**how) if adapt else kind(vocabulary=values, **how)
        if adapt:
            layer.adapt(np.array(values)[:, None])
        return _stack((1,), layer, dtype=dtype)

    return build


def _texts(folder: Path) -> Iterator[tuple[str, Export]]:
    file = folder / "vocabulary.txt"
    file.write_text("a\nb\nc\n")
    letters = layers.StringLookup, ["a", "b"], "string"
    numbers = layers.IntegerLookup, [1, 5, 9], "int64"
    for name, build in {
        "adapted": _text(),
        "given": _text(["a", "b"]),
        "from_a_file": _text(str(file)),
        "characters": _text(split="character"),
        "pairs": _text(ngrams=2),
        "weighed": _text(output_mode="tf_idf"),
        "counted": _text(output_mode="count"),
        "fixed": _text(output_sequence_length=6, max_tokens=9),
        "own_standard": _text(standardize=lambda s: tf.strings.regex_replace(tf.strings.lower(s), "<br />", " ")),
        "letters": _lookup(*letters, adapt=False),
        "letters_adapted": _lookup(*letters, adapt=True),
        "letters_back": _back,
        "letters_spread": _lookup(*letters, adapt=False, num_oov_indices=3, output_mode="one_hot"),
        "letters_from_a_file": lambda: _stack((1,), layers.StringLookup(vocabulary=str(file)), dtype="string"),
        "numbers": _lookup(*numbers, adapt=False),
        "numbers_adapted": _lookup(*numbers, adapt=True, output_mode="multi_hot"),
        "hashed": lambda: _stack((1,), layers.Hashing(5, salt=133), dtype="string"),
        "classifier": _classifier,
    }.items():
        yield f"text_{name}", _keras(build)


def _back() -> Any:
    return _stack((1,), layers.StringLookup(vocabulary=["a", "b"], invert=True), dtype="int64")


def _classifier() -> Any:
    vectorize = layers.TextVectorization(max_tokens=50, output_sequence_length=6)
    vectorize.adapt(WORDS)
    recurrent = layers.Bidirectional(layers.LSTM(4, dropout=0.2))
    return _stack((1,), vectorize, layers.Embedding(50, 4, mask_zero=True), recurrent, layers.Dense(1), dtype="string")


class Tables(tf.Module):
    """Tables, random numbers, constants, containers and a step of training, as methods."""

    def __init__(self, file: str) -> None:
        super().__init__()
        pairs = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64))
        lines = tf.lookup.TextFileInitializer(
            file, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        )
        self.fixed = tf.lookup.StaticHashTable(pairs, -1)
        self.buckets = tf.lookup.StaticVocabularyTable(pairs, 3)
        self.lines = tf.lookup.StaticHashTable(lines, -1)
        self.open = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, 0)
        self.dense = tf.lookup.experimental.DenseHashTable(tf.string, tf.int64, -1, "e", "d")
        self.weights = tf.Variable(tf.ones((3, 1)))
        self.constant = tf.constant(np.random.default_rng(0).random((50, 50)))
        self.zeros = tf.zeros((700, 700))
        self.chance = tf.random.Generator.from_seed(1)
        self.held = {"a": tf.Variable(1.0), "b": [tf.Variable(2), (tf.Variable(3),)]}
        self.file = tf.saved_model.Asset(file)

    @tf.function(input_signature=[tf.TensorSpec((None,), tf.string)])
    def look(self, x: Any) -> Any:
        self.open.insert(x, tf.zeros_like(x, tf.int64))
        return self.fixed[x] + self.buckets[x] + self.lines[x] + self.open[x] + self.dense[x]

    @tf.function(input_signature=[tf.TensorSpec((None, 3))])
    def __call__(self, x: Any) -> Any:
        scale = tf.cast(self.constant[0, 0], tf.float32) + self.zeros[0, 0]
        return x @ self.weights * scale + self.chance.normal((1,))

    @tf.function(input_signature=[tf.TensorSpec((None, 3)), tf.TensorSpec((None, 1))])
    def train(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((x @ self.weights - y) ** 2)
        self.weights.assign_sub(0.1 * tape.gradient(loss, self.weights))
        return loss

    @tf.function(input_signature=[tf.RaggedTensorSpec((None, None)), tf.SparseTensorSpec((None, 3))])
    def composite(self, x: Any, y: Any) -> Any:
        return tf.reduce_sum(x, 1) + tf.sparse.reduce_sum(y)

    @tf.function
    def options(self, x: Any, n: Any = None, flag: bool = True, name: str = "a", *, k: Any = (1, 2.5)) -> Any:
        del n, name, k
        return x if flag else -x


def _modules(folder: Path) -> Iterator[tuple[str, Export]]:
    tables = Tables(str(folder / "vocabulary.txt"))
    tables.options(tf.ones(3))
    tables.options(tf.ones((3, 2)), flag=False)
    kept = str(folder / "kept")
    trained = _stack((4,), layers.Dense(3), layers.BatchNormalization(), layers.Dense(1))
    trained.compile("adam", "mse", metrics=["mae"])
    trained.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)

    def archive(path: str) -> None:
        several = keras.export.ExportArchive()
        several.track(trained)
        several.add_endpoint("serving_default", trained.call, [tf.TensorSpec((None, 4))])
        several.add_endpoint("twice", lambda x: trained(x) * 2, [tf.TensorSpec((None, 4))])
        several.write_out(path, verbose=False)

    def again(path: str) -> None:
        trained.export(kept, verbose=False)
        _stack((4,), layers.TFSMLayer(kept, call_endpoint="serve")).export(path, verbose=False)

    yield "module", lambda path: tf.saved_model.save(tables, path, signatures=tables.__call__)
    yield "module_again", lambda path: tf.saved_model.save(tf.saved_model.load(str(folder / "module")), path)
    yield "trained", _keras(lambda: trained)
    yield "trained_saved", lambda path: tf.saved_model.save(trained, path)
    yield "archive", archive
    yield "layer_of_a_saved_model", again


def _large() -> Iterator[tuple[str, Export]]:
    for name in [
        "MobileNet",
        "MobileNetV2",
        "MobileNetV3Small",
        "EfficientNetB0",
        "DenseNet121",
        "ResNet50V2",
        "InceptionV3",
        "Xception",
        "VGG16",
        "NASNetMobile",
        "ConvNeXtTiny",
    ]:
        size = 224 if name == "NASNetMobile" else 96
        yield (
            name,
            _keras(
                lambda n=name, s=size: getattr(keras.applications, n)(
                    weights=None, input_shape=(s, s, 3), include_top=False, pooling="avg"
                )
            ),
        )
    recurrent = [layers.LSTM(8, return_sequences=True), layers.GRU(8, return_sequences=True), layers.SimpleRNN(8)]
    yield "recurrent", _keras(lambda: _stack((30, 1), layers.Conv1D(8, 5, padding="causal"), *recurrent))
    yield (
        "stateful",
        _keras(lambda: keras.Sequential([keras.Input((9, 1), batch_size=4), layers.LSTM(3, stateful=True)])),
    )
    flips = [layers.RandomFlip(), layers.RandomRotation(0.1), layers.RandomZoom(0.1), layers.RandAugment()]
    yield "augmented", _keras(lambda: _stack((32, 32, 3), *flips, layers.Flatten(), layers.Dense(1)))


def main() -> None:
    """Print what the gate says of each: nothing, or why not. What can't be exported is an error of this script."""
    folder = Path(sys.argv[1])
    report: dict[str, str] = {}
    with contextlib.redirect_stdout(sys.stderr), tempfile.TemporaryDirectory() as scratch:
        for name, export in (*_texts(folder), *_modules(folder), *_own(), *_large()):
            export(str(folder / name))
            try:
                check_saved_model(str(folder / name), scratch)
            except GateRefusal as refusal:
                report[name] = str(refusal)
            else:
                report[name] = ""
            keras.utils.clear_session()
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
