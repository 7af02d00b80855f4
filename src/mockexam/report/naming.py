"""Which attempt, and which submission, a word means."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from mockexam.errors import ToldError, UnknownNameError
from mockexam.report.detail import SubmissionDetail

LAST = "last"
_SHOWN = 6
"""So many names an error lists."""


def find_attempt(name: str, known: Sequence[str]) -> str:
    """The id that a word names: `last`, the id, or an unambiguous part of it, dashes and case aside.

    `known` are all ids, oldest first. Raises UnknownNameError with the nearest ids, ToldError if there are none.
    """
    if not known:
        raise ToldError("Nothing is on record yet.", remedy="Sit an exam with `mockexam sit`, or `mockexam retry`.")
    if name.lower() == LAST:
        return known[-1]
    if name in known:
        return name
    wanted = _plain(name)
    fits = [identifier for identifier in known if wanted and wanted in _plain(identifier)]
    beginnings = [identifier for identifier in fits if _plain(identifier).startswith(wanted)]
    for found in (fits, beginnings):
        if len(found) == 1:
            return found[0]
    if fits:
        raise UnknownNameError("attempt", name, _some(fits), ambiguous=True)
    plain = {_plain(identifier): identifier for identifier in known}
    close = [plain[near] for near in get_close_matches(wanted, plain, n=3, cutoff=0.5)]
    raise UnknownNameError("attempt", name, [*(close or known[:-_SHOWN:-1]), LAST])


def find_submission(name: str, known: Sequence[SubmissionDetail]) -> SubmissionDetail:
    """The submission of this id, of this unambiguous part of an id, or the newest (`last`). Raises UnknownNameError."""
    if name.lower() == LAST and known:
        return max(known, key=lambda s: s.wall)
    exact = [s for s in known if s.id == name]
    fits = exact or [s for s in known if name and name.lower() in s.id]
    if len(fits) == 1:
        return fits[0]
    raise UnknownNameError("submission", name, _some([s.id for s in fits or known]), ambiguous=len(fits) > 1)


def _plain(name: str) -> str:
    return name.replace("-", "").lower()


def _some(names: Sequence[str]) -> list[str]:
    newest = list(reversed(names))[:_SHOWN]
    return [*newest, f"and {len(names) - _SHOWN} more"] if len(names) > _SHOWN else newest
