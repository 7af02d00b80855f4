"""A fork that waits for the next model. If none comes at once it warms up, so that a job costs only load and predict.

Models that come in a row are not kept waiting for a warm-up that costs more than it saves one of them.

The parent has imported TensorFlow but never runs an operation: a fork of a process that did would hang.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
import traceback
from collections.abc import Mapping
from typing import Any

from mockexam.grading.lifeline import die_with_parent, hide_memory
from mockexam.grading.predictor import limits, model_job
from mockexam.grading.predictor.confinement import Confinement
from mockexam.grading.wire import Reader, WireError, readable, send

WARM_SECONDS = 120.0
LINGER_SECONDS = 0.4
"""How long a spare waits for a model before it warms up."""


class ForkedWorker:
    """One forked process, good for one model."""

    def __init__(self, confinement: Confinement, linger: float = LINGER_SECONDS) -> None:
        """It warms up unless a job comes within `linger` seconds, and is confined when one comes."""
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        me = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _child(theirs.detach(), me, confinement, linger)
        theirs.close()
        self._socket = ours
        self.reader = Reader(ours.fileno(), max_body=0)
        self._code: int | None = None

    @property
    def fd(self) -> int:
        """What its frames can be waited for on."""
        return self._socket.fileno()

    def wait_warm(self) -> None:
        """Wait until it is warm. Raises WireError if it died or takes for ever."""
        self._await("spare_warm")

    def give(self, job: Mapping[str, Any], max_body: int) -> None:
        """Hand it its job and wait until it has taken it. Raises WireError if it is gone."""
        send(self.fd, job)
        self._await("taken")
        self.reader.max_body = max_body

    def _await(self, kind: str) -> None:
        """Read up to a frame of this kind. Nothing of a model is in the fork yet: what it says is our own."""
        deadline = time.monotonic() + WARM_SECONDS
        while (frame := self.reader.next(deadline)).kind != kind:
            if frame.kind != "spare_warm":
                raise WireError("the spare process did not warm up")

    def end(self) -> int:
        """Kill it and return how it had ended: a signal as a negative number, SIGKILL if it was still running."""
        if self._code is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self._socket.close()
            try:
                self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
            except ChildProcessError:
                self._code = 0
        return self._code


def _child(sock: int, parent: int, confinement: Confinement, linger: float) -> None:
    """The life of a fork; never returns."""
    code = 1
    try:
        die_with_parent(parent)
        hide_memory(False)
        limits.offer_to_oom_killer()
        _only_these_descriptors(sock, confinement.files)
        if not readable(sock, linger):
            model_job.warm_up()
            send(sock, {"kind": "spare_warm"})
        job = Reader(sock, max_body=0).next()
        send(sock, {"kind": "taken"})
        _silence()
        if confinement.apply():
            model_job.work(sock, job.header)
        else:
            send(sock, {"kind": "fault", "error": "confinement", "text": "the kernel's filters can't be put in force"})
        code = 0
    except WireError:
        code = 0
    except BaseException:  # noqa: BLE001  # a fork must not run its parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _only_these_descriptors(*kept: int) -> None:
    """Close all but the streams and these; what the parent reads and writes is none of a model's business."""
    start = 3
    for descriptor in sorted(number for number in kept if number >= start):
        os.closerange(start, descriptor)
        start = descriptor + 1
    os.closerange(start, min(os.sysconf("SC_OPEN_MAX"), 65536))


def _silence() -> None:
    """What a model prints could fill the disk."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)
