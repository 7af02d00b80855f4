"""What a model's bytes are known by."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mockexam.batch.job import read_content
from mockexam.workspace.receive import copy_model
from mockexam.workspace.signature import sign


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux")
def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """An archive from Windows, unpacked on Linux, has such names; it must not end a class's marking."""
    model = tmp_path / "mymodel"
    model.mkdir()
    (model / "saved_model.pb").write_bytes(b"x")
    Path(os.fsdecode(os.fsencode(model) + b"/M\xfcller.txt")).write_bytes(b"y")
    signature = sign(model)
    content = read_content(model)
    assert signature is not None
    assert content is not None
    assert content.sha256 is not None
    assert content.sha256 == copy_model(model, signature, tmp_path / "copy")


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    """A file of holes takes no room, and days to read."""
    path = tmp_path / "a.keras"
    with path.open("wb") as file:
        file.truncate(10**12)
    content = read_content(path)
    assert content is not None
    assert content.sha256 is None
