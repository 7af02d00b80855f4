"""One job: check, load and predict one model, then end. The model controls this process from the load on."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mockexam.grading.ipc import send
from mockexam.grading.predictor import confinement
from mockexam.grading.predictor.confinement import Confinement
from mockexam.grading.predictor.gate import GateRefusal, OtherKerasError, keras_of, own_size
from mockexam.grading.predictor.gate.check import check
from mockexam.grading.predictor.loaded_model import LoadedModel, OutputError, keras_here, load, predict, saved_with

MAX_ERROR = 8000
SEED = 20_240_501  # makes models with random operations predict the same each time


def warm_up() -> None:
    """Load and predict once in each format, so that no job pays for what happens only once."""
    import numpy as np
    import tensorflow as tf

    features = np.zeros((3, 2), np.float32)
    with tempfile.TemporaryDirectory() as folder:
        archive, exported = os.path.join(folder, "warm.keras"), os.path.join(folder, "warm")
        tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)]).save(archive)
        saved_with(archive, "keras")
        predict(load(archive, "keras"), features, batch_size=2, values_per_sample=1)
        signature = [tf.TensorSpec((None, 2))]
        call = tf.function(lambda x: tf.reduce_sum(x, -1, keepdims=True), input_signature=signature, autograph=False)
        tf.saved_model.save(tf.Module(), exported, signatures=call)
        predict(load(exported, "saved_model"), features, batch_size=2, values_per_sample=1)


def work_confined(out: int, job: Mapping[str, Any], confined: Confinement) -> None:
    """Confine this process and do one job; a `fault` if the confinement can't be put in force."""
    if confined.apply():
        work(out, job)
    else:
        send(out, {"kind": "fault", "error": "confinement", "text": "the kernel's filters can't be put in force"})


def work(out: int, job: Mapping[str, Any]) -> None:
    """Do one job and send `facts` and `answer`; or `refused`; or `failed`; or `fault` for an error of ours.

    `other_keras` is sent for a model that passes the gate but is for the predictor with the other Keras.
    """
    confinement.limit_resources(seconds=job["seconds"], memory=job["memory"], file_bytes=job["file_bytes"])
    began = time.monotonic()
    try:
        import numpy as np

        samples = job.get("features")
        features = None if samples is None else np.load(samples, mmap_mode="r", allow_pickle=False)
        _check_readable(Path(job["model"]))
    except (OSError, ValueError) as error:  # our own copies: no model has had a part in that
        _send_fault(out, error)
        return
    # The version in an archive is plain JSON; nothing parses HDF5 before the gate has checked it.
    version = saved_with(job["model"], job["format"]) if job["format"] == "keras" else ""
    path = _pass_gate(job, out, version)
    if path is None:
        return
    version = version or saved_with(path, job["format"])
    try:
        import tensorflow as tf

        # Not in the warm-up, which a fork may skip: predictions must not depend on it.
        tf.keras.utils.set_random_seed(SEED)
        loaded = load(path, job["format"])
    except BaseException as error:  # noqa: BLE001  # whatever a model raises is reported
        _send_failed(out, "load", error, version)
        return
    facts = {"kind": "facts", **loaded.facts, "saved_with": version, "seconds": time.monotonic() - began}
    send(out, facts)
    if features is None:
        send(out, {"kind": "answer", "shape": None, "dtype": "", "seconds": time.monotonic() - began})
        return
    _predict(out, job, loaded, features, began, version)


def _check_readable(model: Path) -> None:
    """Read a byte of the model, or list its folder. Raises OSError: an unreadable copy is not the model's fault."""
    if model.is_dir():
        list(model.iterdir())
        return
    with model.open("rb") as file:
        file.read(1)


def _pass_gate(job: Mapping[str, Any], out: int, version: str) -> str | None:
    """The path to load; None if the gate has not passed the model, which has been reported."""
    path: str = job["model"]
    try:
        if job["gate"]:
            checked = check(path, job["format"], tempfile.gettempdir(), keras_here())
            if job.get("own_bytes"):
                own_size.check_own_size(checked, job["format"], job["own_bytes"])
            return checked
        if job["format"] == "saved_model" or keras_of(saved_with(path, job["format"])) == keras_here():
            return path
        raise OtherKerasError
    except OtherKerasError:
        send(out, {"kind": "other_keras"})
    except GateRefusal as refusal:
        send(out, {"kind": "refused", **refusal.fields(), "saved_with": version})
    except MemoryError as error:
        _send_failed(out, "load", error, version)
    except BaseException as error:  # noqa: BLE001  # the gate runs none of the model: this is a fault of ours
        _send_fault(out, error)
    return None


def _predict(out: int, job: Mapping[str, Any], loaded: LoadedModel, features: Any, began: float, version: str) -> None:
    try:
        if job["rows"]:
            features = features[list(job["rows"])]
        predictions = predict(
            loaded, features, batch_size=job["batch"], values_per_sample=job["values"], reset=job["forget"]
        )
        body = b"" if predictions.values is None else predictions.values.tobytes()
    except BaseException as error:  # noqa: BLE001  # whatever a model raises is reported
        _send_failed(out, "output" if isinstance(error, OutputError) else "predict", error, version)
        return
    header = {"kind": "answer", "shape": predictions.shape, "dtype": predictions.dtype}
    send(out, header | {"seconds": time.monotonic() - began}, body)


def _send_fault(out: int, error: BaseException) -> None:
    send(out, {"kind": "fault", "error": type(error).__name__, "text": _shortened(str(error))})


def _send_failed(out: int, stage: str, error: BaseException, version: str) -> None:
    header = {"kind": "failed", "stage": stage, "error": type(error).__name__, "text": _shortened(str(error))}
    send(out, header | {"saved_with": version})


def _shortened(text: str) -> str:
    """A long error's beginning and end: Keras puts the cause last, after pages of configuration."""
    return text if len(text) <= MAX_ERROR else f"{text[: MAX_ERROR // 2]}\n…\n{text[-MAX_ERROR // 2 :]}"
