"""Receives the models that the watcher finds, and those in the store that a crash kept from being recorded."""

from __future__ import annotations

import asyncio
import math
import re
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.clock import Clock, Reading
from mockexam.exam.model_format import FORMATS
from mockexam.exam.training_history import TrainingHistory, to_record
from mockexam.files import StoredSet
from mockexam.session.event_log import EventLog
from mockexam.session.ports import Tone
from mockexam.store.journal import TooLateError

if TYPE_CHECKING:
    from mockexam.workspace.receive import Store, StoredModel
    from mockexam.workspace.scan import MissedModel
    from mockexam.workspace.watch import DetectedModel, FileNameHint, Watcher

SCRIPTS_SECONDS = 5.0
"""How long storing the scripts may take before a model is received without them (a disk hangs)."""
ENDED = {"candidate": "you finished", "time_up": "the time ended"}
"""The end in words, by its reason."""
_REPORTED = "reported.json"
"""The file with the lines on files that were not received, so that reopening the attempt does not repeat them."""
MAX_MISNAMED = 3
"""So many misnamed models are recorded for each question, the newest: a script may have saved hundreds."""
_STORED_NAME = re.compile(r"(q(\d+)-([0-9a-f]{12}))(\.\w+|)")
_FORMATS = {spec.ending: spec for spec in FORMATS.values()}


class Receiver:
    """Receives models into an attempt."""

    def __init__(
        self,
        event_log: EventLog,
        watcher: Watcher,
        store: Store,
        clock: Clock,
        changed: Callable[[], None],
        training: Callable[[int, float], TrainingHistory],
        folder: Path,
    ) -> None:
        """`changed` is called after each submission and at every visible change.

        `training` gives the training that a model comes from, by its question's number and by when it was saved.
        `folder` is the attempt's own, for what must be known after a restart.
        """
        self._event_log = event_log
        self._watcher = watcher
        self._store = store
        self._clock = clock
        self._changed = changed
        self._training = training
        # The sweep at the end must not receive side by side with the watch.
        self._lock = asyncio.Lock()
        self._recovered = False
        self._remarks: set[tuple[int, str]] = set()
        self._reported = StoredSet(folder / _REPORTED)
        self._unreceived: dict[int, tuple[Path, str]] = {}

    async def run(self) -> None:
        """Receive until cancelled."""
        from mockexam.workspace.watch import BrokenModel, FileNameHint

        await self._recover()
        async for event in self._watcher.watch():
            if isinstance(event, BrokenModel):
                if event.number is not None:
                    self._unreceived[event.number] = (event.path, f"{event.path.name}: {event.reason}")
                text = f"{event.path.name} was not received: {event.reason}"
                self._report_once(event.path, event.number, text, Tone.WARN)
            elif isinstance(event, FileNameHint):
                self._report_stray(event)
            else:
                await self._receive(event, last_look=False)

    async def sweep(self) -> bool:
        """Receive every complete model saved in time; False if one could not be stored for now: sweep again."""
        await self._recover()
        deadline = self._event_log.state.clock.wall_deadline(self._clock.read())
        stored = True
        async for detected in self._watcher.sweep(math.inf if deadline is None else deadline):
            stored &= await self._receive(detected, last_look=True)
        return stored

    async def record_missed(self, asked: float, reason: Literal["candidate", "time_up"]) -> None:
        """After the sweep: record what lies in the workspace and was not received, and why.

        `asked` is when the attempt was to finish: seconds since 1970.
        """
        from mockexam.workspace.scan import End

        deadline = self._event_log.state.clock.wall_deadline(self._clock.read())
        latest = math.inf if deadline is None else deadline
        found = await self._watcher.missed(End(min(asked, latest), latest, ENDED[reason]))
        for missed in self._worth_recording(found):
            await self._record_missed(missed)

    def _worth_recording(self, found: list[MissedModel]) -> Iterator[MissedModel]:
        """Without strays that are older than the question's newest submission, or too many.

        What scripts write on purpose is recorded only where nothing was submitted.
        """
        state = self._event_log.state
        saved = {q.item.number: max((s.saved for s in q.submissions), default=0.0) for q in state.questions}
        names: Counter[int | None] = Counter()
        for missed in sorted(found, key=lambda m: (m.stray is not None and not m.stray.meant, -m.signature.newest)):
            if missed.stray is not None:
                last = 0.0 if missed.number is None else saved[missed.number]
                if last and (missed.stray.on_purpose or missed.signature.newest <= last):
                    continue
                names[missed.number] += 1
                if names[missed.number] > MAX_MISNAMED:
                    continue
            yield missed

    async def _record_missed(self, missed: MissedModel) -> None:
        """Record that a model was not received, once, unless its bytes were received before."""
        from mockexam.workspace.receive import hash_of

        state = self._event_log.state
        if any((event.number, event.name) == (missed.number, missed.name) for event in state.not_received):
            return
        alike = {s.received.sha256 for s in state.submissions if s.received.size == missed.signature.size}
        if alike and await asyncio.to_thread(hash_of, missed.path) in alike:
            return
        with suppress(TooLateError):
            await self._event_log.append_with_retry(
                ev.NotReceived(at=self._clock.read(), number=missed.number, name=missed.name, reason=missed.reason)
            )
        self._changed()

    async def _record_late(self, detected: DetectedModel) -> None:
        """The same for a model that was saved after the end."""
        from mockexam.workspace.scan import MissedModel, saved_after

        finished = self._event_log.state.finished
        reason = saved_after(ENDED[finished.reason if finished else "time_up"])
        await self._record_missed(MissedModel(detected.number, detected.path, detected.signature, reason))

    async def _recover(self) -> None:
        """Record what was stored but not recorded before a crash, if there is time left."""
        state = self._event_log.state
        known = {s.id for s in state.submissions}
        async with self._lock:
            if self._recovered:
                return
            for event in await asyncio.to_thread(_unrecorded, self._store, known, state.clock.started):
                at = self._clock.read()
                if state.clock.expired(at) or event.number not in {item.number for item in state.paper.items}:
                    continue
                with suppress(TooLateError):
                    await self._event_log.append_with_retry(replace(event, at=at))
                    self._changed()
            self._recovered = True

    async def _receive(self, detected: DetectedModel, *, last_look: bool) -> bool:
        """Receive a model; False if it could not be stored for a reason that may pass."""
        from mockexam.workspace.receive import StoreUnavailableError

        async with self._lock:
            if self._event_log.state.finished is not None:
                await self._record_late(detected)
                return True
            try:
                stored = await asyncio.to_thread(self._store.receive, detected)
            except UserError as error:
                self._report(detected.number, f"{error.message} {error.hint}", Tone.ERROR)
                self._watcher.look_again(detected)
                return not isinstance(error, StoreUnavailableError)
            if stored is None:
                self._watcher.look_again(detected)
                return True
            event = self._event(detected, stored)
            if isinstance(event, ev.Received):
                event = replace(event, scripts=await self._store_scripts(detected))
            expired = self._event_log.state.clock.expired(self._clock.read())
            if expired and not last_look:
                # The time ran out during the copy: the sweep decides by when the file was last changed.
                self._watcher.look_again(detected)
                return True
            if event is not None:
                event = replace(event, at=self._clock.read())
                if isinstance(event, ev.Received):
                    event = replace(event, swept=expired)
                self._unreceived.pop(detected.number, None)
                try:
                    await self._event_log.append_with_retry(event)
                    if isinstance(event, ev.Received):
                        self._report_twin(event)
                        self._record_training(event, detected.signature.newest)
                except TooLateError:
                    await self._record_late(detected)
        self._changed()
        return True

    def _report_twin(self, event: ev.Received) -> None:
        """Say so if the same file was received for another question: one of the two lies in the wrong folder."""
        alike = {s.number for s in self._event_log.state.submissions if s.received.sha256 == event.sha256}
        if others := alike - {event.number}:
            text = f"{event.name} is the same file as question {min(others)}'s: is it in the right folder?"
            self._report(event.number, text, Tone.WARN)

    def _record_training(self, event: ev.Received, saved: float) -> None:
        """Keep the curve with the model. It never costs the model."""
        fits = to_record(self._training(event.number, saved))
        if fits:
            at = self._clock.read()
            with suppress(UserError):
                self._event_log.append(ev.TrainingRecorded(at=at, submission=event.submission, fits=fits))

    def _event(self, detected: DetectedModel, stored: StoredModel) -> ev.Received | ev.ReceivedAgain | None:
        """What to record of a model; None if it only lies there."""
        at, identifier = self._clock.read(), f"q{detected.number}-{stored.sha256[:12]}"
        earlier = [s for s in self._event_log.state.submissions if s.number == detected.number]
        if not any(s.id == identifier for s in earlier):
            return ev.Received(
                at=at,
                submission=identifier,
                number=detected.number,
                name=detected.path.name,
                format=stored.format,
                size=stored.size,
                sha256=stored.sha256,
                stored=stored.relative,
            )
        newest = max(earlier, key=lambda s: s.order)
        # A file that only lies there, found again when the app is reopened, was not saved again.
        saved_again = detected.signature.newest > newest.saved
        return ev.ReceivedAgain(at=at, submission=identifier) if saved_again else None

    async def _store_scripts(self, detected: DetectedModel) -> str:
        """Store the scripts beside a model. A problem is reported once and never costs the model."""
        from mockexam.workspace.scripts import store_scripts

        remarks: list[str] = []
        folder = ""
        try:
            async with asyncio.timeout(SCRIPTS_SECONDS):
                folder = await asyncio.to_thread(
                    store_scripts, detected.path.parent, self._store, detected.number, tell=remarks.append
                )
        except TimeoutError:
            remarks.append("The scripts could not be stored with the submission: the disk is too slow.")
        for text in remarks:
            if (detected.number, text) not in self._remarks:
                self._remarks.add((detected.number, text))
                self._report(detected.number, text, Tone.INFO)
        return folder

    @property
    def unreceived(self) -> Mapping[int, str]:
        """By question: what is wrong with the newest model in its folder, if it could not be received."""
        return {number: text for number, (path, text) in self._unreceived.items() if path.exists()}

    def _report_stray(self, hint: FileNameHint) -> None:
        """A quiet line; above the brief too if the candidate means to submit it, unless the app offers to take it."""
        if hint.number is not None and hint.stray.meant and not hint.more and not hint.stray.can_be_offered:
            self._unreceived[hint.number] = (hint.path, hint.text)
        self._report_once(hint.path, hint.number, hint.text, Tone.WARN if hint.stray.meant else Tone.INFO)

    def _report_once(self, path: Path, number: int | None, text: str, tone: Tone) -> None:
        """Report something about a file, once in the attempt for each state of the file."""
        try:
            state = path.lstat().st_mtime_ns
        except (OSError, ValueError):
            state = 0
        line = f"{number} {state} {text}"
        if line in self._reported:
            self._changed()
        else:
            self._reported.add(line)
            self._report(number, text, tone)

    def _report(self, number: int | None, text: str, tone: Tone) -> None:
        self._event_log.report(number, text, tone)
        self._changed()


def _unrecorded(store: Store, known: Container[str], started: Reading) -> list[ev.Received]:
    """What is in the store and not among the known submissions, oldest first; `at` is still to be set. Reads files.

    What is older than the start belongs to another attempt: one with the same paper on the same day, whose record is
    gone. A file that is not what its name says is ignored.
    """
    try:
        stored = [(path.lstat().st_ctime, path) for path in store.folder.iterdir()]
    except OSError:
        return []
    return [event for at, path in sorted(stored) if at >= started.wall for event in _read(store, path, known, started)]


def _read(store: Store, path: Path, known: Container[str], at: Reading) -> Iterator[ev.Received]:
    from mockexam.workspace.receive import hash_of
    from mockexam.workspace.signature import sign

    match = _STORED_NAME.fullmatch(path.name)
    spec = _FORMATS.get(match[4]) if match else None
    if match is None or spec is None or match[1] in known:
        return
    digest, signature = hash_of(path), sign(path)
    if signature is None or digest is None or not digest.startswith(match[3]):
        return
    yield ev.Received(
        at=at,
        submission=match[1],
        number=int(match[2]),
        name=spec.name,
        format=spec.id,
        size=signature.size,
        sha256=digest,
        stored=path.relative_to(store.root).as_posix(),
    )
