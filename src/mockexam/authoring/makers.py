"""Has a question's data maker looked at, twice, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import mockexam
from mockexam.authoring.fault import Fault
from mockexam.authoring.finding import identifier

PROBE_SECONDS = 120.0


def check_data(folder: Path, metric: str) -> list[Fault]:
    """What is wrong with what the data maker makes: form, size, time, and that the same seed makes the same bytes.

    The two processes hash strings differently, so that an order that hangs on a set is found.
    """
    first = _probe(folder, metric, hash_seed=1)
    if isinstance(first, Fault):
        return [first]
    question = identifier(folder)
    faults = [Fault(question, f["what"], f["where"], f["remedy"]) for f in first["faults"]]
    if faults:
        return faults
    second = _probe(folder, metric, hash_seed=2)
    if isinstance(second, Fault):
        return [second]
    return [
        Fault(
            question,
            f"{function} makes other data in another run with the same seed.",
            f"{folder / 'data.py'}, {function}",
            "Use nothing random but rng: no clock, no set's order, no generator of a library.",
        )
        for function, made in first["made"].items()
        if second["made"].get(function) != made
    ]


def _probe(folder: Path, metric: str, *, hash_seed: int) -> Any:
    """What the process found, or the fault that it found nothing."""
    code = os.pathsep.join([str(Path(mockexam.__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])])
    seed = {"PYTHONPATH": code, "PYTHONHASHSEED": str(hash_seed), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory(prefix="mockexam-probe-") as name:
        result = Path(name) / "result.json"
        try:
            done = subprocess.run(
                [sys.executable, "-P", "-m", "mockexam.grading.examiner.probe", folder.absolute(), metric, result],
                cwd=name, stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, check=False,
                env={**os.environ, **seed},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return _fault(folder, f"The data maker was still at work after {PROBE_SECONDS:.0f} s.", "Make it quicker.")
        try:
            return json.loads(result.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            return _fault(folder, f"The data maker's process died: {' '.join(last)[:200]}", "Correct it.")


def _fault(folder: Path, what: str, remedy: str) -> Fault:
    return Fault(identifier(folder), what, str(folder / "data.py"), remedy)
