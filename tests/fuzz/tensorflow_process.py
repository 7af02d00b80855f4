"""A program that has TensorFlow: makes the models that are mutated, and reports what a mutation does when it is loaded.

`python -m tests.fuzz.tensorflow_process`: JSON objects in, a line each, one out for each. Every model is loaded in a
fork that the next one may share, until it dies or hangs: so thousands can be checked.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import tempfile
import time
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockexam.grading.predictor import confinement
from mockexam.grading.predictor.gate import GateRefusal
from mockexam.grading.predictor.gate.check import check
from mockexam.grading.predictor.loaded_model import load, predict
from mockexam.grading.predictor.zygote import import_libraries
from tests.fuzz.bare import answers_of

SECONDS = 20.0
MEMORY = 3 << 30
TIDY = 50
"""How many models until what is left of them is cleared away."""


def make_seeds(folder: str) -> str:
    """Save a small honest model of each kind in each format."""
    from tests.fuzz.seeds import save_all

    save_all(Path(folder))
    return "made"


def looked_at(path: str, kind: str) -> str:
    """What the gate says: `refused` or `let through`."""
    with tempfile.TemporaryDirectory() as scratch:
        try:
            check(path, kind, scratch)
        except GateRefusal as refusal:
            return f"refused: {refusal.reason}"
        except BaseException as error:  # noqa: BLE001
            return f"gate fault: {error!r}"
    return "let through"


def graded(path: str, kind: str, features: str, values: int, honest: str = "") -> str:
    """What the predictor would do: `refused`, `failed`, or whether its answer is that of a bare process."""
    import numpy as np

    given = np.load(features)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            through = check(path, kind, scratch)
        except GateRefusal as refusal:
            return f"refused: {refusal.reason}"
        except BaseException as error:  # noqa: BLE001
            return f"gate fault: {error!r}"
        try:
            # Not traced: of each model few samples are asked, and tracing would cost more than all else.
            loaded = replace(load(through, kind), traced=True)
            predictions = predict(loaded, given, batch_size=64, values_per_sample=values)
        except BaseException as error:  # noqa: BLE001
            return f"failed: {type(error).__name__}"
    if predictions.values is None:
        return "wrong shape"
    return "alike" if _alike(predictions.values, _wanted(path, kind, given, honest)) else "other answer"


def bare(path: str, kind: str, features: str, out: str, honest: str = "") -> str:
    """Load a model as anybody would, and keep what it answers."""
    import numpy as np

    answer = _wanted(path, kind, np.load(features), honest)
    if answer is None:
        return "fails"
    np.save(out, answer)
    return "answered"


def unread_kernels(path: str) -> str:
    """What the kernels of a `.keras` file's layers hold before its weights are read."""
    import keras

    with zipfile.ZipFile(path) as archive:
        model = keras.saving.deserialize_keras_object(json.loads(archive.read("config.json")))
    kernels = [variable.numpy() for variable in model.variables if variable.name == "kernel"]
    if not kernels:
        return "no kernels"
    return "random values" if any(kernel.any() for kernel in kernels) else "zeros"


def _wanted(path: str, kind: str, given: Any, honest: str) -> Any:
    """What a bare process answers; if it can't load a SavedModel, what it answers for the model before the change.

    Of a SavedModel only what the signature needs is loaded here: the change may lie in what only others load.
    """
    answer = answers_of(path, kind, given)
    return answers_of(honest, kind, given) if answer is None and honest and kind == "saved_model" else answer


def _alike(ours: Any, theirs: Any) -> bool:
    import numpy as np

    return theirs is not None and ours.size == theirs.size and np.allclose(
        ours.ravel(), theirs.ravel(), rtol=1e-4, atol=1e-5, equal_nan=True
    )  # fmt: skip


def _tidy() -> None:
    """Forget the models that were loaded: grading forgets by ending a fork a model."""
    import gc

    import tensorflow as tf

    tf.keras.backend.clear_session()
    gc.collect()


TASKS = {task.__name__: task for task in (make_seeds, looked_at, graded, bare, unread_kernels)}


class Fork:
    """A process that does tasks until it dies."""

    def __init__(self) -> None:
        ours, theirs = os.pipe()
        self._in, wakes = os.pipe(), ours
        self.pid = os.fork()
        if self.pid == 0:
            os.close(wakes)
            os.close(self._in[1])
            self._live(self._in[0], theirs)
        os.close(theirs)
        os.close(self._in[0])
        self._answers = os.fdopen(wakes, "rb")

    @staticmethod
    def _live(orders: int, answers: int) -> None:
        try:
            confinement.limit_resources(seconds=3600, memory=MEMORY, file_bytes=1 << 28)
            with os.fdopen(orders, "rb") as lines:
                for count, line in enumerate(lines, 1):
                    if count % TIDY == 0:
                        _tidy()
                    order = json.loads(line)
                    outcome = TASKS[order.pop("do")](**order)
                    os.write(answers, (json.dumps(outcome) + "\n").encode())
        finally:
            os._exit(1)

    def ask(self, line: bytes) -> str | None:
        """What came of a task; None if the process is of no more use."""
        try:
            os.write(self._in[1], line)
        except BrokenPipeError:
            return self._end("died")
        deadline, waited = time.monotonic() + SECONDS, confinement.waited_for_processor(self.pid)
        while not select.select([self._answers], [], [], 0.2)[0]:
            # As for a job of the grader, what it waits for a processor on a busy machine does not count.
            if time.monotonic() - deadline > confinement.waited_for_processor(self.pid) - waited:
                return self._end("hung")
            if confinement.resident_memory(self.pid) > MEMORY:
                return self._end("memory")
        outcome = self._answers.readline()
        return str(json.loads(outcome)) if outcome else self._end("died")

    def _end(self, how: str) -> str:
        os.kill(self.pid, signal.SIGKILL)
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self._in[1])
        self._answers.close()
        self.pid = 0
        return f"{how} ({status})" if how == "died" else how


def main() -> None:
    """Answer until the orders end."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import_libraries()
    fork: Fork | None = None
    for line in sys.stdin.buffer:
        fork = fork or Fork()
        outcome = fork.ask(line)
        answers.write(json.dumps(outcome) + "\n")
        answers.flush()
        if not fork.pid:
            fork = None
    if fork is not None:
        os.kill(fork.pid, signal.SIGKILL)
        os.waitpid(fork.pid, 0)


if __name__ == "__main__":
    main()
