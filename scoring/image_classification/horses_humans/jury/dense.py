"""Horses or humans: no convolutions."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "pictures", label_mode="binary", image_size=(100, 100), batch_size=32, seed=7
    ).cache()
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(100, 100, 3)),
            tf.keras.layers.Rescaling(1 / 255),
            tf.keras.layers.AveragePooling2D(4),
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(pictures, epochs=10, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
