"""What it costs while nothing happens but the clock: processor time and memory of the app and the grader."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.attempt import environment, under_way
from benchmarks.figures import Figure
from benchmarks.terminal import Screen, on_terminal

SETTLE_SECONDS = 25.0
"""The predictor imports TensorFlow in this time."""
EXAMINER, PREDICTOR = "mockexam.grading.examiner", "mockexam.grading.predictor"


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process: share of a core in per cent, and resident memory in MB."""

    share: float
    memory: float


def measure(*, quick: bool = False) -> list[Figure]:
    """The exam room on a terminal of 120 x 40 with a full exam under way, left alone for half a minute."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        under_way(folder / "home", folder / "workspace")
        command = [sys.executable, "-m", "mockexam"]
        with on_terminal(command, environment(folder / "home"), (120, 40)) as screen:
            _enter_room(screen)
            costs = _watch(screen, 5.0 if quick else 30.0)
    app, examiner, predictor = costs["app"], costs[EXAMINER], costs[PREDICTOR]
    return [
        Figure("idle app, share of a core", app.share, 0.9, "%"),
        Figure("idle examiner, share of a core", examiner.share, 0.1, "%", "the goal is none: not to be measured"),
        Figure("idle predictor, share of a core", predictor.share, 0.1, "%", "the goal is none: not to be measured"),
        Figure("app, resident", app.memory, 90, "MB"),
        Figure(
            "examiner, resident", examiner.memory, 200, "MB", f"predictor with TensorFlow {predictor.memory:.0f} MB"
        ),
    ]


def _enter_room(screen: Screen) -> None:
    """The app leads into the attempt; its questions are on the screen."""
    screen.wait_for(b"Activity")
    screen.drain(SETTLE_SECONDS)


def _watch(screen: Screen, seconds: float) -> dict[str, Cost]:
    """Costs of the app and the grader's processes over so many seconds."""
    app = psutil.Process(screen.process.pid)
    processes = {"app": [app], EXAMINER: [], PREDICTOR: []}
    for child in app.children(recursive=True):
        line = child.cmdline()
        for name in (EXAMINER, PREDICTOR):
            if name in line:
                processes[name].append(child)
    before = {name: _used(group) for name, group in processes.items()}
    begun = time.perf_counter()
    screen.drain(seconds)
    passed = time.perf_counter() - begun
    return {
        name: Cost((_used(group) - before[name]) / passed * 100, _resident(group)) for name, group in processes.items()
    }


def _used(group: list[psutil.Process]) -> float:
    """Seconds of processor time."""
    assert group, "the process was not found"
    return sum(times.user + times.system for times in (process.cpu_times() for process in group))


def _resident(group: list[psutil.Process]) -> float:
    """Of the largest one, in MB of 10**6 bytes: bubblewrap's small helper carries the same command line."""
    return max(process.memory_info().rss for process in group) / 1e6
