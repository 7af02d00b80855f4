"""The gate's one question: may this file be loaded?"""

from __future__ import annotations


def check(path: str, kind: str, scratch: str) -> str:
    """The path to load: `path`, or a copy below `scratch` from which nested compile configs were taken.

    Raises GateRefusal. Runs no TensorFlow operation.
    """
    if kind == "saved_model":
        from mockexam.grading.predictor.gate.saved_model import check_saved_model

        check_saved_model(path)
        return path
    from mockexam.grading.predictor.gate.keras_file import check_h5, check_keras

    return check_keras(path, scratch) if kind == "keras" else check_h5(path, scratch)
