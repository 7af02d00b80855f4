"""Files written whole or not at all, moved aside instead of overwritten, and the system's errors in plain words."""

from __future__ import annotations

import errno
import itertools
import os
import re
import stat
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from mockexam.errors import UserError

_LONGEST_STEM = 100
"""Characters of a name that its temporary file repeats: a long name must not make one too long for the disk."""
_ZIP_END_REACH = 22 + 65535 + 20 + 56
"""The end records of a zip lie within the last so many bytes."""
_SHARING_SECONDS = 2.0
"""How long Windows is asked again to move or remove what another program, such as a virus scanner, has open."""
_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EROFS: "the disk is read-only",
    errno.ENOENT: "no such file or folder",
    errno.EEXIST: "there is a file of this name already",
}


def reason_of(error: OSError) -> str:
    """Why the system refused, for the end of a sentence: `f"The table can't be written: {reason_of(error)}."`."""
    return _REASONS.get(error.errno or 0) or error.strerror or str(error)


def is_disk_full(error: OSError) -> bool:
    """Whether freeing space would help."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def write_error(error: OSError, path: Path, *, what: str = "This", hint: str = "") -> UserError:
    """What to report when something can't be written there; without a `hint` of the caller's, one for the reason."""
    retry = "Free some space, and try again." if is_disk_full(error) else "Make the folder writable, and try again."
    if error.errno == errno.ENOENT:
        retry = "Make the folder first, or correct the path."
    return UserError(f"{what} can't be written: {reason_of(error)}.", location=str(path), hint=hint or retry)


@contextmanager
def atomic_writer(path: Path, *, overwrite: bool = True, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file that takes its place, durably written, when the block ends; if anything fails, nothing changes.

    It is written beside `path` under a hidden name, with `mode` less the umask. Raises OSError; without `overwrite`
    FileExistsError where something stands at `path` by then.
    """
    fresh = path.with_name(f".{path.name[:_LONGEST_STEM]}.{os.urandom(4).hex()}.tmp")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            replace(fresh, path)
        else:
            _move_new(fresh, path)
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write a file (text as UTF-8) at one stroke: a crash leaves the old one or the new one. Raises OSError."""
    with atomic_writer(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)


def _move_new(source: Path, target: Path) -> None:
    """Give a file its name, never over another. Raises OSError."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # not every file system has hard links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fspath(target)) from None
        rename(source, target)


def rename(source: Path, target: Path) -> None:
    """Rename a file or folder, on Windows trying again while another program has it open. Raises OSError."""
    _insist(lambda: source.rename(target))


def replace(source: Path, target: Path) -> None:
    """As `rename`, over a file that may be there."""
    _insist(lambda: os.replace(source, target))


def _insist(act: Callable[[], object]) -> None:
    """Do it. Windows refuses what concerns an open file: there, try again until the time is up. Raises OSError."""
    if sys.platform == "win32":
        until = time.monotonic() + _SHARING_SECONDS
        while time.monotonic() < until:
            with suppress(PermissionError):
                act()
                return
            time.sleep(_SHARING_SECONDS / 100)
    act()


def sync_folder(folder: Path) -> None:
    """Make a folder's list of names durable, where the system can. Raises OSError."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def move_aside(path: Path) -> Path | None:
    """Rename what stands at `path` to `<name>.bak-1`, -2, ...; returns the new path, None if nothing was there.

    An empty folder is removed instead. Raises OSError.
    """
    if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
        path.rmdir()
    if not os.path.lexists(path):
        return None
    names = (path.with_name(f"{path.name}.bak-{n}") for n in itertools.count(1))
    backup = next(name for name in names if not os.path.lexists(name))
    rename(path, backup)
    return backup


def is_set_aside(name: str) -> bool:
    """Whether a file of this name is a copy that was moved aside, by `move_aside` or by hand."""
    return bool(re.search(r"\.bak(-\d+)?$", name))


def remove(path: Path) -> bool:
    """Remove a file or a folder, read-only or not; returns whether it is gone. A link goes, not what it points to."""
    import shutil  # slow to import, and `status` only reads

    with suppress(OSError, RecursionError):
        if stat.S_ISDIR(path.lstat().st_mode):
            for folder, _, files in os.walk(path):
                Path(folder).chmod(0o700)
                if sys.platform == "win32":  # it does not remove a read-only file
                    for name in files:
                        Path(folder, name).chmod(0o600)
            with suppress(OSError):
                _insist(lambda: shutil.rmtree(path))
            shutil.rmtree(path, ignore_errors=True)  # what can go, goes
        else:
            _insist(lambda: _unlink(path))
    return not os.path.lexists(path)


def zip_directory_size(file: BinaryIO) -> int | None:
    """Bytes of an open zip's list of members, as its end record says; None if that is not at the file's end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _ZIP_END_REACH))
    tail = file.read(_ZIP_END_REACH)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return None
    directory, comment = struct.unpack_from("<I4xH", tail, at + 12)
    if at + 22 + comment != len(tail):
        return None
    if directory != 0xFFFFFFFF:
        return int(directory)
    at64 = tail.rfind(b"PK\x06\x06", 0, at)
    return int(struct.unpack_from("<Q", tail, at64 + 40)[0]) if at64 >= 0 and at64 + 48 <= len(tail) else None


def _unlink(path: Path) -> None:
    try:
        path.unlink()
    except PermissionError:
        path.chmod(0o600)  # Windows does not remove a read-only file
        path.unlink()


class StoredSet:
    """Strings that are still known after a restart, in a JSON file; only until then if it can't be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: set[str] | None = None

    def __contains__(self, text: str) -> bool:
        return text in self._read()

    def add(self, text: str) -> None:
        import json

        known = self._read()
        if text not in known:
            known.add(text)
            with suppress(OSError):
                self._path.parent.mkdir(parents=True, exist_ok=True)
                write_atomic(self._path, json.dumps(sorted(known)))

    def _read(self) -> set[str]:
        import json

        if self._known is None:
            self._known = set()
            with suppress(OSError, ValueError, TypeError):
                self._known.update(map(str, json.loads(self._path.read_text(encoding="utf-8"))))
        return self._known
