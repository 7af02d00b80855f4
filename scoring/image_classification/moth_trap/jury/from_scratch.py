"""Partial: a network of one's own, with augmentation, from sixty pictures alone."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "moths", image_size=(48, 48), batch_size=None, shuffle=False
    )
    train = pictures.cache().shuffle(60, seed=7).batch(20)
    model = tf.keras.Sequential(
        [
            layers.Input((48, 48, 3)),
            layers.Rescaling(1 / 255),
            layers.RandomFlip("horizontal", seed=1),
            layers.RandomRotation(0.05, fill_mode="reflect", seed=2),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(96, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3, seed=3),
            layers.Dense(64, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=80, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
