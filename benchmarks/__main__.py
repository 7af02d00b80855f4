"""Runs the benchmarks that are named, or all."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from benchmarks.figures import Figure, machine, table

NAMES = (
    "start", "grading", "warm", "batch", "scale", "cluster", "rivals", "gate", "idle", "flood", "history", "papers",
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    """Measure, print a table; returns 1 if a goal was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="fewer runs: to see that it works, not for figures")
    given = parser.parse_args(arguments)
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    # Else ours would compile its sources at each start, on a machine that is set to keep no bytecode.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    print(f"{machine()}\n", flush=True)
    figures: list[Figure] = []
    for name in given.names or NAMES:
        found = _benchmark(name)(quick=given.quick)
        print(table(found), flush=True)
        figures += found
    missed = [figure.name for figure in figures if not figure.reached]
    print(f"\nmissed: {', '.join(missed)}" if missed else "\nall goals reached")
    return 1 if missed else 0


def _benchmark(name: str) -> Callable[..., list[Figure]]:
    # Imported when it runs: one that fails to import keeps no other from running.
    measure: Callable[..., list[Figure]] = importlib.import_module(f"benchmarks.{name}").measure
    return measure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
