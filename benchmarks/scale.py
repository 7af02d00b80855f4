"""Whether a batch keeps its pace with 500, 1,000 and 2,000 models of all sizes, in what memory, and how it resumes."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.attempt import environment
from benchmarks.batch import MODELS, QUIET, grade_command, make_models
from benchmarks.figures import Figure
from benchmarks.sizes import make_bank
from mockexam.paths import BANK_VARIABLE

COUNTS = (500, 1000, 2000)
QUICK_COUNTS = (20, 40, 80)
PACE_GOAL = 1.1
"""The longest time a model in a run / the shortest in another."""
FLAT_GOAL = 1.05
"""Memory and open files in the last quarter of the longest run / in its second."""
RESUME_GOAL = 2.0
SAMPLE_SECONDS = 2.0


@dataclass(slots=True)
class Watched:
    """A run, and what it had at each sample: memory in bytes, and open files."""

    seconds: float = 0.0
    memory: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def growth(self, values: Sequence[int]) -> float:
        """The last quarter's median / the second's."""
        quarter = len(values) // 4
        return statistics.median(values[3 * quarter :]) / statistics.median(values[quarter : 2 * quarter])


def measure(*, quick: bool = False) -> list[Figure]:
    """Time a model by number of models, growth of memory and open files, and seconds until a killed run goes on."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        bank = make_bank(folder / "bank")
        (folder / "models").mkdir()
        counts = QUICK_COUNTS if quick else COUNTS
        asyncio.run(make_models(folder, min(MODELS, counts[-1])))
        _copies(folder / "models", counts[-1])
        environ = {**environment(folder / "home"), **QUIET, BANK_VARIABLE: str(bank)}
        runs = {count: _run(folder, environ, count) for count in counts}
        resumed = _resume(folder, environ, counts[-1])
    paces = {count: run.seconds / count for count, run in runs.items()}
    longest = runs[counts[-1]]
    seconds = ", ".join(f"{count}: {run.seconds:.0f} s" for count, run in runs.items())
    memory = f"{statistics.median(longest.memory) / 1e6:.0f} MB, at most {max(longest.memory) / 1e6:.0f} MB"
    return [
        Figure(
            "a model's time, slowest run / fastest",
            max(paces.values()) / min(paces.values()),
            PACE_GOAL,
            detail=seconds,
        ),
        Figure("memory, last quarter / second", longest.growth(longest.memory), FLAT_GOAL, detail=memory),
        Figure(
            "open files, last quarter / second",
            longest.growth(longest.files),
            FLAT_GOAL,
            detail=f"{max(longest.files)}",
        ),
        Figure("until a killed run goes on", resumed, RESUME_GOAL, "s", f"{counts[-1] // 2} of {counts[-1]} known"),
    ]


def _copies(folder: Path, count: int) -> None:
    """More models of the same weights, each with bytes of its own: a comment at the archive's end."""
    made = sorted(folder.glob("*.keras"))
    for number in range(len(made), count):
        model = made[number % len(made)]
        copy = folder / f"{number:04}{model.name[3:]}"
        shutil.copy(model, copy)
        with zipfile.ZipFile(copy, "a") as archive:
            archive.comment = str(number).encode()


def _folder(folder: Path, count: int) -> Path:
    """A folder with the first so many models."""
    part = folder / f"first-{count}"
    part.mkdir()
    for model in sorted((folder / "models").glob("*.keras"))[:count]:
        os.link(model, part / model.name)
    return part


def _run(folder: Path, environ: dict[str, str], count: int) -> Watched:
    watched, begun = Watched(), time.perf_counter()
    process = psutil.Popen(
        grade_command(_folder(folder, count)), env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while process.poll() is None:
        _sample(process, watched)
        time.sleep(SAMPLE_SECONDS)
    watched.seconds = time.perf_counter() - begun
    assert process.returncode == 0, f"grading {count} models ended with {process.returncode}"
    return watched


def _sample(process: psutil.Process, watched: Watched) -> None:
    """Of the command and all that it started; what they share is counted once."""
    memory = files = 0
    with suppress(psutil.Error):
        for one in (process, *process.children(recursive=True)):
            with suppress(psutil.Error):  # a model's process has ended meanwhile
                memory += one.memory_full_info().pss
                files += one.num_fds()
        watched.memory.append(memory)
        watched.files.append(files)


def _resume(folder: Path, environ: dict[str, str], count: int) -> float:
    """Seconds from the command until all that a killed run had graded is told."""
    part = folder / f"first-{count}"
    results = part / "mockexam-results.ndjson"
    lines = results.read_bytes().splitlines(keepends=True)
    # As a kill leaves it: the half that was graded, and a line that was not written to its end.
    known = count // 2
    results.write_bytes(b"".join(lines[:known]) + lines[known][:-20])
    begun = time.perf_counter()
    with subprocess.Popen(
        grade_command(part), env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        told = 0
        while told < known:
            told += json.loads(process.stdout.readline())["known"]
        seconds = time.perf_counter() - begun
        process.send_signal(signal.SIGINT)
        process.stdout.read()
    return seconds
