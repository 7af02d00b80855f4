"""`.keras` archives whose members, sizes or texts are the attack."""

from __future__ import annotations

import io
import json
import pickle
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tests.hostile import payloads
from tests.hostile.attack import Bait, attack
from tests.hostile.attacks_h5 import hostile_weights
from tests.hostile.crafts import (
    after_dense,
    early_layer,
    good_config,
    good_parts,
    python_layer,
    write_archive,
    write_h5,
    write_keras,
)

MIB = 1 << 20


def _evil(bait: Bait, name: str) -> bytes:
    return json.dumps(after_dense(python_layer(payloads.writes(bait, name)))).encode()


def _packed(path: Path, **members: bytes) -> None:
    """An archive whose further members are compressed."""
    write_keras(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@attack("keras", "files_written")
def asset_climbs(path: Path, bait: Bait) -> None:
    """An asset that is unpacked above the folder for assets."""
    climbing = "../" * 24 + str(bait.spot / "asset").lstrip("/")
    write_keras(path, None, **{f"assets/{climbing}": b"x", climbing: b"x", "assets/layers/dense/a": b"x"})


@attack("keras", "files_written")
def asset_of_absolute_path(path: Path, bait: Bait) -> None:
    write_keras(path, None, **{str(bait.spot / "absolute"): b"x"})


@attack("keras", "files_written")
def asset_climbs_backwards(path: Path, bait: Bait) -> None:
    climbing = "..\\" * 24 + str(bait.spot / "backslash").lstrip("/").replace("/", "\\")
    write_keras(path, None, **{f"assets\\{climbing}": b"x"})


@attack("keras", "files_read")
def asset_is_link(path: Path, bait: Bait) -> None:
    write_keras(path)
    link = zipfile.ZipInfo("assets/layers/dense")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, str(bait.secret))


@attack("keras", "files_written", "unsafe")
def second_config(path: Path, bait: Bait) -> None:
    """Two members of one name: who reads the first sees an honest model, Keras reads the last."""
    write_keras(path)
    # zipfile warns of the second name, and writes it.
    info = zipfile.ZipInfo("config.jso_")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(info, _evil(bait, "second"))
    path.write_bytes(path.read_bytes().replace(b"config.jso_", b"config.json"))


@attack("keras", "files_written", "unsafe")
def second_key(path: Path, bait: Bait) -> None:
    """One key twice in a JSON object: parsers differ in which they take."""
    honest = good_parts()["config.json"].decode()
    evil = json.dumps(json.loads(_evil(bait, "key"))["config"])
    assert honest.endswith("}")
    write_keras(path, None, **{"config.json": f'{honest[:-1]}, "config": {evil}}}'.encode()})


@attack("keras", "files_written", "unsafe")
def config_of_utf16(path: Path, bait: Bait) -> None:
    """Keras guesses the encoding of its configuration."""
    write_keras(path, None, **{"config.json": _evil(bait, "utf16").decode().encode("utf-16")})


@attack("keras", "files_written", "unsafe")
def two_archives(path: Path, bait: Bait) -> None:
    """An honest archive before an evil one: a zip file is read from its end."""
    whole = io.BytesIO()
    write_keras(path)
    first = path.read_bytes()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in (good_parts() | {"config.json": _evil(bait, "polyglot")}).items():
            archive.writestr(name, data)
    path.write_bytes(first + whole.getvalue())


@attack("keras", "files_written", "unsafe", stripped=True)
def archive_after_h5(path: Path, bait: Bait) -> None:
    """An HDF5 file with a zip file behind it."""
    write_h5(path)
    head = path.read_bytes()
    write_keras(path, json.loads(_evil(bait, "polyglot_h5")))
    path.write_bytes(head + path.read_bytes())


@attack("keras", "structure")
def h5_by_name_of_keras(path: Path, bait: Bait) -> None:
    write_h5(path, after_dense(python_layer(payloads.writes(bait, "renamed"))))


@attack("keras", "structure")
def encrypted_member(path: Path, bait: Bait) -> None:
    write_keras(path)
    data = bytearray(path.read_bytes())
    for at in _headers(data):
        data[at] |= 1
    path.write_bytes(data)


def _headers(data: bytes | bytearray) -> list[int]:
    """Where the flags stand in all headers of a zip archive."""
    found = []
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            found.append(at + offset)
            at = data.find(mark, at + 4)
    return found


@attack("keras", "structure")
def lying_size(path: Path, bait: Bait) -> None:
    """The directory says that the configuration is 4 GiB long."""
    write_keras(path)
    data = bytearray(path.read_bytes())
    at = data.find(b"config.json", data.find(b"PK\x01\x02")) - 46
    struct.pack_into("<II", data, at + 20, 0xFFFFFFFE, 0xFFFFFFFE)
    path.write_bytes(data)


@attack("keras", "files_written", "unsafe")
def config_without_weights(path: Path, bait: Bait) -> None:
    """Keras makes the model before it looks for the weights."""
    config = json.dumps(after_dense(early_layer(payloads.writes(bait, "no_weights")))).encode()
    write_archive(path, {"metadata.json": good_parts()["metadata.json"], "config.json": config})


@attack("keras", "structure")
def weights_by_pickle(path: Path, bait: Bait) -> None:
    """numpy's archive of weights, with a pickle in it."""

    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (exec, (f"open({str(bait.spot / 'pickle')!r}, 'w')",))

    inner = io.BytesIO()
    header = np.lib.format
    member = io.BytesIO()
    header.write_array_header_1_0(member, {"descr": "|O", "fortran_order": False, "shape": ()})
    member.write(pickle.dumps(Evil()))
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("layers/dense.npy", member.getvalue())
    parts = good_parts()
    del parts["model.weights.h5"]
    write_archive(path, parts | {"model.weights.npz": inner.getvalue()})


@attack("keras", "structure")
def deep_json(path: Path, bait: Bait) -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    write_keras(path, None, **{"config.json": b'{"class_name": "Functional", "config": ' + deep + b"}"})


@attack("keras", "structure")
def deep_config(path: Path, bait: Bait) -> None:
    """Models within models, as deep as JSON parsers go."""
    config: dict[str, Any] = good_config()
    inner: dict[str, Any] = config["config"]["layers"][1]
    for number in range(120):
        inner = {
            "module": "keras.layers", "class_name": "TimeDistributed", "registered_name": None,
            "config": {"name": f"w{number}", "layer": inner},
        }  # fmt: skip
    write_keras(path, after_dense(inner))


@attack("keras", "resources", lasting=True)
def many_layers(path: Path, bait: Bait) -> None:
    """So many layers that loading takes minutes."""
    config = good_config()
    layers = config["config"]["layers"]
    one = json.dumps(layers[1])
    for number in range(8000):
        layer = json.loads(one.replace('"dense"', f'"d{number}"'))
        layer["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = f"d{number - 1}" if number else "dense"
        layers.append(layer)
    config["config"]["output_layers"] = [["d7999", 0, 0]]
    write_keras(path)
    text = json.dumps(config).encode()
    members = good_parts() | {"config.json": text}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


@attack("keras", "resources")
def bomb_of_config(path: Path, bait: Bait) -> None:
    """A configuration of 110 MB of spaces."""
    parts = good_parts()
    text = parts.pop("config.json") + b" " * (110 * MIB)
    write_archive(path, parts)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", text)


@attack("keras", "resources")
def bomb_of_weights(path: Path, bait: Bait) -> None:
    parts = good_parts()
    weights = parts.pop("model.weights.h5") + bytes(110 * MIB)
    write_archive(path, parts)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model.weights.h5", weights)


@attack("keras", "resources")
def bomb_of_small_members(path: Path, bait: Bait) -> None:
    """Below every limit on one member: thirty of 1.5 MB each."""
    _packed(path, **{f"assets/layers/{n}": bytes(1500 * 1024) for n in range(30)})


@attack("keras", "resources")
def bomb_of_overlap(path: Path, bait: Bait) -> None:
    """Two hundred entries of the directory that name one and the same compressed data."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in good_parts().items():
            archive.writestr(name, data)
        archive.writestr("assets/000", bytes(MIB))
    data = whole.getvalue()
    start = data.rfind(b"PK\x01\x02")
    end = data.rfind(b"PK\x05\x06")
    entry = data[start:end]
    copies = b"".join(entry.replace(b"assets/000", b"assets/%03d" % n) for n in range(1, 200))
    size, offset = struct.unpack_from("<II", data, end + 12)
    tail = bytearray(data[end:])
    struct.pack_into("<HHII", tail, 8, 203, 203, size + len(copies), offset)
    path.write_bytes(data[:end] + copies + bytes(tail))


@attack("keras", "resources")
def bomb_of_lzma(path: Path, bait: Bait) -> None:
    write_keras(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("assets/layers/x", bytes(16 * MIB))


@attack("keras", "resources")
def many_members(path: Path, bait: Bait) -> None:
    write_keras(path)
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(20_000):
            archive.writestr(f"assets/{number}", b"")


@attack("keras", "files_read")
def weights_with_external_link(path: Path, bait: Bait) -> None:
    write_keras(path, None, **{"model.weights.h5": hostile_weights("external_link", bait)})


@attack("keras", "files_read")
def weights_with_external_storage(path: Path, bait: Bait) -> None:
    write_keras(path, None, **{"model.weights.h5": hostile_weights("external_storage", bait)})


@attack("keras", "files_read")
def weights_with_virtual_dataset(path: Path, bait: Bait) -> None:
    write_keras(path, None, **{"model.weights.h5": hostile_weights("virtual", bait)})


@attack("keras", "structure")
def weights_with_soft_link(path: Path, bait: Bait) -> None:
    write_keras(path, None, **{"model.weights.h5": hostile_weights("soft_link", bait)})


@attack("keras", "resources")
def weights_with_shape_bomb(path: Path, bait: Bait) -> None:
    write_keras(path, None, **{"model.weights.h5": hostile_weights("shape_bomb", bait)})
