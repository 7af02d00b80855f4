"""The doctor's training test: trains a small image classifier on generated images, saves it and reports the times.

Runs like a candidate's script: `python train.py SHAPE CLASSES STEPS FILE`, for example
`python train.py 64,64,3 4 60 mymodel.keras`. Prints JSON objects, one a line.
"""

import json
import sys
import time

BATCH = 32


def report(stage: str, **values: object) -> None:
    """Print one line for the doctor."""
    print(json.dumps({"stage": stage, **values}), flush=True)


def main(shape: tuple[int, ...], classes: int, steps: int, file: str) -> None:
    """Import, train for this many steps of 32 images, save."""
    begun = time.perf_counter()
    import numpy as np
    import tensorflow as tf

    report("imported", seconds=time.perf_counter() - begun, tensorflow=tf.__version__, keras=tf.keras.__version__)

    tf.keras.utils.set_random_seed(1)
    layers = tf.keras.layers
    model = tf.keras.Sequential(
        [
            tf.keras.Input(shape=shape),
            layers.Rescaling(1 / 255),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(64, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    rng = np.random.default_rng(1)
    labels = rng.integers(0, classes, BATCH * 8)
    # Each class has its own brightness, so there is something to learn.
    images = (rng.uniform(0, 80, (len(labels), *shape)) + labels.reshape(-1, 1, 1, 1) * 40).astype("float32")

    # The first step builds the graph; only training is timed after it.
    model.train_on_batch(images[:BATCH], labels[:BATCH])
    begun = time.perf_counter()
    for step in range(steps):
        at = step % 8 * BATCH
        loss = model.train_on_batch(images[at : at + BATCH], labels[at : at + BATCH])
        if step % max(1, steps // 20) == 0:
            report("training", fraction=step / steps)
    report("trained", seconds=time.perf_counter() - begun, loss=float(loss))

    begun = time.perf_counter()
    model.save(file)
    report("saved", seconds=time.perf_counter() - begun)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1].split(","))), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
