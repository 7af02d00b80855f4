"""The mason's marks: reference solution.

Saves mymodel.keras: pictures (32, 32, 3), values 0..255, in; one probability for each of five masons out.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 30


def block(filters: int, pool: bool = True) -> list[tf.keras.Layer]:
    """Look for `filters` small patterns, then (with `pool`) keep the strongest answers of each 2 x 2 field.

    Normalising makes the network start to learn at once; after the pooling it costs a quarter. Its momentum is below
    the default of 0.99, because a run of a thousand steps would else end before the averages have settled.
    """
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        *([layers.MaxPooling2D()] if pool else []),
        layers.BatchNormalization(momentum=0.9),
        layers.Activation("relu"),
    ]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)

    # The folder names become the labels, in alphabetical order. Pictures of any size, JPEG or PNG, are
    # resized to one shape; bilinear and uncropped is the default, and is what the marker does.
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "archive", image_size=(32, 32), batch_size=None, shuffle=False
    )
    # Decode the files once, then shuffle anew in every epoch: cache before shuffle, never after it.
    train = pictures.cache().shuffle(2000, seed=7).batch(32).prefetch(tf.data.AUTOTUNE)

    model = tf.keras.Sequential(
        [
            layers.Input((32, 32, 3)),
            # The marker feeds 0..255, so the scaling must be inside the saved model.
            layers.Rescaling(1 / 255),
            # The archive shows every mark upright, centred and of one size; on the site it is none of that.
            # These layers work in training only, and turn the archive's pictures into the site's: any angle
            # (0.5 is half a circle to either side), ...
            layers.RandomRotation(0.5, fill_mode="nearest", seed=1),
            # ... nearer or farther (1 / 1.25 - 1 is -0.2; a positive factor zooms out: 1 / 0.75 - 1 is 0.33), ...
            layers.RandomZoom((-0.2, 0.33), fill_mode="nearest", seed=2),
            # ... and off centre by up to 0.15 of the side.
            layers.RandomTranslation(0.15, 0.15, fill_mode="nearest", seed=3),
            # Edges, then corners, then whole marks: each block sees twice as far as the one before.
            *block(16),
            *block(32),
            *block(64),
            *block(96, pool=False),
            # The mean over the picture forgets where the mark is, as the answer must not depend on it.
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.2),
            # One probability a class, adding up to 1, as the brief asks.
            layers.Dense(5, activation="softmax"),
        ]
    )
    # The learning rate falls to nothing towards the end: big steps first, then the fine adjustment.
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
