"""Grades models while the disk of the grader's home is full: `python grading_on_a_full_disk.py HOME MODELS`.

Says a line a model: its verdict, or `fault` and why.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from pathlib import Path

from mockexam.errors import GraderFaultError
from mockexam.grading.client import Grader
from mockexam.paths import StatePaths

GOOD = ("good.keras", "good", "mse.h5")


async def main(home: Path, models: Path) -> None:
    """Warm up, fill the disk, mark; then make room and mark again."""
    kept = StatePaths(home).submissions
    for name in ("half.keras", *GOOD):
        copy = shutil.copytree if (models / name).is_dir() else shutil.copyfile
        kept.mkdir(parents=True, exist_ok=True)
        copy(models / name, kept / name)
    async with Grader(StatePaths(home)) as grader:
        await _grade(grader, kept / "half.keras")
        ballast = home / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)
        for name in GOOD:
            await _grade(grader, kept / name)
        ballast.unlink()
        for name in GOOD:
            await _grade(grader, kept / name)


async def _grade(grader: Grader, model: Path) -> None:
    kind = {".keras": "keras", ".h5": "h5"}.get(model.suffix, "saved_model")
    try:
        reply = await grader.grade("simple_model/tiny_line", data_seed="W", holdout_seed="s", model=model, format=kind)  # type: ignore[arg-type]
        said = f"{reply.verdict} {reply.marks} {reply.message}"
    except GraderFaultError as fault:
        said = f"fault {fault.message}"
    sys.stdout.write(f"{model.name}: {said}\n")


asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2])))
