"""The small files of the matrix that the default tests grade, in tests/grading/compat."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np

from compat.cells import Cell
from devtools.told import TellError, tell

NAMES = (
    "2.12 lstm h5", "2.12 depthwise h5", "2.13 normalization save", "2.13 gru keras", "2.15 bidirectional keras",
    "2.15 functions keras", "2.15 text_tfidf tf_save", "2.15 slashes h5", "2.16 augmentation keras",
    "2.16 base_in_sequential keras", "2.18 base_in_sequential h5", "2.18 operators export", "2.20 mixed_float16 keras",
    "2.21 mixed_bfloat16 keras", "2.21 text_tfidf keras", "tf-keras masked_embedding h5",
)  # fmt: skip
"""Version, architecture and format: what failed once, and one of each kind."""
FOLDER = Path("tests/grading/compat")
MOST_BYTES = 10**6


def write(files: Path, root: Path) -> int:
    """Copy them anew from what the matrix made; returns 0. Raises TellError."""
    target = root / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    for name in NAMES:
        version, architecture, format = name.split()
        cell = Cell(version, architecture, format, files / version / architecture / format)
        if cell.told()["state"] != "done":
            raise TellError(f"{name} is not there.", remedy=f'make compat ARGS="--only {name.replace(" ", ",")}"')
        folder = target / name.replace(" ", "-")
        (shutil.copytree if cell.model.is_dir() else _copy)(cell.model, folder / cell.model.name)
        np.savez_compressed(folder / "recorded.npz", inputs=cell.inputs()[0], predictions=cell.predictions())
        told = cell.told()
        content = {"format": format, "dtype": told["detail"], "tensorflow": told["tensorflow"], "keras": told["keras"]}
        (folder / "recorded.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    size = sum(path.stat().st_size for path in target.rglob("*"))
    tell(f"{FOLDER}: {len(NAMES)} files, {size / 1000:.0f} kB")
    if size > MOST_BYTES:
        raise TellError(f"They have {size / 1000:.0f} kB together, more than {MOST_BYTES / 1000:.0f}.")
    return 0


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
