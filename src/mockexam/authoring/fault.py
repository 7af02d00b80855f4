"""An author's mistake: what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from mockexam.errors import ToldError


@dataclass(frozen=True)
class Fault:
    """One mistake in one question."""

    question: str
    what: str
    where: str
    """File, and key or line."""
    remedy: str

    def __str__(self) -> str:
        return f"{self.question}: {self.what}\n  where: {self.where}\n  what to do: {self.remedy}"


def of_error(question: str, error: ToldError) -> Fault:
    """A told error as a fault of a question."""
    return Fault(question, error.what, error.where, error.remedy or "Correct it; see docs/questions.md.")
