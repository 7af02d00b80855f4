"""Starts the predictor, gives it one job at a time, limits what it sends back, and replaces it when it fails."""

from __future__ import annotations

import contextlib
import os
import queue
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Literal

from mockexam.errors import GraderFaultError
from mockexam.grading.examiner.prediction_job import COMPLETE, ModelError, PredictionJob, PredictionOutcome, printable
from mockexam.grading.examiner.sandbox import BUBBLEWRAP, Sandbox, limits_only
from mockexam.grading.ipc import BUSY_TIMES, KILL, MAX_RELAYED, Frame, Reader, WireError, send

START_SECONDS = 180.0
OVERTIME_SECONDS = 10.0  # how long after a job's time limit the predictor may take to report it
TRIES = 3  # how many predictors may die on one model before the model is blamed
Keras = Literal[2, 3]  # the major version; 2 is tf-keras
OnState = Callable[[Literal["starting", "warm", "failed"], str], None]


class _LostError(Exception):
    """The predictor is gone, and it is unknown whose fault it is."""


class PredictorHost:
    """One predictor of this examiner. Used from the main thread: the kernel ties its life to that thread."""

    def __init__(
        self, sandbox: Sandbox, log: IO[bytes], on_state: OnState, on_lost: Callable[[], None], keras: Keras = 3
    ) -> None:
        """`on_state` and `on_lost` (a warm predictor has ended) are called from another thread."""
        self.sandbox = sandbox
        self._keras = keras
        self._log = log
        self._on_state = on_state
        self._on_lost = on_lost
        self._process: subprocess.Popen[bytes] | None = None
        self._frames: queue.Queue[Frame | None] = queue.Queue()
        self._reader: Reader | None = None
        self._warm = threading.Event()
        self._silent = threading.Event()  # set when the running predictor can send nothing more
        self._thread: threading.Thread | None = None
        self._closed = False
        self._killed = 0  # how many predictors in a row were killed before they were ready
        self._single = False  # whether the predictor ends after one model, so that no frame can belong to another
        self.versions: Mapping[str, str] = {}

    def start(self) -> None:
        """Start a predictor if none is running; returns at once. Raises GraderFaultError if that is impossible."""
        if self._closed or self._runs():
            return
        self._drop()
        self._on_state("starting", self.sandbox.detail)
        try:
            process = subprocess.Popen(
                [*self.sandbox.argv, str(self._keras)], env=dict(self.sandbox.environment),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=self._log, cwd=self.sandbox.jobs,
            )  # fmt: skip
        except OSError as error:
            raise self._cannot_start(str(error)) from None
        assert process.stdout is not None  # a pipe, as asked for
        self._process, self._frames = process, queue.Queue()
        self._warm, self._silent = threading.Event(), threading.Event()
        self._reader = Reader(process.stdout.fileno(), max_body=0, max_header=MAX_RELAYED)
        arguments = (self._reader, self._frames, self._warm, self._silent)
        self._thread = threading.Thread(target=self._read, args=arguments, daemon=True)
        self._thread.start()

    def _runs(self) -> bool:
        # The pipe closes before the process can be waited for: `poll` alone would be too early.
        return self._process is not None and self._process.poll() is None and not self._silent.is_set()

    def _read(
        self, reader: Reader, frames: queue.Queue[Frame | None], warm: threading.Event, silent: threading.Event
    ) -> None:
        """Thread: pass on frames until the predictor ends or sends something else."""
        with contextlib.suppress(WireError):
            while True:
                frame = reader.next()
                if frame.kind == "warm" and not warm.is_set():
                    versions = frame.header.get("versions")
                    self.versions = {k: printable(v) for k, v in versions.items()} if isinstance(versions, dict) else {}
                    self._single = frame.header.get("single") is True
                    warm.set()
                    self._on_state("warm", self.sandbox.detail)
                else:
                    frames.put(frame)
        silent.set()
        frames.put(None)
        if warm.is_set() and silent is self._silent and self._process is not None and not self._closed:
            self._on_lost()

    def run(self, job: PredictionJob) -> PredictionOutcome:
        """Load a model and predict. Raises GraderFaultError if no predictor starts."""
        outcome = PredictionOutcome("crash")
        for _ in range(TRIES):
            self.wait_warm()
            try:
                outcome = self._run(job)
            except _LostError:
                self._drop()
                continue
            if outcome.how == "fault" and outcome.error is not None:
                raise _gate_fault(outcome.error)
            if (outcome.how, outcome.code) != ("crash", -KILL):
                return outcome
        # Killed every time, and not by us: the kernel does that when memory runs out.
        return replace(outcome, how="memory") if outcome.code else outcome

    def wait_warm(self) -> None:
        """Start a predictor, if need be with process limits alone, and wait for it. Raises GraderFaultError."""
        self.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._warm.wait(0.02):
            dead = not self._runs()
            if dead and self._thread is not None:
                self._thread.join(1)
            frame = None
            with contextlib.suppress(queue.Empty):
                frame = self._frames.get_nowait()
            if frame is not None or dead or time.monotonic() > deadline:
                self._start_failed(printable(frame.header.get("text"), 500) if frame else "")
        self._killed = 0

    def _start_failed(self, why: str) -> None:
        # Bubblewrap tells so that the process in it was killed.
        killed = self._process is not None and self._process.poll() in (-KILL, 128 + KILL)
        self._drop()
        self._killed = self._killed + 1 if killed else 0
        if 0 < self._killed <= TRIES:
            self.start()
            return
        # Whoever kills it, or lacks memory, would do so without a sandbox too; and what is missing is missing there.
        if killed:
            why = "it is killed each time; the memory may be full"
        elif self.sandbox.isolation == BUBBLEWRAP and not why.startswith("ModuleNotFoundError"):
            reason = f"TensorFlow does not start in bubblewrap: {why or 'see the log'}"
            self.sandbox = replace(limits_only(self.sandbox.jobs, reason), gate=self.sandbox.gate)
            self.start()
            return
        self._killed = 0
        self._on_state("failed", why)
        raise self._cannot_start(why)

    def _for_sandbox(self, job: PredictionJob) -> PredictionJob:
        """The job with paths as this predictor sees them; its sandbox may differ from the previous one's."""
        sandbox = self.sandbox
        features = sandbox.inside(Path(job.features)) if job.features else None
        return replace(job, model=sandbox.inside(Path(job.model)), features=features, gate=sandbox.gate)

    def _run(self, job: PredictionJob) -> PredictionOutcome:
        process, reader = self._process, self._reader
        assert process is not None  # it is warm
        assert process.stdin is not None
        assert reader is not None
        reader.max_body = job.max_body
        try:
            send(process.stdin.fileno(), self._for_sandbox(job).header(token := secrets.token_hex(8)))
        except WireError:
            raise _LostError from None
        began = time.monotonic()
        deadline, last = began + job.seconds, began + job.seconds * BUSY_TIMES
        outcome = PredictionOutcome("crash")
        while True:
            try:
                frame = self._frames.get(timeout=max(0.0, deadline + OVERTIME_SECONDS - time.monotonic()))
            except queue.Empty:
                self._drop()
                return replace(outcome, how="time")
            if frame is None:
                if outcome.how in COMPLETE:
                    return outcome
                raise _LostError
            if not self._single and frame.header.get("token") != token:
                raise _LostError  # for another job or for none: nothing from this predictor counts any more
            if frame.kind == "waits" and isinstance(more := frame.header.get("seconds"), float):
                deadline = min(max(deadline, deadline + more), last)
            outcome = outcome.after(frame)
            if frame.kind == "ended":
                return outcome

    def _drop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        if self._thread is not None:
            self._thread.join(5)
        with contextlib.suppress(OSError), process:
            """Close its pipes."""

    def _cannot_start(self, why: str) -> GraderFaultError:
        details = "Run `mockexam doctor`. The log in mockexam's home folder has the details."
        reason = f": {why}" if why else ""
        if self._keras == 3:
            return GraderFaultError(f"TensorFlow does not start{reason}.", hint=details)
        message = f"The model was saved by Keras 2, and tf-keras, which loads such files, does not start{reason}."
        return GraderFaultError(message, hint=f"Other models can still be graded. {details}")

    def kill(self) -> None:
        """End the predictor for good, from any thread."""
        self._closed = True
        if (process := self._process) is not None:
            process.kill()


def _gate_fault(error: ModelError) -> GraderFaultError:
    message = f"The grader failed before it loaded the model: {error.error}: {printable(error.text, 300)}"
    return GraderFaultError(message, hint="This is not your fault. Please report it, with the model file if you can.")


def memory_limit() -> int:
    """Bytes of memory that a model may use: 4 GiB, or 60 % of the machine's memory if that is less."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 0
    return min(4 << 30, int(total * 0.6)) if total > 0 else 4 << 30
