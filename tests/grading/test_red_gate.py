"""Files that are wrong in ways that Python trips over are refused or passed: never a fault of the grader's."""

from __future__ import annotations

import copy
import io
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from mockexam.grading.predictor.gate import GateRefusal, objects, variables
from mockexam.grading.predictor.gate.check import check

DENSE = {"module": "keras.layers", "class_name": "Dense", "registered_name": None, "config": {"name": "d", "units": 1}}
MODEL = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [DENSE]}}
DEEP = '"deep"'
HUGE = 10**4000


def weights() -> bytes:
    """A file of two numbers."""
    whole = io.BytesIO()
    with h5py.File(whole, "w") as file:
        file["kernel"] = np.zeros(2, np.float32)
    return whole.getvalue()


def write(path: Path, config: dict[str, Any], packed: int = 0) -> Path:
    """A model of either format; `"deep"` in the configuration becomes a list of lists, 900 deep."""
    text = json.dumps(config).replace(DEEP, "[" * 900 + "]" * 900)
    if path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            file.attrs["model_config"] = text
            file["kernel"] = np.zeros(2, np.float32)
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as archive:
        archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", weights())
        for number in range(packed):
            archive.writestr(f"assets/a{number}/vocabulary.txt", bytes(2**22))
    return path


def changed(change: Callable[[dict[str, Any], dict[str, Any]], object]) -> dict[str, Any]:
    """The model's configuration after a change of it or of its layer's."""
    config = copy.deepcopy(MODEL)
    change(config, config["config"]["layers"][0])  # type: ignore[index]  # a configuration is what JSON can be
    return config


PASSED = {
    "a list for a class": lambda model, _: model.update(compile_config={"class_name": [], "config": {}}),
    "numbers of thousands of digits": lambda model, _: model.update(
        compile_config={"class_name": "Conv2D", "config": {"filters": HUGE, "kernel_size": [HUGE, HUGE]}}
    ),
    "too deep to walk": lambda model, _: model.update(compile_config="deep"),
    "too deep, inside": lambda model, layer: (
        layer.update(compile_config={"a": 1}),
        model.update(compile_config="deep"),
    ),
    "too deep, inside and there alone": lambda _, layer: layer.update(compile_config="deep"),
}


@pytest.mark.parametrize("name", PASSED)
@pytest.mark.parametrize("kind", ["keras", "h5"])
def test_what_is_dropped_unseen_may_be_of_any_form(tmp_path: Path, name: str, kind: str) -> None:
    """A compile config is never run: neither its form nor its depth nor its numbers stop a model."""
    path = write(tmp_path / f"m.{kind}", changed(PASSED[name]))

    loaded = check(str(path), kind, str(tmp_path))

    assert (loaded != str(path)) == ("inside" in name)
    if loaded != str(path):
        content = Path(loaded).read_bytes()
        # The file's free space may still hold the old text; what a reader gets does not.
        if kind == "keras":
            assert b"compile_config" not in zipfile.ZipFile(io.BytesIO(content)).read("config.json")
        else:
            with h5py.File(loaded) as file:
                assert "compile_config" not in file.attrs["model_config"]


@pytest.mark.parametrize("kind", ["keras", "h5"])
@pytest.mark.parametrize("dtype", [["float32"], {}, None])
def test_an_array_whose_kind_is_no_text_is_refused(tmp_path: Path, kind: str, dtype: object) -> None:
    """Keras would look it up."""
    mark = {"class_name": "__tensor__", "config": {"value": 1, "dtype": dtype}}
    path = write(tmp_path / f"m.{kind}", changed(lambda _, layer: layer["config"].update(units=mark)))

    with pytest.raises(GateRefusal) as refused:
        check(str(path), kind, str(tmp_path))

    assert refused.value.reason == "other_class"


def test_a_copy_that_would_be_over_the_limit_on_files_is_not_begun(tmp_path: Path) -> None:
    """An archive is copied without its inner compile configs: unpacked, which may be twenty times as large."""
    config = changed(lambda _, layer: layer.update(compile_config={"a": 1}))
    path = write(tmp_path / "m.keras", config, packed=10)

    with pytest.raises(GateRefusal) as refused:
        check(str(path), "keras", str(tmp_path))

    assert refused.value.reason == "bomb"
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.keras")) < 10**6


def shape(*sizes: int) -> SimpleNamespace:
    """As protocol buffers hold one."""
    return SimpleNamespace(dim=[SimpleNamespace(size=size) for size in sizes], unknown_rank=False)


def test_sizes_beyond_all_floats_are_told(tmp_path: Path) -> None:
    """A product of many axes is a number that Python divides into no float, and writes out unwillingly."""
    for axes, reason in ((20, "graph_constant"), (254, "graph_constant"), (255, "graph_damaged")):
        many = shape(*[2**62] * axes)
        constant = SimpleNamespace(tensor_shape=many, string_val=[], dtype=1, ByteSize=lambda: 100)
        with pytest.raises(GateRefusal) as refused:
            variables.ConstantBudget().add(constant, "")
        assert refused.value.reason == reason

        variable = SimpleNamespace(shape=many, dtype=1)
        node = SimpleNamespace(WhichOneof=lambda _: "variable", variable=variable)
        with pytest.raises(GateRefusal) as refused:
            variables.check_variables(SimpleNamespace(nodes=[node]), tmp_path)
        assert refused.value.reason == reason.replace("constant", "variables")
    assert 10 ** sys.get_int_max_str_digits() < 2 ** (62 * 254)  # or this would show nothing


def test_an_asset_of_an_impossible_name_is_missing(tmp_path: Path) -> None:
    """To look for it is an error of the system's."""
    with pytest.raises(GateRefusal) as refused:
        objects._check_asset("a" * 300, tmp_path)
    assert refused.value.reason == "graph_asset"
