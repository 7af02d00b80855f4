"""Measures how long reference solutions train on this machine.

Run it with `python -m mockexam.bank.verify.reference_time [QUESTION...]`.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from mockexam import paths
from mockexam.bank.calibration import Calibration, calibration_path, load_calibration, training_script
from mockexam.bank.loader import Bank, load_bank
from mockexam.doctor.full import STEPS
from mockexam.doctor.training import TrainingTest, train
from mockexam.errors import UserError
from mockexam.grading.client import Grader
from mockexam.paths import StatePaths

DATA_SEED = "calibration"
LIMIT_SECONDS = 1800.0
Report = Callable[[str], None]


async def calibrate(
    bank: Bank, scoring: Path, test_question: str, tell: Report, questions: Sequence[str] = ()
) -> Calibration:
    """Train the references of these questions, or of the whole bank, one after the other.

    Raises UserError if one fails or saves nothing.
    """
    contract = bank.question(test_question).contract
    test = TrainingTest(training_script(bank.folder), contract.input.shape, contract.output.shape[-1], STEPS)
    tests: list[float] = []
    references: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="mockexam-calibrate-") as name:
        root = Path(name)
        async with Grader(StatePaths(root / "home")) as grader:
            for question in questions or tuple(bank.questions):
                tests.append(await _test_seconds(test, root))
                tell(f"training test: {tests[-1]:.1f} s")
                folder = await _question_folder(grader, question, scoring, root)
                references[question] = await _reference_seconds(folder, question)
                tell(f"{question}: {references[question]:.1f} s")
    return Calibration(
        machine=machine(),
        date=datetime.now(UTC).date(),
        test_question=test_question,
        test_steps=STEPS,
        test_seconds=round(statistics.median(tests), 2),
        questions={question: round(seconds, 1) for question, seconds in references.items()},
    )


async def _test_seconds(test: TrainingTest, root: Path) -> float:
    folder = Path(tempfile.mkdtemp(dir=root))
    return (await train(test, folder)).training


async def _question_folder(grader: Grader, question: str, scoring: Path, root: Path) -> Path:
    """A folder as a candidate has it, with the reference in the stub's place."""
    folder = Path(tempfile.mkdtemp(dir=root))
    data = folder / "data"
    data.mkdir()
    await grader.make_data(question, data_seed=DATA_SEED, folder=data)
    shutil.copy(scoring / question / "reference.py", folder / "solution.py")
    return folder


async def _reference_seconds(folder: Path, question: str) -> float:
    """Wall time of the script, imports included."""
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "solution.py",
        cwd=folder,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            _, errors = await process.communicate()
    except TimeoutError:
        raise UserError(f"The reference of {question} took over {LIMIT_SECONDS:.0f} s.") from None
    finally:
        if process.returncode is None:
            process.kill()
    seconds = time.monotonic() - begun
    if process.returncode != 0 or not (folder / "mymodel.keras").exists():
        last = errors.decode(errors="replace").strip().splitlines()[-1:] or ["it saved nothing"]
        raise UserError(f"The reference of {question} failed: {last[0][:200]}", hint="Run it by itself.")
    return seconds


def machine() -> str:
    """This machine and what it runs, in words."""
    versions = " ".join(f"{name} {metadata.version(package)}" for name, package in _LIBRARIES.items())
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {_processor()}, {system}, Python {platform.python_version()}, {versions}"


_LIBRARIES: Mapping[str, str] = {"TensorFlow": "tensorflow", "Keras": "keras"}


def _processor() -> str:
    """The processor's name as Linux tells it, else as Python does."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown processor"


def as_toml(calibration: Calibration) -> str:
    """The file's text."""
    lines = [
        "# How long training took on one machine; written by `python -m mockexam.bank.verify.reference_time`.",
        "# The doctor compares its training test with it, and so estimates the references' times on other machines.",
        f'machine = "{calibration.machine}"',
        f"date = {calibration.date.isoformat()}",
        f'test_question = "{calibration.test_question}"',
        f"test_steps = {calibration.test_steps}",
        f"test_seconds = {calibration.test_seconds}",
        "",
        "# Wall time of the reference solution as a script, imports included.",
        "[questions]",
        *(f'"{question}" = {seconds}' for question, seconds in calibration.questions.items()),
    ]
    return "\n".join(lines) + "\n"


def merged(old: Calibration, new: Calibration, known: Collection[str]) -> Calibration:
    """The old calibration with the new times, as they would have been on its machine; only of questions still known."""
    ratio = old.test_seconds / new.test_seconds
    scaled = {question: round(seconds * ratio, 1) for question, seconds in new.questions.items()}
    questions = {**old.questions, **scaled}
    return old.model_copy(update={"questions": {q: questions[q] for q in sorted(questions) if q in known}})


def main(arguments: Sequence[str] = ()) -> int:
    """Calibrate the shipped bank, or the questions that are named."""
    try:
        bank = load_bank(paths.exams_dir())
        named = [bank.question(name).id for name in arguments]
        old = load_calibration(bank.folder) if named else None
        test_question = old.test_question if old else bank.of_category("image_classification")[0].id
        found = asyncio.run(calibrate(bank, paths.scoring_dir(), test_question, _tell, named))
        if old is not None:
            found = merged(old, found, bank.questions.keys())
        path = calibration_path(bank.folder)
        path.write_text(as_toml(found), encoding="utf-8")
        _tell(f"written: {path}")
    except UserError as error:
        _tell(str(error))
        return error.exit_code
    return 0


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
