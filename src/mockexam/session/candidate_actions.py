"""What the candidate does besides submitting: edits scripts, restores submissions, reads hints."""

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
from mockexam.session.ports import Hint
from mockexam.store.journal import TooLateError

if TYPE_CHECKING:
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.scripts import FoundScript, ScriptFile


HINT_COST = "A hint goes on record, and this result then counts half in your readiness estimate; its marks stay."
"""What the first hint costs: `review.readiness` halves the result's weight, however many are opened."""
HINT_PAID = "This result already counts half in your readiness estimate."
"""The same once a hint is open."""
LOOK_SECONDS = 10.0
NOTE_SECONDS = 60.0
"""The least time between two notes on a question."""

Stamp = tuple[int, int, str]
"""A script's time of change in ns, its size in bytes, and a digest of its content."""
Stamps = Mapping[str, Stamp]
"""By a script's name."""


class Edits:
    """Notes edits of a question's scripts in any editor; a deleted file is no edit, nor one with its old content."""

    def __init__(
        self, event_log: EventLog, workspace: Workspace, clock: Clock, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """Create it before this opening of the attempt is recorded. `seconds` is a monotonic clock."""
        self._event_log = event_log
        self._workspace = workspace
        self._clock = clock
        self._seconds = seconds
        # What was edited while the app was closed counts too.
        self._reopened = event_log.state.clock.last != event_log.state.clock.started
        self._known: dict[int, dict[str, Stamp]] = {}
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
        """Look once, in a thread, and record the notes that are due."""
        rounds = self._rounds.copy()
        found = await asyncio.to_thread(self._stamps)
        for number, stamps in found.items():
            # What was seen while the app itself wrote there says nothing.
            if not self._ignored[number] and rounds[number] == self._rounds[number]:
                self._compare(number, stamps)
        self._note_due(NOTE_SECONDS)

    async def note_before(self) -> None:
        """Record what was edited up to now, so that it stands before what is recorded next."""
        await self.look()
        self.flush()

    def flush(self) -> None:
        """Record at once the notes that wait for their minute: the attempt ends, or the app closes."""
        self._note_due(0.0)

    @contextmanager
    def ignoring(self, number: int) -> Iterator[None]:
        """Ignore changes in a question's folder meanwhile: the app itself makes them."""
        self._ignored[number] += 1
        try:
            yield
        finally:
            self._ignored[number] -= 1
            self._rounds[number] += 1
            self._known.pop(number, None)

    def _stamps(self) -> dict[int, Stamps]:
        from mockexam.workspace.scripts import find_scripts

        folders = {i.number: self._workspace.question(i.folder) for i in self._event_log.state.paper.items}
        return {
            number: {script.name: self._stamp(number, script) for script in find_scripts(folder)}
            for number, folder in folders.items()
        }

    def _stamp(self, number: int, script: FoundScript) -> Stamp:
        """The content is read only if size or time are new."""
        from mockexam.workspace.scripts import digest_of

        known = self._known.get(number, {}).get(script.name)
        if known is not None and known[:2] == (script.modified_ns, script.size):
            return known
        return (script.modified_ns, script.size, digest_of(script))

    def _compare(self, number: int, stamps: Stamps) -> None:
        known = self._known.get(number)
        if known is None:
            since = self._since(number)
            changed = {name: stamp for name, stamp in stamps.items() if stamp[0] / 1e9 > since}
        else:
            changed = {n: stamp for n, stamp in stamps.items() if n not in known or known[n][2] != stamp[2]}
        self._known[number] = {**(known or {}), **stamps}
        if changed:
            self._due[number] = max(changed, key=lambda name: changed[name][0])

    def _since(self, number: int) -> float:
        """The wall time from which a change seen at the first look is an edit."""
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


class StoredSubmissions:
    """The stored models and scripts of an attempt."""

    def __init__(self, event_log: EventLog, clock: Clock, root: Path, edits: Edits) -> None:
        """`root` is the folder of submissions of all attempts."""
        self._event_log = event_log
        self._clock = clock
        self._root = root
        self._edits = edits

    async def restore_submission(self, number: int, identifier: str, folder: Path) -> tuple[str, ...]:
        """As `restore_submission.restore_submission`, into the question's folder. Raises UserError."""
        from mockexam.workspace.restore_submission import restore_submission

        submission = self._submission(number, identifier)
        if self._event_log.state.finished is not None:
            raise UserError(
                "The attempt is finished: its workspace can no longer be changed from here.",
                hint="Use `mockexam review` to restore a submission into any folder.",
            )
        place = self._event_log.state.places(number)[identifier]
        model = self._root / submission.received.stored
        scripts = self._root / submission.scripts if submission.scripts else None
        reports: list[str] = []
        with self._edits.ignoring(number):
            try:
                names = await asyncio.to_thread(
                    restore_submission, model, scripts, submission.received.name, folder, tell=reports.append
                )
            finally:
                for text in reports:
                    self._event_log.report(number, text)
        if names:
            detail = f"{', '.join(names)} of submission {place}"
            # The files are restored, even if the attempt was finished meanwhile.
            with suppress(TooLateError):
                await self._event_log.append_with_retry(
                    ev.Noted(at=self._clock.read(), number=number, what="restore", detail=detail)
                )
        return names

    def scripts(self, number: int, identifier: str) -> tuple[ScriptFile, ...]:
        """The scripts stored with a submission; empty if there are none. Raises UserError."""
        from mockexam.workspace.scripts import read_scripts

        folder = self._submission(number, identifier).scripts
        return read_scripts(self._root / folder) if folder else ()

    def _submission(self, number: int, identifier: str) -> Submission:
        known = {s.id: s for s in self._event_log.state.submissions if s.number == number}
        if identifier not in known:
            raise UnknownNameError("submission", identifier, list(known))
        return known[identifier]


class HintSteps:
    """Shows the hints of a retry step by step; the record knows which were shown, so that survives a restart."""

    def __init__(self, event_log: EventLog, clock: Clock, texts: Callable[[str], Sequence[str]]) -> None:
        """`texts` gives the texts of a question's hints, in order, by its id; it may raise UserError."""
        self._event_log = event_log
        self._clock = clock
        self._texts = texts

    def seen(self, number: int) -> tuple[Hint, ...]:
        """The hints of a question shown so far, in order; none in an exam. Raises UserError."""
        state = self._event_log.state
        seen = state.hints(number) if policy_of(state).gives_hints else 0
        return self._steps(number)[:seen] if seen else ()

    def next(self, number: int) -> Hint | None:
        """The next hint, recorded before it is shown; None if all were shown. Raises UserError, also in an exam."""
        state = self._event_log.state
        if not policy_of(state).gives_hints:
            raise UserError(
                "There are no hints in an exam; they are for retries.",
                hint="Retry the category with `mockexam retry` when this exam has ended.",
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
