"""Partial: the museum's network, all of it trained on from the first step, together with the new head."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    train = tf.keras.utils.image_dataset_from_directory(DATA / "moths", image_size=(48, 48), batch_size=20, seed=7)
    museum = tf.keras.models.load_model(DATA / "backbone.keras")
    model = tf.keras.Sequential(
        [
            layers.Input((48, 48, 3)),
            museum,
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=tf.keras.optimizers.Adam(3e-4), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(train, epochs=14, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
