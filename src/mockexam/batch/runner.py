"""Runs the jobs of a batch: submits them, retries what failed through no fault of a model, and saves each result."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter

from pydantic import ValidationError

from mockexam.batch.batch_worker import grade
from mockexam.batch.executor import BatchExecutor, interrupts_blocked
from mockexam.batch.job import (
    BatchItem,
    GradingJob,
    ModelContent,
    differing,
    pack,
    read_content,
)
from mockexam.batch.results import BatchResult, ResultLog, Verdicted
from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict
from mockexam.workspace.scripts import printable
from mockexam.workspace.signature import sign

MAX_REPLY = 100_000
"""Characters."""
TRIES = 3
"""How often a model is tried when the fault is ours."""
GIVE_UP_AFTER = 3
"""After so many models in a row that could not be graded, the rest is not tried."""
_POLL_SECONDS = 0.25
_MAX_POLLS = 20
"""So many polls in a row must find workers lost before that is believed, if their executor does not say so."""


def parse_reply(text: object, versions: Mapping[str, str]) -> Verdicted:
    """The verdict in a worker's reply. Raises UserError if it has none, or other `versions` of libraries reached it."""
    try:
        if not isinstance(text, str) or len(text) > MAX_REPLY:
            raise TypeError
        fields = json.loads(text)
        if "fault" in fields:
            fault = (printable(str(fields["fault"].get(key, "")))[:2000] for key in ("message", "location", "hint"))
            message, location, hint = fault
            raise UserError(message or "The worker failed.", location=location, hint=hint)
        verdict = Verdicted.model_validate(fields["graded"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, ValidationError):
        raise UserError("A worker's reply is not valid.") from None
    if verdict.verdict is Verdict.GRADER_ERROR:
        raise UserError(verdict.message or "The grader failed.", hint=verdict.remedy)
    if other := differing(verdict.versions, versions):
        name, there = other
        raise UserError(
            f"A worker has {name} {printable(there)[:40]}, this machine {versions[name]}: marks could differ.",
            hint="Install the same versions on all machines.",
        )
    return verdict


@dataclass(slots=True)
class _Task:
    """An item that is not finished."""

    item: BatchItem
    tries: int = 0
    content: ModelContent | None = None


@dataclass(frozen=True, slots=True)
class RunProgress:
    """One model is finished."""

    item: BatchItem
    result: BatchResult
    known: bool
    """The result comes from an earlier run."""


class BatchRunner:
    """Grades items, and reports each one when it is finished."""

    def __init__(
        self,
        executor: BatchExecutor,
        results: ResultLog,
        versions: Mapping[str, str],
        report: Callable[[RunProgress], None],
        *,
        fresh: bool = False,
        environment: Mapping[str, str] | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """`fresh`: ignore earlier results. `environment`: extra variables for the graders' processes.

        `stop` is called often; once it returns True, `run` raises KeyboardInterrupt.
        """
        self._executor = executor
        self._results = results
        self._versions = versions
        self._report = report
        self._fresh = fresh
        self._environment = tuple(sorted({**executor.environment, **(environment or {})}.items()))
        self._stop = stop
        self._waiting: deque[_Task] = deque()
        self._running: dict[Future[str], _Task] = {}
        self._faults_in_a_row = 0
        self._polls = 0

    def run(self, items: Sequence[BatchItem]) -> int:
        """Grade all items, the largest first; returns how many were not tried.

        Raises UserError; KeyboardInterrupt if stopped.
        """
        self._waiting = deque(_Task(item) for item in self._changed(items))
        while self._waiting or self._running:
            self._submit_waiting()
            if not self._running:
                if self._waiting:
                    time.sleep(_POLL_SECONDS)  # no worker is there at the moment
                continue
            done, _ = wait(self._running, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            broken = [self._collect(future) for future in done]
            if any(broken) or self._workers_lost(done):
                self._restart()
            if self._faults_in_a_row >= GIVE_UP_AFTER:
                return len(self._waiting) + len(self._running)
        return 0

    def _changed(self, items: Sequence[BatchItem]) -> list[BatchItem]:
        """Report what has not changed since an earlier run; the rest, the largest models first.

        Else one large model that comes last would keep one worker busy and the others idle.
        """
        sizes: list[tuple[int, BatchItem]] = []
        for item in items:
            self._check_stop()
            state = sign(item.path) if not item.problem else None
            known = self._results.unchanged(item, state) if not self._fresh else None
            if known:
                self._report(RunProgress(item, known, known=True))
            else:
                sizes.append((state.size if state else 0, item))
        return [item for _, item in sorted(sizes, key=itemgetter(0), reverse=True)]

    def _workers_lost(self, done: Collection[Future[str]]) -> bool:
        """Whether no reply will come although no executor said so: Python's pool may miss a worker's death."""
        self._polls = self._polls + 1 if not done and self._executor.lost_workers() else 0
        return self._polls > _MAX_POLLS

    def _submit_waiting(self) -> None:
        self._check_stop()
        capacity = self._executor.capacity
        while self._waiting and len(self._running) < capacity:
            self._check_stop()
            task = self._waiting[0]
            # A model that was running each time workers were lost may be what kills them: its last try is alone.
            alone = any(one.tries == TRIES - 1 for one in (task, *self._running.values()))
            if alone and self._running:
                return
            self._waiting.popleft()
            if not self._start(task):
                return

    def _check_stop(self) -> None:
        if self._stop():
            raise KeyboardInterrupt

    def _start(self, task: _Task) -> bool:
        """Finish an item that needs no grading, or submit it; False if the workers are lost."""
        job = self._job(task)
        if job is None:
            return True
        try:
            # A process that starts now must not see Ctrl+C; a cluster may keep this waiting.
            with nullcontext() if self._executor.remote else interrupts_blocked():
                self._running[self._executor.executor.submit(grade, job)] = task
        except RuntimeError:  # it is broken, or closed because it is breaking
            self._waiting.appendleft(task)
            self._restart()
            return False
        except OSError as error:
            raise UserError(
                f"No worker can be started: {error.strerror}.",
                hint="All results so far are saved. Run the same command again to continue.",
            ) from None
        return True

    def _job(self, task: _Task) -> GradingJob | None:
        """What to submit; None if the item is finished already."""
        item = task.item
        task.content = read_content(item.path) if not item.problem else None
        if task.content is None:
            message = item.problem or "The model can't be read, or is still being written."
            self._give_up(task, UserError(message, hint="Fix this, then run the command again."))
            return None
        if not self._fresh and (known := self._results.known(item, task.content)):
            self._report(RunProgress(item, known, known=True))
            return None
        try:
            payload = pack(item.path, task.content.state) if self._executor.remote else None
        except (OSError, ValueError) as error:
            hint = "Grade it without --scheduler to see what is wrong with it."
            self._give_up(task, UserError(f"The model can't be sent: {error}.", hint=hint))
            return None
        return GradingJob(item, task.content, payload, self._environment)

    def _collect(self, future: Future[str]) -> bool:
        """Take a worker's reply, or try again; True if its executor broke."""
        task = self._running.pop(future)
        error = None if future.cancelled() else future.exception()
        if future.cancelled() or error is not None:
            message = f"The worker was lost: {type(error).__name__ if error else 'the job was cancelled'}."
            fewer = "workers on a machine" if self._executor.remote else "--jobs"
            hint = f"It may have been killed or have run out of memory. Try fewer {fewer}."
            self._failed(task, UserError(message, hint=hint))
            return isinstance(error, BrokenExecutor)
        try:
            verdict = parse_reply(future.result(), self._versions)
        except UserError as fault:
            self._failed(task, fault)
            return False
        self._faults_in_a_row = 0
        self._finish(task, verdict)
        return False

    def _restart(self) -> None:
        """Collect all replies, requeue what the lost workers had, and start new ones."""
        for future in list(self._running):
            if future.done():
                self._collect(future)
            else:
                self._failed(self._running.pop(future), UserError("The worker was lost."))
        self._polls = 0
        self._executor.restart()

    def _failed(self, task: _Task, fault: UserError) -> None:
        task.tries += 1
        if task.tries < TRIES:
            self._waiting.append(task)
        else:
            self._faults_in_a_row += 1
            self._give_up(task, fault)

    def _give_up(self, task: _Task, fault: UserError) -> None:
        message = " ".join(filter(None, (fault.message, fault.location)))
        verdict = Verdicted(verdict=Verdict.GRADER_ERROR, message=message[:2000], remedy=fault.hint[:2000])
        self._finish(task, verdict)

    def _finish(self, task: _Task, verdict: Verdicted) -> None:
        """Save it, then report it."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        sha256, state = (task.content.sha256, task.content.state) if task.content else (None, None)
        result = BatchResult.of(task.item, verdict, sha256=sha256, at=at, state=state)
        self._results.add(result)
        self._report(RunProgress(task.item, result, known=False))
