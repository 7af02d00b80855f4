"""Model files that are whole by structure and the same bytes each time; no grader could load them."""

from __future__ import annotations

import io
import json
import zipfile

import h5py
import numpy as np


def keras_model(text: str) -> bytes:
    """A `.keras` file that differs by its text."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in (
            ("metadata.json", json.dumps({"keras_version": "3.15.1", "note": text})),
            ("config.json", "{}"),
            ("model.weights.h5", h5_model(text)),
        ):
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def h5_model(text: str) -> bytes:
    """An `.h5` file that differs by its text."""
    file = io.BytesIO()
    with h5py.File(file, "w") as weights:
        weights.attrs["note"] = np.bytes_(text)  # of fixed length: the file stays small
    return file.getvalue()
