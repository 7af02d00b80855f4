"""The gate's one question: may this file be loaded?"""

from __future__ import annotations

from collections.abc import Callable


def check(path: str, kind: str, scratch: str) -> str:
    """The path to load: `path`, or a copy below `scratch` from which nested compile configs were taken.

    Raises GateRefusal. Runs no TensorFlow operation.
    """
    return checks()[kind](path, scratch)


def checks() -> dict[str, Callable[[str, str], str]]:
    """By format. Imported late: where h5py or TensorFlow is broken, the predictor can still say so."""
    from mockexam.grading.predictor.gate.keras_file import check_h5, check_keras
    from mockexam.grading.predictor.gate.saved_model import check_saved_model

    return {"keras": check_keras, "h5": check_h5, "saved_model": check_saved_model}
