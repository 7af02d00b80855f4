"""Whether the installed packs of questions can be used."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from mockexam import paths
from mockexam.doctor.machine import Check, check_memory, check_storage, check_terminal, check_versions
from mockexam.doctor.save_detection import check_watching
from mockexam.errors import UserError

PACKS = "question packs"


def check_packs() -> list[Check]:
    """One finding for all packs in use, one for each that is left out; none if none is installed."""
    from mockexam.bank.packs import find_packs

    found = find_packs()
    if not (found.packs or found.broken):
        return []
    from mockexam.bank.loader import load_bank

    try:
        bank = load_bank(found=found)
    except UserError as error:
        return [Check(PACKS, "fail", f"the bank can't be read: {error.message}", error.hint or error.location)]
    checks = [Check(PACKS, "warn", f"{b.name} is left out: {b.what} ({b.where})", b.remedy) for b in bank.broken]
    if not bank.packs:
        return checks
    sizes = [(pack.name, sum(q.pack == pack.name for q in bank.questions.values())) for pack in bank.packs]
    text = ", ".join(f"{name} ({count} question{'' if count == 1 else 's'})" for name, count in sizes)
    return [Check(PACKS, "ok", text), *checks]


QUESTIONS = "questions"


def check_questions(progress: Callable[[float, str], None] = lambda _fraction, _text: None) -> list[Check]:
    """One finding for each question that is left out of papers because of a fault, else one for all.

    Takes seconds for each question that was never verified, or has changed since.
    """
    from mockexam.bank.loader import load_bank
    from mockexam.bank.screening import Screening

    try:
        bank = load_bank()
        faults = {**bank.unfit, **Screening(paths.state_paths().fitness).faults(bank.questions.values(), progress)}
    except UserError as error:
        return [Check(QUESTIONS, "fail", error.message, error.hint or error.location)]
    remedy = "See `mockexam bank verify --static`; a fresh installation of mockexam has no faults of its own."
    found = [
        Check(QUESTIONS, "warn", f"{name} is left out of papers: {fault}", remedy) for name, fault in faults.items()
    ]
    return found or [Check(QUESTIONS, "ok", f"{len(bank.questions)}, all without a fault")]


def quick_checks(workspace: Path, environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Look at the machine, the terminal, the bank and its packs, and whether a save beside `workspace` is noticed.

    The workspace need not exist. Call it in a thread: it takes up to a second, several where a save goes unnoticed.
    """
    home = paths.home()
    checks = [
        *check_versions(),
        check_memory(),
        check_storage("workspace", workspace),
        check_storage("records", home),
        check_terminal(environ),
        *check_packs(),
    ]
    return [*checks, asyncio.run(check_watching(workspace))]
