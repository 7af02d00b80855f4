"""The examiner's life: reads requests, does one after the other, and leaves when nobody asks any more."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
import queue
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from pydantic import ValidationError

import mockexam
from mockexam import paths
from mockexam.errors import GraderFaultError, UserError
from mockexam.grading import protocol as p
from mockexam.grading.examiner import sandbox

if TYPE_CHECKING:
    from mockexam.grading.examiner.grade_model import GradingContext
    from mockexam.grading.examiner.predictor_host import PredictorHost

_PREFIX = "marker-"
_LOST = object()
_STALE_SECONDS = 600.0


def serve(requests: IO[bytes], replies: int, log: IO[bytes]) -> int:
    """Serve until the requests end. Returns the exit code."""
    try:
        folder = _own_folder()
    except UserError as error:
        _write(replies, p.JobFailed(job="", message=error.message, location=error.location, hint=error.hint))
        return 1
    try:
        return _Examiner(requests, replies, log, folder).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Examiner:
    """State of one run. The main thread works; another reads requests and ends everything at their end."""

    def __init__(self, requests: IO[bytes], replies: int, log: IO[bytes], folder: Path) -> None:
        self._requests, self._replies, self._log, self._folder = requests, replies, log, folder
        self._queue: queue.Queue[object] = queue.Queue()
        self._write_lock = threading.Lock()
        jobs = folder / "jobs"
        jobs.mkdir()
        self._sandbox = sandbox.choose(jobs)
        self._host: PredictorHost | None = None
        self._context: GradingContext | None = None
        self._job = ""

    def run(self) -> int:
        versions = _versions()
        self._say(p.Ready(isolation=self._sandbox.record, isolation_detail=self._sandbox.detail, versions=versions))
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            request = self._queue.get()
            if request is _LOST:
                self._warm_up()
            elif isinstance(request, p.Message):
                self._do(request, versions)

    def _listen(self) -> None:
        """Thread: read requests. Their end is the end of this process, whatever the main thread is doing."""
        for line in self._requests:
            try:
                self._queue.put(p.read_request(line))
            except ValidationError as error:
                self._note(f"not a request: {error}\n")
        if self._host is not None:
            self._host.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
        _end_group()

    def _say(self, message: p.Message) -> None:
        with self._write_lock:
            _write(self._replies, message)

    def _do(self, request: p.Message, versions: dict[str, str]) -> None:
        if isinstance(request, p.WarmUp):
            self._warm_up()
            return
        if isinstance(request, p.Prepare):
            self._prepare(request, versions)
            return
        job = str(getattr(request, "job", ""))
        try:
            self._say(self._work(request, versions))
        except UserError as error:
            self._say(p.JobFailed(job=job, message=error.message, location=error.location, hint=error.hint))
        except Exception as error:  # noqa: BLE001  # a fault of the marker is told, and is never a candidate's zero
            self._write_traceback()
            self._say(p.JobFailed(job=job, message=f"The marker failed: {type(error).__name__}: {error}"[:500]))

    def _prepare(self, request: p.Prepare, versions: dict[str, str]) -> None:
        from mockexam.grading.examiner.grade_model import prepare

        try:
            prepare(self._get_context(versions, request), request)
        except Exception:  # noqa: BLE001  # marking will meet it again, and tell it then
            self._write_traceback()

    def _write_traceback(self) -> None:
        import traceback

        self._note(traceback.format_exc())

    def _note(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a full disk must not end the marker
            self._log.write(text.encode())
            self._log.flush()

    def _work(self, request: p.Message, versions: dict[str, str]) -> p.Message:
        if isinstance(request, p.MakeData):
            return self._make_data(request)
        from mockexam.grading.examiner.grade_model import grade_model
        from mockexam.grading.examiner.inspect_model import inspect_model

        context = self._get_context(versions, request)
        if isinstance(request, p.GradeModel):
            return grade_model(context, request)
        if isinstance(request, p.InspectModel):
            return inspect_model(context, request)
        if isinstance(request, p.DiagnoseModel):
            from mockexam.grading.examiner.diagnose_model import diagnose_model

            return diagnose_model(context, request)
        raise GraderFaultError(f"The marker does not know the request {type(request).__name__}.")

    def _make_data(self, request: p.MakeData) -> p.Message:
        from mockexam.grading.examiner.data_client import MAKER_SECONDS, make_files

        def progress(fraction: float) -> None:
            self._say(p.JobProgress(job=request.job, fraction=fraction))

        self._say(p.Working(job=request.job, at_most=MAKER_SECONDS))
        files, size = make_files(request.question, request.data_seed, Path(request.folder), self._log, progress)
        return p.DataMade(job=request.job, files=files, size=size)

    def _warm_up(self) -> None:
        try:
            self._get_host().start()
        except GraderFaultError as error:
            self._say(p.PredictorState(state="failed", detail=error.message))
        # Imported while the predictor starts, so that the first model need not wait for it.
        import mockexam.grading.examiner.inspect_model  # noqa: F401  # only to have it loaded

    def _get_host(self) -> PredictorHost:
        if self._host is None:
            from mockexam.grading.examiner.predictor_host import PredictorHost

            self._host = PredictorHost(
                self._sandbox,
                self._log,
                on_state=lambda state, detail: self._say(p.PredictorState(state=state, detail=detail)),
                on_lost=lambda: self._queue.put(_LOST),
            )
        return self._host

    def _get_context(self, versions: dict[str, str], request: p.Message) -> GradingContext:
        self._job = str(getattr(request, "job", ""))
        if self._context is None:
            from mockexam.grading.examiner.data_client import SampleCache
            from mockexam.grading.examiner.grade_model import GradingContext

            sample_cache = SampleCache(self._folder / "jobs", self._log)
            self._context = GradingContext(
                self._get_host(), self._folder / "jobs", sample_cache, versions, self._announce
            )
        return self._context

    def _announce(self, seconds: float) -> None:
        self._say(p.Working(job=self._job, at_most=seconds))


def _write(replies: int, message: p.Message) -> None:
    with contextlib.suppress(BrokenPipeError):
        view = memoryview(p.encode(message))
        while view:
            view = view[os.write(replies, view) :]


def _versions() -> dict[str, str]:
    found = {"mockexam": mockexam.__version__, "python": platform.python_version()}
    for package in ("numpy",):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def _end_group() -> None:
    """End at once, with every process of this group if this one leads it (a data maker may be at work)."""
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _own_folder() -> Path:
    """A private folder for this run. What killed runs have left is removed."""
    scratch = paths.state_paths().scratch
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        remove_stale(scratch)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=scratch))
        (folder / "pid").write_text(str(os.getpid()), encoding="ascii")
    except OSError as error:
        raise UserError(
            f"The marker can't write its files: {error.strerror}.", location=str(scratch), hint="Free some space there."
        ) from None
    return folder


def remove_stale(scratch: Path) -> None:
    """Remove the folders of examiners that no longer run."""
    import psutil

    for folder in scratch.glob(f"{_PREFIX}*"):
        try:
            owner = int((folder / "pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            # It was killed before it could write its id, unless it is just about to.
            gone = _age(folder) > _STALE_SECONDS
        else:
            gone = not psutil.pid_exists(owner)
        if gone:
            shutil.rmtree(folder, ignore_errors=True)


def _age(folder: Path) -> float:
    """Seconds since anything was made in a folder; 0 if it has gone."""
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
