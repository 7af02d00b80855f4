"""A fork that waits for the next model, warmed up already: so a job costs only loading and predicting.

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
from mockexam.grading.predictor import limits, worker
from mockexam.grading.wire import Reader, WireError, readable, send

WARM_SECONDS = 120.0


class Spare:
    """One forked process, good for one model."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        sys.stdout.flush()
        sys.stderr.flush()
        me = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _child(theirs.detach(), me)
        theirs.close()
        self._socket = ours
        self.reader = Reader(ours.fileno(), max_body=0)
        self._warm = False
        self._code: int | None = None

    @property
    def fd(self) -> int:
        """What its frames can be waited for on."""
        return self._socket.fileno()

    def wait_warm(self) -> None:
        """Wait until it can take a model. Raises WireError if it died or takes for ever."""
        if not self._warm:
            frame = self.reader.next(time.monotonic() + WARM_SECONDS)
            if frame.kind != "spare_warm":
                raise WireError("the spare process did not warm up")
            self._warm = True

    def give(self, job: Mapping[str, Any], max_body: int) -> None:
        """Hand it its job. Raises WireError if it is gone."""
        self.reader.max_body = max_body
        send(self.fd, job)

    def readable(self, seconds: float) -> bool:
        """Whether it has sent something, or ended, within so many seconds."""
        return readable(self.fd, seconds)

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


def _child(sock: int, parent: int) -> None:
    """The life of a fork; never returns."""
    code = 1
    try:
        die_with_parent(parent)
        hide_memory(False)
        limits.offer_to_oom_killer()
        _only_this_descriptor(sock)
        worker.warm_up()
        send(sock, {"kind": "spare_warm"})
        job = Reader(sock, max_body=0).next()
        _silence()
        worker.work(sock, job.header)
        code = 0
    except WireError:
        code = 0
    except BaseException:  # noqa: BLE001  # a fork must not run its parent's code
        traceback.print_exc()
    finally:
        os._exit(code)


def _only_this_descriptor(sock: int) -> None:
    """Close all but the streams and this one; what the parent reads and writes is none of a model's business."""
    highest = os.sysconf("SC_OPEN_MAX")
    os.closerange(3, sock)
    os.closerange(sock + 1, min(highest, 65536))


def _silence() -> None:
    """What a model prints could fill the disk."""
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)
