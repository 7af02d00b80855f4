"""Hints step by step: for practice alone, and no step is given before its use is on record."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mockexam.errors import ToldError
from mockexam.exam import events as ev
from mockexam.exam.clock import Clock
from mockexam.exam.policy import policy_of
from mockexam.sitting.logbook import Logbook
from mockexam.sitting.ports import Hint


class Hinting:
    """Hands out the hints of a retry; which were seen is read from the record, so it survives reopening."""

    def __init__(self, logbook: Logbook, clock: Clock, steps: Callable[[str], Sequence[str]]) -> None:
        """`steps` gives the texts of a question's hints, in order, by its id; it may raise ToldError."""
        self._logbook = logbook
        self._clock = clock
        self._texts = steps

    def seen(self, number: int) -> tuple[Hint, ...]:
        """The hints of a question that were seen so far, in order; none in an exam. Raises ToldError."""
        state = self._logbook.state
        seen = state.hints(number) if policy_of(state).gives_hints else 0
        return self._steps(number)[:seen] if seen else ()

    def next(self, number: int) -> Hint | None:
        """The next hint, whose use is recorded before it is given; None if all were seen.

        Raises ToldError in an exam, after the end, and if the use can't be recorded.
        """
        state = self._logbook.state
        if not policy_of(state).gives_hints:
            raise ToldError(
                "There are no hints in an exam: they are for practice.",
                remedy="Practise the category with `mockexam retry` when this exam has ended.",
            )
        steps, seen = self._steps(number), state.hints(number)
        if seen >= len(steps):
            return None
        hint = steps[seen]
        self._logbook.append(ev.Noted(at=self._clock.read(), number=number, what="hint", detail=str(hint.step)))
        return hint

    def _steps(self, number: int) -> tuple[Hint, ...]:
        texts = self._texts(self._logbook.state.paper.item(number).question)
        return tuple(Hint(step=step, of=len(texts), text=text) for step, text in enumerate(texts, 1))
