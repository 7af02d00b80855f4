"""One model's process: gets one job, loads, predicts, answers, ends. Everything in here is at the model's mercy."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mockexam.grading.predictor import limits
from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.check import check
from mockexam.grading.predictor.load_model import LoadedModel, load, saved_with
from mockexam.grading.wire import send

MAX_ERROR = 8000
SEED = 20_240_501
"""Models with a random operation answer the same each time."""


def warm_up() -> None:
    """Go once through loading and predicting in each format, so that no job pays for what happens only once."""
    import numpy as np

    from mockexam.grading.predictor.predict import predict

    features = np.zeros((3, 2), np.float32)
    with tempfile.TemporaryDirectory() as folder:
        for kind, path in _samples(folder):
            saved_with(path, kind)
            predict(load(path, kind), features, batch=2, values_a_sample=1)


def _samples(folder: str) -> Iterator[tuple[str, str]]:
    """Small models of our own, in each format."""
    import tensorflow as tf

    model = tf.keras.Sequential([tf.keras.Input((2,)), tf.keras.layers.Dense(1)])
    path = os.path.join(folder, "warm.keras")
    model.save(path)
    yield "keras", path
    path = os.path.join(folder, "warm")
    module = tf.Module()
    signature = [tf.TensorSpec((None, 2))]
    call = tf.function(lambda x: tf.reduce_sum(x, -1, keepdims=True), input_signature=signature, autograph=False)
    tf.saved_model.save(module, path, signatures=call)
    yield "saved_model", path


def work(out: int, job: Mapping[str, Any]) -> None:
    """Do one job and send its frames: `facts`, then `answer`; or `refused`; or `failed`; or `fault`, if it is ours."""
    limits.restrict(seconds=job["seconds"], memory=job["memory"], file_bytes=job["file_bytes"])
    began = time.monotonic()
    try:
        features = _open_features(job)
        _reach(job["model"])
    except (OSError, ValueError) as error:  # our own files: no model has had a part in that
        send(out, {"kind": "fault", "error": type(error).__name__, "text": str(error)})
        return
    # An archive's version is plain JSON; HDF5 is parsed by nobody before the gate has seen it.
    version = saved_with(job["model"], job["format"]) if job["format"] == "keras" else ""
    path = _through_gate(job, out, version)
    if path is None:
        return
    version = version or saved_with(path, job["format"])
    try:
        _set_seed()
        loaded = load(path, job["format"])
    except BaseException as error:  # noqa: BLE001  # whatever a model raises, it is told
        _fail(out, "load", error, version)
        return
    send(out, _facts(loaded, version, time.monotonic() - began))
    if features is None:
        send(out, {"kind": "answer", "shape": None, "dtype": "", "seconds": time.monotonic() - began})
        return
    _predict(out, job, loaded, features, began, version)


def _reach(model: str) -> None:
    """Read a byte of the model, or its folder's names. Raises OSError: what can't be read at all is not the model's."""
    path = Path(model)
    if path.is_dir():
        list(path.iterdir())
        return
    with path.open("rb") as file:
        file.read(1)


def _open_features(job: Mapping[str, Any]) -> Any:
    """The samples to feed, in a file that is read as needed; None if there are none. Raises OSError, ValueError."""
    import numpy as np

    path = job.get("features")
    return None if path is None else np.load(path, mmap_mode="r", allow_pickle=False)


def _set_seed() -> None:
    import tensorflow as tf

    # Here and not in the warm-up, which a fork may do without: the answers must not depend on that.
    tf.keras.utils.set_random_seed(SEED)


def _through_gate(job: Mapping[str, Any], out: int, version: str) -> str | None:
    """The path to load; None if the gate has not let the model through, and has said why."""
    path: str = job["model"]
    if not job["gate"]:
        return path
    try:
        return check(path, job["format"], tempfile.gettempdir())
    except GateRefusal as refusal:
        send(out, {"kind": "refused", **refusal.told(), "saved_with": version})
    except MemoryError as error:
        _fail(out, "load", error, version)
    except BaseException as error:  # noqa: BLE001  # nothing foreign runs in the gate: this is a fault of ours
        send(out, {"kind": "fault", "error": type(error).__name__, "text": _both_ends(str(error))})
    return None


def _predict(out: int, job: Mapping[str, Any], loaded: LoadedModel, features: Any, began: float, version: str) -> None:

    from mockexam.grading.predictor.predict import OutputError, predict

    try:
        if job["rows"]:
            features = features[list(job["rows"])]
        answer = predict(loaded, features, batch=job["batch"], values_a_sample=job["values"], forget=job["forget"])
        body = b"" if answer.values is None else answer.values.tobytes()
    except OutputError as error:
        _fail(out, "output", error, version)
        return
    except BaseException as error:  # noqa: BLE001  # whatever a model raises, it is told
        _fail(out, "predict", error, version)
        return
    header = {"kind": "answer", "shape": answer.shape, "dtype": answer.dtype, "seconds": time.monotonic() - began}
    send(out, header, body)


def _facts(loaded: LoadedModel, version: str, seconds: float) -> dict[str, Any]:
    return {
        "kind": "facts",
        "inputs": loaded.inputs[:20],
        "outputs": loaded.outputs[:20],
        "layers": loaded.layers,
        "parameters": loaded.parameters,
        "last_activation": loaded.last_activation,
        "saved_with": version,
        "seconds": seconds,
    }


def _fail(out: int, stage: str, error: BaseException, version: str) -> None:
    header = {"kind": "failed", "stage": stage, "error": type(error).__name__, "text": _both_ends(str(error))}
    send(out, header | {"saved_with": version})


def _both_ends(text: str) -> str:
    """A long error's beginning and end: Keras nests the cause last, after pages of configuration."""
    return text if len(text) <= MAX_ERROR else f"{text[: MAX_ERROR // 2]}\n…\n{text[-MAX_ERROR // 2 :]}"
