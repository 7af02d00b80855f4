"""How the grader's processes are tied together: children end with their parent, frames carry JSON and raw bytes.

Nothing is ever unpickled. Standard library only: the predictor uses it too.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import struct
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    import subprocess

_PR_SET_PDEATHSIG = 1  # prctl(2)
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36
KILL: signal.Signals = getattr(signal, "SIGKILL", signal.SIGTERM)
"""Windows has no SIGKILL: any signal that Python sends there ends a process at once."""
BUSY_TIMES = 5
"""On a busy machine a job may take this many times its limit, for as long as it waits for a processor."""


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when its parent ends (Linux only); exit at once if `parent` is already gone."""
    _prctl(_PR_SET_PDEATHSIG, KILL)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants, so that `children` finds every process a model started."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def hide_memory(hidden: bool = True) -> None:
    """Stop other processes of the same user from reading or tracing this one, or allow it again."""
    _prctl(_PR_SET_DUMPABLE, 0 if hidden else 1)


def children() -> list[int]:
    """Process ids of this process's children; empty where there is no `/proc`."""
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The second field is a name in brackets and may hold anything; the parent is the second after it.
            parent = stat.read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[1]
        except (OSError, IndexError):
            continue
        if parent == str(os.getpid()):
            found.append(int(stat.parent.name))
    return found


def kill_group(process: asyncio.subprocess.Process | subprocess.Popen[bytes]) -> None:
    """Kill a process that leads a group, with all of the group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, KILL)


def _prctl(option: int, value: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    try:
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
    except (OSError, AttributeError):
        return


_PREFIX = struct.Struct(">4sIQ")
_MAGIC = b"MXW1"
MAX_HEADER = 512 * 1024  # bytes of a worker's header: 300 layers of 200 characters, each escaped as six
MAX_RELAYED = 4 * MAX_HEADER
"""Bytes of the same header when relayed: re-encoding may escape characters that were sent raw."""
_CHUNK = 1 << 20


class WireError(Exception):
    """The other side sent something other than a frame, or too much."""


class WireClosedError(WireError):
    """The other side has closed the pipe."""


class WireTimeoutError(WireError):
    """No complete frame arrived in time."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: header fields and raw bytes."""

    header: Mapping[str, Any]
    body: bytes = b""

    @property
    def kind(self) -> str:
        """The type of the frame; empty if missing."""
        kind = self.header.get("kind")
        return kind if isinstance(kind, str) else ""


def send(fd: int, header: Mapping[str, Any], body: bytes | memoryview = b"") -> None:
    """Write one frame to a blocking file descriptor. Raises WireClosedError if the reader is gone."""
    text = json.dumps(dict(header)).encode()
    try:
        for part in (_PREFIX.pack(_MAGIC, len(text), len(body)) + text, body):
            view = memoryview(part)
            while view:
                view = view[os.write(fd, view) :]
    except (BrokenPipeError, ConnectionResetError):
        raise WireClosedError("the other side has ended") from None


class Reader:
    """Reads frames from a file descriptor, however the bytes arrive."""

    def __init__(self, fd: int, *, max_body: int, max_header: int = MAX_HEADER) -> None:
        self.fd = fd
        self._max_header = max_header
        self.max_body = max_body  # longest accepted body in bytes; may be changed between frames
        self._data = bytearray()

    def next(self, deadline: float | None = None) -> Frame:
        """The next frame. Raises WireTimeoutError at `deadline` (time.monotonic), WireClosedError, WireError."""
        while (frame := self._take()) is None:
            if deadline is not None and not readable(self.fd, deadline - time.monotonic()):
                raise WireTimeoutError("no reply in time")
            self._fill()
        return frame

    def poll(self) -> Frame | None:
        """The next frame if one read completes it, else None; raises as `next` does. Blocks if nothing is readable."""
        if (frame := self._take()) is None:
            self._fill()
            frame = self._take()
        return frame

    def _fill(self) -> None:
        try:
            chunk = os.read(self.fd, _CHUNK)
        except OSError:
            chunk = b""
        if not chunk:
            raise WireClosedError("the other side has ended")
        self._data += chunk

    def _take(self) -> Frame | None:
        if len(self._data) < _PREFIX.size:
            return None
        magic, header_length, body_length = _PREFIX.unpack_from(self._data)
        if magic != _MAGIC:
            raise WireError("the data is not a frame")
        if header_length > self._max_header or body_length > self.max_body:
            raise WireError(f"a frame of {header_length} + {body_length} bytes is too long")
        start, end = _PREFIX.size + header_length, _PREFIX.size + header_length + body_length
        if len(self._data) < end:
            return None
        header = _parse(bytes(self._data[_PREFIX.size : start]))
        frame = Frame(header, bytes(self._data[start:end]))
        del self._data[:end]
        return frame


def readable(fd: int, seconds: float) -> bool:
    """Whether data, or the end of the stream, arrives within so many seconds. Not on Windows: nothing polls a pipe."""
    if sys.platform == "win32":
        raise NotImplementedError
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    return bool(waiting.poll(max(0.0, seconds) * 1000))


def _parse(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header is not JSON: {error}") from None
    if not isinstance(header, dict):
        raise WireError("the header is not an object")
    return header
