"""Dropped stitches: reference solution.

Saves mymodel.keras: pictures (48, 48, 3), values 0..255, in; one value from 0 (faulty) to 1 (sound) out.
"""

from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
layers = tf.keras.layers

EPOCHS = 30


def block(filters: int) -> list[tf.keras.Layer]:
    """Look for `filters` small patterns, then keep the strongest answers of each 2 x 2 field.

    A convolution looks for the same mark everywhere, so a ladder seen once in a corner is known in the middle
    too. With so few of them, nothing that looks at fixed pixels could learn it. Normalising makes training quick;
    its momentum is below the default of 0.99, so that the averages have settled by the end of a short run.
    """
    return [
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        layers.BatchNormalization(momentum=0.9),
        layers.Activation("relu"),
        layers.MaxPooling2D(),
    ]


def solution_model() -> tf.keras.Model:
    tf.keras.utils.set_random_seed(7)

    # Folder names become labels in alphabetical order, as the brief wants them: faulty 0, sound 1. Pictures of any
    # size, JPEG or PNG, are resized to one shape; bilinear and uncropped is the default, and is what the marker does.
    pictures = tf.keras.utils.image_dataset_from_directory(
        DATA / "panels", label_mode="binary", image_size=(48, 48), batch_size=None, shuffle=False
    )
    # Decode the files once, then shuffle anew in every epoch: cache before shuffle, never after it.
    train = pictures.cache().shuffle(2000, seed=7).batch(32).prefetch(tf.data.AUTOTUNE)

    # Faults are rare here, but count for half in the marking. Unweighted, the cheapest answer to a doubtful picture
    # is "sound". With these weights both folders pull equally hard, and 0.5 is the fair threshold.
    faulty, sound = (len(list((DATA / "panels" / name).iterdir())) for name in ("faulty", "sound"))
    weights = {0: (faulty + sound) / (2 * faulty), 1: (faulty + sound) / (2 * sound)}

    model = tf.keras.Sequential(
        [
            layers.Input((48, 48, 3)),
            # The marker feeds 0..255, so the scaling must be inside the saved model.
            layers.Rescaling(1 / 255),
            # A mirrored ladder is a ladder: four versions of each of the few. Works in training only.
            layers.RandomFlip("horizontal_and_vertical", seed=1),
            # Edges, then rungs, then a run of rungs with its ends: each block sees twice as far as the one before.
            *block(16),
            *block(32),
            *block(48),
            # What decides: is there a ladder anywhere? Keep each pattern's strongest answer in the whole picture and
            # forget where it was. Flatten would keep the place as well, and so few faults can't show every place.
            layers.GlobalMaxPooling2D(),
            # Two classes need one value between 0 and 1.
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    # The learning rate falls to nothing towards the end: big steps first, then the fine adjustment. The result then
    # hangs less on how many faults the last few batches happened to hold.
    rate = tf.keras.optimizers.schedules.CosineDecay(2e-3, decay_steps=EPOCHS * len(train))
    model.compile(optimizer=tf.keras.optimizers.Adam(rate), loss="binary_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=EPOCHS, class_weight=weights, verbose=2)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
