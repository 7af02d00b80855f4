"""What a worker process runs: it grades one model at a time with a grader of its own."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import threading
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.util import Finalize
from pathlib import Path

from mockexam import paths
from mockexam.bank.loader import find_question
from mockexam.batch.job import GradingJob, read_content, unpack
from mockexam.errors import GraderFaultError, UserError
from mockexam.grading.client import Grader
from mockexam.grading.protocol import ModelGraded
from mockexam.paths import StatePaths
from mockexam.workspace.signature import sign

_PREFIX = "mockexam-worker-"
_CLOSE_SECONDS = 5.0
Environment = tuple[tuple[str, str], ...]


def make_worker_dir() -> Path:
    """A new private folder, for the caller to remove. Folders of killed workers are removed first."""
    parent = Path(tempfile.gettempdir())
    remove_stale_worker_dirs(parent)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))


def remove_stale_worker_dirs(parent: Path) -> None:
    """Remove this user's worker folders whose process no longer runs."""
    import psutil

    for folder in parent.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)):
            continue
        if not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid():
            shutil.rmtree(folder, ignore_errors=True)


class _GraderThread:
    """This process's grader, with an event loop in its own thread."""

    def __init__(self, state: StatePaths, environment: Environment, *, temporary: bool) -> None:
        """`temporary`: remove the state's folder at the end."""
        self.state = state
        self._temporary = temporary
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="mockexam-grader", daemon=True).start()
        self._grader = Grader(state, environment=dict(environment))
        # Unlike `atexit`, this also runs at the end of a `multiprocessing` process.
        Finalize(None, self._close, exitpriority=10)

    def _close(self) -> None:
        with suppress(TimeoutError, GraderFaultError):
            asyncio.run_coroutine_threadsafe(self._grader.close(), self._loop).result(_CLOSE_SECONDS)
        if self._temporary:
            shutil.rmtree(self.state.root, ignore_errors=True)

    def grade(self, job: GradingJob, model: Path) -> ModelGraded:
        """The verdict. Raises GraderFaultError."""
        graded: Future[ModelGraded] = asyncio.run_coroutine_threadsafe(self._grade(job, model), self._loop)
        return graded.result()

    async def _grade(self, job: GradingJob, model: Path) -> ModelGraded:
        if self._grader.state == "idle":
            await self._grader.warm_up()  # TensorFlow is imported while the hold-out is generated
        it = job.item
        return await self._grader.grade(
            it.question, data_seed=it.data_seed, holdout_seed=it.holdout_seed, model=model, format=it.format
        )


_graders: dict[tuple[bool, Environment], _GraderThread] = {}
_lock = threading.Lock()


def grade(job: GradingJob) -> str:
    """Grade one model with this process's grader: `{"graded": ...}` or `{"fault": ...}` as JSON. Never raises."""
    try:
        reply = _grade(job)
    except Exception as error:  # noqa: BLE001  # our own fault is reported, and is never a zero for the model
        message = f"The worker failed: {type(error).__name__}: {error}"[:500]
        fault = error if isinstance(error, UserError) else UserError(message)
        return json.dumps({"fault": {"message": fault.message, "location": fault.location, "hint": fault.hint}})
    return json.dumps({"graded": reply.model_dump(mode="json", exclude={"type", "job", "standard_error"})})


def _grade(job: GradingJob) -> ModelGraded:
    """Grade the model where it lies, or its payload in this worker's folder. Raises UserError for our own fault."""
    item = job.item
    if job.payload is None:
        graded = _grader(job).grade(job, item.path)
        if sign(item.path) != job.content.state:
            raise UserError("The model changed while it was graded.", hint="Run the command again.")
        return graded
    if not find_question(item.question).is_edition(item.fingerprint):
        raise UserError(
            f"A worker has another edition of {item.question}.",
            hint="Install the same mockexam and the same question packs on all machines.",
        )
    grader = _grader(job)
    grader.state.submissions.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=grader.state.submissions))
    try:
        model = unpack(job.payload, folder)
        content = read_content(model)
        if content is None or content.sha256 != job.content.sha256:
            raise UserError("The model was damaged on its way to a worker.")
        return grader.grade(job, model)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _grader(job: GradingJob) -> _GraderThread:
    """The grader for such jobs, started on the first. A remote one gets its own folder: homes may be shared."""
    remote = job.payload is not None
    with _lock:
        key = (remote, job.environment)
        if key not in _graders:
            state = StatePaths(make_worker_dir()) if remote else paths.state_paths()
            _graders[key] = _GraderThread(state, job.environment, temporary=remote)
        return _graders[key]
