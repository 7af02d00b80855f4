"""How soon the app shows its first frame, and how soon the quick commands answer."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.attempt import ROOT, environment, under_way
from benchmarks.figures import Figure, interleave
from benchmarks.terminal import on_terminal

PROGRAMS = ROOT / "benchmarks" / "programs"
HOME_TEXT = b"Doctor"
"""Stands in the home screen's menu."""


def measure(*, quick: bool = False) -> list[Figure]:
    """First frame against a minimal Textual app; `--version` and `status` against a bare click command."""
    with tempfile.TemporaryDirectory(prefix="mockexam-bench-") as name:
        folder = Path(name)
        under_way(folder / "sat", folder / "workspace")
        return [*_first_frame(folder, 3 if quick else 15), *_commands(folder, 3 if quick else 25)]


def _first_frame(folder: Path, runs: int) -> list[Figure]:
    fresh = environment(folder / "fresh")
    minimal = [sys.executable, str(PROGRAMS / "minimal_textual.py")]
    app = [sys.executable, str(PROGRAMS / "command.py")]
    seen = interleave(
        runs,
        {
            "minimal": lambda: _painted(minimal, fresh, b"painted"),
            "app": lambda: _painted(app, fresh, HOME_TEXT),
        },
    )
    detail = f"{seen['app'] * 1000:.0f} ms, minimal Textual app {seen['minimal'] * 1000:.0f} ms"
    return [Figure("first frame / minimal Textual app", seen["app"] / seen["minimal"], 1.2, detail=detail)]


def _painted(command: Sequence[str], environ: Mapping[str, str], text: bytes) -> float:
    with on_terminal(command, environ) as screen:
        return screen.wait_for(text)


def _commands(folder: Path, runs: int) -> list[Figure]:
    sat = environment(folder / "sat")
    bare = [sys.executable, str(PROGRAMS / "bare_click.py")]
    ours = [sys.executable, str(PROGRAMS / "command.py")]
    seen = interleave(
        runs,
        {
            "bare --version": lambda: _answered([*bare, "--version"], sat),
            "--version": lambda: _answered([*ours, "--version"], sat),
            "bare status": lambda: _answered([*bare, "status"], sat),
            "status": lambda: _answered([*ours, "status"], sat),
        },
    )
    return [
        Figure(
            f"mockexam {name} / bare click command",
            seen[name] / seen[f"bare {name}"],
            goal,
            detail=f"{seen[name] * 1000:.0f} ms, bare {seen[f'bare {name}'] * 1000:.0f} ms",
        )
        for name, goal in (("--version", 2.0), ("status", 1.6))
    ]


def _answered(command: Sequence[str], environ: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(command, env=environ, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun
