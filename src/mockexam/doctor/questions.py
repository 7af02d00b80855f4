"""Whether all questions of the bank may be drawn."""

from __future__ import annotations

from collections.abc import Callable

from mockexam import paths
from mockexam.doctor.check import Check
from mockexam.errors import ToldError

NAME = "questions"


def check_questions(progress: Callable[[float, str], None] = lambda _fraction, _text: None) -> list[Check]:
    """One finding for each question that is left out of papers because of a fault, else one for all.

    Takes seconds for each question that was never verified, or has changed since.
    """
    from mockexam.bank.fitness import Fitness
    from mockexam.bank.loader import load_bank

    try:
        bank = load_bank()
        faults = {**bank.unfit, **Fitness(paths.state().fitness).faults(bank.questions.values(), progress)}
    except ToldError as error:
        return [Check(NAME, "fail", error.what, error.remedy or error.where)]
    remedy = "See `mockexam bank verify --static`; a fresh installation of mockexam has no faults of its own."
    found = [Check(NAME, "warn", f"{name} is left out of papers: {fault}", remedy) for name, fault in faults.items()]
    return found or [Check(NAME, "ok", f"{len(bank.questions)}, all without a fault")]
