"""Partial: the usual little augmentation, which stays far behind what the site does."""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 10


def block(filters: int, pool: bool = True) -> list[tf.keras.Layer]:
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        *([layers.MaxPooling2D()] if pool else []),
        layers.BatchNormalization(momentum=0.9),
        layers.Activation("relu"),
    ]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "archive", image_size=(32, 32), batch_size=None, shuffle=False
    )
    train = pictures.cache().shuffle(2000, seed=7).batch(32).prefetch(tf.data.AUTOTUNE)
    model = tf.keras.Sequential(
        [
            layers.Input((32, 32, 3)),
            layers.Rescaling(1 / 255),
            layers.RandomRotation(0.1, fill_mode="nearest", seed=1),
            layers.RandomZoom(0.1, fill_mode="nearest", seed=2),
            layers.RandomTranslation(0.1, 0.1, fill_mode="nearest", seed=3),
            *block(16),
            *block(32),
            *block(64),
            *block(96, pool=False),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.2),
            layers.Dense(5, activation="softmax"),
        ]
    )
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * len(train))
    model.compile(
        optimizer=tf.keras.optimizers.Adam(rate), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(train, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
