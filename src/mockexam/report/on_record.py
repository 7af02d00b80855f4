"""An attempt as far as its events can be read, and where the chain of them is broken."""

from __future__ import annotations

from dataclasses import dataclass

from mockexam.errors import ToldError
from mockexam.exam.attempt import Attempt, apply
from mockexam.records.journal import Broken, Entry, Journal


@dataclass(frozen=True, slots=True)
class Step:
    """An event, and the attempt as it stood after it."""

    entry: Entry
    after: Attempt


@dataclass(frozen=True, slots=True)
class OnRecord:
    """An attempt as its events tell it."""

    steps: tuple[Step, ...]
    """At least the start."""
    events: int
    """How many there are, those that can't be read among them."""
    broken: Broken | None
    """The first event that was altered, is missing or can't be read."""

    @property
    def attempt(self) -> Attempt:
        """The state after the last event that can be read."""
        return self.steps[-1].after


def read_attempt(journal: Journal, identifier: str) -> OnRecord:
    """Read an attempt up to the first event that makes no sense. Raises ToldError if that is its start."""
    steps: list[Step] = []
    state: Attempt | None = None
    stopped: Broken | None = None
    seq = 0
    try:
        for entry in journal.entries(identifier):
            seq = entry.seq
            state = apply(state, entry.event, identifier)
            steps.append(Step(entry, state))
    except (ToldError, LookupError, TypeError, ValueError) as error:
        if not steps:
            # The start itself: nothing of the attempt is known without it.
            raise _told(error, identifier) from None
        stopped = Broken(
            max(seq, steps[-1].entry.seq + 1), f"the event can't be read, nor what follows: {_what(error)}"
        )
    if not steps:
        raise ToldError(f"There is no attempt {identifier!r}.", remedy="`mockexam review` lists all attempts.")
    return OnRecord(tuple(steps), journal.count(identifier), journal.verify(identifier) or stopped)


def _told(error: Exception, identifier: str) -> ToldError:
    return ToldError(
        f"The start of this attempt can't be read: {_what(error)}",
        where=f"attempt {identifier}",
        remedy=f"Nothing can be shown of it; `mockexam review delete {identifier}` removes it.",
    )


def _what(error: Exception) -> str:
    return error.what if isinstance(error, ToldError) else f"{error}."
