"""Orders data from a question's data maker and keeps the hold-outs of this run."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from mockexam import paths
from mockexam.errors import GraderFaultError
from mockexam.grading.wire import Frame, Reader, WireError, send

MAKER_SECONDS = 120.0
KEPT = 8
MAX_LABELS = 1 << 28


@dataclass(frozen=True)
class Holdout:
    """A hold-out: features in a file that the predictor may read, labels in memory alone."""

    features: Path
    samples: int
    labels: npt.NDArray[Any]


class Holdouts:
    """Draws hold-outs and keeps the newest few, by world, secret and question."""

    def __init__(self, folder: Path, log: IO[bytes]) -> None:
        self._folder = folder
        self._log = log
        self._kept: OrderedDict[tuple[str, str, str, str], Holdout] = OrderedDict()

    def get(self, question: str, fingerprint: str, metric: str, world: str, secret: str) -> Holdout:
        """The hold-out, drawn if it is not at hand. Raises GraderFaultError if the data maker fails."""
        key = (question, fingerprint, world, secret)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        name = hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]
        holdout = _draw(self._folder / f"{name}.npy", self._log, question, metric, world, secret)
        self._kept[key] = holdout
        while len(self._kept) > KEPT:
            _, old = self._kept.popitem(last=False)
            old.features.unlink(missing_ok=True)
        return holdout


def make_train(
    question: str, world: str, folder: Path, log: IO[bytes], progress: Callable[[float], None]
) -> tuple[int, int]:
    """Write a question's training data into an empty folder; returns files and bytes. Raises GraderFaultError."""
    order = {"question": question, "world": world, "train": str(folder)}
    for frame in _frames(order, log):
        if frame.kind == "progress":
            progress(float(frame.header["fraction"]))
        elif frame.kind == "train":
            return int(frame.header["files"]), int(frame.header["size"])
    raise _fault("The data maker ended without a word.", question)


def _draw(features: Path, log: IO[bytes], question: str, metric: str, world: str, secret: str) -> Holdout:
    order = {"question": question, "world": world, "secret": secret, "metric": metric, "features": str(features)}
    for frame in _frames(order, log):
        if frame.kind == "holdout":
            labels = np.frombuffer(frame.body, dtype=np.dtype(frame.header["dtype"])).reshape(frame.header["shape"])
            return Holdout(features, int(frame.header["samples"]), labels)
    raise _fault("The data maker ended without a word.", question)


def _frames(order: dict[str, Any], log: IO[bytes]) -> Iterator[Frame]:
    """What a maker's process says, to its end. Raises GraderFaultError when it fails, dies or takes too long."""
    order = {"folder": str(paths.exams_dir()), "secret": "", "metric": "", **order}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "mockexam.grading.examiner.maker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    deadline = time.monotonic() + MAKER_SECONDS
    try:
        with process.stdin, process.stdout:
            send(process.stdin.fileno(), order)
            reader = Reader(process.stdout.fileno(), max_body=MAX_LABELS)
            while True:
                frame = reader.next(deadline)
                if frame.kind == "failed":
                    raise _fault(f"The data can't be made: {frame.header['what']}", str(frame.header["where"]))
                yield frame
    except WireError as error:
        raise _fault(f"The data maker failed: {error}.", str(order["question"])) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()


def _fault(what: str, where: str) -> GraderFaultError:
    return GraderFaultError(what, where=where, remedy="This is no fault of yours. Try again, or report it.")
