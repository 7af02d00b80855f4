"""Horses or humans: pictures that are never the same, and a small head."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "pictures", label_mode="binary", image_size=(100, 100), batch_size=32, seed=7
    ).cache()
    epochs = 20
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=(100, 100, 3)),
            layers.Rescaling(1 / 255),  # the grader sends 0..255
            # The unseen figures stand elsewhere, before another background and in another light. What a model sees in
            # training must vary as much. These layers do nothing when the model predicts.
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1),
            layers.RandomZoom(0.2),
            layers.RandomContrast(0.3),
            layers.Conv2D(16, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            # The mean over all places instead of a large dense layer: it can't learn where a figure stands.
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.4),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(pictures))
    model.compile(tf.keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(pictures, epochs=epochs, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
