"""Notes that the candidate edits a question's scripts, in whatever editor: a sign of work for the time per question."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.errors import UnknownNameError, UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Submission
from mockexam.exam.clock import Clock
from mockexam.exam.policy import policy_of
from mockexam.session.event_log import EventLog
from mockexam.session.ports import Activity, Hint
from mockexam.store.journal import TooLateError

if TYPE_CHECKING:
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.scripts import ScriptFile


LOOK_SECONDS = 10.0
NOTE_SECONDS = 60.0
"""Between two notes on a question, at least."""

Stamps = Mapping[str, tuple[int, int]]
"""Size in bytes and time of change in ns, by a script's name."""


class Edits:
    """Looks at sizes and times of all scripts. A file that goes, or comes back as it was, is no edit."""

    def __init__(
        self, event_log: EventLog, workspace: Workspace, clock: Clock, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """Make it before this opening of the attempt is recorded. `seconds` counts up, from anywhere."""
        self._event_log = event_log
        self._workspace = workspace
        self._clock = clock
        self._seconds = seconds
        # When the app is opened again, what was edited meanwhile is an edit too.
        self._reopened = event_log.state.clock.last != event_log.state.clock.started
        self._known: dict[int, dict[str, tuple[int, int]]] = {}
        self._due: dict[int, str] = {}
        self._noted: dict[int, float] = {}
        self._ignored: Counter[int] = Counter()
        self._rounds: Counter[int] = Counter()

    async def run(self) -> None:
        """Look until the attempt is finished."""
        while self._event_log.state.finished is None:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Look once, in a thread, and note what is due."""
        rounds = self._rounds.copy()
        found = await asyncio.to_thread(self._see)
        for number, stamps in found.items():
            # What was seen while the app itself wrote there tells nothing.
            if not self._ignored[number] and rounds[number] == self._rounds[number]:
                self._compare(number, stamps)
        self._note_due(NOTE_SECONDS)

    def flush(self) -> None:
        """Note at once what was seen and waits for its minute: the attempt ends, or is left."""
        self._note_due(0.0)

    @contextmanager
    def ignoring(self, number: int) -> Iterator[None]:
        """What changes in a question's folder meanwhile is the app's own doing, no edit."""
        self._ignored[number] += 1
        try:
            yield
        finally:
            self._ignored[number] -= 1
            self._rounds[number] += 1
            self._known.pop(number, None)

    def _see(self) -> dict[int, Stamps]:
        from mockexam.workspace.scripts import find_scripts

        folders = {i.number: self._workspace.question(i.folder) for i in self._event_log.state.paper.items}
        return {
            number: {script.name: (script.size, script.modified_ns) for script in find_scripts(folder)}
            for number, folder in folders.items()
        }

    def _compare(self, number: int, stamps: Stamps) -> None:
        known = self._known.get(number)
        if known is None:
            since = self._since(number)
            changed = {name: stamp for name, stamp in stamps.items() if stamp[1] / 1e9 > since}
        else:
            changed = {name: stamp for name, stamp in stamps.items() if known.get(name) != stamp}
        self._known[number] = {**(known or {}), **stamps}
        if changed:
            self._due[number] = max(changed, key=lambda name: changed[name][1])

    def _since(self, number: int) -> float:
        """The wall time after which a change seen at the first look is an edit."""
        state = self._event_log.state
        if not self._reopened or self._rounds[number]:
            return math.inf
        notes = [n.at.wall for n in state.notes if n.number == number and n.what in ("edit", "restore")]
        return max(notes, default=state.clock.started.wall)

    def _note_due(self, pause: float) -> None:
        now = self._seconds()
        for number, name in list(self._due.items()):
            if number in self._noted and now - self._noted[number] < pause:
                continue
            event = ev.Noted(at=self._clock.read(), number=number, what="edit", detail=name)
            try:
                self._event_log.append(event)
            except UserError:
                return  # the record may be out of reach for a moment
            del self._due[number]
            self._noted[number] = now


class Earlier:
    """The kept models and scripts of an attempt."""

    def __init__(self, event_log: EventLog, clock: Clock, root: Path, edits: Edits) -> None:
        """`root` is the folder of submissions of all attempts."""
        self._event_log = event_log
        self._clock = clock
        self._root = root
        self._edits = edits

    async def put_back(self, number: int, identifier: str, folder: Path) -> tuple[str, ...]:
        """Put a submission's model and scripts into its question's folder; returns the names that were put back.

        See `workspace.kept.put_back`. Raises UserError.
        """
        from mockexam.workspace.restore_submission import put_back

        submission = self._submission(number, identifier)
        if self._event_log.state.finished is not None:
            raise UserError(
                "The attempt is finished: nothing is put back into its workspace from here.",
                hint="`mockexam review` restores what was kept, also into another folder.",
            )
        model = self._root / submission.received.stored
        scripts = self._root / submission.scripts if submission.scripts else None
        told: list[str] = []
        with self._edits.ignoring(number):
            try:
                names = await asyncio.to_thread(
                    put_back, model, scripts, submission.received.name, folder, tell=told.append
                )
            finally:
                for text in told:
                    self._event_log.tell(Activity(wall=time.time(), number=number, text=text))
        if names:
            detail = f"{', '.join(names)} of {self._which(submission)}"
            # The files are there; a finish in between takes nothing away.
            with suppress(TooLateError):
                await self._event_log.append_surely(
                    ev.Noted(at=self._clock.read(), number=number, what="restore", detail=detail)
                )
        return names

    def scripts(self, number: int, identifier: str) -> tuple[ScriptFile, ...]:
        """The scripts kept with a submission; empty if there are none. Raises UserError."""
        from mockexam.workspace.scripts import read_scripts

        kept = self._submission(number, identifier).scripts
        return read_scripts(self._root / kept) if kept else ()

    def _submission(self, number: int, identifier: str) -> Submission:
        mine = [s for s in self._event_log.state.submissions if s.number == number]
        for submission in mine:
            if submission.id == identifier:
                return submission
        raise UnknownNameError("submission", identifier, [s.id for s in mine])

    def _which(self, submission: Submission) -> str:
        """A submission in words, by its place among the question's."""
        mine = [s for s in self._event_log.state.submissions if s.number == submission.number]
        return f"submission {mine.index(submission) + 1}"


class Hinting:
    """Hands out the hints of a retry; which were seen is read from the record, so it survives reopening."""

    def __init__(self, event_log: EventLog, clock: Clock, steps: Callable[[str], Sequence[str]]) -> None:
        """`steps` gives the texts of a question's hints, in order, by its id; it may raise UserError."""
        self._event_log = event_log
        self._clock = clock
        self._texts = steps

    def seen(self, number: int) -> tuple[Hint, ...]:
        """The hints of a question that were seen so far, in order; none in an exam. Raises UserError."""
        state = self._event_log.state
        seen = state.hints(number) if policy_of(state).gives_hints else 0
        return self._steps(number)[:seen] if seen else ()

    def next(self, number: int) -> Hint | None:
        """The next hint, whose use is recorded before it is given; None if all were seen.

        Raises UserError in an exam, after the end, and if the use can't be recorded.
        """
        state = self._event_log.state
        if not policy_of(state).gives_hints:
            raise UserError(
                "There are no hints in an exam: they are for practice.",
                hint="Practise the category with `mockexam retry` when this exam has ended.",
            )
        steps, seen = self._steps(number), state.hints(number)
        if seen >= len(steps):
            return None
        hint = steps[seen]
        self._event_log.append(ev.Noted(at=self._clock.read(), number=number, what="hint", detail=str(hint.step)))
        return hint

    def _steps(self, number: int) -> tuple[Hint, ...]:
        texts = self._texts(self._event_log.state.paper.item(number).question)
        return tuple(Hint(step=step, of=len(texts), text=text) for step, text in enumerate(texts, 1))
