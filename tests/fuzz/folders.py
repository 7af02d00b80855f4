"""Mutations of a SavedModel folder."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

from tests.fuzz import protos, raw, tables
from tests.fuzz.material import CANARY

GRAPH, INDEX = Path("saved_model.pb"), Path("variables/variables.index")
NAMES = (
    "saved_model.pbtxt", "assets/x", "assets.extra/x", "variables/variables.data-00001-of-00002", "keras_metadata.pb",
    "x.so", "checkpoint", "debug/saved_model_debug_info.pb", "variables/variables.index_temp/part", "config.json",
)  # fmt: skip


def mutate(base: Path, target: Path, rng: Random) -> str:
    """A changed copy of a folder; how."""
    shutil.copytree(base, target)
    way = rng.choices((_graph, _bytes, _index, _files), (6, 2, 3, 1))[0]
    return way(target, rng)


def _graph(folder: Path, rng: Random) -> str:
    data, how = protos.mutate((folder / GRAPH).read_bytes(), rng)
    (folder / GRAPH).write_bytes(data)
    return f"graph: {how}"


def _index(folder: Path, rng: Random) -> str:
    data, how = tables.mutate((folder / INDEX).read_bytes(), rng)
    (folder / INDEX).write_bytes(data)
    return f"index: {how}"


def _bytes(folder: Path, rng: Random) -> str:
    file = rng.choice(_all(folder))
    data, how = raw.mutate(file.read_bytes(), rng)
    file.write_bytes(data)
    return f"{file.name}: {how}"


def _files(folder: Path, rng: Random) -> str:
    file = rng.choice(_all(folder))
    way = rng.choice(("drop", "link", "add", "swap", "empty", "folder"))
    if way == "add":
        file = folder / rng.choice(NAMES)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(rng.choice((b"", b"x" * 100, rng.randbytes(500))))
        return f"files: add {file.name}"
    if way == "swap":
        file.write_bytes(rng.choice(_all(folder)).read_bytes())
        return f"files: swap {file.name}"
    file.unlink()
    if way == "link":
        file.symlink_to(rng.choice((CANARY, "/etc/passwd", "saved_model.pb")))
    elif way == "empty":
        file.touch()
    elif way == "folder":
        file.mkdir()
    return f"files: {way} {file.name}"


def _all(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def splice(base: Path, other: Path, target: Path, rng: Random) -> str:
    """A folder with a file of another one."""
    shutil.copytree(base, target)
    name = rng.choice(_all(other)).relative_to(other)
    (target / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(other / name, target / name)
    return f"splice: {name} of {other.name}"
