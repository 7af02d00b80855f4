"""Orders data from a question's data maker and keeps the samples that were drawn in this run."""

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

from mockexam.bank.loader import question_folder
from mockexam.errors import GraderFaultError
from mockexam.grading.wire import Frame, Reader, WireError, send

MAKER_SECONDS = 120.0
KEPT = 16
"""Hold-outs and training samples kept: those of a whole paper of the full exam and of some retries."""
MAX_LABELS = 1 << 28


@dataclass(frozen=True)
class Samples:
    """What a model is fed, in a file that the predictor may read, and the labels, in memory alone."""

    features: Path
    count: int
    labels: npt.NDArray[Any]


class SampleCache:
    """Draws hold-outs and training samples and keeps the newest few of both."""

    def __init__(self, folder: Path, log: IO[bytes]) -> None:
        self._folder = folder
        self._log = log
        self._kept: OrderedDict[tuple[str, ...], Samples | None] = OrderedDict()

    def holdout(self, question: str, fingerprint: str, metric: str, data_seed: str, holdout_seed: str) -> Samples:
        """The hold-out, drawn if it is not at hand. Raises GraderFaultError if the data maker fails."""
        order = {"order": "holdout", "question": question, "metric": metric, "world": data_seed, "secret": holdout_seed}
        drawn = self._get(("holdout", question, fingerprint, metric, data_seed, holdout_seed), order)
        if drawn is None:
            raise _fault("The data maker gave no hold-out.", question)
        return drawn

    def train(self, question: str, fingerprint: str, metric: str, data_seed: str, at_most: int) -> Samples | None:
        """Training samples as the marker feeds them, at most so many, drawn from all; None if a pack gives none.

        Raises GraderFaultError if the data maker fails.
        """
        order = {"order": "train", "question": question, "metric": metric, "world": data_seed, "at_most": at_most}
        return self._get(("train", question, fingerprint, metric, data_seed, str(at_most)), order)

    def _get(self, key: tuple[str, ...], order: dict[str, Any]) -> Samples | None:
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        name = hashlib.sha256("\0".join(key).encode()).hexdigest()[:24]
        self._kept[key] = drawn = _draw(order, self._folder / f"{name}.npy", self._log)
        while len(self._kept) > KEPT:
            _, old = self._kept.popitem(last=False)
            if old is not None:
                old.features.unlink(missing_ok=True)
        return drawn


def make_files(
    question: str, data_seed: str, folder: Path, log: IO[bytes], progress: Callable[[float], None]
) -> tuple[int, int]:
    """Write a question's training data into an empty folder; returns files and bytes. Raises GraderFaultError."""
    order = {"order": "files", "question": question, "world": data_seed, "into": str(folder)}
    for frame in _frames(order, log):
        if frame.kind == "progress":
            progress(float(frame.header["fraction"]))
        elif frame.kind == "files":
            return int(frame.header["files"]), int(frame.header["size"])
    raise _fault("The data maker ended without a word.", question)


def _draw(order: dict[str, Any], features: Path, log: IO[bytes]) -> Samples | None:
    for frame in _frames({**order, "into": str(features)}, log):
        if frame.kind == "none":
            return None
        if frame.kind == "samples":
            labels = np.frombuffer(frame.body, dtype=np.dtype(frame.header["dtype"])).reshape(frame.header["shape"])
            return Samples(features, int(frame.header["samples"]), labels)
    raise _fault("The data maker ended without a word.", str(order["question"]))


def _frames(order: dict[str, Any], log: IO[bytes]) -> Iterator[Frame]:
    """What a maker's process says, to its end. Raises GraderFaultError when it fails, dies or takes too long.

    Raises UserError if there is no such question.
    """
    order = {"folder": str(question_folder(order["question"])), "secret": "", "metric": "", **order}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "mockexam.grading.examiner.data_worker"],
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
    return GraderFaultError(what, location=where, hint="This is no fault of yours. Try again, or report it.")
