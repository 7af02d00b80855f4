"""What a user is told when something goes wrong: what happened, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class UserError(Exception):
    """An error that a user is told in plain words, never with a traceback.

    `what` says what happened, `where` names the file and key (or the command's word), `remedy` says what to do.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.remedy:
            lines.append(f"  what to do: {self.remedy}")
        return "\n".join(lines)


class UnknownNameError(UserError):
    """A name (exam, category, question, attempt) that does not exist or is ambiguous."""

    def __init__(self, kind: str, name: str, known: Sequence[str], *, ambiguous: bool = False) -> None:
        problem = "is ambiguous" if ambiguous else "is not known"
        shown = ", ".join(known) if known else "none"
        super().__init__(
            f"The {kind} {name!r} {problem}.",
            remedy=f"{'It fits' if ambiguous else 'Use one of'}: {shown}.",
        )


class GraderFaultError(UserError):
    """The marker itself failed. Never the candidate's fault and never a mark."""

    exit_code = 3
