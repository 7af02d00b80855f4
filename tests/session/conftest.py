"""Real saved models, as the tests of the workspace have them."""

from tests.workspace.conftest import keras, samples

__all__ = ["keras", "samples"]
