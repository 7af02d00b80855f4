"""Reports whether an attack has touched the bait: files opened, written or gone, connections made, processes left."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from tests.hostile.attack import SLEEP, Bait

_OPENED = 0x20 | 0x1  # IN_OPEN, IN_ACCESS: inotify(7)
_EVENT = struct.Struct("iIII")
_GROWN_UP = 10.0
"""Seconds after which a process does not turn into one of an attack's any more."""


class Listener:
    """Counts who connects to a port of 127.0.0.1."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            client.close()

    def close(self) -> None:
        """Listen no longer."""
        self._server.close()


class Watch:
    """Who opens a file below a folder, by inotify."""

    def __init__(self, folder: Path) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        for path in [folder, *(each for each in folder.rglob("*") if each.is_dir())]:
            if self._libc.inotify_add_watch(self._fd, os.fsencode(path), _OPENED) < 0:
                raise OSError(ctypes.get_errno(), f"inotify_add_watch {path}")

    def opened(self) -> set[str]:
        """Names of what was opened since the last call; `.` is the folder itself."""
        names: set[str] = set()
        while True:
            try:
                data = os.read(self._fd, 1 << 16)
            except BlockingIOError:
                return names
            at = 0
            while at < len(data):
                length = _EVENT.unpack_from(data, at)[3]
                names.add(data[at + _EVENT.size : at + _EVENT.size + length].rstrip(b"\0").decode() or ".")
                at += _EVENT.size + length

    def close(self) -> None:
        """Watch no longer."""
        os.close(self._fd)


class Detectors:
    """Everything that can show a side effect."""

    def __init__(self, bait: Bait, listener: Listener) -> None:
        self._bait = bait
        self._listener = listener
        self._keep = bait.folder / "kept-spot"
        if not self._keep.exists():
            shutil.copytree(bait.spot, self._keep)
        self._watch = Watch(bait.secret)
        self._connections = listener.connections
        self._known: set[int] = set()
        self.clear()

    def clear(self) -> None:
        """Everything as it was, for the next attack."""
        for process in self._left_processes():
            process.kill()
        if _state(self._bait.spot) != _state(self._keep):
            shutil.rmtree(self._bait.spot)
            shutil.copytree(self._keep, self._bait.spot)
        self._watch.opened()
        self._connections = self._listener.connections

    def touched(self) -> list[str]:
        """What has happened since `clear`; empty if nothing has."""
        found = [f"opened {name}" for name in sorted(self._watch.opened())]
        before, now = _state(self._keep), _state(self._bait.spot)
        found += [f"wrote {name}" for name in sorted(now) if now[name] != before.get(name)]
        found += [f"removed {name}" for name in sorted(before.keys() - now.keys())]
        if self._listener.connections != self._connections:
            found.append("connected")
        found += [f"left a process, {process.pid}" for process in self._left_processes()]
        return found

    def _left_processes(self) -> list[psutil.Process]:
        """Processes that an attack has started and that still run. A long list of processes is looked through once."""
        now = set(psutil.pids())
        found = []
        for pid in now - self._known:
            with contextlib.suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                command = process.cmdline()
                if command[-1:] == [SLEEP]:
                    found.append(process)
                elif time.time() - process.create_time() > _GROWN_UP:
                    self._known.add(pid)
        self._known &= now
        return found

    def close(self) -> None:
        """Watch no longer."""
        self._watch.close()


def _state(folder: Path) -> dict[str, bytes]:
    """What lies below a folder; folders end in a stroke."""
    return {
        f"{path.relative_to(folder)}{'/' if path.is_dir() else ''}": path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


@contextmanager
def watching(bait: Bait, listener: Listener) -> Iterator[Detectors]:
    """Detectors for a while."""
    detectors = Detectors(bait, listener)
    try:
        yield detectors
    finally:
        detectors.clear()
        detectors.close()
