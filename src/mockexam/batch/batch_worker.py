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
from dataclasses import asdict
from multiprocessing.util import Finalize
from pathlib import Path

from mockexam import paths
from mockexam.bank.loader import find_question
from mockexam.batch.job import GradingFault, GradingJob, read_content, unpack
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.events import ModelFormat
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
        form: ModelFormat = job.format
        return await self._grader.grade(
            job.question, data_seed=job.data_seed, holdout_seed=job.holdout_seed, model=model, format=form
        )


_graders: dict[tuple[bool, Environment], _GraderThread] = {}
_lock = threading.Lock()


def grade(job: GradingJob) -> str:
    """Grade one model; returns `{"graded": ...}` or `{"fault": ...}` as JSON. Never raises for what a model does.

    The grader that it starts ends with this process, however that ends.
    """
    try:
        reply = _grade(job)
    except UserError as error:
        reply = GradingFault(error.message, error.location, error.hint)
    except Exception as error:  # noqa: BLE001  # our own fault is reported, and is never a zero for the model
        reply = GradingFault(f"The worker failed: {type(error).__name__}: {error}"[:500])
    if isinstance(reply, GradingFault):
        return json.dumps({"fault": asdict(reply)})
    return json.dumps({"graded": reply.model_dump(mode="json", exclude={"type", "job", "standard_error"})})


def _grade(job: GradingJob) -> ModelGraded | GradingFault:
    if job.payload is None:
        graded = _grader(job).grade(job, job.path)
        if job.state is not None and sign(job.path) != job.state:
            return GradingFault("The model changed while it was graded.", hint="Run the command again.")
        return graded
    if not find_question(job.question).is_edition(job.fingerprint):
        return GradingFault(
            f"A worker has another edition of {job.question}.",
            hint="Install the same mockexam and the same question packs on all machines.",
        )
    return _grade_payload(job)


def _grade_payload(job: GradingJob) -> ModelGraded | GradingFault:
    """Write the model into this worker's folder, and grade it there."""
    assert job.payload is not None
    grader = _grader(job)
    grader.state.submissions.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=grader.state.submissions))
    try:
        model = unpack(job.payload, folder)
        content = read_content(model)
        if content is None or content.sha256 != job.sha256:
            return GradingFault("The model was damaged on its way to a worker.")
        return grader.grade(job, model)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _grader(job: GradingJob) -> _GraderThread:
    """The grader for such jobs, started on the first one.

    A remote worker gets its own folder: several machines may share the user's home.
    """
    remote = job.payload is not None
    with _lock:
        key = (remote, job.environment)
        if key not in _graders:
            state = StatePaths(make_worker_dir()) if remote else paths.state_paths()
            _graders[key] = _GraderThread(state, job.environment, temporary=remote)
        return _graders[key]
