"""Small `.keras` and `.h5` files made by hand, without TensorFlow: a test changes what it is about."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

METADATA = '{"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}'


def layer(
    name: str, module: str | None = "keras.layers", registered: str | None = None, **config: Any
) -> dict[str, Any]:
    """One serialised object."""
    config = {"name": name.lower(), **config}
    return {"module": module, "class_name": name, "config": config, "registered_name": registered}


def sequential(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A model of these layers behind an input of four numbers; `more` stands beside its config."""
    entry = layer("InputLayer", batch_shape=[None, 4], dtype="float32")
    config = {"name": "sequential", "layers": [entry, *layers]}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None, **more}


DENSE = layer("Dense", units=1, activation="linear")
GOOD = sequential(DENSE)


def weights(fill: Any = None) -> bytes:
    """An HDF5 file of the weights of GOOD; `fill(file)` adds to it."""
    data = io.BytesIO()
    with h5py.File(data, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["0"], group["1"] = np.ones((4, 1), "f4"), np.zeros(1, "f4")
        if fill:
            fill(file)
    return data.getvalue()


def keras(path: Path, config: Any = GOOD, held: bytes | None = None, extra: dict[str, bytes] | None = None) -> Path:
    """A `.keras` archive; `config` may be text."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", METADATA)
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        archive.writestr("model.weights.h5", weights() if held is None else held)
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return path


def h5(path: Path, config: Any = GOOD, fill: Any = None) -> Path:
    """A `.h5` file; without `config` weights alone."""
    with h5py.File(path, "w") as file:
        group = file.create_group("model_weights/dense/dense")
        group["kernel"], group["bias"] = np.ones((4, 1), "f4"), np.zeros(1, "f4")
        if config is not None:
            file.attrs["model_config"] = config if isinstance(config, str) else json.dumps(config)
        if fill:
            fill(file)
    return path
