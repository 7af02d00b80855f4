"""What a Dask cluster on this machine takes to grade a class: by workers, against jobs without it, and in bytes."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.attempt import environment
from benchmarks.batch import PROGRAMS, QUIET, grade_command, make_models, timed
from benchmarks.figures import Figure
from benchmarks.sizes import make_bank
from mockexam.paths import BANK_VARIABLE

MODELS, QUICK_MODELS = 80, 20
RUNS = 3
SPEED_GOAL = 0.7
"""The time of two workers / that of one, on two cores that command and scheduler need too."""
JOBS_GOAL = 1.25
BYTES_GOAL = 1.05
SMALL_MODELS, QUICK_SMALL_MODELS = 2000, 200
SMALL_BYTES = 20_000
"""The size of the smallest of the benchmark's models."""
PACE_GOAL = 10.0
"""Milliseconds of a model."""
PATIENCE = 60
_INSTANT = ("--preload", str(PROGRAMS / "instant_worker.py"))


@dataclass(frozen=True, slots=True)
class Cluster:
    """A scheduler and its workers."""

    address: str
    scheduler: psutil.Process


@dataclass(frozen=True, slots=True)
class Run:
    """One command on a cluster."""

    seconds: float
    command: float
    """Processor seconds of the command."""
    scheduler: float
    """The same of the scheduler."""
    sent: int
    """Bytes that went over the loopback interface meanwhile."""


def measure(*, quick: bool = False) -> list[Figure]:
    """Times of one, two and four workers and of two jobs, bytes sent / the models', and the pace of small models."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        environ = {**environment(folder / "home"), **QUIET, BANK_VARIABLE: str(make_bank(folder / "bank"))}
        (folder / "models").mkdir()
        count = QUICK_MODELS if quick else MODELS
        weight = asyncio.run(make_models(folder, count))
        small = QUICK_SMALL_MODELS if quick else SMALL_MODELS
        return [*_speed(folder, environ, 1 if quick else RUNS, count, weight), *_pace(folder, environ, small)]


def _speed(folder: Path, environ: Mapping[str, str], runs: int, count: int, weight: int) -> list[Figure]:
    """Each time with fresh workers, which start TensorFlow with their first model, as jobs do."""
    seen: dict[int, list[Run]] = {1: [], 2: [], 4: []}
    jobs: list[float] = []
    for number in range(runs):
        for workers in sorted(seen, reverse=bool(number % 2)):
            with _cluster(folder, environ, workers) as cluster:
                seen[workers].append(_grade(folder / "models", environ, cluster, count))
        command = grade_command(folder / "models", "--jobs", 2, "--fresh", "--out", folder / "results.ndjson")
        seconds, _, lines = timed(command, environ)
        assert lines == count, f"{lines} of {count} models were reported"
        jobs.append(seconds)
    one, two, four = (statistics.median(run.seconds for run in found) for found in seen.values())
    local = statistics.median(jobs)
    sent = statistics.median(run.sent for found in seen.values() for run in found)
    return [
        Figure(f"{count} models: two workers / one", two / one, SPEED_GOAL, detail=f"{two:.1f} s, {one:.1f} s"),
        Figure("four workers / two", four / two, detail=f"{four:.1f} s, on {os.cpu_count()} cores"),
        Figure("two workers / --jobs 2", two / local, JOBS_GOAL, detail=f"{local:.1f} s without a cluster"),
        Figure("bytes sent / bytes of the models", sent / weight, BYTES_GOAL, detail=f"{sent / 1e6:.0f} MB sent"),
    ]


def _pace(folder: Path, environ: Mapping[str, str], count: int) -> list[Figure]:
    """Of small models that the workers answer at once."""
    small = folder / "small"
    small.mkdir()
    for number in range(count):
        (small / f"{number:05}.keras").write_bytes(os.urandom(SMALL_BYTES))
    with _cluster(folder, environ, 2, *_INSTANT) as cluster:
        run = _grade(small, environ, cluster, count)
    cores = f"of a core: command {run.command / count * 1000:.1f} ms, scheduler {run.scheduler / count * 1000:.1f} ms"
    detail = f"{count / run.seconds:.0f} models a second; {cores}"
    return [Figure("a small model that is answered at once", run.seconds / count * 1000, PACE_GOAL, "ms", detail)]


def _grade(models: Path, environ: Mapping[str, str], cluster: Cluster, count: int) -> Run:
    command = grade_command(
        models, "--scheduler", cluster.address, "--fresh", "--out", models.with_name("results.ndjson")
    )
    sent, scheduler = _loopback(), sum(cluster.scheduler.cpu_times()[:2])
    seconds, cpu, lines = timed(command, dict(environ))
    sent, scheduler = _loopback() - sent, sum(cluster.scheduler.cpu_times()[:2]) - scheduler
    assert lines == count, f"{lines} of {count} models were reported"
    return Run(seconds, cpu, scheduler, sent)


def _loopback() -> int:
    """Bytes that this machine has sent to itself, those of other programs included."""
    return sum(seen.bytes_sent for name, seen in psutil.net_io_counters(pernic=True).items() if name.startswith("lo"))


@contextmanager
def _cluster(folder: Path, environ: Mapping[str, str], workers: int, *options: str) -> Iterator[Cluster]:
    """A scheduler and so many workers with one thread, all in processes of their own."""
    from distributed import Client

    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    with ExitStack() as stack:
        local = ("--scheduler-file", str(file), "--no-dashboard")
        scheduler = _start(stack, environ, "scheduler", *local, "--host", "127.0.0.1", "--port", "0")
        scratch = ("--local-directory", str(folder / "workers"))
        _start(stack, environ, "worker", *local, *scratch, "--nworkers", str(workers), "--nthreads", "1", *options)
        with Client(scheduler_file=str(file), timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=PATIENCE)
        yield Cluster(json.loads(file.read_bytes())["address"], scheduler)


def _start(stack: ExitStack, environ: Mapping[str, str], *words: str) -> psutil.Process:
    """Start a command of Dask, and end it in the end."""
    process = psutil.Popen(
        [sys.executable, "-m", "dask", *words], env=dict(environ), stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process
