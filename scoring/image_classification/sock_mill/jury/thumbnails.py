"""Partial: all as in the reference, but the pictures are thumbnails of 18 x 18, where a ladder is a smear."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 30


def block(filters: int) -> list[tf.keras.Layer]:
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.Activation("relu"),
        layers.MaxPooling2D(),
    ]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)

    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "panels", label_mode="binary", image_size=(48, 48), batch_size=None, shuffle=False
    )
    train = pictures.cache().shuffle(2000, seed=7).batch(32).prefetch(tf.data.AUTOTUNE)

    faulty, sound = (len(list((DATA / "panels" / name).iterdir())) for name in ("faulty", "sound"))
    weights = {0: (faulty + sound) / (2 * faulty), 1: (faulty + sound) / (2 * sound)}

    model = tf.keras.Sequential(
        [
            layers.Input((48, 48, 3)),
            layers.Rescaling(1 / 255),
            layers.Resizing(18, 18),
            layers.RandomFlip("horizontal_and_vertical", seed=1),
            *block(16),
            *block(32),
            *block(48),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * len(train))
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=EPOCHS, class_weight=weights, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
