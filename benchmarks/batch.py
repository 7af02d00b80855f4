"""How long `mockexam grade FOLDER` takes for a class, against load and predict of all in one bare process.

Both times run from the command to its end, so that Python's start and the import of TensorFlow are in both.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.attempt import ROOT, environment
from benchmarks.figures import Figure
from benchmarks.grading import Bare
from benchmarks.sizes import ALL, CLASSES, SIZES, make_bank
from mockexam.paths import BANK_VARIABLE

GOAL = 1.3
MODELS, QUICK_MODELS = 200, 20
RUNS = 3
PROGRAMS = ROOT / "benchmarks" / "programs"


def measure(*, quick: bool = False) -> list[Figure]:
    """Wall time of a class's grading / (bare time of all / cores)."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        bank = make_bank(folder / "bank")
        (folder / "models").mkdir()
        count = QUICK_MODELS if quick else MODELS
        weight = asyncio.run(_make(folder, count))
        return [_compare(folder, bank, 1 if quick else RUNS, count, weight)]


async def _make(folder: Path, count: int) -> int:
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


def _compare(folder: Path, bank: Path, runs: int, count: int, weight: int) -> Figure:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    environ = {**environment(folder / "home"), **quiet, BANK_VARIABLE: str(bank)}
    bare = [sys.executable, PROGRAMS / "bare_many.py", folder / "models", folder / "features.npy"]
    ours = [sys.executable, PROGRAMS / "command.py", "grade", folder / "models", "--question", ALL.question]
    ours += ["--jobs", cores, "--fresh", "--out", folder / "results.ndjson", "--json"]
    seen: dict[str, list[float]] = {"bare": [], "ours": []}
    for number in range(runs):
        order = (("bare", bare), ("ours", ours))
        for way, command in order if number % 2 else reversed(order):
            seconds, lines = _timed(command, environ)
            assert lines == count, f"{way} reported {lines} of {count} models"
            seen[way].append(seconds)
    mine, other = statistics.median(seen["ours"]), statistics.median(seen["bare"])
    detail = f"{mine:.1f} s with {cores} jobs, bare {other:.1f} s in one process; {weight / 1e6:.0f} MB"
    return Figure(f"grade {count} models / (bare / cores)", mine / (other / cores), GOAL, detail=detail)


def _timed(command: Sequence[object], environ: dict[str, str]) -> tuple[float, int]:
    """Seconds of a command, and how many lines it printed."""
    begun = time.perf_counter()
    done = subprocess.run(
        [str(word) for word in command], env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    return time.perf_counter() - begun, done.stdout.count(b"\n")
