"""Measures what `mockexam grade FOLDER` costs here, and prints the figures for `src/mockexam/batch/cost.py`.

`python tools/batch_cost.py` on a quiet machine, five minutes: grades small models of a class and large ones, one at a
time and as many as there are cores. Run it again after a change of how many models are graded, and copy what it prints.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from benchmarks.attempt import environment  # noqa: E402  # the path comes first
from benchmarks.batch import make_models  # noqa: E402  # as above
from benchmarks.sizes import ALL, CLASSES, make_bank  # noqa: E402  # as above
from mockexam.batch.cost import loop_seconds  # noqa: E402  # as above
from mockexam.batch.executor import available_cores  # noqa: E402  # as above
from mockexam.paths import BANK_VARIABLE  # noqa: E402  # as above

SMALL = 60
LARGE = {50: 6, 150: 4}
"""How many models of so many megabytes."""
WIDE = "tiny_dense"
"""The question that the large ones answer."""
_MAKE_WIDE = """
import sys, tensorflow as tf
folder, megabytes, count, classes = sys.argv[1], *map(int, sys.argv[2:])
width = int((megabytes * 1e6 / 4) ** 0.5)
layers = tf.keras.layers
for number in range(count):
    stack = [tf.keras.Input((8,)), layers.Dense(width), layers.Dense(width), layers.Dense(classes, "softmax")]
    tf.keras.Sequential(stack).save(f"{folder}/{number}.keras")
"""


@dataclass(frozen=True)
class Measured:
    """One run of the command."""

    first: float
    """Seconds to the first result."""
    rest: float
    """Seconds from there to the last one."""
    peak: int
    """Bytes of all workers with their children, shared pages counted once."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="mockexam-cost-") as name:
        folder = Path(name)
        bank = make_bank(folder / "bank")
        environ = {**environment(folder / "home"), "TF_CPP_MIN_LOG_LEVEL": "3", BANK_VARIABLE: str(bank)}
        small = folder / "models"
        small.mkdir()
        weight = asyncio.run(make_models(folder, SMALL)) / 1e6 / SMALL
        cores = available_cores()
        print(f"loop {loop_seconds():.4f} s, {cores} cores, small models of {weight:.1f} MB")
        for jobs in dict.fromkeys((1, cores)):
            found = _measure(environ, small, ALL.question, jobs)
            print(
                f"{SMALL} small models, {_report(found, SMALL, jobs)}, the first after {found.first:.2f} s", flush=True
            )
        for megabytes, count in LARGE.items():
            large = folder / f"large{megabytes}"
            large.mkdir()
            make = [sys.executable, "-c", _MAKE_WIDE, str(large), str(megabytes), str(count), str(CLASSES)]
            subprocess.run(make, check=True, capture_output=True)
            for jobs in dict.fromkeys((1, cores)):
                found = _measure(environ, large, f"simple_model/{WIDE}", jobs)
                print(f"{count} models of {megabytes} MB, {_report(found, count, jobs)}", flush=True)


def _report(found: Measured, count: int, jobs: int) -> str:
    each = found.rest / (count - jobs) * jobs
    return f"{jobs} jobs: {each:.3f} s a model in a worker, {found.peak / jobs / 1e6:.0f} MB a worker"


def _measure(environ: dict[str, str], models: Path, question: str, jobs: int) -> Measured:
    command = [sys.executable, "-m", "mockexam", "grade", str(models), "--question", question, "--jobs", str(jobs)]
    begun = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--fresh", "--json"], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    peaks = [0]
    threading.Thread(target=_watch, args=(process.pid, peaks), daemon=True).start()
    assert process.stdout is not None
    times = [time.perf_counter() - begun for _ in process.stdout]
    assert process.wait() == 0
    return Measured(times[0], times[-1] - times[jobs - 1], max(peaks))


def _watch(pid: int, peaks: list[int]) -> None:
    """Note the memory of all below a process until it ends."""
    with suppress(psutil.Error):
        top = psutil.Process(pid)
        while True:
            total = 0
            for child in top.children(recursive=True):
                with suppress(psutil.Error):
                    total += child.memory_full_info().pss
            peaks.append(total)
            time.sleep(0.05)


if __name__ == "__main__":
    main()
