"""Errors that a user can read: what happened, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mockexam import __version__

_NEAR = 0.7
"""From this ratio of equal letters on, a misspelt name may be meant as another one."""
_FEW = 10
"""More names than these are not listed beside the one that may be meant."""


class UserError(Exception):
    """An error that is reported in plain words, never with a traceback.

    `message` says what happened, `location` names the file and key (or the command's word), `hint` says what to do.
    """

    exit_code = 1

    def __init__(self, message: str, *, location: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.hint = hint

    def __str__(self) -> str:
        lines = [self.message]
        if self.location:
            lines.append(f"  where: {self.location}")
        if self.hint:
            lines.append(f"  what to do: {self.hint}")
        return "\n".join(lines)


class UnknownNameError(UserError):
    """An unknown or ambiguous name of an exam, category, question or attempt."""

    def __init__(self, kind: str, name: str, known: Sequence[str], *, ambiguous: bool = False) -> None:
        problem = "is ambiguous" if ambiguous else "is not known"
        shown = ", ".join(known)
        hint = f"{'It fits' if ambiguous else 'Use one of'}: {shown}." if known else "There is none."
        if not ambiguous and (meant := _meant(name, known)):
            hint = f"Did you mean {meant}?" if len(known) > _FEW else f"Did you mean {meant}? {hint}"
        super().__init__(f"The {kind} {name!r} {problem}.", hint=hint)


def _meant(name: str, known: Sequence[str]) -> str:
    """The name that differs least from a misspelt one, as a whole or in its last part; empty if none is near."""
    from difflib import get_close_matches

    parts = {part: one for one in known for part in (one.lower(), one.rpartition("/")[2].lower())}
    close = get_close_matches(name.lower(), parts, 1, _NEAR)
    return parts[close[0]] if close else ""


class GraderFaultError(UserError):
    """The grader itself failed: never the candidate's fault, and never a zero."""

    exit_code = 3


def install_newer(writers: Iterable[object]) -> str:
    """What to do about a file that one of these versions of mockexam wrote, in a form that this one does not know."""
    newest = max((_numbers(writer) for writer in writers), default=())
    if newest > _numbers(__version__):
        return f"Install mockexam {'.'.join(map(str, newest))} or newer"
    return "Install the newest mockexam"


def _numbers(version: object) -> tuple[int, ...]:
    found = re.match(r"[0-9]{1,6}(\.[0-9]{1,6}){0,3}", str(version))
    return tuple(map(int, found[0].split("."))) if found else ()
