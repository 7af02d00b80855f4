"""Copying a model with a hash, in chunks, durably: what is copied, bounded; never a link, never a pipe."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS
from mockexam.workspace import file_events
from mockexam.workspace.completeness import MAX_BYTES, STILL_SECONDS, completeness_of
from mockexam.workspace.scan import Sighting
from mockexam.workspace.signature import FileState, Signature, entry_of, open_regular, sign

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


def _copy_file(source: Path, entry: FileState, target: Path, take: Callable[[bytes], None]) -> None:
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


def _check_unchanged(descriptor: int, entry: FileState) -> None:
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


TEMPORARY = "tmp-"
SPARE_BYTES = 50_000_000
"""So much stays free after a copy, for the record of the attempt."""
CATCH_SECONDS = 0.8
"""For so long a candidate without a still moment is tried to be caught."""
_LOOK_SECONDS = 0.001
_CLOCK_TICK = 0.02
"""File times move in steps of a few ms; a change within one step after a look could go unseen."""


class NotNowError(UserError):
    """The model could not be kept for want of space or rights; it can be tried again."""


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A received model, safe on the disk."""

    sha256: str
    size: int
    """Bytes."""
    relative: str
    """The copy below the store's root: `<attempt>/q<number>-<12 digits of the hash>` with the format's ending."""
    format: ModelFormat
    known: bool
    """The same bytes were stored before for this question; there is still one copy."""


@dataclass(frozen=True, slots=True)
class Store:
    """Where the received models of an attempt lie: `root/attempt`."""

    root: Path
    """The folder of submissions of all attempts."""
    attempt: str

    @property
    def folder(self) -> Path:
        return self.root / self.attempt

    def receive(self, sighting: Sighting) -> StoredModel | None:
        """Copy a sighted model into the store; None if it changed meanwhile: look again.

        Blocks for as long as copying takes: call it with `asyncio.to_thread`. Raises UserError where the store can't be
        written, is full, or the model is too large; then nothing is left there and it can be tried again.
        """
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True)
                sync_folder(self.root)
            if sighting.hurried:
                return _catch(sighting, self)
            return _receive(sighting, sighting.signature, self)
        except OSError as error:
            raise _told(error, self.folder) from None
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001  # what is odd about one model must not keep the others from receipt
            raise UserError(
                f"The model could not be received: {type(error).__name__}: {error}.",
                location=str(sighting.path).encode(errors="replace").decode(),
                hint="Save it again. This is no fault of yours: report it, with the model's file if you can.",
            ) from None

    def clean(self) -> None:
        """Remove what a crash left half copied. Call it when an attempt is opened, before anything is received."""
        with contextlib.suppress(OSError):  # the next opening does
            for left in self.folder.glob(f"{TEMPORARY}*"):
                remove(left)


def _catch(sighting: Sighting, store: Store) -> StoredModel | None:
    """Wait for a whole state between two saves and copy it before the next begins."""
    until = time.monotonic() + CATCH_SECONDS
    while time.monotonic() < until:
        signature = sign(sighting.path)
        if signature is None:
            return None
        if signature.top.is_file and signature.size <= file_events.MAX_BYTES:
            content = file_events.catch_file(sighting.path, sighting.format)
            if content is not None:
                return _store(sighting, len(content), store, partial(write_new, content))
        elif _is_whole(sighting, signature):
            stored = _receive(sighting, signature, store)
            if stored is not None:
                return stored
        time.sleep(_LOOK_SECONDS)
    return None


def _is_whole(sighting: Sighting, signature: Signature) -> bool:
    grading = completeness_of(sighting.path, sighting.format, signature)
    return grading.complete and grading.patience <= STILL_SECONDS


def _receive(sighting: Sighting, signature: Signature, store: Store) -> StoredModel | None:
    """Copy the state `signature`, unless the source is no longer in it."""
    age = time.time() - signature.newest
    if 0 <= age < _CLOCK_TICK:
        time.sleep(_CLOCK_TICK - age)
    if sign(sighting.path) != signature:
        return None

    def copy_checked(copy: Path) -> str:
        digest = copy_model(sighting.path, signature, copy)
        if not signature.top.is_file and sign(sighting.path) != signature:
            raise ChangedError
        if not completeness_of(copy, sighting.format, signature, thorough=True).complete:
            raise ChangedError
        return digest

    try:
        return _store(sighting, signature.size, store, copy_checked)
    except ChangedError:
        return None


def _store(sighting: Sighting, size: int, store: Store, write: Callable[[Path], str]) -> StoredModel:
    """Let `write` make a copy in a place of its own, and keep it under its hash, which `write` returns."""
    _check_room(sighting.path, size, store.folder)
    executor = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=store.folder))
    try:
        copy = executor / sighting.path.name
        return _keep(copy, write(copy), sighting, size, store)
    finally:
        remove(executor)


def _keep(copy: Path, digest: str, sighting: Sighting, size: int, store: Store) -> StoredModel:
    """Give a whole copy its final name, unless the same bytes are there already."""
    final = store.folder / f"q{sighting.number}-{digest[:12]}{FORMATS[sighting.format].ending}"
    known = os.path.lexists(final)
    if known and hash_of(final) != digest:
        remove(final)  # it was tampered with
        known = False
    if not known:
        copy.rename(final)
        make_read_only(final)
        sync_folder(store.folder)
    return StoredModel(digest, size, final.relative_to(store.root).as_posix(), sighting.format, known)


def hash_of(path: Path) -> str | None:
    """The hash of a stored model as `receive` makes it; None if there is none or it can't be read."""
    signature = sign(path)
    if signature is None:
        return None
    hashed = hashlib.sha256()
    try:
        for entry in signature.entries:
            if not entry.is_file:
                continue
            if not signature.top.is_file:
                hashed.update(os.fsencode(f"{entry.name}\0{entry.size}\0"))
            with open_regular(path / entry.name if entry.name else path) as file:
                while chunk := file.read(1 << 19):
                    hashed.update(chunk)
    except OSError:
        return None
    return hashed.hexdigest()


def _check_room(path: Path, size: int, folder: Path) -> None:
    if size > MAX_BYTES:
        raise UserError(
            f"{path.name} is too large to be received: {size / 1e9:.1f} GB.",
            location=str(path),
            hint=f"At most {MAX_BYTES / 1e9:.0f} GB are received; the brief names the question's own limit.",
        )
    if shutil.disk_usage(folder).free < size + SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _told(error: OSError, folder: Path) -> NotNowError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NotNowError(
            "The model could not be received: the disk is full.",
            location=str(folder),
            hint="Free some space; it is tried again by itself.",
        )
    return NotNowError(
        f"The model could not be received: {error.strerror or error}.",
        location=str(folder),
        hint="Make the folder writable; it is tried again by itself.",
    )
