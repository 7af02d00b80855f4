"""The one-minute test: trains, saves and grades a small model in the same way as an exam does."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mockexam import paths
from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.models import Question
from mockexam.doctor import training
from mockexam.doctor.machine import REINSTALL, Check
from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict
from mockexam.grading.client import Grader
from mockexam.grading.protocol import ModelGraded

Progress = Callable[[float, str], None]  # gets a fraction from 0 to 1 and the current step

STEPS = 400  # training steps of the test if the bank has no calibration
FILTERS = "kernel filters"  # the name under which the predictor reports its filters, among the versions
WARM_SECONDS = 180.0
_POLL_SECONDS = 0.1
_SEED = "doctor"


@dataclass(frozen=True, slots=True)
class _Plan:
    test: training.TrainingTest
    question: str
    calibration: training.Calibration | None


async def full_checks(workspace: Path, progress: Progress, *, grader: Grader | None = None) -> list[Check]:
    """Train, save and grade a small model; report isolation and speed. Takes half a minute to a minute.

    The model is saved in a temporary folder, in `workspace` if that exists. Without a `grader`, one is started and
    stopped. An error becomes a failed check; cancelling stops all that was started.
    """
    progress(0.0, "reading the question bank")
    checks: list[Check] = []
    try:
        plan = await asyncio.to_thread(_plan)
        parent = workspace if await asyncio.to_thread(workspace.is_dir) else None
        with tempfile.TemporaryDirectory(prefix=".mockexam-doctor-", dir=parent) as name:
            if grader is not None:
                await _run(plan, Path(name), grader, progress, checks)
            else:
                async with Grader(paths.state_paths()) as own:
                    await _run(plan, Path(name), own, progress, checks)
    except UserError as error:
        checks.append(Check(_current(checks), "fail", error.message, error.hint or error.location))
    except OSError as error:
        text = f"{error.filename or workspace} can't be written: {error.strerror}"
        checks.append(Check(_current(checks), "fail", text, "Free some disk space, or check the folder."))
    return checks


def _current(checks: list[Check]) -> str:
    return "grading" if checks else "training"


def _plan() -> _Plan:
    bank = load_bank()
    calibration = training.load_calibration(bank.folder)
    question = _test_question(bank, calibration)
    contract = question.contract
    steps = calibration.test_steps if calibration else STEPS
    test = training.TrainingTest(
        training.training_script(bank.folder), contract.input.shape, contract.output.shape[-1], steps
    )
    return _Plan(test, question.id, calibration)


def _test_question(bank: Bank, calibration: training.Calibration | None) -> Question:
    if calibration is not None and calibration.test_question in bank.questions:
        return bank.questions[calibration.test_question]
    for question in bank.of_category("image_classification"):
        shape = question.contract.input.shape
        if not question.only_named and len(shape) == 3 and -1 not in shape:
            return question
    raise UserError("The bank has no image question to test the grader with.", location=str(bank.folder))


async def _run(plan: _Plan, folder: Path, grader: Grader, progress: Progress, checks: list[Check]) -> None:
    progress(0.02, "importing TensorFlow")
    trained = await training.train(
        plan.test, folder, lambda share: progress(0.15 + 0.5 * share, "training a small model")
    )
    checks.append(_training(trained))
    progress(0.65, "starting the grader")
    begun = time.monotonic()
    await grader.warm_up()
    await _until_warm(grader)
    warm = time.monotonic() - begun
    progress(0.9, "grading the model")
    begun = time.monotonic()
    graded = await grader.grade(plan.question, data_seed=_SEED, holdout_seed=_SEED, model=trained.model, format="keras")
    checks.append(_isolation(grader, graded.versions.get(FILTERS, "none")))
    checks.append(_grading(graded, warm, time.monotonic() - begun))
    checks.append(training.check_speed(plan.calibration, trained.training))
    progress(1.0, "done")


async def _until_warm(grader: Grader) -> None:
    end = time.monotonic() + WARM_SECONDS
    while grader.state != "warm":
        if grader.state == "failed":
            raise UserError(f"TensorFlow does not start in the grader: {grader.detail}", hint=REINSTALL)
        if time.monotonic() > end:
            message = f"TensorFlow did not start in the grader within {WARM_SECONDS:.0f} s."
            raise UserError(message, hint="Close other programs and try again.")
        await asyncio.sleep(_POLL_SECONDS)


def _training(trained: training.Trained) -> Check:
    text = f"TensorFlow imported in {trained.imports:.1f} s, a small model trained in {trained.training:.1f} s"
    return Check("training", "ok", f"{text} and saved in {trained.saving:.1f} s")


def _isolation(grader: Grader, filters: str) -> Check:
    """`filters`: those of the kernel that were active while the model was graded."""
    extra = "" if filters == "none" else f"; plus filters of the kernel: {filters}"
    if grader.isolation == "bubblewrap":
        return Check("isolation", "ok", f"bubblewrap: models have no network and can't see your files{extra}")
    reason = grader.ready.isolation_detail if grader.ready else ""
    text = f"{grader.isolation} only{': ' + reason if reason else ''}{extra}"
    remedy = "Your marks are not affected. But only grade models that you trust. See SECURITY.md, The sandbox."
    return Check("isolation", "warn", text, remedy)


def _grading(graded: ModelGraded, warm: float, seconds: float) -> Check:
    if graded.verdict is Verdict.GRADED:
        text = f"the grader was ready after {warm:.1f} s and graded the model in {seconds:.1f} s"
        return Check("grading", "ok", text)
    return Check("grading", "fail", f"the model got no marks ({graded.verdict.value}): {graded.message}", graded.remedy)
