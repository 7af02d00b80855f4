"""Horses or humans: the network of the courses, without augmentation."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "pictures", label_mode="binary", image_size=(100, 100), batch_size=32, seed=7
    ).cache()
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(100, 100, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(tf.keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(pictures, epochs=10, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
