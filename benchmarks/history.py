"""How soon a long past is looked back on: 2,000 attempts with 20,000 submissions, made up but recorded for real."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from benchmarks.attempt import ROOT, environment
from benchmarks.figures import Figure, interleave
from benchmarks.terminal import on_terminal
from tests.histories import make_history

ATTEMPTS = 2000
SPARE = 0.5
"""Seconds that a long past may take longer than its share of an empty one's time."""
EMPTY_TEXT = b"You have no attempts yet"
"""Stands in the review without attempts."""
PROGRAMS = ROOT / "benchmarks" / "programs"
COMMAND = [sys.executable, str(PROGRAMS / "command.py"), "review"]


def measure(*, quick: bool = False) -> list[Figure]:
    """First frame of the review, `review --json` and `review --plain`, each against an empty past."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        long, empty = Path(name) / "long", Path(name) / "empty"
        newest = make_history(long, ATTEMPTS, until=time.time())[-1]
        first = _answered("--json", environment(long))
        runs = 3 if quick else 15
        return [*_first_frame(long, empty, newest, runs), *_commands(long, empty, runs, first)]


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


def _commands(long: Path, empty: Path, runs: int, first: float) -> list[Figure]:
    ways = {
        f"{home.name} {option}": partial(_answered, option, environment(home))
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
    more, less = _megabytes(environment(long)), _megabytes(environment(empty))
    detail = f"{more:.0f} MB at most; the first time, making the summaries, {first:.1f} s"
    return [*figures, Figure("review --json, memory beyond that of none", more - less, 10, unit="MB", detail=detail)]


def _answered(option: str, environ: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    with subprocess.Popen(
        [*COMMAND, option], env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        while process.stdout.read(1 << 16):
            pass
    assert process.returncode == 0
    return time.perf_counter() - begun


def _megabytes(environ: Mapping[str, str]) -> float:
    """What `review --json` has resident at most."""
    command = [sys.executable, str(PROGRAMS / "peak.py"), "review", "--json"]
    done = subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return int(done.stderr.split()[-1]) / 1e6
