"""The training test: runs the bank's small training script in a process of its own, and estimates training times."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import Field

from mockexam.bank.category import CATEGORIES
from mockexam.bank.models import QuestionId, Strict, read_toml
from mockexam.doctor.machine import REINSTALL, Check
from mockexam.errors import UserError
from mockexam.workspace.interpreter import keras_variables, unset

FOLDER = "_doctor"  # below the folder of exams
TEST_SECONDS = 600.0  # the limit of a test that usually takes fifteen seconds
_POLL_SECONDS = 0.05
SLOW_SECONDS = 15 * 60  # if one training takes longer, five hours are short for an exam
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Calibration(Strict):
    """Training times on one machine, all measured in one session: `_doctor/calibration.toml`."""

    machine: str = Field(min_length=1)  # in words: cores, processor, versions
    date: date
    test_question: QuestionId  # the training test makes a model for this question, which is then graded
    test_steps: Annotated[int, Field(ge=1, le=100_000)]  # training steps of the test
    test_seconds: Seconds  # wall time of those steps, without imports and building the graph
    questions: Mapping[QuestionId, Seconds]
    """By question: wall time of its reference solution as a script, imports included."""


def load_calibration(exams: Path) -> Calibration | None:
    """The calibration of this bank; None if it has none. Raises UserError naming file and key."""
    path = calibration_path(exams)
    return read_toml(path, Calibration) if path.is_file() else None


def calibration_path(exams: Path) -> Path:
    """The path of a bank's calibration."""
    return exams / FOLDER / "calibration.toml"


def training_script(exams: Path) -> Path:
    """The script of the training test. Raises UserError if it is missing."""
    path = exams / FOLDER / "train.py"
    if not path.is_file():
        raise UserError("The training test's script is missing.", location=str(path), hint="Reinstall mockexam.")
    return path


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that was trained here, and how long each part took, in seconds."""

    model: Path
    imports: float
    training: float  # the training steps alone, without building the graph
    saving: float


@dataclass(frozen=True, slots=True)
class TrainingTest:
    """What to train."""

    script: Path
    shape: tuple[int, ...]  # one image: height, width, channels
    classes: int
    steps: int


async def train(
    test: TrainingTest, folder: Path, progress: Callable[[float], None] = lambda _: None, limit: float = TEST_SECONDS
) -> Trained:
    """Train and save `mymodel.keras` in an existing folder; cancelling stops it. Raises UserError and OSError."""
    model, told = folder / "mymodel.keras", folder / "reports"
    shape = ",".join(map(str, test.shape))
    stages: dict[str, float] = {}
    # Not a pipe: cancelled while it connects one, asyncio can wait for it for ever.
    with tempfile.TemporaryFile(dir=folder) as errors, told.open("wb") as output, told.open("rb") as reports:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(test.script), shape, str(test.classes), str(test.steps), str(model),
            stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=errors, cwd=folder,
            env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONUNBUFFERED": "1"}, start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(limit):
                await _follow(process, reports, stages, progress)
        except TimeoutError:
            message = f"The training test took over {limit:.0f} s: this machine is too slow or too busy."
            hint = "Close other programs and try again, or train elsewhere and copy the saved models here."
            raise UserError(message, hint=hint) from None
        finally:
            await _kill(process)
        errors.seek(0)
        trouble = errors.read().decode(errors="replace")
    if process.returncode != 0 or not model.is_file() or not {"imported", "trained", "saved"} <= stages.keys():
        raise _failed(process.returncode, trouble)
    return Trained(model, stages["imported"], stages["trained"], stages["saved"])


async def _follow(
    process: asyncio.subprocess.Process, reports: IO[bytes], stages: dict[str, float], progress: Callable[[float], None]
) -> None:
    """Read what it reports until it has ended."""
    rest, ended = b"", False
    while not ended:
        ended = process.returncode is not None
        *lines, rest = (rest + reports.read()).split(b"\n")
        for report in map(_parse, lines):
            if "fraction" in report:
                progress(float(report["fraction"]))
            elif "seconds" in report:
                stages[str(report.get("stage"))] = float(report["seconds"])
        if not ended:
            await asyncio.sleep(_POLL_SECONDS)


def _parse(line: bytes) -> dict[str, Any]:
    """A report of the script; empty if a library printed the line."""
    try:
        report = json.loads(line)
    except ValueError:
        return {}
    return report if isinstance(report, dict) else {}


async def _kill(process: asyncio.subprocess.Process) -> None:
    """Kill the script and its children, if it still runs."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _failed(code: int | None, output: str) -> UserError:
    if sys.platform != "win32" and code == -signal.SIGKILL:
        message = "The system stopped the training test: there is too little memory."
        return UserError(message, hint="Close your browser and other large programs, then try again.")
    lines = [line for line in output.strip().splitlines() if line.strip()]
    reason = lines[-1].strip()[:200] if lines else f"the script ended with code {code}"
    settings = [setting for setting, _ in keras_variables()]
    hint = f"{' and '.join(settings)} is set. {unset(settings[0])}" if settings else REINSTALL
    return UserError(f"A small model can't be trained here: {reason}", hint=hint)


def reference_seconds(calibration: Calibration, seconds: float) -> Mapping[str, float]:
    """Estimated seconds for each question, by one ratio: right within a factor of two for similar processors."""
    ratio = seconds / calibration.test_seconds
    return {question: known * ratio for question, known in calibration.questions.items()}


def check_speed(calibration: Calibration | None, seconds: float) -> Check:
    """What the time of the training test means for the exam."""
    if calibration is None:
        return Check("speed", "ok", f"the training test took {seconds:.0f} s; this bank has no times to compare with")
    estimates = reference_seconds(calibration, seconds)
    ratio = seconds / calibration.test_seconds
    text = f"the training test takes {ratio:.1f} times as long as on the machine that mockexam was calibrated on. "
    text += f"The reference solutions take about: {'; '.join(_by_category(estimates))}"
    if max(estimates.values(), default=0.0) <= SLOW_SECONDS:
        return Check("speed", "ok", text)
    remedy = "Try ideas with few epochs and part of the data, or train elsewhere and copy the saved model here."
    return Check("speed", "warn", f"{text}. That is slow for an exam of five hours", remedy)


def _by_category(estimates: Mapping[str, float]) -> list[str]:
    phrases = []
    for category in CATEGORIES.values():
        times = sorted(seconds for question, seconds in estimates.items() if question.startswith(category.id + "/"))
        if times:
            low, high = _rounded(times[0]), _rounded(times[-1])
            phrases.append(f"{category.title} {low}" + (f" to {high}" if high != low else ""))
    return phrases


def _rounded(seconds: float) -> str:
    """An estimate, no more precise than it is: `8 s`, `50 s`, `3 min`."""
    if seconds < 10:
        return f"{max(1, round(seconds))} s"
    if seconds < 90:
        return f"{round(seconds / 5) * 5} s"
    return f"{round(seconds / 60)} min"
