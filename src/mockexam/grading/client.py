"""The app's side of the grader: starts the examiner, sends it jobs, and replaces it when it fails."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, Self, TypeVar

from mockexam.errors import GraderFaultError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict
from mockexam.grading import protocol as p
from mockexam.grading.examiner_process import ExaminerProcess, write_log
from mockexam.paths import StatePaths

SLACK_SECONDS = 20.0  # how long the examiner may exceed the time it announced before it counts as hung
FIRST_SECONDS = 30.0  # how long it may take to announce a time
R = TypeVar("R", bound=p.Message)
OnChange = Callable[[], None]


class Grader:
    """Grades, diagnoses and inspects models and makes training data, one job at a time.

    It works through one examiner process, started on first use. Every call raises GraderFaultError if the grader
    fails; the next call then starts a new examiner. Use it as an async context manager, or call `close`.
    """

    def __init__(
        self, state: StatePaths, *, on_change: OnChange | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """`on_change` runs in the event loop when a property changes; `environment` adds to the processes'."""
        self._state_files = state
        self._environment = dict(environment or {})
        self._on_change = on_change or (lambda: None)
        self._job_lock = asyncio.Lock()
        self._start_lock = asyncio.Lock()
        self._process: ExaminerProcess | None = None
        self._numbers = itertools.count(1)
        self.ready: p.Ready | None = None  # the first message of the examiner, once it has started
        self.state: Literal["idle", "starting", "warm", "failed"] = "idle"  # the predictor's
        self._detail = ""
        self._busy_until = 0.0
        self._closed = False
        self._starting: asyncio.Task[ExaminerProcess] | None = None

    @property
    def isolation(self) -> str:
        """How the predictor is sandboxed: `bubblewrap` or `process limits`; empty until the examiner has started."""
        return self.ready.isolation if self.ready else ""

    @property
    def detail(self) -> str:
        """Why the predictor did not start, or why the isolation is not stronger; empty if all is well."""
        return self._detail or (self.ready.isolation_detail if self.ready else "")

    @property
    def pid(self) -> int | None:
        """The examiner's process id, which is also its process group's; None if none is running."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def warm_up(self) -> None:
        process = await self._examiner()
        await process.send(p.WarmUp())

    async def prepare(self, question: str, *, data_seed: str, holdout_seed: str, train: bool = False) -> None:
        """Have a hold-out, and with `train` training samples, drawn in the background; errors show up in grading."""
        process = await self._examiner()
        await process.send(p.Prepare(question=question, data_seed=data_seed, holdout_seed=holdout_seed, train=train))

    async def make_data(
        self, question: str, *, data_seed: str, folder: Path, progress: Callable[[float], None] = lambda _: None
    ) -> p.DataMade:
        """Write a question's training data into an existing empty folder."""
        request = p.MakeData(job=self._job(), question=question, data_seed=data_seed, folder=_absolute(folder))
        return await self._ask(request, p.DataMade, progress)

    async def grade(
        self,
        question: str,
        *,
        data_seed: str,
        holdout_seed: str,
        model: Path,
        format: ModelFormat,
        spread: bool = False,
    ) -> p.ModelGraded:
        """Grade a model on the hold-out of these seeds; with `spread` also estimate the metric's standard error."""
        request = p.GradeModel(
            job=self._job(), question=question, data_seed=data_seed, holdout_seed=holdout_seed,
            model=_absolute(model), format=format, spread=spread,
        )  # fmt: skip
        reply = await self._ask(request, p.ModelGraded)
        if (reply.verdict is Verdict.GRADED) != (reply.marks is not None):
            raise GraderFaultError(f"The grader returned {reply.marks} marks with the verdict {reply.verdict}.")
        return reply

    async def diagnose(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ModelFormat
    ) -> p.ModelDiagnosed:
        """Find out what costs a graded model marks. Failures are also logged."""
        request = p.DiagnoseModel(
            job=self._job(), question=question, data_seed=data_seed, holdout_seed=holdout_seed,
            model=_absolute(model), format=format,
        )  # fmt: skip
        try:
            return await self._ask(request, p.ModelDiagnosed)
        except GraderFaultError as fault:
            write_log(self._state_files, f"no diagnosis of {request.model}: {fault}")
            raise

    async def inspect(self, *, model: Path, format: ModelFormat, question: str | None = None) -> p.ModelInspected:
        """Describe a model, and say what would be refused for a question."""
        request = p.InspectModel(job=self._job(), model=_absolute(model), format=format, question=question)
        return await self._ask(request, p.ModelInspected)

    async def close(self) -> None:
        """End the examiner, the predictor and all their child processes, within about two seconds."""
        self._closed = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait([self._starting])
        process, self._process = self._process, None
        if process is not None:
            await process.close()

    async def _examiner(self) -> ExaminerProcess:
        if self._closed:
            raise GraderFaultError("The grader is closed.")
        async with self._start_lock:
            if self._process is None or not self._process.alive:
                await self._drop()
                start = ExaminerProcess.start(self._state_files, self._environment, self._set_state)
                self._starting = asyncio.create_task(start)
                try:
                    self._process = await self._starting
                except asyncio.CancelledError:
                    caller = asyncio.current_task()
                    if caller is None or caller.cancelling() or not self._closed:
                        raise
                    raise GraderFaultError("The grader is closed.") from None
                finally:
                    self._starting = None
                self.ready = self._process.ready
                self._on_change()
            return self._process

    async def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self.state, self._detail, self._busy_until = "idle", "", 0.0
            await process.close()

    def _set_state(self, message: p.PredictorState) -> None:
        self.state, self._detail = message.state, message.detail
        self._on_change()

    def _job(self) -> str:
        return f"j{next(self._numbers)}"

    async def _ask(
        self, request: p.JobMessage, expected: type[R], progress: Callable[[float], None] = lambda _: None
    ) -> R:
        async with self._job_lock:
            process = await self._examiner()
            try:
                reply = await self._reply_to(request, process, progress)
                if not isinstance(reply, expected | p.JobFailed):
                    raise GraderFaultError(f"The grader sent an unexpected reply ({reply.__class__.__name__}).")
            except GraderFaultError:  # dead, hung or sending nonsense
                await asyncio.shield(self._drop())
                raise
        if isinstance(reply, p.JobFailed):
            raise GraderFaultError(reply.message, location=reply.location, hint=reply.hint)
        return reply

    async def _reply_to(
        self, request: p.JobMessage, process: ExaminerProcess, progress: Callable[[float], None]
    ) -> p.Message:
        await process.send(request)
        loop = asyncio.get_running_loop()
        # It may still be working on a cancelled job, whose reply is ignored.
        self._busy_until = max(self._busy_until, loop.time()) + FIRST_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(self._busy_until):
                    message = await process.receive()
            except TimeoutError:
                raise GraderFaultError("The grader stopped responding and was restarted.", hint="Try again.") from None
            if isinstance(message, p.Working):
                self._busy_until = loop.time() + message.at_most + SLACK_SECONDS
            elif getattr(message, "job", None) != request.job:
                continue
            elif isinstance(message, p.JobProgress):
                with contextlib.suppress(Exception):
                    progress(message.fraction)
            else:
                self._busy_until = 0.0
                return message


def _absolute(path: Path) -> str:
    return os.path.abspath(path)
