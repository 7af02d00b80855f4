"""What grading a class takes, against load and predict of all its models in one bare process, and where it goes.

Both are measured from the command to its end, so that Python's start and the import of TensorFlow are in both.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from benchmarks.attempt import ROOT, environment
from benchmarks.figures import Figure
from benchmarks.grading import Bare
from benchmarks.sizes import ALL, CLASSES, SIZES, make_bank
from mockexam.batch.executor import available_cores
from mockexam.paths import BANK_VARIABLE

GOAL, CPU_GOAL = 1.15, 1.1
MODELS, QUICK_MODELS = 200, 20
RUNS = 3
SAMPLE_SECONDS = 0.1
PROGRAMS = ROOT / "benchmarks" / "programs"
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}


def measure(*, quick: bool = False) -> list[Figure]:
    """Wall time of a class's grading / (bare time of all / cores), both processor times, and the steps of a model."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        bank = make_bank(folder / "bank")
        (folder / "models").mkdir()
        count = QUICK_MODELS if quick else MODELS
        weight = asyncio.run(make_models(folder, count))
        return [*_compare(folder, bank, 1 if quick else RUNS, count, weight), *_steps(folder, count)]


async def make_models(folder: Path, count: int) -> int:
    """So many models of all sizes, each of other weights, and features for the bare side; the models' bytes."""
    names = [size.name for size in SIZES for _ in range(size.share)]
    bare = await Bare.start()
    try:
        await bare.ask("make_noise", shape=ALL.shape, samples=ALL.samples, file=str(folder / "features.npy"))
        weight = 0
        for number in range(count):
            name = names[number % len(names)]
            file = str(folder / "models" / f"{number:03}-{name}.keras")
            weight += await bare.ask("save", name=name, shape=ALL.shape, classes=CLASSES, file=file, seed=number)
        return weight
    finally:
        await bare.end()


def _compare(folder: Path, bank: Path, runs: int, count: int, weight: int) -> list[Figure]:
    cores = available_cores()
    environ = {**environment(folder / "home"), **QUIET, BANK_VARIABLE: str(bank)}
    bare = [sys.executable, PROGRAMS / "bare_many.py", folder / "models", folder / "features.npy"]
    ours = grade_command(folder / "models", "--jobs", cores, "--fresh", "--out", folder / "results.ndjson")
    seen: dict[str, list[tuple[float, float]]] = {"bare": [], "ours": []}
    for number in range(runs):
        order = (("bare", bare), ("ours", ours))
        for way, command in order if number % 2 else reversed(order):
            wall, cpu, lines = timed(command, environ)
            assert lines == count, f"{way} reported {lines} of {count} models"
            seen[way].append((wall, cpu))
    (wall, cpu), (bare_wall, bare_cpu) = (
        (statistics.median(wall for wall, _ in seen[way]), statistics.median(cpu for _, cpu in seen[way]))
        for way in ("ours", "bare")
    )
    detail = f"{wall:.1f} s with {cores} jobs, bare {bare_wall:.1f} s in one process; {weight / 1e6:.0f} MB"
    idle = f"{cpu:.1f} s, bare {bare_cpu:.1f} s; {max(0.0, cores * wall - cpu):.1f} s idle"
    return [
        Figure(f"grade {count} models / (bare / cores)", wall / (bare_wall / cores), GOAL, detail=detail),
        Figure("their processor time / bare", cpu / bare_cpu, CPU_GOAL, detail=idle),
    ]


def grade_command(folder: Path, *more: object) -> list[str]:
    """`mockexam grade` of a folder's models, a line of JSON each."""
    words = [sys.executable, PROGRAMS / "command.py", "grade", folder, "--question", ALL.question, "--json", *more]
    return [str(word) for word in words]


def timed(command: Sequence[object], environ: dict[str, str]) -> tuple[float, float, int]:
    """Wall and processor seconds of a command with all that it starts, and how many lines it printed."""
    begun, cpu = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as output:
        process = psutil.Popen(
            [str(word) for word in command], env=environ, stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        # Not getrusage(2): the sandboxed predictors are killed, and nobody waits for them.
        while process.poll() is None:
            cpu = max(cpu, _processor_time(process))
            time.sleep(SAMPLE_SECONDS)
        seconds = time.perf_counter() - begun
        assert process.returncode == 0, f"{command[1]} ended with {process.returncode}"
        output.seek(0)
        return seconds, cpu, output.read().count(b"\n")


def _processor_time(process: psutil.Process) -> float:
    """Seconds of a process and its descendants, those that ended before included."""
    total = 0.0
    try:
        for one in (process, *process.children(recursive=True)):
            try:
                total += sum(one.cpu_times()[:4])
            except psutil.Error:
                continue
    except psutil.Error:
        return 0.0
    return total


def _steps(folder: Path, count: int) -> list[Figure]:
    """Processor time a model by step, one model at a time."""
    command = [sys.executable, PROGRAMS / "steps.py", folder / "models", folder / "features.npy"]
    environ = {**environment(folder / "home"), **QUIET}
    done = subprocess.run(
        [str(word) for word in command], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True
    )
    steps: dict[str, list[float]] = json.loads(done.stdout)
    wall, cpu = steps.pop("import")
    figures = [Figure("import, once a worker", cpu * 1000, unit="ms", detail=f"{wall * 1000:.0f} ms of wall")]
    for name, (wall, cpu) in steps.items():
        detail = f"{wall / count * 1000:.0f} ms of wall"
        figures.append(Figure(f"a model's processor time: {name}", cpu / count * 1000, unit="ms", detail=detail))
    return figures
