"""Copies saved models into the store of an attempt: whole, hashed and durable, or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS
from mockexam.files import is_disk_full, reason_of, remove, rename, sync_folder
from mockexam.workspace.completeness import FILE_CHECKS, MAX_BYTES, STILL_SECONDS, completeness_of
from mockexam.workspace.scan import DetectedModel
from mockexam.workspace.signature import FileState, Signature, entry_of, open_regular, sign

TEMPORARY = "tmp-"
SPARE_BYTES = 50_000_000
"""This much stays free after a copy, for the record of the attempt."""
CATCH_SECONDS = 0.8
"""How long to try to catch a model that is rewritten all the time."""
_MAX_CAUGHT_BYTES = 64_000_000
"""Reading a larger file takes longer than a state lasts; it is copied in the usual way."""
_LOOK_SECONDS = 0.001
_CLOCK_TICK = 0.02
"""File times move in steps of a few ms; a second change within one step could go unnoticed."""
_CHUNK = 1 << 19


class ChangedError(Exception):
    """The source is no longer what it was when the copy began."""


class StoreUnavailableError(UserError):
    """The model could not be stored for lack of space or rights; it can be tried again."""


def copy_model(source: Path, signature: Signature, target: Path) -> str:
    """Copy a file or folder in this state, durably, to a path that does not exist. Returns its SHA-256 as hex.

    A folder's hash covers the relative names, sizes and contents of its files, sorted by name. Raises ChangedError if
    the source differs from `signature`, OSError if the target can't be written.
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


def _copy_file(source: Path, entry: FileState, target: Path, add_to_hash: Callable[[bytes], None]) -> None:
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
            add_to_hash(chunk)
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


def make_read_only(path: Path) -> None:
    """Remove the write permission from a file, or from a folder and everything in it."""
    for folder, _, files in os.walk(path, topdown=False):
        for name in files:
            Path(folder, name).chmod(0o444)
        Path(folder).chmod(0o555)  # readable by the grader, which may run as another user
    if path.is_file():
        path.chmod(0o444)


def hash_of(path: Path) -> str | None:
    """The hash of a stored model as `receive` computes it; None if it is missing or can't be read."""
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
                while chunk := file.read(_CHUNK):
                    hashed.update(chunk)
    except OSError:
        return None
    return hashed.hexdigest()


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
    """The received models of an attempt, in the folder `root/attempt`."""

    root: Path
    """The folder of submissions of all attempts."""
    attempt: str

    @property
    def folder(self) -> Path:
        return self.root / self.attempt

    def receive(self, detected: DetectedModel) -> StoredModel | None:
        """Copy a detected model into the store; None if it changed meanwhile: look again.

        Blocks while it copies: call it in a thread. Raises UserError if the store is full or can't be written, or the
        model is too large; then nothing is left in the store and it can be tried again.
        """
        try:
            if not self.folder.is_dir():
                self.folder.mkdir(parents=True, exist_ok=True)
                sync_folder(self.root)
            if detected.never_still:
                return self._catch(detected)
            return self._receive(detected, detected.signature)
        except OSError as error:
            raise _not_now(error, self.folder) from None
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001  # one odd model must not keep the others from being received
            raise UserError(
                f"The model could not be received: {type(error).__name__}: {error}.",
                location=str(detected.path).encode(errors="replace").decode(),
                hint="Save it again. This is not your fault: please report it, with the model's file if you can.",
            ) from None

    def clean(self) -> None:
        """Remove half-made copies after a crash. Call it before anything is received."""
        with contextlib.suppress(OSError):  # the next opening cleans up
            for left in self.folder.glob(f"{TEMPORARY}*"):
                remove(left)

    @contextlib.contextmanager
    def temporary_folder(self, size: int) -> Iterator[Path]:
        """A folder in the store for one copy of `size` bytes, removed at the end. Raises OSError, also if too full."""
        if shutil.disk_usage(self.folder).free < size + SPARE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        folder = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=self.folder))
        try:
            yield folder
        finally:
            remove(folder)

    def commit(self, copy: Path, final: Path) -> None:
        """Give a whole copy its final name, read-only and durably. Raises OSError."""
        rename(copy, final)
        make_read_only(final)
        sync_folder(self.folder)

    def _catch(self, detected: DetectedModel) -> StoredModel | None:
        """Wait for a whole state between two saves and copy it before the next one begins."""
        until = time.monotonic() + CATCH_SECONDS
        while time.monotonic() < until:
            signature = sign(detected.path)
            if signature is None:
                return None
            if signature.top.is_file and signature.size <= _MAX_CAUGHT_BYTES:
                content = _read_whole(detected.path, detected.format)
                if content is not None:
                    return self._store(detected, len(content), partial(write_new, content))
            else:
                found = completeness_of(detected.path, detected.format, signature)
                if found.complete and found.still_seconds <= STILL_SECONDS:
                    stored = self._receive(detected, signature)
                    if stored is not None:
                        return stored
            time.sleep(_LOOK_SECONDS)
        return None

    def _receive(self, detected: DetectedModel, signature: Signature) -> StoredModel | None:
        """Copy the state `signature`; None if the source is no longer in it."""
        age = time.time() - signature.newest
        if 0 <= age < _CLOCK_TICK:
            time.sleep(_CLOCK_TICK - age)
        if sign(detected.path) != signature:
            return None

        def copy_checked(copy: Path) -> str:
            digest = copy_model(detected.path, signature, copy)
            if not signature.top.is_file and sign(detected.path) != signature:
                raise ChangedError
            if not completeness_of(copy, detected.format, signature, thorough=True).complete:
                raise ChangedError
            return digest

        try:
            return self._store(detected, signature.size, copy_checked)
        except ChangedError:
            return None

    def _store(self, detected: DetectedModel, size: int, write: Callable[[Path], str]) -> StoredModel:
        """Let `write` make a copy and return its hash; store it under that, unless the same bytes are there already."""
        if size > MAX_BYTES:
            raise UserError(
                f"{detected.path.name} is too large to be received: {size / 1e9:.1f} GB.",
                location=str(detected.path),
                hint=f"The limit is {MAX_BYTES / 1e9:.0f} GB; the brief may set a lower one.",
            )
        with self.temporary_folder(size) as temporary:
            copy = temporary / detected.path.name
            digest = write(copy)
            final = self.folder / f"q{detected.number}-{digest[:12]}{FORMATS[detected.format].ending}"
            known = os.path.lexists(final)
            if known and hash_of(final) != digest:
                remove(final)  # it was tampered with
                known = False
            if not known:
                self.commit(copy, final)
        return StoredModel(digest, size, final.relative_to(self.root).as_posix(), detected.format, known)


def _read_whole(path: Path, form: ModelFormat) -> bytes | None:
    """The content of a model file in one whole state; None if there is none right now.

    File times move in steps of some milliseconds and would not show a save that begins during the read. So the file is
    read twice, its times must be the same before and after, and a `.keras` file's checksums are compared.
    """
    try:
        with open_regular(path) as file:
            before = entry_of("", os.fstat(file.fileno()))
            if not 0 < before.size <= _MAX_CAUGHT_BYTES:
                return None
            content = file.read(before.size + 1)
            if not FILE_CHECKS[form](io.BytesIO(content), len(content), before.inode, True).complete:
                return None
            file.seek(0)
            again = file.read(before.size + 1)
            after = entry_of("", os.fstat(file.fileno()))
    except OSError:
        return None
    return content if content == again and before == after and len(content) == before.size else None


def _not_now(error: OSError, folder: Path) -> StoreUnavailableError:
    remedy = "Free some space" if is_disk_full(error) else "Make the folder writable"
    return StoreUnavailableError(
        f"The model could not be received: {reason_of(error)}.",
        location=str(folder),
        hint=f"{remedy}; mockexam then tries again.",
    )
