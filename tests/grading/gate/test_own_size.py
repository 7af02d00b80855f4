"""Which bytes of a model count for a question's limit: trained models, and files that try to hide theirs."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from mockexam.grading.predictor.gate import GateRefusal, own_size
from tests.shared import made_once, quick_tensorflow

LIMIT = 10**6
TRAIN = """
import sys, numpy as np, keras
from keras import layers
def network(units):
    model = keras.Sequential([keras.Input((3,)), layers.Dense(units), layers.Dense(units), layers.Dense(1)])
    model.compile(keras.optimizers.Adam(amsgrad=True), "mse", run_eagerly=True)
    model.fit(np.ones((2, 3)), np.ones(2), verbose=0)
    return model
def save(model, name):
    model.save(f"{name}.keras")
    model.save(f"{name}.h5")
    model.export(name, verbose=False)
save(network(430), "under")
save(network(530), "over")
entry = keras.Input((3,))
both = keras.Model(entry, layers.Average()([network(300)(entry), network(300)(entry)]))
both.compile("adam", "mse", run_eagerly=True)
both.fit(np.ones((2, 3)), np.ones(2), verbose=0)
save(both, "nested")
"""
ENDINGS = (".keras", ".h5", "")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models that were compiled with Adam and trained: under and over 1 MB, and a nested one under it."""

    def make(folder: Path) -> None:
        command = [sys.executable, "-c", TRAIN]
        subprocess.run(command, cwd=folder, env=quick_tensorflow(), check=True, capture_output=True)

    return made_once(tmp_path_factory, "trained-with-adam", make)


def kind(path: Path) -> str:
    """The format by the name."""
    return path.suffix.lstrip(".") or "saved_model"


def size(path: Path) -> int:
    """Bytes of a file or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


@pytest.mark.parametrize("name", [f"{name}{ending}" for name in ("under", "nested") for ending in ENDINGS])
def test_an_optimizer_does_not_count(trained: Path, name: str) -> None:
    """The file is over the limit, the model is not: by a third or more it is state of training, or stored twice."""
    path = trained / name
    assert size(path) > LIMIT

    own_size.check_own_size(str(path), kind(path), LIMIT)

    assert 0.7 * LIMIT < own_size.MEASURES[kind(path)](str(path)) <= LIMIT


@pytest.mark.parametrize("ending", ENDINGS)
def test_weights_count(trained: Path, ending: str) -> None:
    """A figure over the limit that does not read like the limit."""
    path = trained / f"over{ending}"

    with pytest.raises(GateRefusal) as refused:
        own_size.check_own_size(str(path), kind(path), LIMIT)

    assert refused.value.reason == "own_size"
    assert float(refused.value.found.split()[0]) > 1
    assert own_size.megabytes(LIMIT + 1) == "1.01"


def test_an_h5_file_that_names_the_optimizers_arrays_as_weights(trained: Path, tmp_path: Path) -> None:
    """Keras 2 takes a layer's name for a path, and a path may begin at the file's root: then all arrays count."""
    path = tmp_path / "m.h5"
    shutil.copy(trained / "under.h5", path)
    with h5py.File(path, "r+") as file:
        names = [f"/optimizer_weights/{name}" for name in file["optimizer_weights"]]
        file["model_weights"].attrs["layer_names"] = np.array(names, "S")

    assert own_size.h5_bytes(str(path)) > 2 * LIMIT


def test_what_is_packed_counts_as_it_is_unpacked(trained: Path, tmp_path: Path) -> None:
    """Words and configurations compress well; no more of them fits for that."""
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(trained / "under.keras") as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json":
                data = json.dumps(json.loads(data) | {"padding": "x" * LIMIT}).encode()
            target.writestr(name, data)

    with pytest.raises(GateRefusal):
        own_size.check_own_size(str(path), "keras", LIMIT)


def test_variables_of_unknown_size_count_with_the_whole_folder(trained: Path, tmp_path: Path) -> None:
    """A free shape says nothing of what the file stores for it."""
    from tensorflow.core.protobuf import saved_model_pb2

    path = tmp_path / "m"
    shutil.copytree(trained / "under", path)
    model = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    for node in model.meta_graphs[0].object_graph_def.nodes:
        if node.WhichOneof("kind") == "variable":
            node.variable.shape.dim[0].size = -1
    (path / "saved_model.pb").write_bytes(model.SerializeToString())

    assert own_size.saved_model_bytes(str(path)) == size(path)
