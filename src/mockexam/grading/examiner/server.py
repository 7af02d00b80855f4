"""The examiner's main loop: reads requests, works on one at a time, and exits when its stdin closes."""

from __future__ import annotations

import contextlib
import functools
import importlib.metadata
import os
import platform
import queue
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from pydantic import ValidationError

import mockexam
from mockexam import paths
from mockexam.errors import GraderFaultError, UserError
from mockexam.grading import protocol as p
from mockexam.grading.examiner import sandbox

if TYPE_CHECKING:
    from mockexam.grading.examiner.grade_model import GradingContext
    from mockexam.grading.examiner.predictor_host import Keras, PredictorHost

_PREFIX = "marker-"
_STALE_SECONDS = 600.0


def serve(requests: IO[bytes], replies: int, log: IO[bytes]) -> int:
    """Serve until the requests end. Returns the exit code."""
    try:
        folder = _own_folder()
    except UserError as error:
        _write(replies, _failed("", error))
        return 1
    try:
        return _Server(requests, replies, log, folder).run()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Server:
    """The main thread works, another reads requests. NumPy is imported late: the app waits for `Ready`."""

    def __init__(self, requests: IO[bytes], replies: int, log: IO[bytes], folder: Path) -> None:
        self._requests, self._replies, self._log, self._folder = requests, replies, log, folder
        self._queue: queue.Queue[p.Message] = queue.Queue()
        self._write_lock = threading.Lock()
        self._jobs = folder / "jobs"
        self._jobs.mkdir()
        self._sandbox = sandbox.choose(self._jobs)
        self._versions = _versions()
        self._hosts: dict[Keras, PredictorHost] = {}
        self._job = ""

    def run(self) -> int:
        isolation, detail = self._sandbox.record, self._sandbox.detail
        self._send(p.Ready(isolation=isolation, isolation_detail=detail, versions=self._versions))
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            self._handle(self._queue.get())

    def _listen(self) -> None:
        """Thread: read requests; when they end, exit, whatever the main thread is doing."""
        for line in self._requests:
            try:
                self._queue.put(p.read_request(line))
            except ValidationError as error:
                self._write_log(f"not a request: {error}\n")
        for host in list(self._hosts.values()):
            host.kill()
        shutil.rmtree(self._folder, ignore_errors=True)
        _exit_group()

    def _send(self, message: p.Message) -> None:
        with self._write_lock:
            _write(self._replies, message)

    def _handle(self, request: p.Message) -> None:
        if isinstance(request, p.WarmUp):
            self._warm_up()
            return
        self._job = str(getattr(request, "job", ""))
        try:
            reply = self._work(request)
            if reply is not None:
                self._send(reply)
        except Exception as error:  # noqa: BLE001  # an error in the grader is reported, and is never a zero
            if not isinstance(error, UserError):
                self._write_log(traceback.format_exc())
            if not isinstance(request, p.Prepare):  # its errors come up again when a model is graded
                self._send(_failed(self._job, error))

    def _work(self, request: p.Message) -> p.Message | None:
        if isinstance(request, p.MakeData):
            return self._make_data(request)
        from mockexam.grading.examiner import grade_model

        context = self._context
        context.keras = 3  # until a model asks for the other
        if isinstance(request, p.Prepare):
            grade_model.prepare(context, request)
            return None
        if isinstance(request, p.GradeModel):
            return grade_model.grade_model(context, request)
        if isinstance(request, p.InspectModel):
            return grade_model.inspect_model(context, request)
        if isinstance(request, p.DiagnoseModel):
            from mockexam.grading.examiner.diagnose_model import diagnose_model

            return diagnose_model(context, request)
        raise GraderFaultError(f"The grader does not know the request {type(request).__name__}.")

    def _make_data(self, request: p.MakeData) -> p.Message:
        from mockexam.bank.loader import find_question
        from mockexam.grading.examiner.data_worker import DATA_SECONDS, make_files

        def progress(fraction: float) -> None:
            self._send(p.JobProgress(job=request.job, fraction=fraction))

        self._announce(DATA_SECONDS)
        question = find_question(request.question)
        files, size = make_files(question, request.data_seed, Path(request.folder), self._log, progress)
        return p.DataMade(job=request.job, files=files, size=size)

    def _warm_up(self) -> None:
        try:
            self._host(3).start()
            for host in self._hosts.values():
                host.start()
        except GraderFaultError as error:
            self._send(p.PredictorState(state="failed", detail=error.message))
        import mockexam.grading.examiner.grade_model  # noqa: F401  # now, so that the first model does not wait for it

    def _host(self, keras: Keras) -> PredictorHost:
        """The predictor with this Keras. The one with Keras 2 is started when the first model needs it."""
        if keras not in self._hosts:
            from mockexam.grading.examiner.predictor_host import PredictorHost

            def on_state(state: Literal["starting", "warm", "failed"], detail: str) -> None:
                if keras == 3:  # the grader is ready without the other
                    self._send(p.PredictorState(state=state, detail=detail))

            held = self._hosts[3].sandbox if 3 in self._hosts else self._sandbox
            self._hosts[keras] = PredictorHost(
                held, self._log, on_state=on_state, on_lost=lambda: self._queue.put(p.WarmUp()), keras=keras
            )
        return self._hosts[keras]

    @functools.cached_property
    def _context(self) -> GradingContext:
        from mockexam.grading.examiner.data_worker import SampleCache
        from mockexam.grading.examiner.grade_model import GradingContext

        cache = SampleCache(self._jobs, self._log)
        return GradingContext(self._host, self._jobs, cache, self._versions, self._announce)

    def _announce(self, seconds: float) -> None:
        self._send(p.Working(job=self._job, at_most=seconds))

    def _write_log(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a full disk must not end the examiner
            self._log.write(text.encode())
            self._log.flush()


def _failed(job: str, error: Exception) -> p.JobFailed:
    if isinstance(error, UserError):
        return p.JobFailed(job=job, message=error.message, location=error.location, hint=error.hint)
    return p.JobFailed(job=job, message=f"The grader failed: {type(error).__name__}: {error}"[:500])


def _write(replies: int, message: p.Message) -> None:
    with contextlib.suppress(BrokenPipeError):
        view = memoryview(p.encode(message))
        while view:
            view = view[os.write(replies, view) :]


def _versions() -> dict[str, str]:
    found = {"mockexam": mockexam.__version__, "python": platform.python_version()}
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        found["numpy"] = importlib.metadata.version("numpy")
    return found


def _exit_group() -> None:
    """Exit at once, with every process of the group that this one leads, such as a data worker."""
    if sys.platform != "win32" and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _own_folder() -> Path:
    """A private folder for this run. Folders left by killed runs are removed."""
    scratch = paths.state_paths().scratch
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        remove_stale(scratch)
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=scratch))
        (folder / "pid").write_text(str(os.getpid()), encoding="ascii")
    except OSError as error:
        message = f"The grader can't write its files: {error.strerror}."
        hint = "Free some disk space and check that you may write to this folder."
        raise UserError(message, location=str(scratch), hint=hint) from None
    return folder


def remove_stale(scratch: Path) -> None:
    """Remove the folders of examiners that no longer run."""
    import psutil

    for folder in scratch.glob(f"{_PREFIX}*"):
        try:
            owner = int((folder / "pid").read_text(encoding="ascii"))
        except (OSError, ValueError):
            # Killed before it wrote its id, unless it is about to.
            gone = _age(folder) > _STALE_SECONDS
        else:
            gone = not psutil.pid_exists(owner)
        if gone:
            shutil.rmtree(folder, ignore_errors=True)


def _age(folder: Path) -> float:
    """Seconds since the folder changed; 0 if it no longer exists."""
    try:
        return time.time() - folder.stat().st_mtime
    except OSError:
        return 0.0
