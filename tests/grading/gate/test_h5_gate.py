"""What the gate lets through and refuses in `.h5` files, and in the HDF5 file of weights inside a `.keras`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.check import check
from tests.grading.gate import small_files
from tests.grading.gate.small_files import DENSE, layer, sequential

KERAS_2 = {
    "class_name": "Sequential",
    "config": {
        "name": "sequential",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_input_shape": [None, 4], "dtype": "float32", "name": "in"}},
            {"class_name": "Dense", "config": {"name": "dense", "units": 1, "activation": "linear", "dtype": {
                "class_name": "Policy", "config": {"name": "mixed_float16"}},
                "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None}}}},
        ],
        "build_input_shape": {"class_name": "TensorShape", "items": [None, 4]},
    },
}  # fmt: skip


def gate(path: Path) -> str:
    """What to load."""
    return check(str(path), path.suffix.removeprefix("."), str(path.parent))


def refusal(path: Path) -> GateRefusal:
    """Why a file is refused."""
    with pytest.raises(GateRefusal) as caught:
        gate(path)
    return caught.value


@pytest.mark.parametrize("config", [small_files.GOOD, KERAS_2, None], ids=["keras 3", "keras 2", "weights alone"])
def test_plain_files_are_loaded_as_they_are(tmp_path: Path, config: dict[str, Any] | None) -> None:
    path = small_files.h5(tmp_path / "m.h5", config)

    assert gate(path) == str(path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Lambda", "lambda"),
        ("Mine", "own_class"),
        ("deserialize", "own_class"),
        ("Custom>Mine", "own_class"),
        ("TFOpLambda", "h5_operation"),
        ("GetItem", "h5_operation"),
        ("TypeSpec", "other_class"),
        ("CompositeTensor", "other_class"),
    ],
)
def test_names_without_a_module(tmp_path: Path, name: str, reason: str) -> None:
    """Keras looks them up by name alone; a function among its layers would be called."""
    bad = {"class_name": name, "config": {"name": "x", "type_spec": "tf.TensorSpec"}}
    path = small_files.h5(tmp_path / "m.h5", {**KERAS_2, "config": {"name": "s", "layers": [bad]}})

    assert refusal(path).reason == reason
    assert refusal(path).found == name.removeprefix("Custom>")


def test_nested_compile_configs_are_taken_out_of_a_copy(tmp_path: Path) -> None:
    def trained(file: Any) -> None:
        file.attrs["training_config"] = "{}"

    inner = sequential(DENSE, compile_config={"optimizer": "adam"})
    path = small_files.h5(tmp_path / "m.h5", sequential(inner), trained)
    (tmp_path / "scratch").mkdir()

    used = check(str(path), "h5", str(tmp_path / "scratch"))

    assert used != str(path)
    with h5py.File(path) as old, h5py.File(used) as new:
        assert "compile_config" in old.attrs["model_config"]
        assert json.loads(new.attrs["model_config"]) == sequential(sequential(DENSE))
        assert np.array_equal(new["model_weights/dense/dense/kernel"], old["model_weights/dense/dense/kernel"])


def _set_config(value: Any) -> Callable[[Any], None]:
    def fill(file: Any) -> None:
        file.attrs["model_config"] = value

    return fill


@pytest.mark.parametrize("value", [[b"{}", b"{}"], 7, h5py.Empty("f4"), b"\xff\xfe{}", "{"])
def test_a_configuration_that_is_no_text(tmp_path: Path, value: Any) -> None:
    assert refusal(small_files.h5(tmp_path / "m.h5", None, _set_config(value))).reason == "damaged"


def _soft(file: Any) -> None:
    file["x"] = h5py.SoftLink("/")


def _external(file: Any) -> None:
    file["x"] = h5py.ExternalLink("/etc/passwd", "/")


def _twice(file: Any) -> None:
    first = next(iter(file))
    file["again"] = file[first]


def _circle(file: Any) -> None:
    first = next(iter(file))
    file[first]["up"] = file["/"]


def _outside(file: Any) -> None:
    file.create_dataset("x", (4,), "u1", external=[("/etc/passwd", 0, 4)])


def _virtual(file: Any) -> None:
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("/tmp/other.h5", "x", (4,))
    file.create_virtual_dataset("x", layout)


def _references(file: Any) -> None:
    file.create_dataset("x", data=[file.ref], dtype=h5py.ref_dtype)


def _texts(file: Any) -> None:
    file.create_dataset("x", data=["a", "b"], dtype=h5py.string_dtype())


def _objects(file: Any) -> None:
    kind = h5py.h5t.create(h5py.h5t.OPAQUE, 2)
    kind.set_tag(b"NUMPY:|O")
    h5py.h5d.create(file.id, b"x", kind, h5py.h5s.create_simple((4,)))


def _compound(file: Any) -> None:
    file.create_dataset("x", (2,), [("a", "f4"), ("b", "f4")])


def _named_type(file: Any) -> None:
    file["x"] = np.dtype("f4")


def _committed(file: Any) -> None:
    file["t"] = np.dtype("f4")
    file.create_dataset("x", (2,), file["t"])
    del file["t"]


def _rare_filter(file: Any) -> None:
    file.create_dataset("x", data=np.zeros(100), compression="lzf")


def _attribute(file: Any) -> None:
    file.attrs["x"] = file.ref


def _never_written(file: Any) -> None:
    file.create_dataset("x", (10**9,), "f4")


def _packed_bomb(file: Any) -> None:
    file.create_dataset("x", data=np.zeros(2 * 10**7, "f4"), compression="gzip", chunks=(10**6,))


def _huge_chunk(file: Any) -> None:
    file.create_dataset("x", (1,), "u1", maxshape=(None,), chunks=(2**31,), compression="gzip")


def _deep(file: Any) -> None:
    file.create_group("/".join("a" * 80))


CASES: list[tuple[Callable[[Any], None], str]] = [
    (_soft, "hdf5_link"), (_external, "hdf5_link"), (_twice, "hdf5_link"), (_circle, "hdf5_link"),
    (_outside, "hdf5_link"), (_virtual, "hdf5_link"), (_references, "hdf5_form"), (_texts, "hdf5_form"),
    (_objects, "hdf5_form"), (_compound, "hdf5_form"), (_named_type, "hdf5_form"), (_committed, "hdf5_form"),
    (_rare_filter, "hdf5_form"), (_attribute, "hdf5_form"), (_never_written, "shape"), (_packed_bomb, "shape"),
    (_huge_chunk, "shape"), (_deep, "too_big"),
]  # fmt: skip


@pytest.mark.parametrize(("fill", "reason"), CASES, ids=lambda case: getattr(case, "__name__", ""))
def test_weights_that_are_no_plain_arrays(tmp_path: Path, fill: Callable[[Any], None], reason: str) -> None:
    """The same in both formats."""
    assert refusal(small_files.h5(tmp_path / "m.h5", small_files.GOOD, fill)).reason == reason
    assert refusal(small_files.keras(tmp_path / "m.keras", held=small_files.weights(fill))).reason == reason


def _packed(file: Any) -> None:
    file.create_dataset("x", data=np.arange(1000.0), compression="gzip", shuffle=True, fletcher32=True)
    file.create_dataset("y", data=np.array([True, False]))
    file.create_dataset("z", data=np.zeros(3, "V2"))
    file.create_dataset("scalar", data=np.uint32(7))
    file.create_dataset("none", (0, 3), "f4")
    file.attrs["names"] = [b"a", b"b"]
    file.attrs["words"] = ["ä", "ö"]
    file.attrs["nothing"] = h5py.Empty("f8")


def test_plain_arrays_of_every_kind_are_let_through(tmp_path: Path) -> None:
    """Packed ones too, bool, bfloat16 and empty ones."""
    path = small_files.h5(tmp_path / "m.h5", small_files.GOOD, _packed)

    assert gate(path) == str(path)
    assert gate(small_files.keras(tmp_path / "m.keras", held=small_files.weights(_packed)))


def test_an_array_beyond_the_end_of_the_file(tmp_path: Path) -> None:
    """A changed number of rows: the shape, and the bytes that the layout declares."""
    path = small_files.h5(tmp_path / "m.h5", None, lambda file: file.create_dataset("x", data=np.ones(1234567, "u1")))
    data = path.read_bytes()
    rows = (1234567).to_bytes(8, "little")
    assert data.count(rows) >= 2

    path.write_bytes(data.replace(rows, (123456789).to_bytes(8, "little")))

    assert refusal(path).reason in {"shape", "damaged"}


def test_sizes_without_a_build_config(tmp_path: Path) -> None:
    """A `.h5` does not say what flows into a layer: the layer before does."""
    wide = sequential(layer("Dense", units=20_000), layer("Dropout"), layer("Dense", units=20_000))

    assert refusal(small_files.h5(tmp_path / "m.h5", wide)).reason == "claims"


def test_texts_that_send_the_hdf5_library_round_for_ever(tmp_path: Path) -> None:
    """A size of a text that wraps around to a step of nothing; the same inside a `.keras`."""

    def named(file: Any) -> None:
        file.attrs["name"] = "sequential"

    for path in (
        small_files.h5(tmp_path / "m.h5", small_files.GOOD, named),
        small_files.keras(tmp_path / "m.keras", held=small_files.weights(named)),
    ):
        data = bytearray(path.read_bytes())
        heap = data.index(b"GCOL")
        for size in (2**64 - 16, 2**63, 10**6):
            data[heap + 24 : heap + 32] = size.to_bytes(8, "little")
            path.write_bytes(data)
            assert refusal(path).reason == "damaged"
            assert refusal(path).found == "texts that do not end"


def test_damaged_files(tmp_path: Path) -> None:
    """Every cut and many a changed byte: refused or let through, never another error."""
    data = small_files.h5(tmp_path / "good.h5").read_bytes()
    path = tmp_path / "m.h5"
    for at in range(0, len(data), 53):
        path.write_bytes(data[:at])
        assert refusal(path).reason == "damaged"
        path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        with contextlib.suppress(GateRefusal):
            gate(path)
