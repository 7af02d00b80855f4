"""A model that calls every pear ripe."""

from pathlib import Path

import keras

HERE = Path(__file__).parent

if __name__ == "__main__":
    same = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="zeros", bias_initializer="ones")
    keras.Sequential([keras.Input((2,)), same]).save(HERE / "mymodel.keras")
