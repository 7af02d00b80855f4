"""The one-minute test: train, save and mark a small model by the very path of an exam."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam import paths
from mockexam.doctor.machine import Check
from mockexam.doctor.training import Trained, TrainingTest, check_speed, train
from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict

if TYPE_CHECKING:
    from mockexam.bank.calibration import Calibration
    from mockexam.bank.loader import Bank
    from mockexam.bank.models import Question
    from mockexam.grading.client import Grader
    from mockexam.grading.protocol import ModelGraded

Progress = Callable[[float, str], None]
"""Told a fraction from 0 to 1 and what is being done."""

STEPS = 400
"""Training steps of the test if the bank has no calibration."""
FILTERS = "kernel filters"
"""Under this name the predictor tells its filters among the versions."""
WARM_SECONDS = 180.0
_LOOK_SECONDS = 0.1
_SEED = "doctor"


@dataclass(frozen=True, slots=True)
class _Plan:
    test: TrainingTest
    question: str
    calibration: Calibration | None


async def full_checks(workspace: Path, progress: Progress, *, grader: Grader | None = None) -> list[Check]:
    """See `mockexam.doctor.full_checks`."""
    from mockexam.grading.client import Grader as RealGrader

    progress(0.0, "reading the question bank")
    checks: list[Check] = []
    try:
        plan = await asyncio.to_thread(_plan)
        with tempfile.TemporaryDirectory(prefix=".mockexam-doctor-", dir=_place(workspace)) as name:
            if grader is not None:
                await _run(plan, Path(name), grader, progress, checks)
            else:
                async with RealGrader(paths.state_paths()) as own:
                    await _run(plan, Path(name), own, progress, checks)
    except UserError as error:
        checks.append(Check(_next(checks), "fail", error.message, error.hint or error.location))
    except OSError as error:
        text = f"a file could not be written: {error.filename or workspace}: {error.strerror}"
        checks.append(Check(_next(checks), "fail", text, "Free some space."))
    return checks


def _next(checks: list[Check]) -> str:
    """What was being tried after these checks stood."""
    return "marking" if checks else "training"


def _place(workspace: Path) -> Path | None:
    return workspace if workspace.is_dir() else None


def _plan() -> _Plan:
    """What to train, from the bank. Raises UserError."""
    from mockexam.bank.calibration import load_calibration, training_script
    from mockexam.bank.loader import load_bank

    bank = load_bank()
    calibration = load_calibration(bank.folder)
    question = _test_question(bank, calibration)
    contract = question.contract
    steps = calibration.test_steps if calibration else STEPS
    test = TrainingTest(training_script(bank.folder), contract.input.shape, contract.output.shape[-1], steps)
    return _Plan(test, question.id, calibration)


def _test_question(bank: Bank, calibration: Calibration | None) -> Question:
    if calibration is not None and calibration.test_question in bank.questions:
        return bank.questions[calibration.test_question]
    for question in bank.of_category("image_classification"):
        if len(question.contract.input.shape) == 3 and -1 not in question.contract.input.shape:
            return question
    raise UserError("The bank has no image question to try the marker on.", location=str(bank.folder))


async def _run(plan: _Plan, folder: Path, grader: Grader, progress: Progress, checks: list[Check]) -> None:
    """Add a check as each part ends."""
    progress(0.02, "importing TensorFlow")
    trained = await train(plan.test, folder, lambda share: progress(0.15 + 0.5 * share, "training a small model"))
    checks.append(_training(trained))
    progress(0.65, "starting the marker")
    begun = time.monotonic()
    await grader.warm_up()
    await _until_warm(grader)
    warm = time.monotonic() - begun
    progress(0.9, "marking the model")
    begun = time.monotonic()
    graded = await grader.grade(plan.question, data_seed=_SEED, holdout_seed=_SEED, model=trained.model, format="keras")
    checks.append(_isolation(grader, graded.versions.get(FILTERS, "none")))
    checks.append(_grading(graded, warm, time.monotonic() - begun))
    checks.append(check_speed(plan.calibration, trained.training))
    progress(1.0, "done")


async def _until_warm(grader: Grader) -> None:
    """Wait until the predictor is warm. Raises UserError if it can't be started."""
    end = time.monotonic() + WARM_SECONDS
    while grader.state != "warm":
        if grader.state == "failed":
            raise UserError(f"The marker's TensorFlow does not start: {grader.detail}", hint="Install mockexam anew.")
        if time.monotonic() > end:
            raise UserError(f"The marker's TensorFlow did not start within {WARM_SECONDS:.0f} s.", hint="Try again.")
        await asyncio.sleep(_LOOK_SECONDS)


def _training(trained: Trained) -> Check:
    text = f"TensorFlow imported in {trained.imports:.1f} s, a small model trained in {trained.training:.1f} s"
    return Check("training", "ok", f"{text} and saved in {trained.saving:.1f} s")


def _isolation(grader: Grader, filters: str) -> Check:
    """`filters` is what of the kernel was in force when a model was marked."""
    beside = "" if filters == "none" else f"; the kernel's filters beside it: {filters}"
    if grader.isolation == "bubblewrap":
        text = f"bubblewrap: models are loaded without network and see nothing of yours{beside}"
        return Check("isolation", "ok", text)
    why = grader.ready.isolation_detail if grader.ready else ""
    return Check(
        "isolation",
        "warn",
        f"{grader.isolation} only{': ' + why if why else ''}{beside}",
        "Marks are safe all the same, but have only models marked that you would run. See SECURITY.md, The sandbox.",
    )


def _grading(graded: ModelGraded, warm: float, seconds: float) -> Check:
    if graded.verdict is Verdict.GRADED:
        return Check(
            "marking", "ok", f"the marker was ready after {warm:.1f} s and marked the model in {seconds:.1f} s"
        )
    return Check("marking", "fail", f"no marks ({graded.verdict.value}): {graded.message}", graded.remedy)
