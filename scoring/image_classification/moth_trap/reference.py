"""Sixty moths: reference solution.

Saves mymodel.keras: pictures (48, 48, 3), values 0..255, in; one probability for each of ten species out.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 80


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    # The folder names become the labels, in alphabetical order; pictures of any size are resized as the marker does.
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "moths", image_size=(48, 48), batch_size=None, shuffle=False
    )
    train = pictures.cache().shuffle(60, seed=7).batch(20).prefetch(tf.data.AUTOTUNE)

    # The museum's network knows what wings, bands and shadows are, which sixty pictures can't teach. Frozen, it
    # keeps that: the large and random steps of a new head would else be passed on to it.
    museum = tf.keras.models.load_model(DATA / "backbone.keras")
    museum.trainable = False

    model = tf.keras.Sequential(
        [
            layers.Input((48, 48, 3)),
            # A mirrored or slightly turned moth is the same moth. No Rescaling: the museum's network was trained on
            # 0 to 255, which is also what the marker feeds.
            layers.RandomFlip("horizontal", seed=1),
            layers.RandomRotation(0.05, fill_mode="reflect", seed=2),
            museum,
            # Sixty pictures and 128 features: no single feature may be relied on.
            layers.Dropout(0.5, seed=3),
            # All that is learned here: 1,290 numbers, one probability a species.
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile(
        optimizer=tf.keras.optimizers.Adam(5e-3),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    model.fit(train, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
