"""How a long past is looked back on and tidied: thousands of attempts, made up but recorded for real."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.attempt import ROOT, environment
from benchmarks.figures import Figure, interleave
from benchmarks.terminal import on_terminal
from tests.histories import make_history

ATTEMPTS = 2000
TIDIED = (500, 4000)
"""So many attempts are pruned, and deleted: memory must not grow from the one to the other."""
SPARE = 0.5
"""Seconds that a long past may take longer than its share of an empty one's time."""
EMPTY_TEXT = b"You have no attempts yet"
"""Stands in the review without attempts."""
PROGRAMS = ROOT / "benchmarks" / "programs"
COMMAND = [sys.executable, str(PROGRAMS / "command.py"), "review"]


def measure(*, quick: bool = False) -> list[Figure]:
    """What a review of 2,000 attempts takes, the first one too, against an empty past; pruning and deleting."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        long, empty = Path(name) / "long", Path(name) / "empty"
        newest = make_history(long, ATTEMPTS, until=time.time())[-1]
        runs = 3 if quick else 15
        first = _first_reading(long, runs=2 if quick else 5)
        return [
            first,
            *_first_frame(long, empty, newest, runs),
            *_commands(long, empty, runs),
            *_page(long, runs),
            *_tidying(Path(name)),
        ]


def _first_reading(long: Path, runs: int) -> Figure:
    """`review --json` without stored summaries, as after an upgrade; the last round leaves them stored."""
    without = long.with_name("without")
    shutil.copytree(long, without)
    walls, processor = [], []
    for _ in range(runs):
        shutil.rmtree(long)
        shutil.copytree(without, long)
        before = _processor_seconds()
        walls.append(_answered(environment(long), "--json"))
        processor.append(_processor_seconds() - before)
    shutil.rmtree(without)
    detail = f"{statistics.median(processor):.2f} s of processor time"
    return Figure(f"first review of {ATTEMPTS:,} attempts", statistics.median(walls), 2.0, unit="s", detail=detail)


def _processor_seconds() -> float:
    """Of all child processes that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _page(long: Path, runs: int) -> Iterator[Figure]:
    """`review html` of all attempts: how long, and how large."""
    page = long / "page.html"
    write = partial(_answered, environment(long), "html", "--yes", "--out", str(page))
    yield Figure(f"review html of {ATTEMPTS:,} attempts", interleave(runs, {"page": write})["page"], 3.0, unit="s")
    yield Figure("its file", page.stat().st_size / 1e6, 3.0, unit="MB")


def _tidying(folder: Path) -> Iterator[Figure]:
    """`review prune` and `review delete` of few and of many attempts with stored models and scripts."""
    few, many = (folder / f"{attempts}" for attempts in TIDIED)
    for home, attempts in zip((few, many), TIDIED, strict=True):
        make_history(home, attempts, submissions_each=6, files=attempts, until=time.time())
    for words in (("prune",), ("delete", "--mode", "retry")):
        less = _megabytes(environment(few), *words, "--yes")
        begun, before = time.perf_counter(), _processor_seconds()  # the disk's part differs from hour to hour
        more = _megabytes(environment(many), *words, "--yes")
        seconds, processor = time.perf_counter() - begun, _processor_seconds() - before
        what = f"review {words[0]} of {TIDIED[1]:,} attempts"
        yield Figure(f"{what}, processor time", processor, 10.0, unit="s", detail=f"{seconds:.1f} s in all")
        detail = f"{more:.0f} MB at most"
        yield Figure(f"{what}, memory beyond {TIDIED[0]}", more - less, 8.0, unit="MB", detail=detail)


def _first_frame(long: Path, empty: Path, newest: str, runs: int) -> list[Figure]:
    # An id ends with the paper's code without its dash; the newest attempt stands in the first line of the list.
    code = newest.split("-")[1]
    text = f"{code[:4]}-{code[4:]}".encode()
    seen = interleave(
        runs,
        {
            "empty": lambda: _painted(environment(empty), EMPTY_TEXT),
            "long": lambda: _painted(environment(long), text),
        },
    )
    ratio = max(0.0, seen["long"] - SPARE) / seen["empty"]
    detail = f"{seen['long'] * 1000:.0f} ms, without attempts {seen['empty'] * 1000:.0f} ms"
    return [Figure(f"review of {ATTEMPTS:,} less {SPARE} s / of none", ratio, 1.5, detail=detail)]


def _painted(environ: Mapping[str, str], text: bytes) -> float:
    with on_terminal(COMMAND, environ) as screen:
        return screen.wait_for(text)


def _commands(long: Path, empty: Path, runs: int) -> list[Figure]:
    ways = {
        f"{home.name} {option}": partial(_answered, environment(home), option)
        for home in (long, empty)
        for option in ("--json", "--plain")
    }
    seen = interleave(runs, ways)
    figures = [
        Figure(
            f"review {option} of {ATTEMPTS:,} attempts",
            seen[f"long {option}"],
            1.0,
            unit="s",
            detail=f"of none {seen[f'empty {option}']:.2f} s",
        )
        for option in ("--json", "--plain")
    ]
    more, less = _megabytes(environment(long), "--json"), _megabytes(environment(empty), "--json")
    detail = f"{more:.0f} MB at most"
    return [*figures, Figure("review --json, memory beyond that of none", more - less, 10, unit="MB", detail=detail)]


def _answered(environ: Mapping[str, str], *words: str) -> float:
    begun = time.perf_counter()
    with subprocess.Popen(
        [*COMMAND, *words], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        while process.stdout.read(1 << 16):
            pass
    assert process.returncode == 0
    return time.perf_counter() - begun


def _megabytes(environ: Mapping[str, str], *words: str) -> float:
    """What `review` with these words has resident at most."""
    command = [sys.executable, str(PROGRAMS / "peak.py"), "review", *words]
    done = subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return int(done.stderr.split()[-1]) / 1e6
