"""Makes ordinary models of many architectures: `python ordinary.py FOLDER [--all]`; `--check` prints how each fares.

The gate must refuse none of them. Without `--all` only what is made in seconds.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

KERAS_2 = ("residual", "inception", "unet", "nested", "forecast", "autoencoder", "compiled_names", "trained", "deep")
"""Also made as Keras 2 wrote them."""
NO_H5 = frozenset(
    {
        *("transformer", "siamese", "operators", "operations", "vision_operations", "gated"),
        *("text", "text_multi_hot", "text_tf_idf", "lookups", "unbuilt", "dtype_bfloat16", "quantized_float8"),
        *("MobileNetV3Small", "ConvNeXtTiny", "InceptionResNetV2"),
    }
)
"""Keras saves them as .h5 and can't load them back."""
DEAR = frozenset({"trained", "quantized_int8", "quantized_int4", "siamese", "deep"})
"""Half a second each: not in the quick form."""
NO_EXPORT = frozenset({"unbuilt", "named"})


def make(folder: Path, *, everything: bool) -> None:
    """Fill a folder: `.keras` of all, `.h5` of architectures, and, if `everything`, SavedModels and applications."""
    from ordinary_graphs import by_application, by_architecture
    from ordinary_keras2 import as_keras_2
    from ordinary_layers import by_layer

    for name, build in by_layer().items():
        build().save(folder / f"layer_{name}.keras")
    graphs = by_architecture() | (by_application() if everything else {})
    for name, build in graphs.items():
        if name in DEAR and not everything:
            continue
        model = build()
        model.save(folder / f"{name}.keras")
        if name not in NO_H5:
            model.save(folder / f"{name}.h5")
        if name in KERAS_2:
            model.save(folder / f"{name}_keras2.h5")
            as_keras_2(folder / f"{name}_keras2.h5")
        if everything and name not in NO_EXPORT:
            model.export(folder / name, verbose=False)


def installed() -> dict[str, list[str]]:
    """The names that the gate's lists are compared with, as the installed Keras has them."""
    import importlib
    import inspect

    import keras
    from keras.src.ops.operation import Operation

    def classes(module: Any, parent: type) -> list[str]:
        return [n for n, v in vars(module).items() if inspect.isclass(v) and issubclass(v, parent)]

    found = {"layers": classes(keras.layers, keras.layers.Layer)}
    for name in ("core", "einops", "image", "linalg", "math", "nn", "numpy"):
        module = importlib.import_module(f"keras.src.ops.{name}")
        found[f"ops.{name}"] = [n for n in classes(module, Operation) if vars(module)[n].__module__ == module.__name__]
    for name in ("activations", "initializers", "regularizers", "constraints", "dtype_policies"):
        found[name] = list(importlib.import_module(f"keras.src.{name}").ALL_OBJECTS_DICT)
    return found


def check(folder: Path) -> dict[str, Any]:
    """For each model: the gate's refusal or "", whether it loads, and the gate's processor seconds."""
    from mockexam.grading.predictor.gate import GateRefusal
    from mockexam.grading.predictor.gate.check import check as gate
    from mockexam.grading.predictor.loaded_model import load

    kinds = {".keras": "keras", ".h5": "h5", "": "saved_model"}
    found: dict[str, Any] = {}
    for path in sorted(path for path in folder.iterdir() if path.suffix in kinds):
        kind, refusal, fault, usable = kinds[path.suffix], "", "", str(path)
        with tempfile.TemporaryDirectory() as scratch:
            began = time.process_time()
            try:
                usable = gate(str(path), kind, scratch)
            except GateRefusal as error:
                refusal = str(error)
            seconds = time.process_time() - began
            try:
                load(usable, kind)
            except Exception as error:  # noqa: BLE001  # whatever Keras raises is the finding
                fault = f"{type(error).__name__}: {str(error)[-300:]}"
        size = path.stat().st_size if path.is_file() else 0
        found[path.name] = {"refusal": refusal, "fault": fault, "gate_seconds": seconds, "bytes": size}
    return found


def main() -> None:
    """Make or check, as asked on the command line."""
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    if "--check" in sys.argv:
        sys.stdout.write(json.dumps(check(folder)))
    else:
        make(folder, everything="--all" in sys.argv)
        (folder / "installed.json").write_text(json.dumps(installed()))


if __name__ == "__main__":
    main()
