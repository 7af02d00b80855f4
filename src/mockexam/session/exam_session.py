"""An attempt that this app has charge of: keeps the clock, receives, marks, and tells what it looks like."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mockexam import __version__
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Phase
from mockexam.exam.clock import Clock
from mockexam.exam.paper import PaperItem
from mockexam.exam.policy import policy_of
from mockexam.session.candidate_actions import Earlier, Edits, Hinting
from mockexam.session.diagnosis_queue import Diagnosing
from mockexam.session.event_log import EventLog, Listener, Timekeeper
from mockexam.session.finish_request import FinishRequest
from mockexam.session.grading_queue import GradingQueue
from mockexam.session.ports import GraderState, Hint, Snapshot
from mockexam.session.receiver import Receiver

if TYPE_CHECKING:
    from mockexam.grading.client import Grader
    from mockexam.grading.protocol import ModelInspected
    from mockexam.store.attempt_lock import AttemptLock
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.receive import Store
    from mockexam.workspace.scripts import ScriptFile
    from mockexam.workspace.watch import Watcher

_SWEEP_AGAIN_SECONDS = 3.0
_REQUEST_SECONDS = 0.25
"""How often it is looked whether another terminal asks to finish."""
_MISSING_SECONDS = 3
"""How often the workspace is looked over for missing files."""


class ExamSession:
    """See `ExamSessionPort`."""

    def __init__(
        self,
        event_log: EventLog,
        *,
        clock: Clock,
        grader: Grader,
        workspace: Workspace,
        watcher: Watcher,
        store: Store,
        lock: AttemptLock,
        finish_request: FinishRequest,
        brief: Callable[[str], str],
        hints: Callable[[str], Sequence[str]],
    ) -> None:
        """All parts of a sitting; the lock is held already.

        By a question's id `brief` gives its task, and `hints` the steps of its help.
        """
        self._event_log = event_log
        self._clock = clock
        self._grader = grader
        self._workspace = workspace
        self._lock = lock
        self._finish_request = finish_request
        self._brief = brief
        self._hinting = Hinting(event_log, clock, hints)
        self._timekeeper = Timekeeper(clock, event_log)
        self._edits = Edits(event_log, workspace, clock)
        self._earlier = Earlier(event_log, clock, store.root, self._edits)
        self._receiver = Receiver(event_log, watcher, store, clock, self._received)
        self._diagnosing = Diagnosing(event_log, grader, clock, store.root)
        self._grading = GradingQueue(event_log, grader, clock, store.root, self._publish, self._diagnosing.wake)
        self._callbacks: list[Callable[[Snapshot], None]] = []
        self._missing: dict[int, tuple[str, ...]] = {}
        self._now = clock.read()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopped = asyncio.Event()
        self._ending = asyncio.Lock()

    @property
    def snapshot(self) -> Snapshot:
        """The newest picture."""
        state = self._event_log.state
        return Snapshot(
            attempt=state,
            now=self._now,
            remaining=state.clock.remaining(self._now),
            grader=self._grader_state(),
            grading=self._grading.current,
            activity=self._event_log.story,
            missing=self._missing,
        )

    def subscribe(self, callback: Callable[[Snapshot], None]) -> None:
        """Call back with each new picture, in the event loop."""
        self._callbacks.append(callback)

    def listen(self, listener: Listener) -> None:
        """Tell each new event and line of activity, in the event loop."""
        self._event_log.listeners.append(listener)

    async def run(self) -> None:
        """Keep the clock, receive and mark until all is marked after the end, or `close` is called."""
        if self._event_log.state.finished is None:
            self._event_log.append(ev.Opened(at=self._timekeeper.look(), pid=_pid(), app_version=__version__))
        stop = asyncio.create_task(self._stopped.wait())
        work = [asyncio.create_task(self._keep_time()), asyncio.create_task(self._grade_all())]
        watch = asyncio.create_task(self._watch())
        asked = asyncio.create_task(self._finish_on_request())
        ahead = asyncio.create_task(self._get_ready())
        aside = [asyncio.create_task(self._edits.run()), asyncio.create_task(self._diagnosing.run())]
        self._tasks = [*work, watch, asked, ahead, *aside]
        self._publish()
        try:
            await _first_end({stop, work[1]}, watch_for_errors=[*work, watch, asked])
        finally:
            for task in (stop, *self._tasks):
                task.cancel()
            await asyncio.gather(stop, *self._tasks, return_exceptions=True)
            self._publish()

    async def finish(self) -> None:
        """Finish early; what lies complete in the workspace at this moment is received first."""
        await self._end("candidate")

    async def close(self) -> None:
        """Let go of the attempt. The clock runs on."""
        self._stopped.set()
        if self._event_log.state.finished is None:
            self._edits.flush()
            with suppress(UserError):
                self._event_log.append(ev.Closed(at=self._clock.read()))
        self._lock.free()

    async def restore(self, number: int, *, over: bool = False) -> tuple[str, ...]:
        """Put back what is missing from a question's folder. Raises UserError."""
        from mockexam.workspace.question_files import repair

        item = self._item(number)
        with self._edits.ignoring(number):
            done = await repair(self._workspace, item, self._code, self._make_data, over=over)
        if done:
            await self._event_log.append_surely(
                ev.Noted(at=self._clock.read(), number=number, what="restore", detail=", ".join(done))
            )
        self._look_for_missing()
        self._publish()
        return done

    async def put_back(self, number: int, submission: str) -> tuple[str, ...]:
        """Put an earlier submission's model and scripts into its question's folder. Raises UserError."""
        try:
            return await self._earlier.put_back(number, submission, self.folder(number))
        finally:
            self._look_for_missing()
            self._publish()

    def scripts(self, number: int, submission: str | None = None) -> tuple[ScriptFile, ...]:
        """A question's scripts as they lie there now, or as kept with a submission. Reads files. Raises UserError."""
        from mockexam.workspace.scripts import read_scripts

        return self._earlier.scripts(number, submission) if submission else read_scripts(self.folder(number))

    async def inspect(self, number: int) -> ModelInspected:
        """Look at the newest model file in a question's folder. Raises UserError if there is none."""
        from mockexam.workspace.layout import newest_model

        found = newest_model(self.folder(number))
        if found is None:
            raise UserError(
                "There is no model in this question's folder yet.",
                location=str(self.folder(number)),
                hint="Save one as mymodel.keras.",
            )
        path, form = found
        self.note(number, "inspect", path.name)
        return await self._grader.inspect(model=path, format=form, question=self._item(number).question)

    def note(self, number: int, what: Literal["edit", "run", "run_ended", "inspect"], detail: str = "") -> None:
        """Record that the candidate did something on a question."""
        with suppress(UserError):
            self._event_log.append(ev.Noted(at=self._clock.read(), number=number, what=what, detail=detail))
        self._publish()

    def brief(self, number: int) -> str:
        """A question's task as Markdown."""
        return self._brief(self._item(number).question)

    def hints(self, number: int) -> tuple[Hint, ...]:
        """The hints of a question that were seen so far, in order; none in an exam. Raises UserError."""
        return self._hinting.seen(number)

    def next_hint(self, number: int) -> Hint | None:
        """The next hint, whose use is recorded; None if all were seen. Raises UserError in an exam."""
        hint = self._hinting.next(number)
        self._publish()
        return hint

    def folder(self, number: int) -> Path:
        """A question's folder in the workspace."""
        return self._workspace.question(self._item(number).folder)

    @property
    def _code(self) -> str:
        return self._event_log.state.paper.code

    def _item(self, number: int) -> PaperItem:
        return self._event_log.state.paper.item(number)

    async def _make_data(self, question: str, folder: Path, progress: Callable[[float], None]) -> None:
        await self._grader.make_data(question, data_seed=self._code, folder=folder, progress=progress)

    async def _keep_time(self) -> None:
        beat = 0
        while True:
            self._now = self._timekeeper.look()
            with suppress(UserError):  # the record may be out of reach for a moment; the clock is not
                self._event_log.refresh()
            state = self._event_log.state
            if state.finished is None and state.clock.expired(self._now):
                await self._end("time_up")
            if self._event_log.state.finished is not None:
                self._grading.wake()
            if beat % _MISSING_SECONDS == 0:
                self._look_for_missing()
            beat += 1
            self._publish()
            await asyncio.sleep(self._until_next_second())

    def _until_next_second(self) -> float:
        """Seconds until the shown time changes, so that the clock neither skips nor drifts."""
        remaining = self._event_log.state.clock.remaining(self._clock.read())
        if not remaining:
            return 1.0
        return (remaining % 1.0) or 1.0

    async def _watch(self) -> None:
        if self._event_log.state.finished is None:
            await self._receiver.run()

    async def _finish_on_request(self) -> None:
        """Finish when another terminal asks for it."""
        while not self._finish_request.accept():  # noqa: ASYNC110  # no event comes from another process
            await asyncio.sleep(_REQUEST_SECONDS)
        await self._end("candidate")
        self._finish_request.clear()

    async def _get_ready(self) -> None:
        """Have TensorFlow imported and the data of marking and diagnoses drawn before the first model comes."""
        state = self._event_log.state
        if state.phase is Phase.ENDED:
            return
        # What fails here fails again, and is told, when a model is to be marked.
        code, holdout_seed, train = state.paper.code, self._event_log.holdout_seed, policy_of(state).runs_diagnosis
        with suppress(UserError):
            await self._grader.warm_up()
            for item in state.paper.items:
                if not self._event_log.state.waiting:
                    await self._grader.prepare(item.question, data_seed=code, holdout_seed=holdout_seed, train=train)

    async def _grade_all(self) -> None:
        await self._grading.run()
        state = self._event_log.state
        if state.settled is None:
            await self._event_log.append_surely(
                ev.Settled(at=self._clock.read(), earned=state.earned, possible=state.possible, passed=state.passed)
            )
            with suppress(UserError):
                self._event_log.backup()
        self._publish()
        await self._diagnosing.finish()

    async def _end(self, reason: Literal["candidate", "time_up"]) -> None:
        async with self._ending:
            state = self._event_log.state
            if state.finished is not None:
                return
            while not await self._receiver.sweep():
                # A full disk must not cost a model that was saved in time.
                self._publish()
                await asyncio.sleep(_SWEEP_AGAIN_SECONDS)
            self._edits.flush()
            if self._event_log.state.finished is None:
                await self._event_log.append_surely(ev.Finished(at=self._clock.read(), reason=reason))
        self._grading.wake()
        self._publish()

    def _look_for_missing(self) -> None:
        from mockexam.workspace.question_files import missing

        state = self._event_log.state
        if state.finished is None:
            found = {item.number: missing(self._workspace, item) for item in state.paper.items}
            self._missing = {number: names for number, names in found.items() if names}
        else:
            self._missing = {}

    def _received(self) -> None:
        self._grading.wake()
        self._publish()

    def _grader_state(self) -> GraderState:
        state = "marking" if self._grading.current else self._grader.state
        return GraderState(state=state, isolation=self._grader.isolation, detail=self._grader.detail)

    def _publish(self) -> None:
        snapshot = self.snapshot
        for callback in self._callbacks:
            callback(snapshot)


def _pid() -> int:
    import os

    return os.getpid()


async def _first_end(ends: set[asyncio.Task[Any]], watch_for_errors: list[asyncio.Task[None]]) -> None:
    """Wait until one of `ends` is done; an error in any of the others is raised at once."""
    running = ends | set(watch_for_errors)
    while True:
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if done & ends:
            return
