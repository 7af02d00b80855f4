"""Loads a question's `data.py`, seeds it, and checks the samples that it returns.

`python -m mockexam.grading.examiner.data_module METRIC RESULT` runs all checks on one data module for authors. It reads
what `bank.downloads.data_job` gives from standard input.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, cast

import numpy as np
import numpy.typing as npt

from mockexam.bank.metric import METRICS

Purpose = Literal["world", "train", "holdout"]
"""Part of every seed, so these spellings must never change; `world` stands for the story's parameters."""
Array = npt.NDArray[Any]
Job = Mapping[str, Any]
"""What `bank.downloads.data_job` says of a question: the bank's models take longer to import than NumPy."""
MAX_SECONDS = 5.0
MAX_MEGABYTES = 25.0
MIN_PROGRESS_CALLS = 10  # how often a `write_train` that takes over a second must at least call `progress`
DATA_SEEDS = ("static-1", "static-2", "static-3")
T = TypeVar("T")


class DataModule(Protocol):
    """The functions of a question's `data.py`."""

    def make_world(self, rng: np.random.Generator) -> Any:
        """The parameters of this exam's story."""

    def write_train(
        self, world: Any, rng: np.random.Generator, folder: Path, progress: Callable[[float], None]
    ) -> None:
        """Write the candidate's files into an empty folder."""

    def make_holdout(self, world: Any, rng: np.random.Generator) -> tuple[Array, Array]:
        """Features (n, *input shape) and labels (n, ...)."""

    def make_train(self, world: Any, rng: np.random.Generator) -> tuple[Array, Array]:
        """The samples that `write_train` writes with the same random numbers. Optional: see `has_train_samples`."""


def seed_of(data_seed: str, question: str, purpose: Purpose, holdout_seed: str = "") -> int:
    """A 256-bit seed: SHA-256 over the four parts, each followed by a zero byte."""
    parts = (data_seed, question, purpose, holdout_seed)
    return int.from_bytes(hashlib.sha256(b"".join(p.encode() + b"\0" for p in parts)).digest(), "big")


def rng_for(data_seed: str, question: str, purpose: Purpose, holdout_seed: str = "") -> np.random.Generator:
    """The random numbers for one purpose; only the hold-out uses `holdout_seed`."""
    return np.random.default_rng(seed_of(data_seed, question, purpose, holdout_seed))


def load_data_module(job: Job) -> DataModule:
    """The data module of a question. Raises what its code raises; AttributeError if it lacks a function.

    If the question has downloads, its `DOWNLOADS` holds their paths by name.
    """
    folder = Path(job["folder"])
    name = f"mockexam_data_{folder.parent.name}_{folder.name}"
    spec = importlib.util.spec_from_file_location(name, folder / "data.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder / 'data.py'} can't be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look up their module by name
    spec.loader.exec_module(module)
    if hasattr(module, "DOWNLOADS"):
        vars(module)["DOWNLOADS"] = {name: Path(path) for name, path in job["downloads"].items()}
    for function in ("make_world", "write_train", "make_holdout"):
        if not callable(getattr(module, function, None)):
            raise AttributeError(f"data.py has no function {function}")
    return cast("DataModule", module)


def has_train_samples(module: DataModule) -> bool:
    """Whether the module has `make_train`."""
    return callable(getattr(module, "make_train", None))


def error_location(error: BaseException) -> str:
    """The last line of `data.py` in a traceback, as `line 12`; empty if there is none."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith("data.py")]
    return f"line {lines[-1]}" if lines else ""


def samples_problem(job: Job, metric: str, features: Array, labels: Array) -> str:
    """What is wrong with samples, or an empty string. Features may contain NaN: a question can have missing values."""
    return _features_problem(job["input"], features) or _labels_problem(job["output"], metric, len(features), labels)


def _features_problem(contract: Mapping[str, Any], features: Array) -> str:
    wanted, dtype, bounds = tuple(contract["shape"]), contract["dtype"], contract["range"]
    if not isinstance(features, np.ndarray) or features.ndim < 1 or len(features) < 1:
        return "there are no samples"
    shape = features.shape[1:]
    if len(shape) != len(wanted) or any(a not in (-1, b) for a, b in zip(wanted, shape, strict=True)):
        return f"the features have shape {shape} per sample, the contract says {wanted}"
    if features.dtype.kind != "U" if dtype == "string" else features.dtype != np.dtype(dtype):
        return f"the features have dtype {features.dtype}, the contract says {dtype}"
    if dtype == "string":
        return ""
    if np.isinf(features).any():
        return "the features contain infinite values"
    if bounds and (np.nanmin(features) < bounds[0] or np.nanmax(features) > bounds[1]):
        return f"the features are outside the contract's range {tuple(bounds)}"
    return ""


def _labels_problem(contract: Mapping[str, Any], metric: str, samples: int, labels: Array) -> str:
    wanted = tuple(contract["shape"])
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "biuf":
        return "the labels are not an array of numbers"
    if labels.shape[:1] != (samples,):
        return f"the labels have shape {labels.shape} for {samples} samples"
    if not np.isfinite(labels).all():
        return "the labels contain values that are not finite"
    shape = labels.shape[1:]
    if contract["form"] == "probabilities":
        if shape != wanted[:-1]:
            return f"the labels have shape {shape} per sample; for {wanted} probabilities each is one class"
        if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= wanted[-1]:
            return f"the labels are not classes from 0 to {wanted[-1] - 1}"
        return ""
    if labels[0].size != math.prod(wanted):
        return f"the labels have shape {shape} per sample, the contract says {wanted}"
    if METRICS[metric].compares != "values" and not np.isin(labels, (0, 1)).all():
        return "the labels are not 0 or 1"
    return ""


class DataModuleCheck:
    """Runs every function of one data module and collects what is wrong. A fault is the question's, not a learner's."""

    def __init__(self, job: Job, metric: str) -> None:
        self._job, self._id, self._metric = job, job["question"], metric
        self.faults: list[dict[str, str]] = []
        self.made: dict[str, str] = {}  # a hash of each function's result

    def run(self) -> None:
        try:
            self._check(load_data_module(self._job))
        except BaseException as error:  # noqa: BLE001  # an author's code may raise anything, SystemExit too
            message = f"The data module raises {type(error).__name__}: {str(error)[:300]}."
            self._fault(
                message, "Fix it; it must run with NumPy, SciPy, scikit-learn and Pillow.", error_location(error)
            )

    def _check(self, module: DataModule) -> None:
        worlds = [module.make_world(rng_for(seed, self._id, "world")) for seed in DATA_SEEDS]
        self.made["make_world"] = _hash(repr(worlds).encode())
        if len({repr(world) for world in worlds}) == 1:
            message = "make_world returns the same values for every exam."
            self._fault(message, "Draw the story's numbers from rng.", "make_world")
        self._check_files(module, worlds[0])
        self._check_holdout(module, worlds[0])
        if has_train_samples(module):
            samples = module.make_train(worlds[0], rng_for(DATA_SEEDS[0], self._id, "train"))
            self.made["make_train"] = _hash(*(array.tobytes() for array in samples))
            self._check_samples("make_train", *samples)

    def _check_files(self, module: DataModule, world: Any) -> None:
        calls: list[float] = []
        with tempfile.TemporaryDirectory(prefix="mockexam-data-") as name:
            folder = Path(name)
            rng = rng_for(DATA_SEEDS[0], self._id, "train")
            seconds, _ = _timed(lambda: module.write_train(world, rng, folder, calls.append))
            files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
        self.made["write_train"] = _hash(*(part for name, data in files.items() for part in (name.encode(), data)))
        size = sum(map(len, files.values())) / 10**6
        if not files:
            self._fault("write_train writes no file.", "Write the candidate's data into the folder.", "write_train")
        if size > MAX_MEGABYTES:
            message = f"write_train writes {size:.1f} MB, over {MAX_MEGABYTES:g}."
            self._fault(message, "Write fewer or smaller samples.", "write_train")
        self._check_time("write_train", seconds)
        if seconds > 1 and len(calls) < MIN_PROGRESS_CALLS:
            message = f"write_train takes {seconds:.1f} s and calls progress {len(calls)} times."
            self._fault(message, f"Call it at least {MIN_PROGRESS_CALLS} times, from 0 to 1.", "write_train")

    def _check_holdout(self, module: DataModule, world: Any) -> None:
        def draw(holdout_seed: str) -> tuple[Any, Any]:
            return module.make_holdout(world, rng_for(DATA_SEEDS[0], self._id, "holdout", holdout_seed))

        seconds, samples = _timed(lambda: draw("one"))
        self._check_time("make_holdout", seconds)
        if self._check_samples("make_holdout", *samples):
            self.made["make_holdout"] = _hash(*(array.tobytes() for array in samples))
            if self.made["make_holdout"] == _hash(*(array.tobytes() for array in draw("two"))):
                self._fault("Two seeds draw the same hold-out.", "Draw it from rng.", "make_holdout")

    def _check_time(self, function: str, seconds: float) -> None:
        if seconds > MAX_SECONDS:
            message = f"{function} takes {seconds:.1f} s, over {MAX_SECONDS:g}."
            self._fault(message, "Make less data, or make many samples at once with NumPy.", function)

    def _check_samples(self, function: str, features: Any, labels: Any) -> bool:
        problem = samples_problem(self._job, self._metric, features, labels)
        if problem:
            remedy = "Return what [contract] in question.toml says, or change the contract."
            self._fault(f"The result of {function} does not fit the contract: {problem}.", remedy, function)
        return not problem

    def _fault(self, message: str, remedy: str, place: str) -> None:
        where = ", ".join(filter(None, (str(Path(self._job["folder"], "data.py")), place)))
        self.faults.append({"what": message, "where": where, "remedy": remedy})


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds and result. The smaller of wall and processor time: a busy machine is not a fault."""
    wall, processor = time.monotonic(), time.process_time()
    result = work()
    return min(time.monotonic() - wall, time.process_time() - processor), result


def _hash(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


if __name__ == "__main__":
    check = DataModuleCheck(json.load(sys.stdin), sys.argv[1])
    check.run()
    Path(sys.argv[2]).write_text(json.dumps({"faults": check.faults, "made": check.made}), encoding="utf-8")
