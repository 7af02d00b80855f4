"""Watches the question folders for saved models. It yields what `seen` defines, re-exported here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from mockexam.exam.paper import Paper
from mockexam.workspace.completeness import Completeness, completeness_of
from mockexam.workspace.file_events import FileEvents
from mockexam.workspace.layout import CANDIDATES, Workspace
from mockexam.workspace.scan import BrokenModel, Candidate, FileNameHint, Scan, Sighting, WatchEvent, pulse, scan
from mockexam.workspace.signature import Signature
from mockexam.workspace.tracker import Tracker

__all__ = ["BrokenModel", "FileNameHint", "Sighting", "WatchEvent", "Watcher"]

IDLE_SECONDS = 1.0
"""Between two looks while nothing changes and the system tells changes."""
UNTOLD_SECONDS = 0.3
"""The same where it does not."""
_SHARE = 1 / 400
"""At most this share of a core goes into looking while nothing changes."""
_SKIP = 4
"""So many looks in a row may be mere glances at the known places."""
_MIN_GAP = 0.05
_TOLD_AFTER = 0.5
"""A change this old that the system did not tell of is one that it does not tell of."""


class Watcher:
    """Tells what is saved in the question folders of a workspace, each content state once.

    Looking happens in a thread of its own, so a hanging network drive does not stop the caller.
    """

    def __init__(
        self,
        workspace: Workspace,
        paper: Paper,
        *,
        clock: Callable[[], float] = time.monotonic,
        use_events: bool = True,
    ) -> None:
        """`clock` gives monotonic seconds; without `use_events` only looking tells changes."""
        self._workspace = workspace
        self._paper = paper
        self._clock = clock
        self._file_events = FileEvents() if use_events else None
        self._told_by_system = True
        self._slept_through = False
        self._cost = 0.0
        self._found = Scan({}, (), frozenset())
        self._places: tuple[str, ...] = ()
        self._pulse: object = None
        self._skipped = 0
        self._tracker = Tracker()
        self._handled: dict[Candidate, Signature] = {}
        self._missed: set[Sighting] = set()
        self._states: Mapping[Candidate, Signature] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mockexam-watch")

    async def watch(self) -> AsyncIterator[WatchEvent]:
        """Everything that is seen, as it is seen, until cancelled or closed. Can be called once.

        A sighting counts as handled when the caller asks for the next item, unless it called `look_again`. The next
        look waits for that too.
        """
        try:
            while True:
                rang = self._take_event()
                found, seen = await self._in_thread(self._look_and_weigh)
                self._learn_from(found, rang=rang)
                for item in seen:
                    yield item
                    self._was_handled(item)
                if self._file_events is not None:
                    await self._file_events.watch(found.folders)
                await self._pause()
        finally:
            await self.close()

    def look_again(self, sighting: Sighting) -> None:
        """Bring this sighting again: it could not be received (a full disk, a change while copying).

        It comes at growing intervals, from half a second to half a minute, and at once when the file changes.
        """
        self._missed.add(sighting)
        self._tracker.again(sighting)

    async def sweep(self, deadline_wall: float) -> AsyncIterator[Sighting]:
        """A last look: the whole candidates, not handled before, that were last changed by `deadline_wall`.

        That is in seconds since 1970. Files need not be still. A folder must: what is whole by structure can be the
        middle of a copy, so it comes after its patience, 3 s at most, if it is unchanged. A question's oldest comes
        first. May be called while `watch` runs; what its caller is just handling is then brought too.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="mockexam-sweep")
        loop = asyncio.get_running_loop()
        try:
            first = await loop.run_in_executor(thread, self._whole, deadline_wall)
            still_at = self._clock() + max((j.patience for s, j in first if s.format == "saved_model"), default=0.0)
            # What is not waited for comes at once, before the next save of a script that trains on overwrites it.
            settling = {sighting.number for sighting, _ in first if sighting.format == "saved_model"}
            for sighting, _ in first:
                if sighting.number not in settling:
                    yield sighting
            if not settling:
                return
            await asyncio.sleep(max(0.0, still_at - self._clock()))
            for sighting, grading in await loop.run_in_executor(thread, self._whole, deadline_wall):
                if sighting.number in settling and (sighting, grading) in first:
                    yield sighting
        finally:
            thread.shutdown(wait=False)

    async def close(self) -> None:
        """Stop listening and looking. Safe to call twice."""
        if self._file_events is not None:
            await self._file_events.close()
        self._thread.shutdown(wait=False)

    def _look_and_weigh(self) -> tuple[Scan, list[WatchEvent]]:
        begun = time.thread_time()
        result = self._look()
        self._cost += (time.thread_time() - begun - self._cost) / 4
        return result

    def _look(self) -> tuple[Scan, list[WatchEvent]]:
        beats = pulse(self._places)
        calm = beats == self._pulse and self._tracker.next_look(self._clock()) is None
        if calm and self._skipped < _SKIP:
            self._skipped += 1
            return self._found, []
        self._found = scan(self._workspace, self._paper.items)
        seen = self._tracker.look(self._found, self._clock())
        places = self._found.places
        # Taken before the scan, so a change during it is not overlooked.
        self._pulse = beats if places == self._places else None
        self._places, self._skipped = places, 0
        return self._found, seen

    def _whole(self, deadline_wall: float) -> list[tuple[Sighting, Completeness]]:
        found = scan(self._workspace, self._paper.items).candidates
        whole = []
        for candidate, signature in sorted(found.items(), key=lambda pair: pair[1].newest):
            if signature.newest > deadline_wall or self._handled.get(candidate) == signature:
                continue
            form = CANDIDATES[candidate.path.name]
            grading = completeness_of(candidate.path, form, signature, thorough=True)
            if grading.complete:
                whole.append((Sighting(candidate.number, candidate.path, form, signature), grading))
        return whole

    async def _in_thread(self, look: Callable[[], tuple[Scan, list[WatchEvent]]]) -> tuple[Scan, list[WatchEvent]]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, look)

    def _was_handled(self, item: WatchEvent) -> None:
        """The caller came back for more: it received the item, unless it asked for it again."""
        if isinstance(item, Sighting) and not item.hurried and item not in self._missed:
            self._handled[Candidate(item.number, item.path)] = item.signature
        self._missed.clear()

    def _take_event(self) -> bool:
        """Whether the alarm rang since the last look."""
        if self._file_events is None or not self._file_events.rang.is_set():
            return False
        self._file_events.rang.clear()
        return True

    def _learn_from(self, found: Scan, *, rang: bool) -> None:
        """Notice whether the system tells changes here: on some drives it takes the request and stays silent."""
        changed = [s for candidate, s in found.candidates.items() if s != self._states.get(candidate)]
        self._states = found.candidates
        if rang:
            self._told_by_system = True
        elif self._slept_through and any(time.time() - s.newest > _TOLD_AFTER for s in changed):
            self._told_by_system = False

    async def _pause(self) -> None:
        """Wait for the next look: until something is due, an idle interval has passed, or the alarm rings."""
        due = self._tracker.next_look(self._clock())
        listening = self._file_events is not None and self._file_events.listening
        self._slept_through = False
        if due is not None or self._file_events is None or not listening:
            await asyncio.sleep(due or self._unaided())
            return
        await asyncio.sleep(_MIN_GAP)
        try:
            async with asyncio.timeout(IDLE_SECONDS if self._told_by_system else self._unaided()):
                await self._file_events.rang.wait()
        except TimeoutError:
            self._slept_through = True

    def _unaided(self) -> float:
        """Seconds between two looks where the system tells nothing."""
        return min(IDLE_SECONDS, max(UNTOLD_SECONDS, self._cost / _SHARE))
