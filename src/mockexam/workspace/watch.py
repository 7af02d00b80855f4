"""Watches the question folders for saved models and yields the events that `scan` defines."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from mockexam.exam.model_format import format_of_file
from mockexam.exam.paper import Paper
from mockexam.workspace.completeness import Completeness, completeness_of
from mockexam.workspace.layout import SUBMISSION_NAMES, Workspace
from mockexam.workspace.scan import (
    BrokenModel,
    DetectedModel,
    End,
    FileNameHint,
    MissedModel,
    ModelPath,
    Scan,
    Tracker,
    WatchEvent,
    missed_models,
    quick_state,
    scan,
)
from mockexam.workspace.signature import Signature
from mockexam.workspace.stray import StrayFinder

__all__ = ["BrokenModel", "DetectedModel", "FileNameHint", "WatchEvent", "Watcher"]

IDLE_SECONDS = 1.0
"""Between two scans while nothing changes and file events work."""
POLL_SECONDS = 0.3
"""The same if they don't."""
_MAX_LOAD = 1 / 400
"""At most this share of a core is spent on scanning while nothing changes."""
_MAX_SKIPPED = 4
"""This many scans in a row may be replaced by a quick look at the known paths."""
_MIN_PAUSE = 0.05
_EVENT_OVERDUE = 0.5
"""A change this old without a file event shows that there are no events here."""
_EVENT_STEP_MS = 100
"""How often the library asks the system for events; each time costs a little."""
_LISTEN_AGAIN_SECONDS = 30.0


class FileEvents:
    """Sets `rang` when a model-like name changes. It is only a hint: network drives, for example, give no events."""

    def __init__(self) -> None:
        self.rang = asyncio.Event()
        self._watched: frozenset[tuple[str, int]] = frozenset()
        self._task: asyncio.Task[None] | None = None
        self._failed_at: float | None = None
        self._unavailable = False

    @property
    def listening(self) -> bool:
        """Whether the system accepted the request for events."""
        return self._task is not None and not self._task.done()

    async def watch(self, folders: frozenset[tuple[str, int]]) -> None:
        """Listen to these folders (path and inode) instead of the earlier ones. Returns at once."""
        now = asyncio.get_running_loop().time()
        if self._unavailable or (folders == self._watched and self.listening):
            return
        if self._failed_at is not None and now - self._failed_at < _LISTEN_AGAIN_SECONDS:
            return
        await self.close()
        self._watched = folders
        if folders:
            self._task = asyncio.create_task(self._listen(sorted({path for path, _ in folders})))  # noqa: RUF006

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen(self, folders: list[str]) -> None:
        try:
            awatch = await asyncio.to_thread(_load)
        except Exception:  # noqa: BLE001  # the library is optional, and its binary part may fail to load in many ways
            self._unavailable = True
            return
        # No watches left, a folder that vanished, a file system without events: scanning goes on without them.
        with contextlib.suppress(Exception):
            async for changed in awatch(
                *folders,
                watch_filter=None,
                recursive=False,
                step=_EVENT_STEP_MS,
                debounce=2 * _EVENT_STEP_MS,
                rust_timeout=60_000,
            ):
                if any(_may_be_model(path) for _, path in changed):
                    self.rang.set()
        self._failed_at = asyncio.get_running_loop().time()


def _load() -> Any:
    from watchfiles import awatch

    return awatch


def _may_be_model(path: str) -> bool:
    folder, name = os.path.split(path)
    if name in SUBMISSION_NAMES or name.endswith((".pb", ".index")) or format_of_file(name):
        return True
    return "." not in name or "mymodel" in Path(folder).parts[-2:]


class Watcher:
    """Reports each state of a model in the question folders once. It scans in a thread: a network drive may hang."""

    def __init__(
        self,
        workspace: Workspace,
        paper: Paper,
        *,
        clock: Callable[[], float] = time.monotonic,
        use_events: bool = True,
    ) -> None:
        """`clock` gives monotonic seconds; without `use_events` it only polls."""
        self._workspace = workspace
        self._paper = paper
        self._clock = clock
        self._file_events = FileEvents() if use_events else None
        self._events_work = True
        self._timed_out = False
        self._cost = 0.0
        """CPU seconds of a scan, averaged."""
        self._scan = Scan({}, (), frozenset())
        self._strays = StrayFinder()
        self._paths: tuple[str, ...] = ()
        self._quick_state: object = None
        self._skipped = 0
        self._tracker = Tracker()
        self._handled: dict[ModelPath, Signature] = {}
        self._first_seen: dict[ModelPath, tuple[Signature, float]] = {}
        """The newest state of each model, and when it was first seen, by `clock`."""
        self._to_report_again: set[DetectedModel] = set()
        self._before: Mapping[ModelPath, Signature] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mockexam-watch")

    async def watch(self) -> AsyncIterator[WatchEvent]:
        """Every event as it happens, until cancelled or closed; to be called once.

        A model is handled when the caller asks for the next event without calling `look_again`.
        """
        try:
            while True:
                rang = self._take_event()
                found, events = await asyncio.get_running_loop().run_in_executor(self._thread, self._measured_look)
                self._learn_from(found, rang=rang)
                for event in events:
                    yield event
                    self._was_handled(event)
                if self._file_events is not None:
                    await self._file_events.watch(found.folders)
                await self._pause()
        finally:
            await self.close()

    def look_again(self, detected: DetectedModel) -> None:
        """Report a model that could not be received again: at growing intervals, and at once when it changes."""
        self._to_report_again.add(detected)
        self._tracker.report_again(detected)

    async def sweep(self, deadline_wall: float) -> AsyncIterator[DetectedModel]:
        """The last scan: the whole models, not handled before, whose last change is not after `deadline_wall`.

        That is in seconds since 1970. Files need not be still. A folder must, because half a copy can look whole: it
        comes after its `still_seconds`, at most 3 s, if it is unchanged. A question's oldest model comes first. May be
        called while `watch` runs; the model that its caller is just handling then comes too.
        """
        thread = ThreadPoolExecutor(1, thread_name_prefix="mockexam-sweep")
        loop = asyncio.get_running_loop()
        try:
            first = await loop.run_in_executor(thread, self._whole_models, deadline_wall)
            waits = [found.still_seconds for detected, found in first if detected.format == "saved_model"]
            still_at = self._clock() + max(waits, default=0.0)
            # The files come at once, before the next save of a script that trains on overwrites them.
            waiting = {detected.number for detected, _ in first if detected.format == "saved_model"}
            for detected, _ in first:
                if detected.number not in waiting:
                    yield detected
                    self._was_handled(detected)
            if not waiting:
                return
            await asyncio.sleep(max(0.0, still_at - self._clock()))
            for detected, found in await loop.run_in_executor(thread, self._whole_models, deadline_wall):
                if detected.number in waiting and (detected, found) in first:
                    yield detected
                    self._was_handled(detected)
        finally:
            thread.shutdown(wait=False)

    async def missed(self, end: End) -> list[MissedModel]:
        """What lies in the workspace after the last sweep and was not handled."""
        return await asyncio.to_thread(
            lambda: missed_models(
                scan(self._workspace, self._paper.items, whole=True), self._handled.copy(), end, self._saved_at
            )
        )

    async def close(self) -> None:
        """Stop listening and scanning. Safe to call twice."""
        if self._file_events is not None:
            await self._file_events.close()
        self._thread.shutdown(wait=False)

    def _measured_look(self) -> tuple[Scan, list[WatchEvent]]:
        begun = time.thread_time()
        result = self._look()
        self._cost += (time.thread_time() - begun - self._cost) / 4
        return result

    def _look(self) -> tuple[Scan, list[WatchEvent]]:
        # Taken before the scan, so that a change during it is not missed.
        state = quick_state(self._paths)
        calm = state == self._quick_state and self._tracker.seconds_to_next_scan(self._clock()) is None
        if calm and self._skipped < _MAX_SKIPPED:
            self._skipped += 1
            return self._scan, []
        self._scan = scan(self._workspace, self._paper.items, self._strays)
        now = self._clock()
        for model, signature in self._scan.models.items():
            if model not in self._first_seen or self._first_seen[model][0] != signature:
                self._first_seen[model] = signature, now
        events = self._tracker.update(self._scan, now)
        paths = self._scan.paths
        self._quick_state = state if paths == self._paths else None
        self._paths, self._skipped = paths, 0
        return self._scan, events

    def _whole_models(self, deadline_wall: float) -> list[tuple[DetectedModel, Completeness]]:
        found = scan(self._workspace, self._paper.items).models
        whole = []
        for model, signature in sorted(found.items(), key=lambda pair: pair[1].newest):
            if self._saved_at(model, signature) > deadline_wall or self._handled.get(model) == signature:
                continue
            completeness = completeness_of(model.path, model.format, signature, thorough=True)
            if completeness.complete:
                whole.append((DetectedModel(model.number, model.path, model.format, signature), completeness))
        return whole

    def _saved_at(self, model: ModelPath, signature: Signature) -> float:
        """Seconds since 1970: when it was saved, at the latest when this state was first seen.

        The clock of a file server may be ahead of this machine's.
        """
        seen = self._first_seen.get(model)
        if seen is None or seen[0] != signature:
            return signature.newest
        return min(signature.newest, time.time() - (self._clock() - seen[1]))

    def _was_handled(self, event: WatchEvent) -> None:
        """The caller came back for more: it handled the event, unless it asked for it again."""
        if isinstance(event, DetectedModel) and not event.never_still and event not in self._to_report_again:
            self._handled[ModelPath(event.number, event.path)] = event.signature
        if isinstance(event, DetectedModel):
            self._to_report_again.discard(event)

    def _take_event(self) -> bool:
        """Whether there was a file event since the last scan."""
        if self._file_events is None or not self._file_events.rang.is_set():
            return False
        self._file_events.rang.clear()
        return True

    def _learn_from(self, found: Scan, *, rang: bool) -> None:
        """Notice whether file events work here: some drives accept the request and stay silent."""
        changed = [signature for model, signature in found.models.items() if signature != self._before.get(model)]
        self._before = found.models
        if rang:
            self._events_work = True
        elif self._timed_out and any(time.time() - s.newest > _EVENT_OVERDUE for s in changed):
            self._events_work = False

    async def _pause(self) -> None:
        """Wait until a scan is due, the idle interval has passed, or a file event comes."""
        due = self._tracker.seconds_to_next_scan(self._clock())
        self._timed_out = False
        if due is not None or self._file_events is None or not self._file_events.listening:
            await asyncio.sleep(due or self._poll_seconds())
            return
        loop = asyncio.get_running_loop()
        begun = loop.time()
        try:
            async with asyncio.timeout(IDLE_SECONDS if self._events_work else self._poll_seconds()):
                await self._file_events.rang.wait()
        except TimeoutError:
            self._timed_out = True
        else:
            await asyncio.sleep(max(0.0, begun + _MIN_PAUSE - loop.time()))

    def _poll_seconds(self) -> float:
        """Seconds between two scans without file events."""
        return min(IDLE_SECONDS, max(POLL_SECONDS, self._cost / _MAX_LOAD))
