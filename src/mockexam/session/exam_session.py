"""A running attempt that this app holds: it keeps the time, receives, grades, and publishes snapshots."""

from __future__ import annotations

import asyncio
import os
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
from mockexam.session.candidate_actions import Edits, HintSteps, StoredSubmissions
from mockexam.session.event_log import AbsenceReport, EventLog, Listener, Timekeeper
from mockexam.session.finish_request import Finisher, FinishRequest
from mockexam.session.grading_queue import DiagnosisQueue, GradingQueue, LateDiagnoses
from mockexam.session.ports import GraderState, Hint, Snapshot
from mockexam.session.receiver import Receiver
from mockexam.session.script_runs import ScriptRuns
from mockexam.session.transfer import Transfer

if TYPE_CHECKING:
    from mockexam.grading.client import Grader
    from mockexam.grading.protocol import ModelInspected
    from mockexam.store.attempt_lock import AttemptLock
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.receive import Store
    from mockexam.workspace.scripts import ScriptFile
    from mockexam.workspace.watch import Watcher

_MISSING_SECONDS = 3
"""How often to check the workspace for missing files."""


class ExamSession:
    """A running attempt that this app holds."""

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
        runs: Path,
        late: LateDiagnoses | None = None,
        brief: Callable[[str], str],
        hints: Callable[[str], Sequence[str]],
    ) -> None:
        """The lock is held already. `runs` is the folder of this attempt's runs.

        `brief` and `hints` give a question's brief and hint texts, by its id.
        """
        self._event_log = event_log
        self._clock = clock
        self._grader = grader
        self._workspace = workspace
        self._lock = lock
        self._brief = brief
        self._hints = HintSteps(event_log, clock, hints)
        self._timekeeper = Timekeeper(clock, event_log)
        self._edits = Edits(event_log, workspace, clock)
        self.note_edits = self._edits.note_before
        self._stored = StoredSubmissions(event_log, clock, store.root, self._edits)
        self.runs = ScriptRuns(self, runs, clock)
        self.transfer = Transfer(event_log, workspace, runs, is_running=lambda number: number in self.runs.running)
        self._receiver = Receiver(
            event_log, watcher, store, clock, self._grade_and_publish, self.runs.training_of, runs
        )
        self._diagnoses = DiagnosisQueue(event_log, grader, clock, store.root, late)
        self._grading = GradingQueue(event_log, grader, clock, store.root, self._publish, self._diagnoses.wake)
        self._finisher = Finisher(
            event_log, self._receiver, clock, finish_request,
            stop_scripts=self.runs.stop_all, flush=self._edits.flush, changed=self._grade_and_publish,
        )  # fmt: skip
        self._callbacks: list[Callable[[Snapshot], None]] = []
        self._absence = AbsenceReport(event_log, workspace)
        self._now = clock.read()
        self._stopped = asyncio.Event()
        self._over = asyncio.Event()

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        state = self._event_log.state
        grader_state = "marking" if self._grading.current else self._grader.state
        return Snapshot(
            attempt=state,
            now=self._now,
            remaining=state.clock.remaining(self._now),
            grader=GraderState(state=grader_state, isolation=self._grader.isolation, detail=self._grader.detail),
            grading=self._grading.current,
            activity=self._event_log.story,
            missing=self._absence.missing,
            unreceived=self._receiver.unreceived,
            diagnosing=self._diagnoses.pending,
        )

    def subscribe(self, callback: Callable[[Snapshot], None]) -> None:
        """Call back with each new snapshot, in the event loop: at every change and once a second."""
        self._callbacks.append(callback)

    def listen(self, listener: Listener) -> None:
        """Call back with each new event and line of activity, in the event loop."""
        self._event_log.listeners.append(listener)

    async def run(self) -> None:
        """Work until the attempt has ended and everything is graded, or `close` is called."""
        if self._event_log.state.finished is None:
            self._event_log.append(ev.Opened(at=self._timekeeper.look(), pid=os.getpid(), app_version=__version__))
        stop = asyncio.create_task(self._stopped.wait())
        grading = asyncio.create_task(self._grade_all())
        watched = [
            grading,
            asyncio.create_task(self._keep_time()),
            asyncio.create_task(self._receive()),
            asyncio.create_task(self._finisher.finish_on_request()),
        ]
        others = [
            asyncio.create_task(_warm_up(self._event_log, self._grader)),
            asyncio.create_task(self._edits.run()),
            asyncio.create_task(self.transfer.run()),
            asyncio.create_task(self._diagnoses.run()),
        ]
        ending = asyncio.create_task(self.runs.run(self._over))
        self._publish()
        try:
            await _wait_for_any({stop, grading}, watch_for_errors=watched)
            if not self._stopped.is_set():
                self._over.set()
                await ending
        finally:
            for task in (stop, ending, *watched, *others):
                task.cancel()
            await asyncio.gather(stop, ending, *watched, *others, return_exceptions=True)
            self._publish()

    async def finish(self) -> None:
        """Finish early: nothing more is received; what was received is still graded."""
        await self._finisher.finish("candidate")

    async def close(self) -> None:
        """Give up the attempt. The clock runs on."""
        self._stopped.set()
        await self.runs.leave()
        if self._event_log.state.finished is None:
            self._edits.flush()
            with suppress(UserError):
                self._event_log.append(ev.Closed(at=self._clock.read()))
        self._lock.free()

    def look_for_missing(self, number: int) -> tuple[str, ...]:
        """What is missing from a question's folder right now, which the next snapshot shows too. Reads the folder."""
        self._absence.look()
        self._publish()
        return self._absence.missing.get(number, ())

    async def repair(self, number: int, *, over: bool = False) -> tuple[str, ...]:
        """Repair a question's folder as `question_files.repair`; returns what was put back. Raises UserError."""
        from mockexam.workspace.question_files import repair

        item = self._item(number)
        with self._edits.ignoring(number):
            done = await repair(self._workspace, item, self._code, self._make_data, over=over)
        if done:
            await self._event_log.append_with_retry(
                ev.Noted(at=self._clock.read(), number=number, what="restore", detail=", ".join(done))
            )
        self._absence.look()
        self._publish()
        return done

    async def restore_submission(self, number: int, submission: str) -> tuple[str, ...]:
        """Restore an earlier submission (its id) as `workspace.restore_submission`; returns the names of the new files.

        A different file in the way is moved aside. Raises UserError.
        """
        try:
            return await self._stored.restore_submission(number, submission, self.folder(number))
        finally:
            self._absence.look()
            self._publish()

    def scripts(self, number: int, submission: str | None = None) -> tuple[ScriptFile, ...]:
        """A question's scripts now, or as stored with a submission (its id). Reads files. Raises UserError."""
        from mockexam.workspace.scripts import read_scripts

        return self._stored.scripts(number, submission) if submission else read_scripts(self.folder(number))

    async def inspect(self, number: int) -> ModelInspected:
        """Inspect the newest model in a question's folder. Raises UserError if there is none."""
        path, form = _newest_model(self.folder(number))
        self.note(number, "inspect", path.name)
        return await self._grader.inspect(model=path, format=form, question=self._item(number).question)

    def note(self, number: int, what: Literal["edit", "run", "run_ended", "inspect"], detail: str = "") -> None:
        """Record that the candidate worked on a question."""
        with suppress(UserError):
            self._event_log.append(ev.Noted(at=self._clock.read(), number=number, what=what, detail=detail))
        self._publish()

    def brief(self, number: int) -> str:
        """A question's brief as Markdown."""
        return self._brief(self._item(number).question)

    def hints(self, number: int) -> tuple[Hint, ...]:
        """The hints of a question shown so far, in order; none in an exam."""
        return self._hints.seen(number)

    def next_hint(self, number: int) -> Hint | None:
        """The next hint, which is recorded; None if all were shown. Raises UserError in an exam."""
        hint = self._hints.next(number)
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
        second = 0
        while True:
            self._now = self._timekeeper.look()
            with suppress(UserError):  # the record may be out of reach for a moment; the clock is not
                self._event_log.refresh()
            state = self._event_log.state
            if state.finished is None and state.clock.expired(self._now):
                await self._finisher.finish("time_up")
            if self._event_log.state.finished is not None:
                self._grading.wake()
                self._over.set()
            if second % _MISSING_SECONDS == 0:
                self._absence.look()
            second += 1
            self._publish()
            remaining = self._event_log.state.clock.remaining(self._clock.read())
            # Until the displayed time changes, so that the clock neither skips nor drifts.
            await asyncio.sleep((remaining or 1.0) % 1.0 or 1.0)

    async def _receive(self) -> None:
        if self._event_log.state.finished is None:
            await self._receiver.run()

    async def _grade_all(self) -> None:
        await self._grading.run()
        state = self._event_log.state
        if state.settled is None:
            await self._event_log.append_with_retry(
                ev.Settled(at=self._clock.read(), earned=state.earned, possible=state.possible, passed=state.passed)
            )
            with suppress(UserError):
                self._event_log.backup()
        self._publish()
        await self._diagnoses.finish()

    def _grade_and_publish(self) -> None:
        self._grading.wake()
        self._publish()

    def _publish(self) -> None:
        snapshot = self.snapshot
        for callback in self._callbacks:
            callback(snapshot)


async def _warm_up(event_log: EventLog, grader: Grader) -> None:
    """Import TensorFlow and generate the data for grading and diagnoses before the first model comes."""
    state = event_log.state
    if state.phase is Phase.ENDED:
        return
    code, holdout_seed, train = state.paper.code, event_log.holdout_seed, policy_of(state).diagnoses_at_once
    # What fails here fails again, and is reported, when a model is graded.
    with suppress(UserError):
        await grader.warm_up()
        for item in state.paper.items:
            if not event_log.state.waiting:
                await grader.prepare(item.question, data_seed=code, holdout_seed=holdout_seed, train=train)


def _newest_model(folder: Path) -> tuple[Path, ev.ModelFormat]:
    from mockexam.workspace.layout import newest_model

    found = newest_model(folder)
    if found is None:
        raise UserError(
            "There is no model in this question's folder yet.", location=str(folder), hint="Save one as mymodel.keras."
        )
    return found


async def _wait_for_any(ends: set[asyncio.Task[Any]], watch_for_errors: list[asyncio.Task[None]]) -> None:
    """Wait until one of `ends` is done; an error in any of the others is raised at once."""
    running = ends | set(watch_for_errors)
    while True:
        done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
        if done & ends:
            return
