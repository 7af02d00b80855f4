"""The state of a file or folder that a candidate put there; no link is followed, no pipe opened."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def open_regular(path: Path) -> BinaryIO:
    """Open a file for reading. Raises OSError, also for anything but a regular file."""
    descriptor = os.open(path, _FLAGS)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a regular file")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


MAX_ENTRIES = 2000
"""Files and folders in one model folder; real SavedModels have some ten."""
MAX_DEPTH = 8


class _NotAModelFolderError(Exception):
    """The folder is no saved model."""


@dataclass(frozen=True, slots=True)
class FileState:
    """One file or folder below a model; the model itself has the empty name."""

    name: str
    """Relative, with `/`."""
    mode: int
    """The file type bits of `st_mode`."""
    device: int
    inode: int
    size: int
    """Bytes; 0 for a folder, whose own size means nothing."""
    modified_ns: int
    changed_ns: int

    @property
    def last_change_ns(self) -> int:
        """When its content was last changed, or it came here, in ns since 1970.

        Copying and unpacking set the modification time as they like, to another zone's hours or to 1980. What the
        system itself notes is beyond them; Windows notes only when a file was made.
        """
        if os.name != "nt" or self.modified_ns > time.time_ns():
            return self.changed_ns
        return max(self.modified_ns, self.changed_ns)

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.mode)


@dataclass(frozen=True, slots=True)
class Signature:
    """The state of a file, or of a folder and everything in it, sorted by name."""

    entries: tuple[FileState, ...]
    problem: str = ""
    """Why the folder was not read to its end; empty if it was."""

    @property
    def top(self) -> FileState:
        """The file or folder itself."""
        return self.entries[0]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries if entry.is_file)

    @property
    def newest(self) -> float:
        """Seconds since 1970 of the newest change of content or metadata, whatever the modification times say."""
        return max(entry.last_change_ns for entry in self.entries) / 1e9

    def entry(self, name: str) -> FileState | None:
        """The entry of this relative name."""
        return next((entry for entry in self.entries if entry.name == name), None)


def sign(path: Path) -> Signature | None:
    """The current state of a path; None if there is nothing. No link is followed, no file opened."""
    try:
        top = os.lstat(path)
    except (OSError, ValueError):
        return None
    entries = [entry_of("", top)]
    problem = ""
    if stat.S_ISDIR(top.st_mode):
        try:
            _walk(os.fspath(path), "", 1, entries)
        except _NotAModelFolderError as error:
            problem = str(error)
        except OSError as error:
            problem = f"can't be read: {error.strerror}"
    return Signature(tuple(sorted(entries, key=lambda entry: entry.name)), problem)


def entry_of(name: str, found: os.stat_result) -> FileState:
    """The entry of a `stat` result."""
    kind = stat.S_IFMT(found.st_mode)
    size = 0 if stat.S_ISDIR(kind) else found.st_size
    return FileState(name, kind, found.st_dev, found.st_ino, size, found.st_mtime_ns, found.st_ctime_ns)


def _walk(folder: str, prefix: str, depth: int, entries: list[FileState]) -> None:
    if depth > MAX_DEPTH:
        raise _NotAModelFolderError("nests too many folders for a SavedModel")
    try:
        with os.scandir(folder) as found:
            names = [child.name for child in found]
    except (FileNotFoundError, NotADirectoryError):
        return  # it vanished since it was listed
    for name in names:
        if len(entries) >= MAX_ENTRIES:
            raise _NotAModelFolderError(f"has more than {MAX_ENTRIES} files and is not a SavedModel")
        path = os.path.join(folder, name)
        try:
            entry = entry_of(prefix + name, os.lstat(path))
        except (FileNotFoundError, NotADirectoryError):
            continue
        entries.append(entry)
        if entry.is_folder:
            _walk(path, f"{prefix}{name}/", depth + 1, entries)
