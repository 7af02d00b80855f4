"""How long the gate looks at a model before anything is loaded, by format and size."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.attempt import ROOT, environment
from benchmarks.figures import Figure
from benchmarks.grading import Bare
from benchmarks.sizes import CLASSES, SIZES

RUNS = 15
SUFFIXES = {"keras": ".keras", "h5": ".h5", "saved_model": ""}


def measure(*, quick: bool = False) -> list[Figure]:
    """Milliseconds of each size in each format, each time in a new fork; the median."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        asyncio.run(_make(folder))
        return _times(folder, 3 if quick else RUNS)


async def _make(folder: Path) -> None:
    bare = await Bare.start()
    for size in SIZES:
        for kind, suffix in SUFFIXES.items():
            file = str(folder / f"{size.name}-{kind}{suffix}")
            await bare.ask("save", name=size.name, shape=size.shape, classes=CLASSES, file=file, seed=1)
    await bare.end()


def _times(folder: Path, runs: int) -> list[Figure]:
    cases = [
        (size, kind, folder / f"{size.name}-{kind}{suffix}") for kind, suffix in SUFFIXES.items() for size in SIZES
    ]
    given = "".join(json.dumps([str(path), kind, runs]) + "\n" for _, kind, path in cases)
    program = [sys.executable, str(ROOT / "benchmarks" / "programs" / "gate_times.py")]
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        program, input=given, env={**environment(folder), **quiet}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, check=True,
    )  # fmt: skip
    return [
        Figure(f"gate, {kind}, {size.title}", median(json.loads(line)) * 1000, unit="ms")
        for (size, kind, _), line in zip(cases, done.stdout.splitlines(), strict=True)
    ]
