"""Takes in saved models: seen in the workspace, copied and hashed, recorded, and only then shown as received."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from mockexam.errors import ToldError
from mockexam.exam import events as ev
from mockexam.exam.clock import Clock
from mockexam.records.journal import TooLateError
from mockexam.sitting.logbook import Logbook
from mockexam.sitting.snapshot import Activity, Tone

if TYPE_CHECKING:
    from mockexam.workspace.receive import Store, StoredModel
    from mockexam.workspace.watch import Broken, Hint, Sighting, Watcher

SCRIPTS_SECONDS = 5.0
"""So long a receipt waits for its scripts to be kept, where a disk hangs."""


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
        self._unrecorded_taken_in = False
        self._remarks: set[tuple[int, str]] = set()

    async def run(self) -> None:
        """Receive until cancelled."""
        await self._take_in_unrecorded()
        async for sight in self._watcher.watch():
            await self._take(sight)

    async def _take_in_unrecorded(self) -> None:
        """Receive what was kept before without a receipt, if there is time left."""
        from mockexam.sitting.unrecorded import unrecorded

        state = self._logbook.state
        known = {s.id for s in state.submissions}
        async with self._one_at_a_time:
            if self._unrecorded_taken_in:
                return
            for one in await asyncio.to_thread(unrecorded, self._store, known, state.clock.started.wall):
                at = self._clock.read()
                if state.clock.expired(at) or one.number not in {item.number for item in state.paper.items}:
                    continue
                with suppress(TooLateError):
                    await self._logbook.append_surely(ev.Received(at=at, **asdict(one)))
                    self._received()
            self._unrecorded_taken_in = True

    async def sweep(self) -> bool:
        """The last look: receive every complete model that was not changed after the time was up.

        Returns False if one could not be kept for want of space or rights: sweep again.
        """
        await self._take_in_unrecorded()
        deadline = self._logbook.state.clock.wall_deadline(self._clock.read())
        kept = True
        async for sighting in self._watcher.sweep(math.inf if deadline is None else deadline):
            kept &= await self._receive(sighting, last_look=True)
        return kept

    async def _take(self, sight: Sighting | Broken | Hint) -> None:
        from mockexam.workspace.watch import Broken, Hint

        if isinstance(sight, Broken):
            self._tell(sight.number, f"{sight.path.name} was not received: {sight.reason}", Tone.WARN)
        elif isinstance(sight, Hint):
            self._tell(sight.number, sight.text, Tone.INFO)
        else:
            await self._receive(sight, last_look=False)

    async def _receive(self, sighting: Sighting, *, last_look: bool) -> bool:
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
            news = self._news(sighting, stored)
            scripts = await self._keep_scripts(sighting) if news else ""
            expired = self._logbook.state.clock.expired(self._clock.read())
            if expired and not last_look:
                # The time ran out during the copy: the sweep decides by when the file was last changed.
                self._watcher.look_again(sighting)
                return True
            try:
                await self._record(news, sighting, stored, scripts, swept=expired)
            except TooLateError:
                self._tell(sighting.number, f"{sighting.path.name} came after the end: not received", Tone.WARN)
        self._received()
        return True

    def _news(self, sighting: Sighting, stored: StoredModel) -> Literal["", "received", "again"]:
        """What there is to record of a model: nothing if it only lies there."""
        mine = [s for s in self._logbook.state.submissions if s.number == sighting.number]
        if not any(s.id == _identifier(sighting, stored) for s in mine):
            return "received"
        newest = max(mine, key=lambda s: s.order)
        # A file that only lies there, seen anew when the app is reopened, was not saved again.
        saved_anew = newest.id != _identifier(sighting, stored) and sighting.signature.newest > newest.saved
        return "again" if saved_anew else ""

    async def _keep_scripts(self, sighting: Sighting) -> str:
        """Keep the scripts beside a model. Whatever goes wrong is told once and never keeps the model from receipt."""
        from mockexam.workspace.scripts import keep_scripts

        remarks: list[str] = []
        kept = ""
        try:
            async with asyncio.timeout(SCRIPTS_SECONDS):
                kept = await asyncio.to_thread(
                    keep_scripts, sighting.path.parent, self._store, sighting.number, tell=remarks.append
                )
        except TimeoutError:
            remarks.append("The scripts could not be kept with the submission: the disk takes too long.")
        for text in remarks:
            if (sighting.number, text) not in self._remarks:
                self._remarks.add((sighting.number, text))
                self._tell(sighting.number, text, Tone.INFO)
        return kept

    async def _record(self, news: str, sighting: Sighting, stored: StoredModel, scripts: str, *, swept: bool) -> None:
        at, identifier = self._clock.read(), _identifier(sighting, stored)
        if news == "again":
            await self._logbook.append_surely(ev.ReceivedAgain(at=at, submission=identifier, scripts=scripts))
        elif news == "received":
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
                    scripts=scripts,
                )
            )

    def _tell(self, number: int | None, text: str, tone: Tone) -> None:
        self._logbook.tell(Activity(wall=time.time(), number=number, text=text, tone=tone))
        self._received()


def _identifier(sighting: Sighting, stored: StoredModel) -> str:
    return f"q{sighting.number}-{stored.sha256[:12]}"
