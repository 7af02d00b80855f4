"""Where models are marked: an executor, and how many jobs it can have at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Protocol

WORKER_BYTES = 2 << 30
"""Memory that is set aside for each worker: TensorFlow's, a hold-out's and a usual model's."""


class BatchExecutor(Protocol):
    """Who marks: processes here, or a cluster."""

    @property
    def executor(self) -> Executor:
        """Where jobs are submitted."""

    @property
    def width(self) -> int:
        """How many jobs to have submitted at a time, so that nobody waits for work."""

    @property
    def away(self) -> bool:
        """Whether jobs must carry their models, because workers may not see this machine's files."""

    def lost(self) -> bool:
        """Whether workers have died; the executor may not have noticed."""

    def mend(self) -> None:
        """Replace an executor that broke. Raises UserError if that is impossible."""

    def close(self, *, at_once: bool) -> None:
        """End the workers; `at_once`: whatever they are doing."""


class LocalExecutor:
    """Processes on this machine. A killed one breaks Python's pool, and costs a new pool."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._before = set(multiprocessing.active_children())
        self._executor = self._pool()
        self._seen: set[BaseProcess] = set()

    @property
    def executor(self) -> Executor:
        return self._executor

    @property
    def width(self) -> int:
        """One more than can be worked at."""
        return self._jobs + 1

    @property
    def away(self) -> bool:
        return False

    def lost(self) -> bool:
        alive = set(self.processes())
        self._seen |= alive
        return bool(self._seen - alive)

    def mend(self) -> None:
        """A new pool in place of the broken one."""
        self.close(at_once=True)
        self._seen.clear()
        self._executor = self._pool()

    def close(self, *, at_once: bool) -> None:
        """A worker's marker ends with it."""
        workers = self.processes()
        if at_once:
            for worker in workers:
                worker.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)
        for worker in workers:
            worker.join()

    def processes(self) -> list[BaseProcess]:
        """The workers that run."""
        return [child for child in multiprocessing.active_children() if child not in self._before]

    def _pool(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._jobs, mp_context=context, initializer=_begin)


def _begin() -> None:
    """A worker's first act: without the command there is no worker."""
    left_to_the_parent()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def default_jobs() -> int:
    """As many as there are cores that this process may use, fewer where memory is short."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, int(psutil.virtual_memory().available) // WORKER_BYTES))


@contextmanager
def first_one_waits() -> Iterator[threading.Event]:
    """An event that the first Ctrl+C sets; the next one interrupts as usual."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def take(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, take)
    try:
        yield asked
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def held_back() -> Iterator[None]:
    """Hold Ctrl+C back for a moment, for this process and for those that it starts meanwhile."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def left_to_the_parent() -> None:
    """In a process that was started while it was held back: Ctrl+C is its parent's business."""
    with suppress(ValueError):  # not in the main thread
        signal.signal(signal.SIGINT, lambda *_: None)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
