"""Whether the installed packs of questions can be used."""

from __future__ import annotations

from mockexam.doctor.check import Check
from mockexam.errors import ToldError

NAME = "question packs"


def check_packs() -> list[Check]:
    """One finding for all packs in use, one for each that is left out; none if none is installed."""
    from mockexam.bank.packs import find_packs

    found = find_packs()
    if not (found.packs or found.broken):
        return []
    from mockexam.bank.loader import load_bank

    try:
        bank = load_bank(found=found)
    except ToldError as error:
        return [Check(NAME, "fail", f"the bank can't be read: {error.what}", error.remedy or error.where)]
    checks = [Check(NAME, "warn", f"{b.name} is left out: {b.what} ({b.where})", b.remedy) for b in bank.broken]
    if not bank.packs:
        return checks
    sizes = [(pack.name, sum(q.pack == pack.name for q in bank.questions.values())) for pack in bank.packs]
    text = ", ".join(f"{name} ({count} question{'' if count == 1 else 's'})" for name, count in sizes)
    return [Check(NAME, "ok", text), *checks]
