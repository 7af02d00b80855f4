"""The repair cafe's drawer: reference solution.

Saves mymodel.keras: pictures (64, 64, 3), values 0..255, in; one probability for each of four parts out.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 45


def block(filters: int) -> list[tf.keras.Layer]:
    """Look for `filters` small patterns, then keep the strongest answer of each 2 x 2 field.

    Normalising makes a deep network start to learn at once; after the pooling it has a quarter of the work.
    Its momentum is below the default of 0.99, because a run of 800 steps would else end before the averages
    have settled.
    """
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.MaxPooling2D(),
        layers.BatchNormalization(momentum=0.9),
        layers.Activation("relu"),
    ]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)

    # The folder names become the labels, in alphabetical order. Pictures of any size, JPEG or PNG, are
    # resized to one shape; bilinear and uncropped is the default, and is what the marker does.
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "parts", image_size=(64, 64), batch_size=None, shuffle=False
    )
    # Decode the files once, then shuffle anew in every epoch: cache before shuffle, never after it.
    train = pictures.cache().shuffle(2000, seed=7).batch(32).prefetch(tf.data.AUTOTUNE)

    model = tf.keras.Sequential(
        [
            layers.Input((64, 64, 3)),
            # The marker feeds 0..255, so the scaling must be inside the saved model.
            layers.Rescaling(1 / 255),
            # A part may lie at any angle, so every turned or mirrored picture is one more example. These two
            # layers work in training only, and make it harder to learn single pictures by heart.
            layers.RandomFlip("horizontal_and_vertical", seed=1),
            layers.RandomRotation(0.5, fill_mode="reflect", seed=2),
            # Edges, then corners and teeth, then whole parts: each block sees twice as far as the one before.
            *block(16),
            *block(32),
            *block(64),
            *block(96),
            layers.Flatten(),
            # With few pictures, half of the features are hidden at each step: none may be relied on alone.
            layers.Dropout(0.5),
            layers.Dense(64, activation="relu"),
            # One probability a class, adding up to 1, as the brief asks.
            layers.Dense(4, activation="softmax"),
        ]
    )
    # The learning rate falls to nothing towards the end: big steps first, then the fine adjustment. The
    # result then hangs less on which epoch happens to be the last.
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * len(train))
    model.compile(
        optimizer=tf.keras.optimizers.Adam(rate),
        loss="sparse_categorical_crossentropy",  # labels are whole numbers, not one-hot
        metrics=["accuracy"],
    )
    # Augmented pictures are never the same twice, so training pays for many epochs.
    model.fit(train, epochs=EPOCHS, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
