"""Notes that the candidate edits a question's scripts, in whatever editor: a sign of work for the time per question."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mockexam.errors import ToldError
from mockexam.exam import events as ev
from mockexam.exam.clock import Clock
from mockexam.sitting.logbook import Logbook

if TYPE_CHECKING:
    from mockexam.workspace.layout import Workspace

LOOK_SECONDS = 10.0
NOTE_SECONDS = 60.0
"""Between two notes on a question, at least."""

Stamps = Mapping[str, tuple[int, int]]
"""Size in bytes and time of change in ns, by a script's name."""


class Edits:
    """Looks at sizes and times of all scripts. A file that goes, or comes back as it was, is no edit."""

    def __init__(
        self, logbook: Logbook, workspace: Workspace, clock: Clock, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """Make it before this opening of the attempt is recorded. `seconds` counts up, from anywhere."""
        self._logbook = logbook
        self._workspace = workspace
        self._clock = clock
        self._seconds = seconds
        # When the app is opened again, what was edited meanwhile is an edit too.
        self._reopened = logbook.state.clock.last != logbook.state.clock.started
        self._known: dict[int, dict[str, tuple[int, int]]] = {}
        self._due: dict[int, str] = {}
        self._noted: dict[int, float] = {}
        self._ignored: Counter[int] = Counter()
        self._rounds: Counter[int] = Counter()

    async def run(self) -> None:
        """Look until the attempt is finished."""
        while self._logbook.state.finished is None:
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

        folders = {i.number: self._workspace.question(i.folder) for i in self._logbook.state.paper.items}
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
        state = self._logbook.state
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
                self._logbook.append(event)
            except ToldError:
                return  # the record may be out of reach for a moment
            del self._due[number]
            self._noted[number] = now
