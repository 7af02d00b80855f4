"""Finds what was kept for an attempt and is not on record: the app was killed in between, or the record was lost."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import Callable, Container, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.clock import Clock
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS
from mockexam.session.event_log import EventLog
from mockexam.session.ports import Activity, Tone
from mockexam.store.journal import TooLateError

if TYPE_CHECKING:
    from mockexam.workspace.receive import Store, StoredModel
    from mockexam.workspace.watch import BrokenModel, FileNameHint, Sighting, Watcher


_KEPT = re.compile(r"(q(\d+)-([0-9a-f]{12}))(\.\w+|)")
_FORMATS = {spec.ending: spec for spec in FORMATS.values()}


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A whole copy in the store that has no receipt."""

    submission: str
    """The id that it would have had."""
    number: int
    """The question's."""
    name: str
    format: ModelFormat
    size: int
    """Bytes."""
    sha256: str
    stored: str
    """Relative to the store's root."""


def unrecorded(store: Store, known: Container[str], since: float) -> list[Unrecorded]:
    """What lies in the store and is not among the known submissions, the oldest first. Reads whole files.

    What was kept before `since` (seconds since 1970) is another attempt's: one with the same paper on the same day, of
    a record that is gone. What is not what its name says is left alone.
    """
    try:
        kept = [(path.lstat().st_ctime, path) for path in store.folder.iterdir()]
    except OSError:
        return []
    return [one for at, path in sorted(kept) if at >= since for one in _look(store, path, known)]


def _look(store: Store, path: Path, known: Container[str]) -> Iterator[Unrecorded]:
    from mockexam.workspace.receive import hash_of
    from mockexam.workspace.signature import sign

    fits = _KEPT.fullmatch(path.name)
    spec = _FORMATS.get(fits[4]) if fits else None
    if fits is None or spec is None or fits[1] in known:
        return
    digest, signature = hash_of(path), sign(path)
    if signature is None or digest is None or not digest.startswith(fits[3]):
        return
    yield Unrecorded(
        submission=fits[1],
        number=int(fits[2]),
        name=spec.name,
        format=spec.id,
        size=signature.size,
        sha256=digest,
        stored=path.relative_to(store.root).as_posix(),
    )


SCRIPTS_SECONDS = 5.0
"""So long a receipt waits for its scripts to be kept, where a disk hangs."""


class Receiver:
    """Receives what the watcher sees."""

    def __init__(
        self, event_log: EventLog, watcher: Watcher, store: Store, clock: Clock, received: Callable[[], None]
    ) -> None:
        """`received` is called after each receipt and whenever there is something new to show."""
        self._event_log = event_log
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
        state = self._event_log.state
        known = {s.id for s in state.submissions}
        async with self._one_at_a_time:
            if self._unrecorded_taken_in:
                return
            for one in await asyncio.to_thread(unrecorded, self._store, known, state.clock.started.wall):
                at = self._clock.read()
                if state.clock.expired(at) or one.number not in {item.number for item in state.paper.items}:
                    continue
                with suppress(TooLateError):
                    await self._event_log.append_surely(ev.Received(at=at, **asdict(one)))
                    self._received()
            self._unrecorded_taken_in = True

    async def sweep(self) -> bool:
        """The last look: receive every complete model that was not changed after the time was up.

        Returns False if one could not be kept for want of space or rights: sweep again.
        """
        await self._take_in_unrecorded()
        deadline = self._event_log.state.clock.wall_deadline(self._clock.read())
        kept = True
        async for sighting in self._watcher.sweep(math.inf if deadline is None else deadline):
            kept &= await self._receive(sighting, last_look=True)
        return kept

    async def _take(self, sight: Sighting | BrokenModel | FileNameHint) -> None:
        from mockexam.workspace.watch import BrokenModel, FileNameHint

        if isinstance(sight, BrokenModel):
            self._tell(sight.number, f"{sight.path.name} was not received: {sight.reason}", Tone.WARN)
        elif isinstance(sight, FileNameHint):
            self._tell(sight.number, sight.text, Tone.INFO)
        else:
            await self._receive(sight, last_look=False)

    async def _receive(self, sighting: Sighting, *, last_look: bool) -> bool:
        """Receive a model; False if it could not be kept for a reason that may pass."""
        from mockexam.workspace.receive import NotNowError

        async with self._one_at_a_time:
            try:
                stored = await asyncio.to_thread(self._store.receive, sighting)
            except UserError as error:
                self._tell(sighting.number, f"{error.message} {error.hint}", Tone.ERROR)
                self._watcher.look_again(sighting)
                return not isinstance(error, NotNowError)
            if stored is None:
                self._watcher.look_again(sighting)
                return True
            news = self._news(sighting, stored)
            scripts = await self._keep_scripts(sighting) if news else ""
            expired = self._event_log.state.clock.expired(self._clock.read())
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
        mine = [s for s in self._event_log.state.submissions if s.number == sighting.number]
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
            await self._event_log.append_surely(ev.ReceivedAgain(at=at, submission=identifier, scripts=scripts))
        elif news == "received":
            await self._event_log.append_surely(
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
        self._event_log.tell(Activity(wall=time.time(), number=number, text=text, tone=tone))
        self._received()


def _identifier(sighting: Sighting, stored: StoredModel) -> str:
    return f"q{sighting.number}-{stored.sha256[:12]}"
