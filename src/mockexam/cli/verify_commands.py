"""`mockexam bank verify`: proves what each question tests, or finds what is wrong with it."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import count, product
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.bank.handbook import load_handbook
from mockexam.bank.loader import identifier, load_question
from mockexam.cli.options import end, json_option
from mockexam.cli.progress_bar import ProgressLine
from mockexam.errors import UserError

if TYPE_CHECKING:
    from mockexam.bank.verify.locate import QuestionFault
    from mockexam.bank.verify.verification import Verification


@click.command()
@click.argument("questions", nargs=-1)
@click.option("--static", is_flag=True, help="Check everything but the training; takes seconds.")
@click.option("--seeds", default="1,2,3", show_default=True, help="Seeds of the data to train and grade on.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Solutions at a time.")
@click.option("--fresh", is_flag=True, help="Also train what was trained before.")
@json_option
def verify(questions: tuple[str, ...], static: bool, seeds: str, jobs: int, fresh: bool, as_json: bool) -> None:
    """Prove what questions reward.

    Trains every solution that ships with QUESTIONS and grades it as an attempt would.

    A QUESTION is an id, an unambiguous part of one, or a category; by default all. Nothing is trained twice unless the
    solution, the data or the libraries have changed, so you can interrupt this at any time. Results are written beside
    the question (calibration.json) and, from a checkout, to docs/calibration.md and docs/coverage.md.

    Example: mockexam bank verify --static simple_model
    """
    from mockexam.bank.verify.locate import bank_roots, find_folders
    from mockexam.bank.verify.static import check_orphans, check_questions

    numbers = read_seeds(seeds)
    roots = bank_roots()
    folders = find_folders(roots, questions)
    progress, done = ProgressLine(), count(1)
    faults = check_questions(
        folders,
        load_handbook(),
        jobs=max(jobs, 2),
        told=lambda question: progress(next(done) / len(folders), f"checked {question}"),
    )
    if not questions:
        faults = [*faults, *check_orphans(roots)]
    broken = {fault.question for fault in faults}
    sound = [folder for folder in folders if identifier(folder) not in broken]
    if static:
        _report_static(len(folders), faults, [note for folder in sound if (note := _note(folder))], as_json=as_json)
    else:
        faults = _train(sound, numbers, faults, jobs=jobs, fresh=fresh, as_json=as_json)
    end(1 if faults else 0)


def _report_static(questions: int, faults: Sequence[QuestionFault], notes: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"questions": questions, "faults": [vars(f) for f in faults], "unverified": notes}))
        return
    for fault in faults:
        click.echo(str(fault))
    for note in notes:
        click.echo(note, err=True)
    click.echo(f"{questions} question{'' if questions == 1 else 's'}, {len(faults)} faults")


def _note(folder: Path) -> str:
    """Why a question's evidence does not count; no fault of a question that is being written."""
    from mockexam.bank.verify.locate import stale

    try:
        return stale(load_question(folder))
    except UserError as error:
        return error.message


def _train(
    folders: Sequence[Path], seeds: Sequence[int], faults: list[QuestionFault], *, jobs: int, fresh: bool, as_json: bool
) -> list[QuestionFault]:
    """Train and grade every solution of these questions; all faults, old and new. Raises UserError."""
    from mockexam.bank.verify.solution_run import RunCache, versions
    from mockexam.bank.verify.verification import Verification, load_subject

    subjects = [load_subject(folder) for folder in folders]
    kept = RunCache(paths.state_paths().scratch / "verify", versions())
    if fresh:
        for subject in subjects:
            for file, seed in product(subject.files, seeds):
                kept.forget(subject.question, subject.rubric, file, seed)
    verification = Verification(subjects, seeds, kept, progress=ProgressLine(), faults=faults)
    asyncio.run(_run(verification, jobs))
    _report(verification, verification.write(), as_json=as_json)
    return verification.faults


def read_seeds(text: str) -> tuple[int, ...]:
    """`1,2,3` as numbers. Raises UserError."""
    try:
        numbers = tuple(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        numbers = ()
    if not numbers or min(numbers) < 0:
        remedy = "Name whole numbers from 0 on, with commas: 1,2,3."
        raise UserError(f"{text!r} are no seeds.", location="--seeds", hint=remedy)
    return numbers


async def _run(verification: Verification, jobs: int) -> None:
    """Each job has a marker and a home of its own, apart from the user's record."""
    from mockexam.grading.client import Grader

    with tempfile.TemporaryDirectory(prefix="mockexam-verify-home-") as name:
        async with AsyncExitStack() as stack:
            homes = [paths.StatePaths(Path(name) / str(number)) for number in range(jobs)]
            await verification.run([await stack.enter_async_context(Grader(home)) for home in homes])


def _report(verification: Verification, written: Sequence[str], *, as_json: bool) -> None:
    from mockexam.bank.loader import load_bank
    from mockexam.bank.verify.tables import COLUMNS, row, write_tables

    tables: list[Path] = []
    if written:
        bank = load_bank()
        shipped = [q for q in bank.questions.values() if q.folder.is_relative_to(bank.folder)]
        tables = write_tables(shipped, load_handbook())
    if as_json:
        evidence = {name: found.model_dump(mode="json") for name, found in verification.evidence.items()}
        faults = [vars(fault) for fault in verification.faults]
        click.echo(json.dumps({"questions": evidence, "faults": faults, "written": list(written)}))
        return
    rubrics = {subject.question.id: subject.rubric for subject in verification.subjects}
    for name, found in verification.evidence.items():
        rows = [list(COLUMNS), *(row(file, solution, rubrics[name]) for file, solution in found.models.items())]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        click.echo(f"{name} · {found.metric}")
        for cells in rows:
            click.echo("  " + "  ".join(map(str.ljust, cells, widths)).rstrip())
    for fault in verification.faults:
        click.echo(str(fault))
    for path in tables:
        click.echo(f"written: {path}", err=True)
    click.echo(f"{len(written)} of {len(verification.subjects)} questions proved, {len(verification.faults)} faults")
