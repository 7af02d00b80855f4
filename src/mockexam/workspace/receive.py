"""Receiving a model: a verified copy under its hash, whole and durable, or nothing at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mockexam.errors import ToldError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS
from mockexam.workspace import catch
from mockexam.workspace.complete import MAX_BYTES, judge
from mockexam.workspace.copying import ChangedError, copy_model, make_read_only, remove, sync_folder, write_new
from mockexam.workspace.judgement import STILL_SECONDS
from mockexam.workspace.safe_open import open_regular
from mockexam.workspace.seen import Sighting
from mockexam.workspace.signature import Signature, sign

TEMPORARY = "tmp-"
SPARE_BYTES = 50_000_000
"""So much stays free after a copy, for the record of the attempt."""
CATCH_SECONDS = 0.8
"""For so long a candidate without a still moment is tried to be caught."""
_LOOK_SECONDS = 0.001
_CLOCK_TICK = 0.02
"""File times move in steps of a few ms; a change within one step after a look could go unseen."""


class NotNowError(ToldError):
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

        Blocks for as long as copying takes: call it with `asyncio.to_thread`. Raises ToldError where the store can't be
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
        except ToldError:
            raise
        except Exception as error:  # noqa: BLE001  # what is odd about one model must not keep the others from receipt
            raise ToldError(
                f"The model could not be received: {type(error).__name__}: {error}.",
                where=str(sighting.path).encode(errors="replace").decode(),
                remedy="Save it again. This is no fault of yours: report it, with the model's file if you can.",
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
        if signature.top.is_file and signature.size <= catch.MAX_BYTES:
            content = catch.catch_file(sighting.path, sighting.format)
            if content is not None:
                return _store(sighting, len(content), store, partial(write_new, content))
        elif _is_whole(sighting, signature):
            stored = _receive(sighting, signature, store)
            if stored is not None:
                return stored
        time.sleep(_LOOK_SECONDS)
    return None


def _is_whole(sighting: Sighting, signature: Signature) -> bool:
    judged = judge(sighting.path, sighting.format, signature)
    return judged.complete and judged.patience <= STILL_SECONDS


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
        if not judge(copy, sighting.format, signature, thorough=True).complete:
            raise ChangedError
        return digest

    try:
        return _store(sighting, signature.size, store, copy_checked)
    except ChangedError:
        return None


def _store(sighting: Sighting, size: int, store: Store, write: Callable[[Path], str]) -> StoredModel:
    """Let `write` make a copy in a place of its own, and keep it under its hash, which `write` returns."""
    _check_room(sighting.path, size, store.folder)
    workplace = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=store.folder))
    try:
        copy = workplace / sighting.path.name
        return _keep(copy, write(copy), sighting, size, store)
    finally:
        remove(workplace)


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
        raise ToldError(
            f"{path.name} is too large to be received: {size / 1e9:.1f} GB.",
            where=str(path),
            remedy=f"At most {MAX_BYTES / 1e9:.0f} GB are received; the brief names the question's own limit.",
        )
    if shutil.disk_usage(folder).free < size + SPARE_BYTES:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _told(error: OSError, folder: Path) -> NotNowError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NotNowError(
            "The model could not be received: the disk is full.",
            where=str(folder),
            remedy="Free some space; it is tried again by itself.",
        )
    return NotNowError(
        f"The model could not be received: {error.strerror or error}.",
        where=str(folder),
        remedy="Make the folder writable; it is tried again by itself.",
    )
