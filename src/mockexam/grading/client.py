"""The app's side of the marker: starts the examiner, asks it, and replaces it when it fails."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from mockexam.errors import GraderFaultError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict
from mockexam.grading import protocol as p
from mockexam.grading.examiner_process import ExaminerProcess, write_log
from mockexam.paths import StatePaths

SLACK_SECONDS = 20.0
"""How long the examiner may overstay what it said it needs before it counts as hung."""
FIRST_SECONDS = 30.0
"""How long it may take to say so."""
R = TypeVar("R", bound=p.Message)
OnChange = Callable[[], None]


class Grader:
    """Marks, diagnoses, inspects and makes data, one job after the other.

    It works through one examiner that is started when first needed. Every call raises GraderFaultError if the marker
    fails; the next call then starts a new examiner. Use it as an async context manager, or call `close`.
    """

    def __init__(
        self, state: StatePaths, *, on_change: OnChange | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        """`on_change` is called in the event loop whenever `state`, `isolation` or `detail` has changed.

        `environment` holds further variables for the marker's processes.
        """
        self._state_files = state
        self._environment = dict(environment or {})
        self._on_change = on_change or (lambda: None)
        self._turn = asyncio.Lock()
        self._start_lock = asyncio.Lock()
        self._process: ExaminerProcess | None = None
        self._numbers = itertools.count(1)
        self._ready: p.Ready | None = None
        self._predictor: Literal["idle", "starting", "warm", "failed"] = "idle"
        self._detail = ""
        self._busy_until = 0.0
        self._closed = False

    @property
    def state(self) -> str:
        """What the predictor does: `idle`, `starting`, `warm`, `failed`."""
        return self._predictor

    @property
    def ready(self) -> p.Ready | None:
        """What the examiner said when it started; None before."""
        return self._ready

    @property
    def isolation(self) -> str:
        """What holds the predictor: `bubblewrap` or `process limits`; empty before the examiner has started."""
        return self._ready.isolation if self._ready else ""

    @property
    def detail(self) -> str:
        """Why the predictor could not be started, or why the isolation is not more; empty if all is well."""
        return self._detail or (self._ready.isolation_detail if self._ready else "")

    @property
    def pid(self) -> int | None:
        """Process id of the examiner, which is also its process group's; None if none runs."""
        return self._process.pid if self._process else None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def warm_up(self) -> None:
        """Have TensorFlow imported now, in the background; `state` tells how far it is."""
        process = await self._examiner()
        await process.send(p.WarmUp())

    async def prepare(self, question: str, *, data_seed: str, holdout_seed: str, train: bool = False) -> None:
        """Have a question's hold-out drawn in the background. What goes wrong is told when a model is marked.

        With `train` the training samples of a diagnosis are drawn as well.
        """
        process = await self._examiner()
        await process.send(p.Prepare(question=question, data_seed=data_seed, holdout_seed=holdout_seed, train=train))

    async def make_data(
        self, question: str, *, data_seed: str, folder: Path, progress: Callable[[float], None] = lambda _: None
    ) -> p.DataMade:
        """Write a question's training data into an existing empty folder."""
        job = self._job()
        request = p.MakeData(job=job, question=question, data_seed=data_seed, folder=_absolute(folder))
        return await self._ask(request, job, p.DataMade, progress)

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
        """Judge a model on the hold-out that `world` and `secret` draw; `spread`: tell the standard error too."""
        job = self._job()
        path = _absolute(model)
        request = p.GradeModel(
            job=job,
            question=question,
            data_seed=data_seed,
            holdout_seed=holdout_seed,
            model=path,
            format=format,
            spread=spread,
        )
        reply = await self._ask(request, job, p.ModelGraded)
        if (reply.verdict is Verdict.GRADED) != (reply.marks is not None):
            raise GraderFaultError(f"The marker gave {reply.marks} marks and the verdict {reply.verdict}.")
        return reply

    async def diagnose(
        self, question: str, *, data_seed: str, holdout_seed: str, model: Path, format: ModelFormat
    ) -> p.ModelDiagnosed:
        """Find out why a model that was graded has no more marks. What fails is written to the log too."""
        job = self._job()
        path = _absolute(model)
        request = p.DiagnoseModel(
            job=job, question=question, data_seed=data_seed, holdout_seed=holdout_seed, model=path, format=format
        )
        try:
            return await self._ask(request, job, p.ModelDiagnosed)
        except GraderFaultError as fault:
            write_log(self._state_files, f"no diagnosis of {path}: {fault}")
            raise

    async def inspect(self, *, model: Path, format: ModelFormat, question: str | None = None) -> p.ModelInspected:
        """Tell what a model is, and what marking it for a question would refuse."""
        job = self._job()
        request = p.InspectModel(job=job, model=_absolute(model), format=format, question=question)
        return await self._ask(request, job, p.ModelInspected)

    async def close(self) -> None:
        """End the examiner, the predictor and whatever they have started, within about two seconds."""
        self._closed = True
        process, self._process = self._process, None
        if process is not None:
            await process.close()

    def _job(self) -> str:
        return f"j{next(self._numbers)}"

    async def _examiner(self) -> ExaminerProcess:
        """The running examiner, started if there is none."""
        if self._closed:
            raise GraderFaultError("The marker is closed.")
        async with self._start_lock:
            if self._process is None or not self._process.alive:
                await self._drop()
                self._process = await ExaminerProcess.start(self._state_files, self._environment, self._told)
                self._ready = self._process.ready
                self._on_change()
            return self._process

    async def _drop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            self._predictor, self._detail, self._busy_until = "idle", "", 0.0
            await process.close()

    def _told(self, message: p.PredictorState) -> None:
        self._predictor, self._detail = message.state, message.detail
        self._on_change()

    async def _ask(
        self, request: p.Message, job: str, expected: type[R], progress: Callable[[float], None] = lambda _: None
    ) -> R:
        async with self._turn:
            process = await self._examiner()
            try:
                reply = await self._converse(process, request, job, progress)
                if not isinstance(reply, expected | p.JobFailed):
                    raise GraderFaultError(f"The marker answered {reply.__class__.__name__}.")
            except GraderFaultError:  # dead, hung or talking nonsense
                await asyncio.shield(self._drop())
                raise
        if isinstance(reply, p.JobFailed):
            raise GraderFaultError(reply.message, location=reply.location, hint=reply.hint)
        return reply

    async def _converse(
        self, process: ExaminerProcess, request: p.Message, job: str, progress: Callable[[float], None]
    ) -> p.Message:
        await process.send(request)
        loop = asyncio.get_running_loop()
        # It may still be at a job that was given up, whose answer nobody takes.
        self._busy_until = max(self._busy_until, loop.time()) + FIRST_SECONDS
        while True:
            try:
                async with asyncio.timeout_at(self._busy_until):
                    message = await process.receive()
            except TimeoutError:
                raise GraderFaultError("The marker hangs and was ended.", hint="It starts anew by itself.") from None
            if isinstance(message, p.Working):
                self._busy_until = loop.time() + message.at_most + SLACK_SECONDS
            elif getattr(message, "job", None) != job:
                continue
            elif isinstance(message, p.JobProgress):
                with contextlib.suppress(Exception):
                    progress(message.fraction)
            else:
                self._busy_until = 0.0
                return message


def _absolute(path: Path) -> str:
    return os.path.abspath(path)
