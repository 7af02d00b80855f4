"""Loads and predicts with each model of a folder, one after the other: `bare_many.py FOLDER FEATURES`."""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

if __name__ == "__main__":
    features = np.load(sys.argv[2])
    for model in sorted(Path(sys.argv[1]).glob("*.keras")):
        answer = tf.keras.models.load_model(model, compile=False).predict(features, batch_size=64, verbose=0)
        print(model.name, answer.shape)
