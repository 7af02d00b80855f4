"""`mockexam bank verify`: proves what each question tests, or finds what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam.bank.loader import load_question
from mockexam.bank.skills import load_handbook
from mockexam.commands.progress import ProgressLine
from mockexam.errors import ToldError

if TYPE_CHECKING:
    from mockexam.authoring.fault import Fault


def verify_static(names: Sequence[str], *, jobs: int, as_json: bool) -> int:
    """Check everything but training; returns 1 if anything is wrong. Raises ToldError for an unknown name."""
    from mockexam.authoring.finding import bank_roots, find_folders

    roots = bank_roots()
    folders = find_folders(roots, names)
    faults = static_faults(roots, folders, whole=not names, jobs=jobs)
    broken = {fault.question for fault in faults}
    notes = [note for folder in folders if (note := _note(folder, broken))]
    if as_json:
        click.echo(json.dumps({"questions": len(folders), "faults": [vars(f) for f in faults], "unverified": notes}))
        return 1 if faults else 0
    for fault in faults:
        click.echo(str(fault))
    for note in notes:
        click.echo(note, err=True)
    click.echo(f"{len(folders)} question{'' if len(folders) == 1 else 's'}, {len(faults)} faults")
    return 1 if faults else 0


def static_faults(roots: Sequence[Path], folders: Sequence[Path], *, whole: bool, jobs: int) -> list[Fault]:
    """What is wrong with these questions; with the `whole` bank also what belongs to none."""
    from mockexam.authoring.static import check_orphans, check_questions

    progress, done = ProgressLine(), 0

    def told(question: str) -> None:
        nonlocal done
        done += 1
        progress(done / len(folders), f"checked {question}")

    faults = check_questions(folders, load_handbook(), jobs=max(jobs, 2), told=told)
    return [*faults, *(check_orphans(roots) if whole else ())]


def _note(folder: Path, broken: set[str]) -> str:
    """Why a question's evidence does not count; no fault of a question that is being written."""
    from mockexam.authoring.finding import identifier
    from mockexam.authoring.places import stale

    if identifier(folder) in broken:
        return ""
    try:
        return stale(load_question(folder))
    except ToldError as error:
        return error.what


def verify(names: Sequence[str], *, seeds: str, jobs: int, fresh: bool, as_json: bool) -> int:
    """Train and mark every solution; returns 1 if anything is wrong."""
    raise ToldError("Only --static can be asked for yet.", where="--static", remedy="Add --static.")
