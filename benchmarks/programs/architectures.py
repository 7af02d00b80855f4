"""What candidates' models look like, from the smallest to about 50 MB; for programs that have TensorFlow."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import tensorflow as tf

layers = tf.keras.layers


def tiny_dense(shape: tuple[int, ...]) -> list[Any]:
    """One hidden layer."""
    return [layers.Flatten(), layers.Dense(8, activation="relu")] if len(shape) > 1 else [layers.Dense(8, "relu")]


def small_dense(shape: tuple[int, ...]) -> list[Any]:  # noqa: ARG001
    """What a first course trains on pictures of digits."""
    return [layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dropout(0.2), layers.Dense(64, "relu")]


def small_cnn(shape: tuple[int, ...]) -> list[Any]:  # noqa: ARG001
    """Three convolutions; about 1 MB."""
    stack: list[Any] = [layers.Rescaling(1 / 255)]
    for filters in (32, 64, 64):
        stack += [layers.Conv2D(filters, 3, padding="same", activation="relu"), layers.MaxPooling2D()]
    return [*stack, layers.Flatten(), layers.Dense(256, activation="relu")]


def mobile(shape: tuple[int, ...]) -> list[Any]:
    """A MobileNetV2 as transfer learning leaves it, its weights random; about 10 MB."""
    base = tf.keras.applications.MobileNetV2(input_shape=shape, include_top=False, weights=None)
    return [base, layers.GlobalAveragePooling2D(), layers.Dropout(0.2)]


def recurrent(shape: tuple[int, ...]) -> list[Any]:
    """An LSTM before dense layers; about 50 MB."""
    rows = [layers.Reshape((shape[0], math.prod(shape[1:])))]
    return [*rows, layers.LSTM(256), *(layers.Dense(units, activation="relu") for units in (2048, 4096, 1024))]


BUILDERS: dict[str, Callable[[tuple[int, ...]], list[Any]]] = {
    build.__name__: build for build in (tiny_dense, small_dense, small_cnn, mobile, recurrent)
}


def save(name: str, shape: list[int], classes: int, file: str, seed: int) -> int:
    """Save a model of one of these architectures for samples of a shape; its size in bytes.

    A `file` without a suffix becomes a SavedModel folder.
    """
    tf.keras.utils.set_random_seed(seed)
    stack = [tf.keras.Input(shape=shape), *BUILDERS[name](tuple(shape))]
    model = tf.keras.Sequential([*stack, layers.Dense(classes, activation="softmax")])
    path = Path(file)
    if path.suffix:
        model.save(path)
    else:
        model.export(path, verbose=False)
    tf.keras.backend.clear_session()
    return path.stat().st_size if path.is_file() else sum(part.stat().st_size for part in path.rglob("*"))
