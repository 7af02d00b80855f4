"""Models of five sizes, and a small bank with a question for each and one that all of them answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CLASSES = 8
SHARED = "shared"
"""The question that every architecture answers."""

_QUESTION = """title = "Benchmark"
summary = "A question for benchmarks"
minutes = 1
skills = ["train.fit"]

[contract]
max_megabytes = 200.0
max_seconds = 120

[contract.input]
shape = {shape}
dtype = "float32"
meaning = "numbers"
windows = false

[contract.output]
shape = [{classes}]
form = "probabilities"
classes = {names}
meaning = "classes"
"""
_RUBRIC = """metric = "accuracy"
bands = [0.01, 0.02, 0.05, 0.5, 0.9]

[reference]
marks = 5
why = "a benchmark"

[[jury]]
file = "floor.py"
marks = 0
why = "a benchmark"
"""
_DATA = '''"""Noise: what a benchmark's model answers does not matter."""


def make_world(rng):
    """Nothing is drawn."""
    return None


def write_train(world, rng, folder, progress):
    """Nothing to train with."""
    (folder / "none.txt").write_text("", encoding="utf-8")
    progress(1.0)


def make_holdout(world, rng):
    """Uniform features and labels."""
    x = rng.uniform(0, 1, ({samples}, *{shape})).astype("float32")
    return x, rng.integers(0, {classes}, {samples})
'''


@dataclass(frozen=True, slots=True)
class Size:
    """One architecture, and the question that is made for it."""

    name: str
    """As programs/architectures.py knows it, and of the question in the bank."""
    title: str
    shape: tuple[int, ...]
    """Of one sample."""
    samples: int
    """In the hold-out."""
    share: int
    """Of 20 models in a class's folder, how many are of this size."""

    @property
    def question(self) -> str:
        return f"simple_model/{self.name}"


SIZES: Sequence[Size] = (
    Size("tiny_dense", "tiny dense", (8,), 1000, 5),
    Size("small_dense", "small dense", (28, 28), 1000, 6),
    Size("small_cnn", "small CNN", (28, 28, 1), 1000, 5),
    Size("mobile", "MobileNetV2", (96, 96, 3), 200, 2),
    Size("recurrent", "LSTM and dense", (32, 16), 500, 2),
)
ALL = Size(SHARED, "all", (32, 32, 3), 500, 0)


def make_bank(folder: Path) -> Path:
    """Write a bank with the questions of all sizes; the folder for `MOCKEXAM_BANK`."""
    for size in (*SIZES, ALL):
        question, scoring = (folder / top / size.question for top in ("exams", "scoring"))
        question.mkdir(parents=True)
        scoring.mkdir(parents=True)
        fields = {"shape": list(size.shape), "classes": CLASSES, "samples": size.samples}
        names = [f"class {number}" for number in range(CLASSES)]
        (question / "question.toml").write_text(_QUESTION.format(**fields, names=names), encoding="utf-8")
        (question / "data.py").write_text(_DATA.format(**fields), encoding="utf-8")
        (scoring / "rubric.toml").write_text(_RUBRIC, encoding="utf-8")
        for name in ("brief.md", "hints.md", "stub.py"):
            (question / name).write_text("# A benchmark\n", encoding="utf-8")
    return folder
