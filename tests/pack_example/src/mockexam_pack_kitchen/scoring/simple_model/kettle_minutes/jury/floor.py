"""A model that answers zero whatever the kettle holds."""

from pathlib import Path

import keras

HERE = Path(__file__).parent

if __name__ == "__main__":
    zero = keras.layers.Dense(1, kernel_initializer="zeros")
    keras.Sequential([keras.Input((1,)), zero]).save(HERE / "mymodel.keras")
