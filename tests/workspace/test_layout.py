"""Names and formats of saved models."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from mockexam.workspace.layout import default_workspace, model_format, newest_model
from tests import factories


def test_default_place() -> None:
    """A paper's workspace lies in the user's own folder under its code."""
    assert default_workspace(factories.paper()) == Path.home() / "mockexam" / "7K3Q-F2XM"


@pytest.mark.parametrize(
    ("name", "form"), [("mymodel.keras", "keras"), ("mymodel.h5", "h5"), ("mymodel", "saved_model")]
)
def test_formats(name: str, form: str, samples: Path) -> None:
    """Told from name and kind."""
    assert model_format(samples / name) == form


def test_what_is_no_model(tmp_path: Path) -> None:
    """A text, an empty folder and nothing are no models."""
    (tmp_path / "a.txt").write_text("x")
    assert model_format(tmp_path / "a.txt") is None
    assert model_format(tmp_path) is None
    assert model_format(tmp_path / "gone.keras") is None


def test_the_newest_model(samples: Path, tmp_path: Path) -> None:
    """The one saved last, whatever its format; other names and links do not count."""
    assert newest_model(tmp_path) is None
    shutil.copy(samples / "mymodel.h5", tmp_path)
    shutil.copy(samples / "mymodel.h5", tmp_path / "best.h5")
    (tmp_path / "mymodel.keras").symlink_to(samples / "mymodel.keras")
    os.utime(tmp_path / "mymodel.h5", (1000, 1000))
    assert newest_model(tmp_path) == (tmp_path / "mymodel.h5", "h5")
    shutil.copytree(samples / "mymodel", tmp_path / "mymodel")
    assert newest_model(tmp_path) == (tmp_path / "mymodel", "saved_model")
