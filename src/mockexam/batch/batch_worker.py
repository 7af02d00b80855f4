"""Private homes for workers on a cluster, swept when their process has gone."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict
from multiprocessing.util import Finalize
from pathlib import Path

from mockexam import paths
from mockexam.bank.loader import find_question
from mockexam.batch.job import GradingFault, GradingJob
from mockexam.batch.model_payload import look, unpack
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.events import ModelFormat
from mockexam.grading.client import Grader
from mockexam.grading.protocol import ModelGraded
from mockexam.paths import StatePaths
from mockexam.workspace.signature import sign

_PREFIX = "mockexam-worker-"


def make() -> Path:
    """A new private folder, for the caller to remove; what killed processes have left is removed now."""
    parent = Path(tempfile.gettempdir())
    sweep(parent)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))


def sweep(parent: Path) -> None:
    """Remove this user's homes of processes that no longer run."""
    import psutil

    for folder in parent.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        if not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)


Environment = tuple[tuple[str, str], ...]
_CLOSE_SECONDS = 5.0


class _Marker:
    """The marker of this process, in an event loop that runs in a thread of its own."""

    def __init__(self, state: StatePaths, environment: Environment, *, own: bool) -> None:
        """`own`: the state is this marker's alone, and is removed with it."""
        self.state = state
        self._own = own
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="mockexam-marker", daemon=True).start()
        self._grader = Grader(state, environment=dict(environment))
        # Run at the end of a process of `multiprocessing`, which `atexit` is not.
        Finalize(None, self._close, exitpriority=10)

    def _close(self) -> None:
        with suppress(TimeoutError, GraderFaultError):
            asyncio.run_coroutine_threadsafe(self._grader.close(), self._loop).result(_CLOSE_SECONDS)
        if self._own:
            shutil.rmtree(self.state.root, ignore_errors=True)

    def grade(self, job: GradingJob, model: Path) -> ModelGraded:
        """The verdict. Raises GraderFaultError."""
        asked: Future[ModelGraded] = asyncio.run_coroutine_threadsafe(self._grade(job, model), self._loop)
        return asked.result()

    async def _grade(self, job: GradingJob, model: Path) -> ModelGraded:
        if self._grader.state == "idle":
            await self._grader.warm_up()  # TensorFlow is imported while the hold-out is drawn
        form: ModelFormat = job.format
        return await self._grader.grade(
            job.question, data_seed=job.world, holdout_seed=job.secret, model=model, format=form
        )


_markers: dict[tuple[bool, Environment], _Marker] = {}
_lock = threading.Lock()


def grade(job: GradingJob) -> str:
    """Mark one model; returns `{"marked": ...}` or `{"fault": ...}` as JSON. Never raises for what a model does.

    The marker that it starts lasts as long as this process, however that ends.
    """
    try:
        return _done(_grade(job))
    except UserError as error:
        return _done(GradingFault(error.message, error.location, error.hint))
    except Exception as error:  # noqa: BLE001  # a fault of ours is told, and is never a model's zero
        return _done(GradingFault(f"The worker failed: {type(error).__name__}: {error}"[:500]))


def _done(came: ModelGraded | GradingFault) -> str:
    if isinstance(came, GradingFault):
        return json.dumps({"fault": asdict(came)})
    return json.dumps({"marked": came.model_dump(mode="json", exclude={"type", "job", "standard_error"})})


def _grade(job: GradingJob) -> ModelGraded | GradingFault:
    if job.payload is None:
        graded = _grader(job).grade(job, job.path)
        if job.state is not None and sign(job.path) != job.state:
            return GradingFault("The model changed while it was marked.", remedy="Run the command again.")
        return graded
    if not find_question(job.question).is_edition(job.fingerprint):
        return GradingFault(
            f"A worker's bank has another edition of {job.question}.",
            remedy="Install the same mockexam, and the same packs of questions, on all machines.",
        )
    return _grade_payload(job)


def _grade_payload(job: GradingJob) -> ModelGraded | GradingFault:
    """Lay the model out in this worker's home, and mark it there."""
    assert job.payload is not None
    grader = _grader(job)
    grader.state.submissions.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=grader.state.submissions))
    try:
        model = unpack(job.payload, folder)
        content = look(model)
        if content is None or content.sha256 != job.sha256:
            return GradingFault("The model arrived at a worker as something else.")
        return grader.grade(job, model)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _grader(job: GradingJob) -> _Marker:
    """The marker for such jobs, started with the first of them.

    Away from the machine whose command it is, it has a home of its own: the user's may be shared by many machines.
    """
    away = job.payload is not None
    with _lock:
        key = (away, job.environment)
        if key not in _markers:
            state = StatePaths(make()) if away else paths.state_paths()
            _markers[key] = _Marker(state, job.environment, own=away)
        return _markers[key]
