"""What is said of model-like files that are not received."""

from __future__ import annotations

import os
import time
from pathlib import Path, PurePosixPath

import pytest

from mockexam.workspace import stray as stray_module
from mockexam.workspace.layout import SUBMISSION_NAMES
from mockexam.workspace.stray import StrayFinder, StrayKind, classify, list_folder

MEANT = {
    "mymodel (1).h5": (StrayKind.WRONG_NAME, "mymodel.h5"),
    "mymodel - Copy.keras": (StrayKind.WRONG_NAME, "mymodel.keras"),
    "my_model.keras": (StrayKind.WRONG_NAME, "mymodel.keras"),
    "My Model.keras": (StrayKind.WRONG_NAME, "mymodel.keras"),
    "model.keras": (StrayKind.WRONG_NAME, "mymodel.keras"),
    "MyModel.H5": (StrayKind.WRONG_NAME, "mymodel.h5"),
    "mymodel.keras.keras": (StrayKind.WRONG_NAME, "mymodel.keras"),
    "mymodel .keras": (StrayKind.WRONG_NAME, "mymodel.keras"),
    "mymodel.hdf5": (StrayKind.WRONG_NAME, "mymodel.h5"),
    "mymodel.h5.txt": (StrayKind.WRONG_NAME, "mymodel.h5"),
    "models/mymodel.keras": (StrayKind.WRONG_PLACE, "mymodel.keras"),
    "data/mymodel.h5": (StrayKind.WRONG_PLACE, "mymodel.h5"),
    "mymodel.keras.zip": (StrayKind.ARCHIVE, ""),
    "mymodel.h5.zip": (StrayKind.ARCHIVE, ""),
    "mymodel.zip": (StrayKind.ARCHIVE, ""),
    "mymodel-20261128T101010Z-1-001.zip": (StrayKind.ARCHIVE, ""),
    "mymodel.tar.gz": (StrayKind.ARCHIVE, ""),
    "mymodel.7z": (StrayKind.ARCHIVE, ""),
    "mymodel.tflite": (StrayKind.OTHER_FORMAT, ""),
    "mymodel.onnx": (StrayKind.OTHER_FORMAT, ""),
    "mymodel.pt": (StrayKind.OTHER_FORMAT, ""),
    "mymodel.pkl": (StrayKind.OTHER_FORMAT, ""),
    "mymodel.joblib": (StrayKind.OTHER_FORMAT, ""),
    "mymodel.h5.crdownload": (StrayKind.UNFINISHED, ""),
    "mymodel.Xy12.h5.part": (StrayKind.UNFINISHED, ""),
}
"""By path in a question's folder: what it is, and the name under which it would be received as it is."""
ON_PURPOSE = {
    "best.keras": StrayKind.WRONG_NAME,
    "epoch-03-0.41.h5": StrayKind.WRONG_NAME,
    "models/best.keras": StrayKind.WRONG_PLACE,
    "checkpoints/mymodel.keras": StrayKind.WRONG_PLACE,
    "best.weights.h5": StrayKind.WEIGHTS,
    "checkpoint": StrayKind.WEIGHTS,
    "cp-0001.ckpt.index": StrayKind.WEIGHTS,
    "best.pt": StrayKind.OTHER_FORMAT,
    "horses.zip": StrayKind.ARCHIVE,
}
"""What scripts write too, without meaning it as the answer."""
NOTHING = (
    "mymodel.keras.bak-1",
    "solution.py", "brief.md", "notes.txt", "history.csv", "tokenizer.pkl", "scaler.joblib", "data/train.h5",
    "data/images.zip", "data/best.keras", "models/readme.txt", "mymodel", *SUBMISSION_NAMES,
)  # fmt: skip


@pytest.mark.parametrize("path", MEANT)
def test_a_near_miss_is_named(path: str) -> None:
    """Its kind, why, and one line that says what to do; a file that is only misnamed is told its name."""
    kind, name = MEANT[path]
    found = classify(PurePosixPath(path), folder="q1_trays")
    assert found is not None
    assert (found.kind, found.name, found.meant) == (kind, name, True)
    assert found.reason
    assert found.text.startswith(path)
    assert name in found.text
    assert "\n" not in found.text


@pytest.mark.parametrize("path", ON_PURPOSE)
def test_what_scripts_write_on_purpose_is_known_as_that(path: str) -> None:
    """So that one line speaks for all; of what is never an answer, only where nothing else was submitted."""
    found = classify(PurePosixPath(path), folder="q1_trays")
    assert found is not None
    assert (found.kind, found.meant) == (ON_PURPOSE[path], False)
    assert found.on_purpose == (found.kind is StrayKind.WEIGHTS or path.startswith("checkpoints/"))


@pytest.mark.parametrize("path", NOTHING)
def test_other_files_are_nothing(path: str) -> None:
    """What is received, and what is no model, gets no line."""
    assert classify(PurePosixPath(path), folder="q1_trays") is None


def test_a_model_outside_the_questions_folders() -> None:
    """In the workspace's top folder nothing is received, whatever its name."""
    found = classify(PurePosixPath("mymodel.keras"), folder=None)
    assert found is not None
    assert (found.kind, found.name) == (StrayKind.WRONG_PLACE, "mymodel.keras")


def paths(folder: Path, finder: StrayFinder | None = None, *, whole: bool = False) -> set[str]:
    found = (finder or StrayFinder()).find(folder, list_folder(folder), "q1_trays", whole=whole)
    return {str(stray.path) for stray in found}


def test_subfolders_are_looked_into(tmp_path: Path) -> None:
    """Models below, SavedModels one level deeper or under other names; a SavedModel's own files are none."""
    for name in ("models/mymodel.keras", "data/mymodel.h5", "data/train/a.h5", "exported/saved_model.pb",
                 "exported/assets/mymodel.keras", "tf/export/1/saved_model.pb", "mymodel/mymodel/saved_model.pb",
                 ".venv/x/mymodel.h5", "checkpoints/best.keras", "a/b/c/d/mymodel.h5"):  # fmt: skip
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {"models/mymodel.keras", "data/mymodel.h5", "exported", "tf/export/1"}
    assert paths(tmp_path) == found
    assert paths(tmp_path, whole=True) == {*found, "checkpoints/best.keras"}


def test_an_unchanged_subfolder_is_not_listed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking costs nothing while nothing changes, and a later change is seen."""
    folder, finder = tmp_path / "models", StrayFinder()
    folder.mkdir()
    monkeypatch.setattr(stray_module, "_SETTLED_SECONDS", 0.05)
    time.sleep(0.1)
    listed: list[str] = []
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(os.fspath(path)) or real(path))
    assert all(paths(tmp_path, finder) == set() for _ in range(5))
    assert listed.count(str(folder)) == 1
    (folder / "mymodel.keras").touch()
    assert paths(tmp_path, finder) == {"models/mymodel.keras"}
