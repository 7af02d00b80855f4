"""The honest models that are mutated: small, so that a changed byte is likely to matter, and unlike each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

layers = tf.keras.layers


def line() -> Any:
    """Compiled, as most are that are saved after training."""
    model = tf.keras.Sequential([tf.keras.Input((1,)), layers.Dense(2, "relu"), layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def classes() -> Any:
    """Branches, and a compiled model within the model."""
    entry = tf.keras.Input((3,), name="entry")
    inner = tf.keras.Sequential([tf.keras.Input((3,)), layers.Dense(4, "tanh")], name="inner")
    inner.compile("sgd", "mse")
    left = layers.BatchNormalization()(inner(entry))
    right = layers.Dropout(0.2)(layers.Dense(4, kernel_regularizer="l2")(entry))
    return tf.keras.Model(entry, layers.Dense(4, "softmax", name="answer")(layers.Concatenate()([left, right])))


def image() -> Any:
    """Convolution and pooling."""
    return tf.keras.Sequential(
        [
            tf.keras.Input((28, 28, 1)), layers.Rescaling(1 / 255), layers.Conv2D(2, 3, strides=2, activation="relu"),
            layers.GlobalAveragePooling2D(), layers.Dense(1, activation="sigmoid"),
        ]
    )  # fmt: skip


def words() -> Any:
    """A vocabulary, and strings for input."""
    vectorize = layers.TextVectorization(max_tokens=8, output_sequence_length=3, vocabulary=["good", "bad", "a"])
    entry = tf.keras.Input((1,), dtype=tf.string)
    tail = [layers.Embedding(8, 2), layers.GlobalMaxPooling1D(), layers.Dense(1, activation="sigmoid")]
    return tf.keras.Sequential([entry, vectorize, *tail])


MODELS: tuple[Callable[[], Any], ...] = (line, classes, image, words)


def save_all(folder: Path) -> None:
    """Each in each format that can hold it."""
    for make in MODELS:
        tf.keras.utils.set_random_seed(7)
        model = make()
        name = make.__name__
        model.save(folder / f"{name}.keras")
        if name != "words":  # its table comes back empty
            model.save(folder / f"{name}.h5")
        model.export(folder / name, verbose=False)
