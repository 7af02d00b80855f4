"""Measures what `mockexam grade FOLDER` costs here, and prints the figures for `src/mockexam/batch/cost.py`.

`python tools/batch_cost.py` on a quiet machine, five minutes: grades models of one size at a time and a class of all
sizes, by one worker and by as many as there are cores. Run it again after a change of how models are graded.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
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

ALIKE = {0.1: 40, 50: 10, 150: 8}
"""How many models of so many megabytes. They are of one size, so the largest does not come first."""
OWN_DATA = 40
"""How often the first of them is graded with a hold-out of its own."""
MIX = 60
"""How many models of a class."""
WIDE = "simple_model/tiny_dense"
"""The question that those of one size answer."""
_MAKE_WIDE = """
import sys, tensorflow as tf
folder, megabytes, count, classes = sys.argv[1], float(sys.argv[2]), *map(int, sys.argv[3:])
width = int((megabytes * 1e6 / 4) ** 0.5)
layers = tf.keras.layers
for number in range(count):
    stack = [tf.keras.Input((8,)), layers.Dense(width), layers.Dense(width), layers.Dense(classes, "softmax")]
    tf.keras.Sequential(stack).save(f"{folder}/{number}.keras")
"""


@dataclass(frozen=True)
class Measured:
    """One run of the command."""

    seconds: float
    """From the command to its end."""
    rest: float
    """From the moment when every worker had graded a model to the last result."""
    peak: int
    """Bytes of all workers with their children, shared pages counted once."""


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="mockexam-cost-") as name:
        folder = Path(name)
        bank = make_bank(folder / "bank")
        environ = {**environment(folder / "home"), "TF_CPP_MIN_LOG_LEVEL": "3", BANK_VARIABLE: str(bank)}
        mix = folder / "models"
        mix.mkdir()
        weight = asyncio.run(make_models(folder, MIX)) / 1e6 / MIX
        alike = {megabytes: _alike(folder, megabytes, count) for megabytes, count in ALIKE.items()}
        own_data = folder / "list.csv"
        model = next(alike[min(ALIKE)].iterdir())
        rows = [f"{model},student {number},{number}" for number in range(OWN_DATA)]
        own_data.write_text("\n".join(["model,name,seed", *rows]), encoding="utf-8")
        print(f"loop {loop_seconds():.4f} s")
        for jobs in dict.fromkeys((1, available_cores())):
            start = 0.0
            for megabytes, models in alike.items():
                found = _measure(environ, models, WIDE, jobs)
                each = found.rest / (ALIKE[megabytes] - jobs) * jobs
                start = start or found.seconds - ALIKE[megabytes] * each / jobs
                _report(f"models of {megabytes:g} MB", jobs, each, found)
            found = _measure(environ, own_data, WIDE, jobs)
            _report("the smallest with a hold-out each", jobs, found.rest / (OWN_DATA - jobs) * jobs, found)
            found = _measure(environ, mix, ALL.question, jobs)
            _report(f"a class's, {weight:.1f} MB on average", jobs, (found.seconds - start) / MIX * jobs, found)
            print(f"{jobs} jobs: {start:.2f} s beside the models, with one hold-out")


def _alike(folder: Path, megabytes: float, count: int) -> Path:
    """A folder with models of one size."""
    made = folder / f"{megabytes:g}"
    made.mkdir()
    make = [sys.executable, "-c", _MAKE_WIDE, made, megabytes, count, CLASSES]
    subprocess.run([str(word) for word in make], check=True, capture_output=True)
    return made


def _report(what: str, jobs: int, each: float, found: Measured) -> None:
    memory = f"{found.peak / jobs / 1e6:.0f} MB a worker"
    print(f"{jobs} jobs, {what}: {each:.3f} s a model in a worker, {memory}; {found.seconds:.1f} s in all", flush=True)


def _measure(environ: dict[str, str], models: Path, question: str, jobs: int) -> Measured:
    command = [sys.executable, "-m", "mockexam", "grade", str(models), "--question", question, "--jobs", str(jobs)]
    command += ["--fresh", "--json"]
    begun = time.perf_counter()
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        times = [time.perf_counter() - begun for _ in process.stdout]
    assert process.returncode == 0
    seconds = time.perf_counter() - begun
    return Measured(seconds, times[-1] - times[jobs - 1], _peak(command, environ))


def _peak(command: Sequence[str], environ: dict[str, str]) -> int:
    """The most memory of all processes below a second run: reading it would make the first one slower."""
    peak = 0
    process = psutil.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        total = 0
        with suppress(psutil.Error):
            for child in process.children(recursive=True):
                with suppress(psutil.Error):
                    total += child.memory_full_info().pss
        peak = max(peak, total)
        time.sleep(0.05)
    assert process.returncode == 0
    return peak


if __name__ == "__main__":
    main()
