"""The exam room while a script prints 1,000 lines a second: keys, clock and memory."""

from __future__ import annotations

import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil

from benchmarks.attempt import environment, under_way
from benchmarks.figures import Figure
from benchmarks.terminal import Screen, on_terminal

LINES = 20_000
SCRIPT = f"""
import time
for n in range({2 * LINES}):
    print(f"step {{n}}: loss {{1 / (n + 1):.6f}}, something more to fill the line", flush=n % 100 == 0)
    if n % 100 == 99:
        time.sleep(0.1)
"""
KEYS = 100
_CLOCK = re.compile(rb"\d:\d\d:\d\d left")


def measure(*, quick: bool = False) -> list[Figure]:
    """On a terminal of 80 x 24 with a full exam under way; `v` changes between the output and the activity."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        under_way(folder / "home", folder / "workspace")
        for script in (folder / "workspace").glob("q1_*/solution.py"):
            script.write_text(SCRIPT, encoding="utf-8")
        command = [sys.executable, "-m", "mockexam"]
        with on_terminal(command, environment(folder / "home")) as screen:
            screen.wait_for(b"Activity")
            screen.drain(3.0 if quick else 60.0)  # the grader makes its data in this time
            quiet = _answers(screen, 10 if quick else KEYS)
            screen.type(b"1r")
            screen.wait_for(b"step ", 300.0)
            screen.type(b"v")  # back to the activity, where the keys begin
            screen.drain(1.0)
            screen.painted = b""
            begun = time.perf_counter()
            busy = _answers(screen, 10 if quick else KEYS)
            seconds = time.perf_counter() - begun
            ticks = len(set(_CLOCK.findall(screen.painted)))
            screen.drain(3.0 if quick else max(0.0, LINES / 1000 + 15 - seconds))
            memory = psutil.Process(screen.process.pid).memory_info().rss / 1e6
    detail = (
        f"95th of {len(busy)}; median {statistics.median(busy) * 1000:.0f} ms, without output {_high(quiet):.0f} ms"
    )
    return [
        Figure("a key's answer at 1,000 lines a second", _high(busy), 100, "ms", detail),
        Figure("seconds whose clock was not drawn", max(0.0, seconds - 1 - ticks), 1, "", f"of {seconds:.0f}"),
        Figure("app after 20,000 lines, resident", memory, 90, "MB"),
    ]


def _answers(screen: Screen, keys: int) -> list[float]:
    """Seconds from each press of `v` until the other pane's title is drawn."""
    seen = []
    pauses = random.Random(1)  # nothing secret
    for _ in range(keys):
        for title in (b"Output", b"Activity"):
            before = len(screen.painted)
            begun = time.perf_counter()
            screen.type(b"v")
            while title not in screen.painted[max(0, before - 8) :]:
                if time.perf_counter() - begun > 10 or not screen.read(0.5):
                    raise TimeoutError(f"v did not show {title!r}")
            seen.append(time.perf_counter() - begun)
            screen.drain(pauses.uniform(0.03, 0.2))  # at no fixed place between two reports of output
    return seen


def _high(seconds: list[float]) -> float:
    """The 95th of 100, in milliseconds."""
    return statistics.quantiles(seconds, n=20)[-1] * 1000
