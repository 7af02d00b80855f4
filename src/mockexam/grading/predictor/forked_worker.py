"""A fork that waits for the next model. If none comes at once, it warms up: a job then pays only for load and predict.

Models in a row do not wait for a warm-up, which costs more than it saves one of them.

The zygote has imported TensorFlow but never runs an operation: a fork of a process that did would hang.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any

from mockexam.grading.ipc import KILL, Reader, WireError, die_with_parent, hide_memory, readable, send
from mockexam.grading.predictor import confinement, model_job
from mockexam.grading.predictor.confinement import Confinement

WARM_SECONDS = 120.0
LINGER_SECONDS = 0.4  # how long a worker waits for a job before it warms up
_WARM = "spare_warm"  # the kind of frame with which a worker says that it is warm


class ForkedWorker:
    """One forked process, good for one model."""

    def __init__(self, confined: Confinement, linger: float = LINGER_SECONDS) -> None:
        """Fork. The worker warms up unless a job comes within `linger` seconds, and confines itself when one comes."""
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        zygote = os.getpid()
        self.pid = _fork()
        if self.pid == 0:
            _run_worker(theirs.detach(), zygote, confined, linger)
        theirs.close()
        self._socket = ours
        self.reader = Reader(ours.fileno(), max_body=0)
        self._exit_code: int | None = None

    @property
    def fd(self) -> int:
        return self._socket.fileno()

    @property
    def ended(self) -> bool:
        """Whether `end` was called."""
        return self._exit_code is not None

    def wait_warm(self) -> None:
        """Wait until it is warm. Raises WireError if it died or does not get there."""
        self._wait_for(_WARM)

    def give(self, job: Mapping[str, Any], max_body: int) -> None:
        """Hand over its job and wait until it has taken it. Raises WireError if it is gone."""
        send(self.fd, job)
        self._wait_for("taken")
        self.reader.max_body = max_body

    def _wait_for(self, kind: str) -> None:
        """Read up to a frame of this kind; no model is in the worker yet, so its frames are our own."""
        deadline = time.monotonic() + WARM_SECONDS
        while (frame := self.reader.next(deadline)).kind != kind:
            if frame.kind != _WARM:
                raise WireError("the forked worker did not warm up")

    def end(self) -> int:
        """Kill it and return its exit code: a signal as a negative number, SIGKILL if it was still running."""
        if self._exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, KILL)
            self._socket.close()
            try:
                self._exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            except ChildProcessError:
                self._exit_code = 0
        return self._exit_code


def _fork() -> int:
    if sys.platform != "linux":  # Windows has none, and on macOS it is unsafe beside the system's frameworks
        raise NotImplementedError
    return os.fork()


def _run_worker(sock: int, zygote: int, confined: Confinement, linger: float) -> None:
    """Run in the fork; never returns."""
    code = 1
    try:
        die_with_parent(zygote)
        hide_memory(False)
        confinement.offer_to_oom_killer()
        _close_all_but(sock, confined.landlock)
        if not readable(sock, linger):
            model_job.warm_up()
            send(sock, {"kind": _WARM})
        job = Reader(sock, max_body=0).next()
        send(sock, {"kind": "taken"})
        # Discard what a model prints: it could fill the disk.
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        os.close(null)
        model_job.work_confined(sock, job.header, confined)
        code = 0
    except WireError:
        code = 0
    except BaseException:  # noqa: BLE001  # a fork must not run its parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _close_all_but(*descriptors: int) -> None:
    """Close all descriptors but the standard streams and these: the zygote's own must not reach a model."""
    if sys.platform != "linux":
        raise NotImplementedError
    start = 3
    for descriptor in sorted(number for number in descriptors if number >= start):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, min(os.sysconf("SC_OPEN_MAX"), 65536))
