"""Frames between the examiner and the predictor: a JSON header and raw bytes. Nothing is ever unpickled.

Both sides bound what they read, because a model may write anything it likes. Standard library alone.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PREFIX = struct.Struct(">4sIQ")
_MAGIC = b"MXW1"
MAX_HEADER = 512 * 1024
"""Bytes of a fork's header: 300 layers of 200 characters, each written as six."""
MAX_RELAYED = 4 * MAX_HEADER
"""Bytes of the same header as it is passed on: bytes that stood for themselves may be written as escapes then."""
_CHUNK = 1 << 20


class WireError(Exception):
    """The other side sent what is no frame, or more than it may."""


class WireClosedError(WireError):
    """The other side has ended."""


class WireTimeoutError(WireError):
    """The other side sent nothing complete in time."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: its fields and its raw bytes."""

    header: Mapping[str, Any]
    body: bytes = b""

    @property
    def kind(self) -> str:
        """What it is; empty if it does not say."""
        kind = self.header.get("kind")
        return kind if isinstance(kind, str) else ""


def send(fd: int, header: Mapping[str, Any], body: bytes | memoryview = b"") -> None:
    """Write one frame to a blocking file descriptor. Raises WireClosedError if nobody reads any more."""
    text = json.dumps(dict(header)).encode()
    try:
        for part in (_PREFIX.pack(_MAGIC, len(text), len(body)) + text, body):
            view = memoryview(part)
            while view:
                view = view[os.write(fd, view) :]
    except (BrokenPipeError, ConnectionResetError):
        raise WireClosedError("nobody reads") from None


class Reader:
    """Reads frames from a file descriptor, however they are cut up."""

    def __init__(self, fd: int, *, max_body: int, max_header: int = MAX_HEADER) -> None:
        self.fd = fd
        self._max_header = max_header
        self.max_body = max_body
        """The longest body that is accepted, in bytes; may be changed between frames."""
        self._data = bytearray()

    def next(self, deadline: float | None = None) -> Frame:
        """The next frame, waited for until `deadline` (of time.monotonic; None: for ever).

        Raises WireClosedError at the end, WireTimeoutError, and WireError for what is no frame within the bounds.
        """
        while (frame := self._take()) is None:
            if deadline is not None and not readable(self.fd, deadline - time.monotonic()):
                raise WireTimeoutError("nothing came in time")
            self._fill()
        return frame

    def poll(self) -> Frame | None:
        """The next frame if it is complete after one read of what is there; else None. Raises as `next` does.

        Call it when the file descriptor is readable: it blocks otherwise.
        """
        frame = self._take()
        if frame is None:
            self._fill()
            frame = self._take()
        return frame

    def _fill(self) -> None:
        try:
            chunk = os.read(self.fd, _CHUNK)
        except (ConnectionResetError, OSError):
            chunk = b""
        if not chunk:
            raise WireClosedError("the other side has ended")
        self._data += chunk

    def _take(self) -> Frame | None:
        if len(self._data) < _PREFIX.size:
            return None
        magic, header_length, body_length = _PREFIX.unpack_from(self._data)
        if magic != _MAGIC:
            raise WireError("this is no frame")
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
    """Whether there is something to read, or the end, within so many seconds."""
    waiting = select.poll()
    waiting.register(fd, select.POLLIN)
    return bool(waiting.poll(max(0.0, seconds) * 1000))


def _parse(text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise WireError(f"the header is no JSON: {error}") from None
    if not isinstance(header, dict):
        raise WireError("the header is no object")
    return header
