"""The training test: runs the bank's small training script as a candidate would, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mockexam.bank.calibration import Calibration
from mockexam.bank.category import CATEGORIES
from mockexam.doctor.machine import Check
from mockexam.errors import UserError

TEST_SECONDS = 600.0
"""A machine that needs longer for what takes others fifteen seconds is told so."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that was really trained here, and how long each part took, in seconds."""

    model: Path
    imports: float
    training: float
    """The training steps alone; building the graph is not in it."""
    saving: float


@dataclass(frozen=True, slots=True)
class TrainingTest:
    """What to train."""

    script: Path
    shape: tuple[int, ...]
    """One picture: height, width, channels."""
    classes: int
    steps: int

    def argv(self, model: Path) -> Sequence[str]:
        """The command, with the candidate's interpreter."""
        shape = ",".join(map(str, self.shape))
        return (sys.executable, str(self.script), shape, str(self.classes), str(self.steps), str(model))


async def train(
    test: TrainingTest, folder: Path, progress: Callable[[float], None] = lambda _: None, limit: float = TEST_SECONDS
) -> Trained:
    """Train and save `mymodel.keras` in an existing folder; `progress` is told the share of the training.

    Cancelling ends it. Raises UserError, and OSError where the folder can't be written.
    """
    model = folder / "mymodel.keras"
    stages: dict[str, float] = {}
    with tempfile.TemporaryFile(dir=folder) as errors:
        process = await asyncio.create_subprocess_exec(
            *test.argv(model),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=folder,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(limit):
                await _follow(process, stages, progress)
                await process.wait()
        except TimeoutError:
            raise UserError(
                f"The training test did not end within {limit:.0f} s.",
                hint="Close other programs; on this machine, train elsewhere and copy the saved models in.",
            ) from None
        finally:
            await _end(process)
        errors.seek(0)
        said = errors.read().decode(errors="replace")
    if process.returncode != 0 or not model.is_file() or not {"imported", "trained", "saved"} <= stages.keys():
        raise _failed(process.returncode, said)
    return Trained(model, stages["imported"], stages["trained"], stages["saved"])


async def _follow(
    process: asyncio.subprocess.Process, stages: dict[str, float], progress: Callable[[float], None]
) -> None:
    """Read what the script tells, until it ends."""
    assert process.stdout is not None
    while line := await process.stdout.readline():
        told = _parse(line)
        if "fraction" in told:
            progress(float(told["fraction"]))
        elif "seconds" in told:
            stages[str(told.get("stage"))] = float(told["seconds"])


def _parse(line: bytes) -> dict[str, Any]:
    """What a line tells; nothing if a library printed it."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the script with all that it started, if it still runs."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            if hasattr(os, "killpg"):
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        await process.wait()


def _failed(code: int | None, said: str) -> UserError:
    if code is not None and code == -signal.SIGKILL:
        return UserError("The training test was ended by the system: too little memory.", hint="Close other programs.")
    lines = [line for line in said.strip().splitlines() if line.strip()]
    why = lines[-1].strip()[:200] if lines else f"it ended with code {code}"
    return UserError(f"A small model could not be trained here: {why}", hint="Install mockexam anew.")


SLOW_SECONDS = 15 * 60
"""A single training above this makes five hours short."""


def reference_seconds(calibration: Calibration, seconds: float) -> Mapping[str, float]:
    """Seconds a question, by id, on a machine that needs `seconds` for the training test.

    All is scaled by one ratio: right within a factor of about two, for machines of the same kind of processor.
    """
    ratio = seconds / calibration.test_seconds
    return {question: known * ratio for question, known in calibration.questions.items()}


def check_speed(calibration: Calibration | None, seconds: float) -> Check:
    """What a training test of so many seconds means for the exam."""
    if calibration is None:
        return Check("speed", "ok", f"{seconds:.0f} s for the training test; this bank has nothing to compare it with")
    known = reference_seconds(calibration, seconds)
    ratio = seconds / calibration.test_seconds
    compared = f"{ratio:.1f} times as long as where the bank was calibrated"
    text = f"{compared}. The reference solutions take about: {'; '.join(_categories(known))}"
    if max(known.values(), default=0.0) <= SLOW_SECONDS:
        return Check("speed", "ok", text)
    return Check(
        "speed",
        "warn",
        text,
        "Try ideas with few epochs and part of the data; or train elsewhere and copy the saved model in.",
    )


def _categories(known: Mapping[str, float]) -> list[str]:
    """A phrase a category, shortest and longest of its questions."""
    phrases = []
    for category in CATEGORIES.values():
        times = sorted(seconds for question, seconds in known.items() if question.startswith(category.id + "/"))
        if times:
            low, high = _rounded(times[0]), _rounded(times[-1])
            phrases.append(f"{category.title} {low}" + (f" to {high}" if high != low else ""))
    return phrases


def _rounded(seconds: float) -> str:
    """An estimate as it may be told: `8 s`, `50 s`, `3 min`."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 90:
        return f"{round(seconds / 5) * 5} s"
    return f"{round(seconds / 60)} min"
