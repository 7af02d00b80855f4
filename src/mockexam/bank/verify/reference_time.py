"""Measures how long reference solutions train on this machine.

Run it with `python -m mockexam.bank.verify.reference_time [QUESTION...]`.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from mockexam import paths
from mockexam.bank.downloads import fetch
from mockexam.bank.loader import Bank, load_bank
from mockexam.bank.verify.solution_run import machine, run_solution
from mockexam.doctor import training
from mockexam.doctor.full import STEPS
from mockexam.errors import UserError
from mockexam.grading.client import Grader
from mockexam.paths import StatePaths

DATA_SEED = "calibration"


async def calibrate(
    bank: Bank, scoring: Path, test_question: str, report: Callable[[str], None], questions: Sequence[str] = ()
) -> training.Calibration:
    """Train the references of these questions or of the whole bank. Raises UserError if one fails or saves nothing."""
    contract = bank.question(test_question).contract
    test = training.TrainingTest(
        training.training_script(bank.folder), contract.input.shape, contract.output.shape[-1], STEPS
    )
    tests: list[float] = []
    references: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="mockexam-calibrate-") as name:
        root = Path(name)
        async with Grader(StatePaths(root / "home")) as grader:
            for question in questions or tuple(q.id for q in bank.questions.values() if not q.only_named):
                tests.append((await training.train(test, Path(tempfile.mkdtemp(dir=root)))).training)
                report(f"training test: {tests[-1]:.1f} s")
                folder = Path(tempfile.mkdtemp(dir=root))
                (folder / "data").mkdir()
                fetch(bank.question(question).downloads)
                await grader.make_data(question, data_seed=DATA_SEED, folder=folder / "data")
                shutil.copy(scoring / question / "reference.py", folder / "solution.py")
                references[question] = round(await reference_seconds(folder, question), 1)
                report(f"{question}: {references[question]} s")
    return training.Calibration(
        machine=machine(), date=datetime.now(UTC).date(), test_question=test_question, test_steps=STEPS,
        test_seconds=round(statistics.median(tests), 2), questions=references,
    )  # fmt: skip


async def reference_seconds(folder: Path, question: str) -> float:
    """Wall time of the reference in this folder, imports included. Raises UserError if it fails or saves nothing."""
    run = await run_solution(folder)
    if run.timed_out:
        raise UserError(f"The reference of {question} took over {run.seconds:.0f} s.", hint="Make it faster.")
    if run.exit_code != 0 or not (folder / "mymodel.keras").exists():
        reason = run.last_line or "it saved nothing"
        raise UserError(f"The reference of {question} failed: {reason}", hint="Run it by itself.")
    return run.seconds


def as_toml(calibration: training.Calibration) -> str:
    """The file's text."""
    head = f"""\
# Training times on one machine; written by `python -m mockexam.bank.verify.reference_time`.
# With its training test, the doctor estimates from them the references' times on other machines.
machine = "{calibration.machine}"
date = {calibration.date.isoformat()}
test_question = "{calibration.test_question}"
test_steps = {calibration.test_steps}
test_seconds = {calibration.test_seconds}

# Wall time of the reference solution as a script, imports included.
[questions]
"""
    return head + "".join(f'"{question}" = {seconds}\n' for question, seconds in calibration.questions.items())


def merged(old: training.Calibration, new: training.Calibration, known: Collection[str]) -> training.Calibration:
    """The old calibration with the new times, scaled to its machine; only of questions that still exist."""
    ratio = old.test_seconds / new.test_seconds
    scaled = {question: round(seconds * ratio, 1) for question, seconds in new.questions.items()}
    questions = {**old.questions, **scaled}
    return old.model_copy(update={"questions": {q: questions[q] for q in sorted(questions) if q in known}})


def main(arguments: Sequence[str] = ()) -> int:
    """Calibrate the shipped bank, or the named questions."""

    def report(text: str) -> None:
        sys.stderr.write(text + "\n")

    try:
        bank = load_bank(paths.exams_dir())
        named = [bank.question(name).id for name in arguments]
        old = training.load_calibration(bank.folder) if named else None
        pictures = (q.id for q in bank.of_category("image_classification") if not q.only_named)
        test_question = old.test_question if old else next(pictures)
        found = asyncio.run(calibrate(bank, paths.scoring_dir(), test_question, report, named))
        if old is not None:
            found = merged(old, found, bank.questions.keys())
        path = training.calibration_path(bank.folder)
        path.write_text(as_toml(found), encoding="utf-8")
        report(f"written: {path}")
    except UserError as error:
        report(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
