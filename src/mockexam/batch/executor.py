"""Worker processes on this machine, and what the runner needs of any executor."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Protocol


class BatchExecutor(Protocol):
    """Where jobs run: processes on this machine, or a cluster."""

    @property
    def executor(self) -> Executor:
        """Takes the jobs."""

    @property
    def capacity(self) -> int:
        """Number of jobs to submit at a time, so that no worker is idle."""

    @property
    def remote(self) -> bool:
        """Whether jobs must carry their models because workers may not see this machine's files."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Extra variables for the workers' graders."""

    def lost_workers(self) -> bool:
        """Whether workers have died; the executor may not have noticed."""

    def restart(self) -> None:
        """Replace a broken executor. Raises UserError if that is impossible."""

    def close(self, *, at_once: bool) -> None:
        """Stop the workers; `at_once`: without finishing their jobs."""


class LocalExecutor:
    """Processes on this machine. A killed one breaks Python's pool, which is then replaced."""

    remote = False

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._before = set(multiprocessing.active_children())
        self.executor = self._pool()
        self._seen: set[BaseProcess] = set()

    @property
    def capacity(self) -> int:
        """One more than the workers can work on."""
        return self._jobs + 1

    @property
    def environment(self) -> Mapping[str, str]:
        """A worker's share of the cores for TensorFlow: with a thread a core in each worker, they fight for them."""
        share = str(max(1, available_cores() // self._jobs))
        return {"TF_NUM_INTRAOP_THREADS": share, "TF_NUM_INTEROP_THREADS": share}

    def lost_workers(self) -> bool:
        alive = set(self.processes())
        self._seen |= alive
        return bool(self._seen - alive)

    def restart(self) -> None:
        """Replace the broken pool."""
        self.close(at_once=True)
        self._seen.clear()
        self.executor = self._pool()

    def close(self, *, at_once: bool) -> None:
        """A worker's grader ends with it."""
        workers = self.processes()
        if at_once:
            for worker in workers:
                worker.kill()
        self.executor.shutdown(wait=True, cancel_futures=True)
        for worker in workers:
            worker.join()

    def processes(self) -> list[BaseProcess]:
        """The running workers."""
        return [child for child in multiprocessing.active_children() if child not in self._before]

    def _pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._jobs, mp_context=context, initializer=_start_worker)


def _start_worker() -> None:
    """Runs first in each worker, and ends it when the command ends."""
    _ignore_interrupts()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def available_cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def first_interrupt_deferred() -> Iterator[threading.Event]:
    """An event that the first Ctrl+C sets; the next one interrupts as usual."""
    interrupted = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield interrupted
        return

    def handle(_number: int, _frame: FrameType | None) -> None:
        interrupted.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def interrupts_blocked() -> Iterator[None]:
    """Block Ctrl+C for a moment, in this process and in those that it starts meanwhile."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ignore_interrupts() -> None:
    """In a process started while they were blocked: the parent handles Ctrl+C."""
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, lambda *_: None)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
