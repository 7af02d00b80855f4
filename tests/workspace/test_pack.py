"""A pack: what is in it and what is not, the same bytes each time, and its notebook run for real."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.errors import UserError
from mockexam.exam.paper import PaperItem
from mockexam.workspace import notebook
from mockexam.workspace.completeness import completeness_of
from mockexam.workspace.layout import NOTEBOOK, SOLUTION, Workspace
from mockexam.workspace.pack import pack_path, pack_question
from mockexam.workspace.returned_model import find_model, take_model
from mockexam.workspace.signature import sign
from tests.factories import paper
from tests.shared import quick_tensorflow

SCRIPT = """
from pathlib import Path

import tensorflow as tf

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"


def solution_model():
    rows = [line.split(",") for line in (DATA / "rides.csv").read_text().splitlines()[1:]]
    features = tf.constant([[float(row[0])] for row in rows])
    model = tf.keras.Sequential([tf.keras.layers.Input((1,)), tf.keras.layers.Dense(1)])
    model.compile(optimizer="adam", loss="mse")
    model.fit(features, 2.0 * features, epochs=1, verbose=0)
    return model


if __name__ == "__main__":
    model = solution_model()
    model.save(HERE / "mymodel.keras")
"""
EXECUTE = """
import json, os, sys
for notebook, place in zip(sys.argv[1::2], sys.argv[2::2]):
    os.chdir(place)
    space = {"__name__": "__main__"}
    for cell in json.load(open(notebook))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "a cell", "exec"), space)
"""
"""Runs notebooks, each in its place: one start of TensorFlow for all of them."""


class Room:
    """A workspace with one question of the shipped bank."""

    def __init__(self, root: Path) -> None:
        from dataclasses import replace

        self.workspace = Workspace(root)
        self.item: PaperItem = replace(paper((1,)).items[0], question="simple_model/ballast_car")
        self.folder = root / self.item.folder
        (self.folder / "data").mkdir(parents=True)
        (self.folder / "data" / "rides.csv").write_text("passengers,litres\n1,70\n2,140\n")
        (self.folder / SOLUTION).write_text(SCRIPT)
        (self.folder / "brief.md").write_text("# The water railway\n")
        (root / ".mockexam.json").write_text('{"paper": "7K3Q-F2XM"}')

    def pack(self, target: Path | None = None, *, overwrite: bool = False) -> Path:
        path = target or pack_path(self.workspace, self.item)
        pack_question(self.workspace, self.item, path, overwrite=overwrite)
        return path


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "room")


def contents(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name.partition("/")[2]: archive.read(name).decode() for name in archive.namelist()}


def test_it_holds_what_the_candidate_has(room: Room) -> None:
    """And nothing of models, of links that lead out, nor of the paper's code, which is the seed of the data."""
    (room.folder / "mymodel.keras").write_bytes(b"x")
    (room.folder / "data" / "secret").symlink_to("/etc/passwd")

    found = contents(room.pack())

    assert set(found) == {"README.txt", "brief.md", SOLUTION, NOTEBOOK, "data/rides.csv"}
    assert found[SOLUTION] == SCRIPT
    assert not any("7K3Q" in text for text in found.values())
    scoring = paths.scoring_dir() / room.item.question
    assert not any((scoring / "reference.py").read_text() in text for text in found.values())
    assert "mockexam submit FILE --question 1" in found["README.txt"]
    back = found["README.txt"].partition("BRING THE MODEL BACK")[2].partition("VERSIONS")[0]
    assert all(name in back for name in ("mymodel.keras", "mymodel.zip", "mymodel/")), "which of them to bring"


def test_the_same_files_make_the_same_bytes(room: Room, tmp_path: Path) -> None:
    first = room.pack().read_bytes()
    os.utime(room.folder / SOLUTION, (1, 1))

    assert room.pack(overwrite=True).read_bytes() == first


def test_nothing_is_overwritten_without_a_word(room: Room) -> None:
    path = room.pack()
    path.write_bytes(b"mine")

    with pytest.raises(UserError, match="already"):
        room.pack()
    assert path.read_bytes() == b"mine"
    assert sorted(p.name for p in room.workspace.root.iterdir()) == [".mockexam.json", room.folder.name, path.name]


def test_the_stub_and_the_brief_may_be_gone(room: Room) -> None:
    """The bank has them; without data there is nothing to pack."""
    (room.folder / SOLUTION).unlink()
    (room.folder / "brief.md").unlink()
    bank = paths.exams_dir() / room.item.question

    found = contents(room.pack())
    assert (found[SOLUTION], found["brief.md"]) == ((bank / "stub.py").read_text(), (bank / "brief.md").read_text())

    (room.folder / "data" / "rides.csv").unlink()
    with pytest.raises(UserError, match="no data"):
        room.pack(overwrite=True)


def test_its_notebook_is_one(room: Room) -> None:
    """In the form that Jupyter and Colab read: version 4.5, every cell with its keys and an id of its own."""
    found = json.loads(contents(room.pack())[NOTEBOOK])

    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in found["cells"]}) == len(found["cells"]) > 4
    for cell in found["cells"]:
        keys = {"cell_type", "id", "metadata", "source"}
        assert cell.keys() == (keys | {"execution_count", "outputs"} if cell["cell_type"] == "code" else keys)
        assert isinstance(cell["source"], list)


def test_a_notebook_of_ones_own_is_packed_without_doubles(room: Room) -> None:
    """What the pack itself adds comes once, however often a notebook goes and returns."""
    first = contents(room.pack())[NOTEBOOK]
    (room.folder / NOTEBOOK).write_text(first.replace('"HERE = Path', '"MINE = 1\\nHERE = Path'))
    os.utime(room.folder / SOLUTION, (1, 1))

    again = contents(room.pack(overwrite=True))[NOTEBOOK]

    assert notebook.code_of(again) == notebook.code_of(first).replace("HERE = Path", "MINE = 1\nHERE = Path")


def test_a_script_of_any_form_is_packed(room: Room) -> None:
    """Without a main block, and one that is no Python."""
    for script in ("model = 1\n", "def f(:\n"):
        (room.folder / SOLUTION).write_text(script)
        assert script.strip() in notebook.code_of(contents(room.pack(overwrite=True))[NOTEBOOK])


def test_the_notebook_trains_and_what_it_saves_comes_back(room: Room, tmp_path: Path) -> None:
    """In a plain Python, beside the zip as a browser may name it, or in the folder that the zip was unpacked to."""
    path = room.pack()
    beside, unpacked = tmp_path / "beside", tmp_path / "unpacked"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(unpacked)
        beside.mkdir()
        for away in (beside, unpacked):
            (away / "its.ipynb").write_bytes(archive.read(f"{room.item.folder}/{NOTEBOOK}"))
    (beside / f"{path.stem} (1).zip").write_bytes(path.read_bytes())
    runs = [(beside / "its.ipynb", beside), (unpacked / "its.ipynb", unpacked / room.item.folder)]

    done = subprocess.run(
        [sys.executable, "-c", EXECUTE, *(str(argument) for run in runs for argument in run)],
        capture_output=True, text=True, check=False, env=quick_tensorflow(),
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    told = [line.removeprefix("Saved ") for line in done.stdout.splitlines() if line.startswith("Saved ")]
    assert told == [str(away / room.item.folder / "mymodel.keras") for away in (beside, unpacked)]
    for saved in map(Path, told):
        take_model(find_model(saved), room.folder)
        signature = sign(room.folder / "mymodel.keras")
        assert signature is not None
        assert completeness_of(room.folder / "mymodel.keras", "keras", signature, thorough=True).complete
        (room.folder / "mymodel.keras").unlink()
