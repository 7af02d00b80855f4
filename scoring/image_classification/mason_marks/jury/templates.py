"""Partial: nothing is trained. The mean mark of each mason, in many poses, is compared with the picture."""

from pathlib import Path

import numpy as np
import tensorflow as tf
from scipy import ndimage

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

SIDE, MASONS, TURNS, SIZES = 32, 5, 24, (0.75, 0.9, 1.05, 1.25)
RADIUS = 15  # of a template, in pixels
AWAY = 5  # how far a mark may be off the middle


def chalk() -> tf.keras.Model:
    """How much brighter than its surroundings each pixel is, in standard deviations."""
    picture = layers.Input((SIDE, SIDE, 3))
    grey = layers.Conv2D(1, 1, use_bias=False, kernel_initializer=tf.keras.initializers.Constant(1 / 3))(picture)
    bright = grey - layers.AveragePooling2D(9, strides=1, padding="same")(grey)
    spread = layers.AveragePooling2D(13, strides=1, padding="same")(bright * bright) ** 0.5
    return tf.keras.Model(picture, layers.ReLU(max_value=3.0)(bright / (spread + 3.0)))


def poses(mark: np.ndarray) -> list[np.ndarray]:
    """A mark turned and resized, as unit vectors with mean 0."""
    y, x = np.mgrid[-RADIUS : RADIUS + 1, -RADIUS : RADIUS + 1]
    found = []
    for size in SIZES:
        inside = np.hypot(x, y) < 0.36 * SIDE * size
        for a in np.arange(TURNS) * 2 * np.pi / TURNS:
            at = np.array([np.cos(a) * y - np.sin(a) * x, np.sin(a) * y + np.cos(a) * x]) / size + (SIDE - 1) / 2
            turned = ndimage.map_coordinates(mark, at, order=1) * inside
            turned = (turned - turned[inside].mean()) * inside
            found.append(turned / np.linalg.norm(turned))
    return found


def solution_model() -> tf.keras.Model:
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "archive", image_size=(SIDE, SIDE), batch_size=None, shuffle=False
    )
    x, y = (np.array(part) for part in zip(*pictures.as_numpy_iterator(), strict=True))
    filtered = chalk()
    shown = filtered.predict(x, verbose=0)[..., 0]
    templates = [pose for k in range(MASONS) for pose in poses(shown[y == k].mean(0))]

    compare = layers.Conv2D(len(templates), 2 * RADIUS + 1, use_bias=False)
    model = tf.keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 3)),
            filtered,
            layers.ZeroPadding2D(RADIUS + AWAY - SIDE // 2),
            compare,
            layers.GlobalMaxPooling2D(),  # the best place of each pose,
            layers.Reshape((MASONS, TURNS * len(SIZES))),
            layers.Permute((2, 1)),
            layers.GlobalMaxPooling1D(),  # and the best pose of each mason
            layers.Softmax(),
        ]
    )
    compare.set_weights([np.stack(templates, -1)[:, :, None].astype(np.float32)])
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
