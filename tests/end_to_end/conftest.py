"""A short exam on the real bank, and models that were really trained for its paper."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from mockexam.bank.loader import load_bank, read_exam
from mockexam.bank.papers import paper_of_seed
from mockexam.exam.paper import Paper
from mockexam.machine_clock import MachineClock
from mockexam.paths import StatePaths, scoring_dir
from mockexam.session.manager import SessionManager
from tests.end_to_end.sitter import exam_file
from tests.shared import quick_tensorflow

TRAIN = """
import runpy, sys
from pathlib import Path
import tensorflow as tf
solution, out = Path(sys.argv[1]), Path(sys.argv[2])
runpy.run_path(str(solution), run_name="__main__")
(solution.parent / "mymodel.keras").rename(out / "full.keras")
model = tf.keras.models.load_model(out / "full.keras")
model.save(out / "full.h5")
model.export(str(out / "full"))
shape, outputs = eval(sys.argv[3]), int(sys.argv[4])
logits = tf.keras.Sequential([tf.keras.Input(shape), tf.keras.layers.Flatten(), tf.keras.layers.Dense(outputs)])
logits.save(out / "logits.keras")
tf.keras.Sequential([*logits.layers, tf.keras.layers.Softmax()]).save(out / "guess.keras")
"""
"""Runs a solution, and saves its model in the other formats; one start of TensorFlow for all of it."""


@dataclass(frozen=True)
class Trained:
    """Models for one paper, and where its data came from."""

    exam: Path
    paper: Paper
    folder: Path

    @property
    def full(self) -> Path:
        """Full marks on question 1, as .keras."""
        return self.folder / "full.keras"

    @property
    def formats(self) -> tuple[Path, Path, Path]:
        """The same model as .keras, .h5 and SavedModel."""
        return self.full, self.folder / "full.h5", self.folder / "full"

    @property
    def guess(self) -> Path:
        """Question 2 as it should be, but untrained."""
        return self.folder / "guess.keras"

    @property
    def logits(self) -> Path:
        """Question 2 without its last activation, untrained."""
        return self.folder / "logits.keras"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Prepare a paper's workspace, put the reference in place of the stub, run it."""
    folder = tmp_path_factory.mktemp("trained")
    exam = exam_file(folder / "short.toml", {"simple_model": 1, "learning_dataset": 3})
    paper = paper_of_seed(load_bank(), read_exam(exam), 4711)
    room = folder / "room"
    asyncio.run(_prepare(exam, paper.code, folder / "home", room))

    question = room / paper.items[0].folder
    shutil.copyfile(scoring_dir() / paper.items[0].question / "reference.py", question / "solution.py")
    contract = load_bank().question(paper.items[1].question).contract
    script = folder / "train.py"
    script.write_text(TRAIN)
    shape, outputs = str(contract.input.shape), str(contract.output.shape[-1])
    _python(script, str(question / "solution.py"), str(folder), shape, outputs)
    return Trained(exam=exam, paper=paper, folder=folder)


async def _prepare(exam: Path, code: str, home: Path, room: Path) -> None:
    home.mkdir()
    manager = SessionManager(StatePaths(home), MachineClock())
    try:
        await manager.prepare(manager.plan(str(exam), code, room), lambda *_: None)
    finally:
        await manager.close()


def _python(script: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, str(script), *arguments], env=quick_tensorflow(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
