"""Models without what they were compiled with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import h5py

from tests.fuzz.archives import CONFIG, pack, unpack


def without_compile(path: str, kind: str, folder: str) -> str:
    """A copy of a Keras model in a folder, all compile configs taken out. Raises whatever a damaged file makes it."""
    target = Path(folder) / Path(path).name
    if kind == "keras":
        members = unpack(Path(path).read_bytes())
        target.write_bytes(pack({**members, CONFIG: json.dumps(_strip(json.loads(members[CONFIG]))).encode()}))
        return str(target)
    shutil.copy(path, target)
    with h5py.File(target, "r+") as file:
        file.attrs["model_config"] = json.dumps(_strip(json.loads(file.attrs["model_config"])))
    return str(target)


def _strip(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _strip(inner) for key, inner in value.items() if key != "compile_config"}
    return [_strip(inner) for inner in value] if isinstance(value, list) else value
