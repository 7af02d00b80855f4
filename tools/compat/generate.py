"""Builds, saves, loads again and asks the models of the matrix, with whatever TensorFlow runs it.

`python generate.py build|reload FOLDER` with `--architectures A,B` and `--formats F,G`. It needs TensorFlow and NumPy
alone: mockexam is not in these environments. Each cell is a folder, FOLDER/ARCHITECTURE/FORMAT, with the file and with
`cell.json`, in which `state` says how far it came; what is there already is not done again.
"""

import argparse
import json
import os
import sys
import traceback
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import architectures
import numpy as np
import tensorflow as tf

FORMATS = {
    "h5": ("mymodel.h5", lambda model, path: model.save(path)),
    "keras": ("mymodel.keras", lambda model, path: model.save(path)),
    "save": ("mymodel", lambda model, path: model.save(path)),
    "export": ("mymodel", lambda model, path: model.export(path)),
    "tf_save": ("mymodel", tf.saved_model.save),
}
"""By name: what the file is called, and how it is saved."""
UNNAMED = "x"
"""How inputs that a model takes by their order are called in `inputs.npz`, before their number."""
SAVED, DONE = "saved", "done"
"""States of a cell. Others begin with `can't`, or end in `ing` while something is done: if they stay, it crashed."""


def main():
    """Do one of the two steps for every cell."""
    parser = argparse.ArgumentParser()
    parser.add_argument("step", choices=("build", "reload"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--architectures", default="")
    parser.add_argument("--formats", default="")
    options = parser.parse_args()
    formats = [name for name in FORMATS if name in (options.formats.split(",") if options.formats else FORMATS)]
    chosen = options.architectures.split(",") if options.architectures else []
    for build in architectures.ARCHITECTURES:
        if not chosen or build.__name__ in chosen:
            step = build_cells if options.step == "build" else reload_cells
            step(build, options.folder / build.__name__, formats)


def build_cells(build, folder, formats):
    """Build an architecture once and save it in every format that is still missing."""
    missing = []
    for name in formats:
        state = state_of(folder / name)
        if state in ("building", "saving"):
            note(folder / name, "can't save", "the process crashed")
        elif not state:
            missing.append(name)
    if not missing:
        return
    for name in missing:
        note(folder / name, "building")
    tf.keras.backend.clear_session()
    tf.keras.utils.set_random_seed(7)
    try:
        model, inputs = build()
        before, _ = as_numbers(model(architectures.as_fed(inputs), training=False))
    except Exception as error:  # noqa: BLE001  # whatever this version says is what is to be written down
        for name in missing:
            note(folder / name, "can't build", told(error))
        return
    np.savez(str(folder / "inputs.npz"), **(inputs if isinstance(inputs, dict) else as_named(inputs)))
    np.save(str(folder / "before.npy"), before)
    for name in missing:
        note(folder / name, "saving")
        file, save = FORMATS[name]
        try:
            save(model, str(folder / name / file))
        except Exception as error:  # noqa: BLE001  # as above
            note(folder / name, "can't save", told(error))
        else:
            note(folder / name, SAVED)
    print(build.__name__, flush=True)


def reload_cells(build, folder, formats):
    """Load what was saved in every format, and write its predictions down."""
    for name in formats:
        state = state_of(folder / name)
        if state == "reloading":
            note(folder / name, "can't reload", "the process crashed")
        if state != SAVED:
            continue
        note(folder / name, "reloading")
        tf.keras.backend.clear_session()
        try:
            kept = np.load(str(folder / "inputs.npz"))
            path = str(folder / name / FORMATS[name][0])
            ask = ask_file if name in ("h5", "keras") else ask_folder
            answer, dtype, batch = ask(path, {key: kept[key] for key in kept.files})
        except Exception as error:  # noqa: BLE001  # as above
            note(folder / name, "can't reload", told(error))
            continue
        if np.allclose(answer, np.load(str(folder / "before.npy")), atol=1e-2 if "float16" in dtype else 1e-4):
            np.save(str(folder / name / "predictions.npy"), answer)
            note(folder / name, DONE, dtype, batch)
        else:
            note(
                folder / name,
                "can't reload",
                "it loads the file, but then it does not answer as before it was saved",
            )
    print(build.__name__, flush=True)


def ask_file(path, inputs):
    """What Keras's `load_model` gives, asked; the predictions, their type, and the batch if it must have one size."""
    try:
        model = tf.keras.models.load_model(path)
    except Exception:  # noqa: BLE001  # an optimizer or a loss is no part of the answer
        model = tf.keras.models.load_model(path, compile=False)
    fed = {name: architectures.as_fed(values) for name, values in inputs.items()}
    if all(name.startswith(UNNAMED) for name in fed):
        fed = list(fed.values()) if len(fed) > 1 else next(iter(fed.values()))
    return (*as_numbers(model(fed, training=False)), None)


def ask_folder(path, inputs):
    """What the serving signature of a SavedModel says, as `ask_file` gives it."""
    serve = tf.saved_model.load(path).signatures["serving_default"]
    wanted = serve.structured_input_signature[1]
    by_name = {name: name for name in wanted} if set(wanted) == set(inputs) else dict(zip(sorted(wanted), inputs))  # noqa: B905
    if len(wanted) != len(inputs):
        raise ValueError("the signature has the inputs " + ", ".join(sorted(wanted)))
    fed = {name: tf.constant(inputs[by_name[name]].tolist(), dtype=spec.dtype) for name, spec in wanted.items()}
    answers = list(serve(**fed).values())
    if len(answers) != 1:
        raise ValueError("the signature has %d outputs" % len(answers))  # noqa: UP031
    shapes = [spec.shape for spec in wanted.values()]
    return (*as_numbers(answers[0]), shapes[0][0] if shapes[0].rank else None)


def as_numbers(tensor):
    """A tensor as an array that NumPy alone can read, and its own type's name."""
    return tf.cast(tensor, "float32").numpy(), tensor.dtype.name if hasattr(tensor.dtype, "name") else str(tensor.dtype)


def as_named(inputs):
    """Inputs by name, in order."""
    parts = inputs if isinstance(inputs, list) else [inputs]
    return {UNNAMED + str(i): part for i, part in enumerate(parts)}


def state_of(cell):
    """How far a cell came; empty before it was begun."""
    try:
        return json.loads((cell / "cell.json").read_text())["state"]
    except (OSError, ValueError):
        return ""


def note(cell, state, detail="", batch=None):
    """Write down how far a cell came, whole or not at all. `batch` is the only number of samples that it takes."""
    cell.mkdir(parents=True, exist_ok=True)
    content = {"state": state, "detail": detail, "batch": batch, "tensorflow": tf.__version__, "keras": keras_version()}
    (cell / "cell.part").write_text(json.dumps(content))
    os.replace(str(cell / "cell.part"), str(cell / "cell.json"))


def keras_version():
    """The version of the Keras in use."""
    package = sys.modules[tf.keras.layers.Dense.__module__.split(".")[0]]
    return getattr(tf.keras, "__version__", None) or package.__version__


def told(error):
    """An exception's class and the end of its text."""
    traceback.print_exc()
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (type(error).__name__ + ": " + " ".join(lines))[:600]


if __name__ == "__main__":
    main()
