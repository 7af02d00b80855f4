"""Naive: no convolution, a flat network on the pixels."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    train = tf.keras.utils.image_dataset_from_directory(DATA / "parts", image_size=(64, 64), batch_size=32, seed=7)
    model = tf.keras.Sequential(
        [
            layers.Input((64, 64, 3)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(4, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=20, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
