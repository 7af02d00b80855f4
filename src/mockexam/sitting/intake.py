"""Takes in saved models: seen in the workspace, copied and hashed, recorded, and only then shown as received."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockexam.errors import ToldError
from mockexam.exam import events as ev
from mockexam.exam.clock import Clock
from mockexam.records.journal import TooLateError
from mockexam.sitting.logbook import Logbook
from mockexam.sitting.snapshot import Activity, Tone

if TYPE_CHECKING:
    from mockexam.workspace.receive import Store, StoredModel
    from mockexam.workspace.watch import Broken, Hint, Sighting, Watcher


class Intake:
    """Receives what the watcher sees."""

    def __init__(
        self, logbook: Logbook, watcher: Watcher, store: Store, clock: Clock, received: Callable[[], None]
    ) -> None:
        """`received` is called after each receipt and whenever there is something new to show."""
        self._logbook = logbook
        self._watcher = watcher
        self._store = store
        self._clock = clock
        self._received = received
        # The sweep at the end must not receive side by side with the watch.
        self._one_at_a_time = asyncio.Lock()

    async def run(self) -> None:
        """Receive until cancelled."""
        async for sight in self._watcher.watch():
            await self._take(sight)

    async def sweep(self, deadline: float, *, late: bool) -> bool:
        """The last look: receive every complete model that was not changed after this wall time.

        Returns False if one could not be kept for want of space or rights: sweep again.
        """
        kept = True
        for sighting in await self._watcher.sweep(deadline):
            kept &= await self._receive(sighting, swept=late)
        return kept

    async def _take(self, sight: Sighting | Broken | Hint) -> None:
        from mockexam.workspace.watch import Broken, Hint

        if isinstance(sight, Broken):
            self._tell(sight.number, f"{sight.path.name} was not received: {sight.reason}", Tone.WARN)
        elif isinstance(sight, Hint):
            self._tell(sight.number, sight.text, Tone.INFO)
        else:
            await self._receive(sight, swept=False)

    async def _receive(self, sighting: Sighting, *, swept: bool) -> bool:
        """Receive a model; False if it could not be kept for a reason that may pass."""
        from mockexam.workspace.receive import NotNowError

        async with self._one_at_a_time:
            try:
                stored = await asyncio.to_thread(self._store.receive, sighting)
            except ToldError as error:
                self._tell(sighting.number, f"{error.what} {error.remedy}", Tone.ERROR)
                self._watcher.look_again(sighting)
                return not isinstance(error, NotNowError)
            if stored is None:
                self._watcher.look_again(sighting)
                return True
            if not swept and self._logbook.state.clock.expired(self._clock.read()):
                # The time ran out during the copy: the sweep decides by when the file was last changed.
                self._watcher.look_again(sighting)
                return True
            try:
                await self._record(sighting, stored, swept=swept)
            except TooLateError:
                self._tell(sighting.number, f"{sighting.path.name} came after the end: not received", Tone.WARN)
        self._received()
        return True

    async def _record(self, sighting: Sighting, stored: StoredModel, *, swept: bool) -> None:
        state = self._logbook.state
        at = self._clock.read()
        identifier = f"q{sighting.number}-{stored.sha256[:12]}"
        mine = [s for s in state.submissions if s.number == sighting.number]
        if any(s.id == identifier for s in mine):
            newest = max(mine, key=lambda s: s.order)
            # A file that only lies there, seen anew when the app is reopened, was not saved again.
            if newest.id != identifier and sighting.signature.newest > newest.received.at.wall:
                await self._logbook.append_surely(ev.ReceivedAgain(at=at, submission=identifier))
            return
        await self._logbook.append_surely(
            ev.Received(
                at=at,
                submission=identifier,
                number=sighting.number,
                name=sighting.path.name,
                format=stored.format,
                size=stored.size,
                sha256=stored.sha256,
                stored=stored.relative,
                swept=swept,
            )
        )

    def _tell(self, number: int | None, text: str, tone: Tone) -> None:
        self._logbook.tell(Activity(wall=time.time(), number=number, text=text, tone=tone))
        self._received()
