"""Where the time of a batch goes: `steps.py FOLDER FEATURES` does each step for every model, and prints the sums.

The steps are the grader's own functions, in a fork a model as the predictor makes them, without a sandbox. One JSON
object: by step, seconds of wall and of processor time over all models.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockexam.batch.results import ResultLog

Steps = dict[str, list[float]]


class Clock:
    """Adds up wall and processor time by step."""

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self.steps: Steps = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.add(name, time.perf_counter() - wall, time.process_time() - cpu)

    def add(self, name: str, wall: float, cpu: float) -> None:
        """Add to a step."""
        known = self.steps.setdefault(name, [0.0, 0.0])
        self.steps[name] = [known[0] + wall, known[1] + cpu]


def main(folder: Path, features: str) -> None:
    """Measure all models of a folder."""
    clock = Clock()
    with clock.step("import"):
        from mockexam.grading.predictor import zygote

        zygote.import_libraries()
    with tempfile.TemporaryDirectory() as name, _log(Path(name)) as log:
        for model in sorted(folder.glob("*.keras")):
            _outside(clock, model, Path(name), log)
            _forked(clock, model, features)
    print(json.dumps(clock.steps))


def _log(folder: Path) -> ResultLog:
    from mockexam.batch.results import ResultLog
    from mockexam.paths import StatePaths

    return ResultLog(folder / "results.ndjson", StatePaths(folder / "home"), {})


def _outside(clock: Clock, model: Path, folder: Path, log: ResultLog) -> None:
    """What the command, its worker and the examiner do."""
    import numpy as np

    from mockexam.batch.job import BatchItem, read_content
    from mockexam.batch.results import BatchResult, Verdicted
    from mockexam.exam.scoring import Verdict
    from mockexam.grading.examiner import metrics, staging

    with clock.step("hash"):
        content = read_content(model)
    with clock.step("look and copy"):
        found = staging.look(model, "keras")
        staging.check(found, 200)
        staging.place(found, folder, folder / "store")
    with clock.step("metric"):
        value = metrics.measure("accuracy", "probabilities", np.zeros((500, 8)), np.zeros(500, int))
    with clock.step("record"):
        graded = Verdicted(verdict=Verdict.GRADED, marks=3, metric="accuracy", value=value)
        item = BatchItem(model.name, model, "keras", "simple_model/shared", "", "", "seed-0", 0, "grade-0")
        assert content is not None
        log.add(BatchResult.of(item, graded, sha256=content.sha256, at="", state=content.state))


def _forked(clock: Clock, model: Path, features: str) -> None:
    """What the predictor does. All that is not one of its steps is the fork itself, its page faults and its end."""
    into, out = os.pipe()
    wall = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.write(out, json.dumps(_predict(model, features)).encode())
        os._exit(0)
    os.close(out)
    with os.fdopen(into) as file:
        steps: Steps = json.load(file)
    used = os.wait4(child, 0)[2]
    for name, (seconds, cpu) in steps.items():
        clock.add(name, seconds, cpu)
    rest = used.ru_utime + used.ru_stime - sum(cpu for _, cpu in steps.values())
    clock.add("fork and end", time.perf_counter() - wall - sum(seconds for seconds, _ in steps.values()), rest)


def _predict(model: Path, features: str) -> Steps:
    import numpy as np
    import tensorflow as tf

    from mockexam.grading.predictor import loaded_model
    from mockexam.grading.predictor.gate.check import check

    clock = Clock()
    given = np.load(features, mmap_mode="r")
    with tempfile.TemporaryDirectory() as name:
        with clock.step("gate"):
            path = check(str(model), "keras", name, 3)
        with clock.step("start TensorFlow"):
            tf.keras.utils.set_random_seed(1)
        with clock.step("load"):
            loaded = loaded_model.load(path, "keras")
        with clock.step("trace"):
            call = loaded_model.traced(loaded, given)
            call.get_concrete_function()
        with clock.step("first batch"):
            call(tf.constant(np.ascontiguousarray(given[:64])))
        with clock.step("other batches"):
            for start in range(64, len(given), 64):
                call(tf.constant(np.ascontiguousarray(given[start : start + 64])))
    return clock.steps


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
