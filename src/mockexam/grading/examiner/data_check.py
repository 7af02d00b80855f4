"""What a data maker's samples must look like. A breach is the question's fault, never the candidate's."""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from mockexam.bank.loader import load_question
from mockexam.bank.metric import METRICS
from mockexam.bank.models import Contract
from mockexam.grading.examiner.data_loading import DataMaker, gives_train, load_maker, rng_for


def problem_with(contract: Contract, metric: str, features: npt.NDArray[Any], labels: npt.NDArray[Any]) -> str:
    """What is wrong with samples; empty if nothing is. Features may hold NaN: gaps can be part of a question."""
    return _features_problem(contract, features) or _labels_problem(contract, metric, len(features), labels)


def _features_problem(contract: Contract, features: npt.NDArray[Any]) -> str:
    wanted = contract.input
    if not isinstance(features, np.ndarray) or features.ndim < 1 or len(features) < 1:
        return "the data maker returns no samples"
    fits = len(features.shape[1:]) == len(wanted.shape) and all(
        axis in (-1, have) for axis, have in zip(wanted.shape, features.shape[1:], strict=True)
    )
    if not fits:
        return f"features of shape {features.shape[1:]} a sample, where the contract says {wanted.shape}"
    if wanted.dtype == "string":
        return (
            "" if features.dtype.kind == "U" else f"features of dtype {features.dtype}, where the contract says string"
        )
    if features.dtype != np.dtype(wanted.dtype):
        return f"features of dtype {features.dtype}, where the contract says {wanted.dtype}"
    if np.isinf(features).any():
        return "features hold infinite values"
    if wanted.range and (np.nanmin(features) < wanted.range[0] or np.nanmax(features) > wanted.range[1]):
        return f"features leave the contract's range {wanted.range}"
    return ""


def _labels_problem(contract: Contract, metric: str, samples: int, labels: npt.NDArray[Any]) -> str:
    wanted = contract.output
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "biuf":
        return "labels are no array of numbers"
    if labels.shape[:1] != (samples,):
        return f"labels of shape {labels.shape} for {samples} samples"
    if not np.isfinite(labels).all():
        return "labels hold values that are not finite"
    if wanted.form == "probabilities":
        if labels.shape[1:] != tuple(wanted.shape[:-1]):
            return f"labels of shape {labels.shape[1:]} a sample, where the contract wants one class for {wanted.shape}"
        if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= wanted.shape[-1]:
            return f"labels are not classes from 0 to {wanted.shape[-1] - 1}"
        return ""
    if labels[0].size != wanted.values_a_sample:
        return f"labels of shape {labels.shape[1:]} a sample, where the contract says {wanted.shape}"
    if METRICS[metric].compares != "values" and not np.isin(labels, (0, 1)).all():
        return "labels are not 0 or 1"
    return ""


SECONDS = 5.0
MEGABYTES = 25.0
STEPS = 10
"""Calls of `progress` that a `write_train` of over a second makes at least."""
DATA_SEEDS = ("static-1", "static-2", "static-3")
T = TypeVar("T")


class Probe:
    """One look at one data maker."""

    def __init__(self, folder: Path, metric: str) -> None:
        self._folder, self._metric = folder, metric
        self._id = f"{folder.parent.name}/{folder.name}"
        self.faults: list[dict[str, str]] = []
        self.made: dict[str, str] = {}

    def run(self) -> None:
        """Make everything; what raises is a fault with its line."""
        try:
            maker = load_maker(self._folder)
            self._look(maker, load_question(self._folder).contract)
        except BaseException as error:  # noqa: BLE001  # whatever an author's code raises is told, SystemExit too
            what = f"The data maker raises {type(error).__name__}: {str(error)[:300]}."
            self._fault(what, "Correct it; it must run with NumPy, SciPy, scikit-learn and Pillow.", _line(error))

    def _look(self, maker: DataMaker, contract: Contract) -> None:
        data_seeds = [maker.make_world(rng_for(name, self._id, "world")) for name in DATA_SEEDS]
        self.made["make_world"] = _hash(repr(data_seeds).encode())
        if all(repr(data_seed) == repr(data_seeds[0]) for data_seed in data_seeds):
            self._fault("Every paper's world is the same.", "Draw the story's numbers from rng.", ", make_world")
        self._files(maker, data_seeds[0])
        self._holdout(maker, data_seeds[0], contract)
        if gives_train(maker):
            features, labels = maker.make_train(data_seeds[0], rng_for(DATA_SEEDS[0], self._id, "train"))
            self.made["make_train"] = _hash(features.tobytes(), labels.tobytes())
            self._fits("make_train", contract, features, labels)

    def _files(self, maker: DataMaker, data_seed: Any) -> None:
        calls: list[float] = []
        with tempfile.TemporaryDirectory(prefix="mockexam-probe-") as name:
            folder = Path(name)
            rng = rng_for(DATA_SEEDS[0], self._id, "train")
            seconds, _ = _timed(lambda: maker.write_train(data_seed, rng, folder, calls.append))
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            size = sum(path.stat().st_size for path in files) / 10**6
            parts = [
                part for path in files for part in (path.relative_to(folder).as_posix().encode(), path.read_bytes())
            ]
            self.made["write_train"] = _hash(*parts)
        where = ", write_train"
        if not files:
            self._fault("write_train wrote no file.", "Write the candidate's data into the folder.", where)
        if size > MEGABYTES:
            self._fault(
                f"write_train writes {size:.1f} MB, over {MEGABYTES:g}.", "Write fewer or smaller samples.", where
            )
        self._quick("write_train", seconds)
        if seconds > 1 and len(calls) < STEPS:
            what = f"write_train takes {seconds:.1f} s and calls progress {len(calls)} times."
            self._fault(what, f"Call it at least {STEPS} times, from 0 to 1.", where)

    def _holdout(self, maker: DataMaker, data_seed: Any, contract: Contract) -> None:
        def draw(holdout_seed: str) -> tuple[Any, Any]:
            return maker.make_holdout(data_seed, rng_for(DATA_SEEDS[0], self._id, "holdout", holdout_seed))

        seconds, (features, labels) = _timed(lambda: draw("one"))
        self._quick("make_holdout", seconds)
        if not self._fits("make_holdout", contract, features, labels):
            return
        self.made["make_holdout"] = _hash(features.tobytes(), labels.tobytes())
        others = draw("two")
        if self.made["make_holdout"] == _hash(others[0].tobytes(), others[1].tobytes()):
            self._fault("Two secrets draw the same hold-out.", "Draw it from rng.", ", make_holdout")

    def _quick(self, function: str, seconds: float) -> None:
        if seconds > SECONDS:
            what = f"{function} takes {seconds:.1f} s, over {SECONDS:g}."
            self._fault(what, "Make less, or many samples at a time with NumPy.", f", {function}")

    def _fits(self, function: str, contract: Contract, features: Any, labels: Any) -> bool:
        problem = problem_with(contract, self._metric, features, labels)
        if problem:
            remedy = "Return what [contract] in question.toml says, or change the contract."
            self._fault(f"What {function} returns does not fit: {problem}.", remedy, f", {function}")
        return not problem

    def _fault(self, what: str, remedy: str, place: str = "") -> None:
        self.faults.append({"what": what, "where": f"{self._folder / 'data.py'}{place}", "remedy": remedy})


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds and result. Of wall and processor time the smaller: a machine that is busy otherwise is no fault."""
    wall, processor = time.monotonic(), time.process_time()
    result = work()
    return min(time.monotonic() - wall, time.process_time() - processor), result


def _hash(*parts: bytes) -> str:
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(hashlib.sha256(part).digest())
    return hashed.hexdigest()


def _line(error: BaseException) -> str:
    """The last line of `data.py` that was at work."""
    lines = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith("data.py")]
    return f", line {lines[-1]}" if lines else ""


if __name__ == "__main__":
    probe = Probe(Path(sys.argv[1]), sys.argv[2])
    probe.run()
    Path(sys.argv[3]).write_text(json.dumps({"faults": probe.faults, "made": probe.made}), encoding="utf-8")
