"""A cell of the matrix: one architecture saved in one format by one version, and what lies in its folder."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mockexam.exam.events import ModelFormat

FORMATS: dict[str, tuple[str, ModelFormat, str]] = {
    "h5": ("mymodel.h5", "h5", 'model.save("mymodel.h5")'),
    "keras": ("mymodel.keras", "keras", 'model.save("mymodel.keras")'),
    "save": ("mymodel", "saved_model", 'model.save("mymodel")'),
    "export": ("mymodel", "saved_model", 'model.export("mymodel")'),
    "tf_save": ("mymodel", "saved_model", 'tf.saved_model.save(model, "mymodel")'),
}
"""By the name that a format has here: the file, the examiner's name for it, and the call that saves it."""
TOLERANCES = {"float16": (1e-2, 1e-2), "bfloat16": (1e-2, 1e-2)}
"""Relative and absolute, by the type of the predictions, where it is not `TOLERANCE`."""
TOLERANCE = (1e-4, 1e-5)


@dataclass(frozen=True)
class Cell:
    """A cell. Its folder was filled by `generate.py`."""

    version: str
    architecture: str
    format: str
    folder: Path

    @property
    def model(self) -> Path:
        """The file or folder that was saved."""
        return self.folder / FORMATS[self.format][0]

    @property
    def label(self) -> str:
        return f"{self.version} {self.architecture} {self.format}"

    def told(self) -> dict[str, Any]:
        """What the version wrote down: `state`, `detail`, `tensorflow` and `keras`; no state if it was never begun."""
        try:
            found: dict[str, Any] = json.loads((self.folder / "cell.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"state": "", "detail": ""}
        return found

    def inputs(self) -> list[npt.NDArray[Any]]:
        """What the model was asked with, an array for each of its inputs."""
        with np.load(self.folder.parent / "inputs.npz") as kept:
            return [kept[name] for name in kept.files]

    def predictions(self) -> npt.NDArray[Any]:
        """What the version answered after it had loaded the file again, (samples, ...) as float32."""
        found: npt.NDArray[Any] = np.load(self.folder / "predictions.npy")
        return found


def cells(files: Path, versions: list[str], architectures: list[str], formats: list[str]) -> Iterator[Cell]:
    """Every cell of these, in that order."""
    for version in versions:
        for architecture in architectures:
            for format in formats:
                yield Cell(version, architecture, format, files / version / architecture / format)


def architecture_names() -> tuple[list[str], list[str]]:
    """The architectures in the table's order, and those of them with several inputs.

    Read from the source: it can be imported only where TensorFlow is meant to be.
    """
    source = (Path(__file__).parent / "architectures.py").read_text(encoding="utf-8")
    every = re.search(r"(?s)^ARCHITECTURES = \((.*?)\)", source, re.MULTILINE)
    several = re.search(r"(?m)^MANY_INPUTS = \((.*)\)", source)
    assert every is not None
    assert several is not None
    return re.findall(r"\w+", every[1]), re.findall(r"\w+", several[1])
