"""Copying a model with a hash, in chunks, durably: what is copied, bounded; never a link, never a pipe."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from mockexam.workspace.safe_open import open_regular
from mockexam.workspace.signature import Entry, Signature, entry_of

_CHUNK = 1 << 19


class ChangedError(Exception):
    """The source is no longer what it was when the copy began."""


def copy_model(source: Path, signature: Signature, target: Path) -> str:
    """Copy a file, or a folder, in this state to a path that does not exist. Returns its SHA-256 as hex.

    A folder's hash is over the relative names, sizes and contents of its files, sorted by name. All is on the disk when
    this returns. Raises ChangedError where the source differs from `signature`, OSError where the
    target can't be written.
    """
    hashed = hashlib.sha256()
    if signature.top.is_file:
        _copy_file(source, signature.top, target, hashed.update)
        return hashed.hexdigest()
    target.mkdir()
    for entry in signature.entries[1:]:
        if entry.is_folder:
            (target / entry.name).mkdir()
            continue
        hashed.update(os.fsencode(f"{entry.name}\0{entry.size}\0"))
        _copy_file(source / entry.name, entry, target / entry.name, hashed.update)
    for entry in signature.entries:
        if entry.is_folder:
            sync_folder(target / entry.name)
    return hashed.hexdigest()


def _copy_file(source: Path, entry: Entry, target: Path, take: Callable[[bytes], None]) -> None:
    try:
        reading = open_regular(source)
    except OSError:
        raise ChangedError from None
    with reading, target.open("xb", buffering=0) as writing:
        _check_unchanged(reading.fileno(), entry)
        left = entry.size
        while left:
            try:
                chunk = reading.read(min(_CHUNK, left))
            except OSError:
                raise ChangedError from None
            if not chunk:
                raise ChangedError
            _write_all(writing.fileno(), chunk)
            take(chunk)
            left -= len(chunk)
        _check_unchanged(reading.fileno(), entry)
        os.fsync(writing.fileno())


def _check_unchanged(descriptor: int, entry: Entry) -> None:
    """Raise ChangedError unless the open file is in this state. A file that was merely replaced by name stays whole."""
    now = entry_of(entry.name, os.fstat(descriptor))
    if (now.inode, now.size, now.modified_ns) != (entry.inode, entry.size, entry.modified_ns):
        raise ChangedError


def _write_all(descriptor: int, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def write_new(content: bytes, target: Path) -> str:
    """Write a file that does not exist, durably. Returns its SHA-256 as hex. Raises OSError."""
    with target.open("xb", buffering=0) as file:
        _write_all(file.fileno(), content)
        os.fsync(file.fileno())
    return hashlib.sha256(content).hexdigest()


def sync_folder(folder: Path) -> None:
    """Make a folder's list of names durable, where the system can. Raises OSError."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_read_only(path: Path) -> None:
    """Take the right to write from a file, or from a folder and all in it."""
    for folder, _, files in os.walk(path, topdown=False):
        for name in files:
            Path(folder, name).chmod(0o444)
        Path(folder).chmod(0o555)  # readable by the marker, which may run as another user
    if path.is_file():
        path.chmod(0o444)


def remove(path: Path) -> None:
    """Remove a file or a folder, read-only or not; what can't be removed stays."""
    with contextlib.suppress(OSError, RecursionError):
        if not stat.S_ISDIR(os.lstat(path).st_mode):
            path.unlink()
            return
        for folder, _, _ in os.walk(path):
            Path(folder).chmod(0o700)
        shutil.rmtree(path, ignore_errors=True)
