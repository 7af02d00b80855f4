"""Draws a question's data in a process of its own, so that a data module's memory, imports and errors stay there.

The examiner sends one frame with a request to `python -m mockexam.grading.examiner.data_worker`:

| request | into | replies |
|---|---|---|
| `files` | an empty folder for the candidate's data | `progress`, then `files` |
| `holdout` | a file for the features | `samples` with the labels as its body: they are never on disk |
| `train` | a file for the features | `samples`, or `none` if the data module offers no training samples |

or the reply is `failed`. The request says all that there is to know of the question, see `bank.downloads.data_job`.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if __name__ == "__main__":  # before any other import: what a library prints must not get into the replies
    _IN, _OUT = os.dup(0), os.dup(1)
    os.dup2(2, 1)

import numpy as np
import numpy.typing as npt

from mockexam.errors import GraderFaultError, UserError
from mockexam.grading.examiner import data_module
from mockexam.grading.examiner.data_module import DataModule
from mockexam.grading.ipc import Frame, Reader, WireError, die_with_parent, send

if TYPE_CHECKING:
    from mockexam.bank.models import Question

DATA_SECONDS = 120.0
CACHE_SIZE = 16  # hold-outs and training samples to keep: enough for a full exam and a few retries
MAX_LABELS = 1 << 28
SAMPLING_SEED = 5  # fixed, so that two models are diagnosed on the same training samples
Array = npt.NDArray[Any]
Request = Mapping[str, Any]


@dataclass(frozen=True)
class Samples:
    """Features, in a file that the predictor can read, and labels, in memory only."""

    features: Path
    count: int
    labels: Array


class SampleCache:
    """Draws hold-outs and training samples, and keeps the most recent."""

    def __init__(self, folder: Path, log: IO[bytes]) -> None:
        self._folder = folder
        self._log = log
        self._samples: OrderedDict[tuple[str, ...], Samples | None] = OrderedDict()

    def holdout(self, question: Question, metric: str, data_seed: str, holdout_seed: str) -> Samples:
        """The hold-out. Raises GraderFaultError if the data module fails."""
        request = {"request": "holdout", "metric": metric, "data_seed": data_seed, "holdout_seed": holdout_seed}
        samples = self._get(question, request)
        if samples is None:
            raise _fault("The data module returned no hold-out.", question.id)
        return samples

    def train(self, question: Question, metric: str, data_seed: str, at_most: int) -> Samples | None:
        """A random subset of the training samples; None if the question offers none. Raises GraderFaultError."""
        request = {"request": "train", "metric": metric, "data_seed": data_seed, "at_most": at_most}
        return self._get(question, request)

    def _get(self, question: Question, request: Request) -> Samples | None:
        key = (question.id, question.fingerprint, *map(str, request.values()))
        if key in self._samples:
            self._samples.move_to_end(key)
            return self._samples[key]
        name = hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]
        self._samples[key] = samples = _draw(question, request, self._folder / f"{name}.npy", self._log)
        while len(self._samples) > CACHE_SIZE:
            _, old = self._samples.popitem(last=False)
            if old is not None:
                old.features.unlink(missing_ok=True)
        return samples


def make_files(
    question: Question, data_seed: str, folder: Path, log: IO[bytes], progress: Callable[[float], None]
) -> tuple[int, int]:
    """Write a question's training data into an empty folder; returns files and bytes. Raises GraderFaultError."""
    for frame in _replies(question, {"request": "files", "data_seed": data_seed, "into": str(folder)}, log):
        if frame.kind == "progress":
            progress(float(frame.header["fraction"]))
        elif frame.kind == "files":
            return int(frame.header["files"]), int(frame.header["size"])
    raise _fault("The data module's process ended without a result.", question.id)


def _draw(question: Question, request: Request, features: Path, log: IO[bytes]) -> Samples | None:
    for frame in _replies(question, {**request, "into": str(features)}, log):
        if frame.kind == "none":
            return None
        if frame.kind == "samples":
            labels = np.frombuffer(frame.body, dtype=np.dtype(frame.header["dtype"])).reshape(frame.header["shape"])
            return Samples(features, int(frame.header["samples"]), labels)
    raise _fault("The data module's process ended without a result.", question.id)


def _replies(question: Question, request: Request, log: IO[bytes]) -> Iterator[Frame]:
    """The replies of a worker process. Raises GraderFaultError; UserError if the question's downloads are not here."""
    from mockexam.bank.downloads import data_job  # late: the worker process starts without pydantic

    header = {"holdout_seed": "", **data_job(question), **request}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "mockexam.grading.examiner.data_worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    overtime = threading.Timer(DATA_SECONDS, process.kill)
    overtime.daemon = True
    overtime.start()
    try:
        with process.stdin, process.stdout:
            send(process.stdin.fileno(), header)
            reader = Reader(process.stdout.fileno(), max_body=MAX_LABELS)
            while True:
                frame = reader.next()
                if frame.kind == "failed":
                    raise _fault(f"The data can't be made: {frame.header['message']}", str(frame.header["location"]))
                yield frame
    except WireError as error:
        why = "no reply in time" if overtime.finished.is_set() else str(error)
        raise _fault(f"The data module's process failed: {why}.", question.id) from None
    finally:
        overtime.cancel()
        process.kill()
        process.wait()


def _fault(message: str, location: str) -> GraderFaultError:
    return GraderFaultError(message, location=location, hint="This is not your fault. Try again, or report it.")


def run(requests: int, replies: int) -> int:
    """The worker process: read the request, do it, reply. Returns the exit code."""
    die_with_parent()
    request = Reader(requests, max_body=0).next().header
    try:
        make = {"files": _make_files, "holdout": _make_holdout, "train": _make_train}[request["request"]]
        make(data_module.load_data_module(request), request, replies)
    except WireError:
        return 1
    except UserError as error:
        send(replies, {"kind": "failed", "message": error.message, "location": error.location})
    except BaseException as error:  # noqa: BLE001  # an error in a data module is the question's fault
        location = ", ".join(filter(None, (f"{request.get('question')}/data.py", data_module.error_location(error))))
        message = f"{type(error).__name__}: {error}"[:2000]
        send(replies, {"kind": "failed", "message": message, "location": location})
    return 0


def _make_files(module: DataModule, request: Request, replies: int) -> None:
    folder = Path(request["into"])
    if any(folder.iterdir()):
        raise UserError("The folder for the data is not empty.", location=str(folder))
    last = -1.0

    def progress(fraction: float) -> None:
        nonlocal last
        bounded = min(1.0, max(0.0, float(fraction)))
        if bounded >= last + 0.01:
            last = bounded
            send(replies, {"kind": "progress", "fraction": bounded})

    module.write_train(module.make_world(_rng(request, "world")), _rng(request, "train"), folder, progress)
    files = [path for path in folder.rglob("*") if path.is_file()]
    if not files:
        raise UserError("write_train wrote no file.", location=f"{request['question']}/data.py")
    send(replies, {"kind": "files", "files": len(files), "size": sum(path.stat().st_size for path in files)})


def _make_holdout(module: DataModule, request: Request, replies: int) -> None:
    world = module.make_world(_rng(request, "world"))
    _send_samples(request, replies, "hold-out", *module.make_holdout(world, _rng(request, "holdout")))


def _make_train(module: DataModule, request: Request, replies: int) -> None:
    if not data_module.has_train_samples(module):
        send(replies, {"kind": "none"})
        return
    features, labels = module.make_train(module.make_world(_rng(request, "world")), _rng(request, "train"))
    if len(features) > request["at_most"]:
        rng = np.random.default_rng(SAMPLING_SEED)
        rows = np.sort(rng.choice(len(features), request["at_most"], replace=False))  # a series must stay in order
        features, labels = features[rows], labels[rows]
    _send_samples(request, replies, "training set", features, labels)


def _send_samples(request: Request, replies: int, name: str, features: Array, labels: Array) -> None:
    problem = data_module.samples_problem(request, request["metric"], features, labels)
    if problem:
        message = f"The {name} does not fit the question: {problem}."
        raise UserError(message, location=f"{request['question']}/data.py")
    np.save(request["into"], features, allow_pickle=False)
    labels = np.ascontiguousarray(labels)
    header = {"kind": "samples", "samples": len(labels), "shape": labels.shape, "dtype": labels.dtype.str}
    send(replies, header, labels.tobytes())


def _rng(request: Request, purpose: Any) -> np.random.Generator:
    holdout_seed = request["holdout_seed"] if purpose == "holdout" else ""
    return data_module.rng_for(request["data_seed"], request["question"], purpose, holdout_seed)


if __name__ == "__main__":
    sys.exit(run(_IN, _OUT))
