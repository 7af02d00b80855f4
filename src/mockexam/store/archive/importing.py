"""Importing a foreign archive: checked to its end first, then imported whole or not at all.

Files are written to a folder of their own, made durable, moved into place and only then recorded, all in one
transaction. A crash leaves at most folders without an attempt in the database, which `prune` removes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

from mockexam.errors import UserError
from mockexam.files import remove, rename, sync_folder, write_error
from mockexam.store.archive.archive_format import ArchiveError, ArchiveReader, AttemptEntry, open_archive
from mockexam.store.archive.attempt_record import CheckedRecord, ItemHash, by_item, check_record, read_record
from mockexam.store.attempt_lock import retention_lock
from mockexam.store.database import writing
from mockexam.store.journal import INSERT_ATTEMPT, INSERT_EVENT, Journal
from mockexam.store.retention import HIDDEN, Progress, hide_folders, known_attempts, remove_hidden

_RESERVE_BYTES = 50_000_000
"""So much stays free after an import."""
_BUSY = ("An attempt is under way; nothing can be imported now.", "Import when it has ended.")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was imported."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    """Attempts that were in the database already, the same to the last event; they were left as they are."""
    models: int
    """Stored models of the new ones."""
    size: int
    """Bytes of all stored files of the new ones."""


@dataclass(frozen=True, slots=True)
class _New:
    """An attempt to be imported. Its record, which may be long, is read again when it is written."""

    entry: AttemptEntry
    created: str
    models: int
    """How many of its models are in the archive."""


def import_archive(
    journal: Journal, path: Path, submissions: Path, progress: Progress = lambda _, __: None
) -> Imported:
    """Import the attempts of an archive that are not in the database yet.

    Refused while an attempt is under way: importing a large archive would hold up its events. Raises ArchiveError for
    an archive that is damaged or not one of ours, UserError where an attempt of the same name has other events, or
    something can't be written. Then nothing was imported.
    """
    journal.refuse_during_attempt(*_BUSY)
    with open_archive(path) as archive:
        new = _check_all(journal, archive, lambda done, text: progress(done / 2, text))
        ids = tuple(one.entry.id for one in new)
        if new:
            with retention_lock(submissions):
                _import(journal, archive, new, submissions, lambda done, text: progress(0.5 + done / 2, text))
    progress(1.0, "imported")
    return Imported(
        new=ids,
        known=tuple(one.id for one in archive.manifest.attempts if one.id not in ids),
        models=sum(one.models for one in new),
        size=_size(new),
    )


def _size(new: Sequence[_New]) -> int:
    return sum(file.size for one in new for file in one.entry.files)


def _check_all(journal: Journal, archive: ArchiveReader, progress: Progress) -> list[_New]:
    """Check every byte; the attempts that are not in the database yet, oldest first. Raises UserError."""
    new: list[_New] = []
    others: list[str] = []
    known = known_attempts(journal)
    attempts = archive.manifest.attempts
    for number, entry in enumerate(attempts):
        progress(number / len(attempts), "checking attempts")
        try:
            record = check_record(archive.record(entry), entry.id)
            _check_files(archive, entry, record)
        except ValueError as error:
            raise ArchiveError(f"attempt {entry.id}: {error}", archive.path) from None
        if entry.id not in known:
            items = {file.name.partition("/")[0] for file in entry.files}
            new.append(_New(entry, record.created, len(items & record.models.keys())))
        elif journal.last_hash(entry.id) != record.last_hash:
            others.append(entry.id)
    if others:
        raise UserError(
            "You already have attempts of the same name with different events. Nothing was imported.",
            location=", ".join(others),
            hint="To keep the archive's, delete yours first.",
        )
    return sorted(new, key=lambda one: (one.created, one.entry.id))


def _check_files(archive: ArchiveReader, entry: AttemptEntry, record: CheckedRecord) -> None:
    for item, files in by_item(record, entry.files):
        whole = ItemHash(item)
        for file in files:
            whole.begin(file.name, file.size)
            for chunk in archive.read(entry, file):
                whole.update(chunk)
        if not whole.matches(record):
            raise ValueError(f"{item} is not what was received")


def _import(
    journal: Journal, archive: ArchiveReader, new: Sequence[_New], submissions: Path, progress: Progress
) -> None:
    try:
        if shutil.disk_usage(submissions).free < _size(new) + _RESERVE_BYTES:
            raise UserError("There is not enough space for what the archive holds.", location=str(submissions))
        hide_folders(journal, [one.entry.id for one in new], submissions)  # that a deletion left behind
        unpacked = Path(tempfile.mkdtemp(prefix=f"{HIDDEN}import-", dir=submissions))
        try:
            for number, one in enumerate(new):
                progress(number / len(new), "unpacking attempts")
                _unpack(archive, one.entry, unpacked)
            progress(1.0, "recording")
            _record(journal, archive, new, unpacked, submissions)
        finally:
            remove(unpacked)
        remove_hidden(submissions)
    except OSError as error:
        raise write_error(error, submissions, what="The imported files") from None


def _unpack(archive: ArchiveReader, entry: AttemptEntry, unpacked: Path) -> None:
    """Write an attempt's stored files, read-only and durably. Raises OSError, ArchiveError."""
    if not entry.files:
        return
    folder = unpacked / entry.id
    folder.mkdir()
    for file in entry.files:
        target = folder / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as written:
            written.writelines(archive.read(entry, file))
            written.flush()
            os.fsync(written.fileno())
        target.chmod(0o444)
    for path, _, _ in os.walk(folder, topdown=False):
        if path != os.fspath(folder):
            Path(path).chmod(0o555)  # as at the receipt; the attempt's own folder can be written
        sync_folder(Path(path))


def _record(journal: Journal, archive: ArchiveReader, new: Sequence[_New], unpacked: Path, submissions: Path) -> None:
    """Move the folders into place and write the rows; if anything fails, neither is there."""
    moved: list[Path] = []
    try:
        with writing(journal.connection, journal.path):
            journal.refuse_during_attempt(*_BUSY)
            known = known_attempts(journal).intersection(one.entry.id for one in new)
            if known:
                raise UserError("An attempt was recorded meanwhile. Nothing was imported.", location=", ".join(known))
            for entry in (one.entry for one in new):
                record = read_record(archive.record(entry))
                journal.connection.execute(INSERT_ATTEMPT, astuple(record.attempt))
                rows = ((entry.id, *astuple(event)) for event in record.events)
                journal.connection.executemany(INSERT_EVENT, rows)
                if entry.files:
                    target = submissions / entry.id
                    rename(unpacked / entry.id, target)
                    moved.append(target)
            sync_folder(submissions)
    except BaseException:
        known = known_attempts(journal)
        for target in moved:
            if target.name not in known:
                remove(target)
        raise
