"""Taking in a foreign archive: looked through to its end first, then brought in whole or not at all.

Files are written to a folder of their own, made durable, moved into place and only then recorded, all in one
transaction. A crash leaves at most folders that no attempt on record owns, which `prune` removes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mockexam.errors import UserError
from mockexam.store.archive.attempt_record import ArchivedAttempt, Checked, check_record, read_record
from mockexam.store.archive.manifest import ArchiveContents, ArchiveError
from mockexam.store.archive.members import KeptHash, grouped
from mockexam.store.archive.zip_reader import ArchiveReader, open_archive
from mockexam.store.database import writing
from mockexam.store.journal import Journal
from mockexam.store.kept_models import HIDDEN, cannot_write, keeping_house, remove, sync
from mockexam.store.retention import Progress, clear_aside, known_attempts, set_aside

_SPARE_BYTES = 50_000_000
"""So much stays free after an import."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken in."""

    new: tuple[str, ...]
    known: tuple[str, ...]
    """Attempts that were on record already, the same to the last event; they were left as they are."""
    models: int
    """Kept models of the new ones."""
    size: int
    """Bytes of all kept files of the new ones."""


@dataclass(frozen=True, slots=True)
class _New:
    """An attempt to be brought in."""

    contents: ArchiveContents
    created: str
    models: int

    @property
    def size(self) -> int:
        return sum(content.size for content in self.contents.files)


def import_archive(
    journal: Journal, path: Path, submissions: Path, progress: Progress = lambda _, __: None
) -> Imported:
    """Take in the attempts of an archive that are not on record yet.

    Refused while an attempt is under way: bringing in a large archive would hold up its record. Raises ArchiveError for
    an archive that is damaged or no archive of ours, UserError where an attempt is on record with another story, or
    something can't be written. Then nothing was taken in.
    """
    _refuse_during_attempt(journal)
    with open_archive(path) as archive:
        new = _look_through(journal, archive, lambda done, text: progress(done / 2, text))
        known = [one.id for one in archive.manifest.attempts if one.id not in {n.contents.id for n in new}]
        if new:
            with keeping_house(submissions):
                _bring_in(journal, archive, new, submissions, lambda done, text: progress(0.5 + done / 2, text))
    progress(1.0, "imported")
    return Imported(
        new=tuple(one.contents.id for one in new),
        known=tuple(known),
        models=sum(one.models for one in new),
        size=sum(one.size for one in new),
    )


def _refuse_during_attempt(journal: Journal) -> None:
    running = journal.unsettled()
    if running is not None:
        raise UserError(
            "An attempt is under way; nothing is imported meanwhile.",
            location=f"attempt {running}",
            hint="Import when it has ended.",
        )


def _look_through(journal: Journal, archive: ArchiveReader, progress: Progress) -> list[_New]:
    """Check every byte; the attempts that are not on record yet, oldest first. Raises UserError."""
    new: list[_New] = []
    others: list[str] = []
    on_record = known_attempts(journal)
    attempts = archive.manifest.attempts
    for number, contents in enumerate(attempts):
        progress(number / len(attempts), f"checking {contents.id}")
        try:
            record = check_record(archive.record(contents), contents.id)
            _check_files(archive, contents, record)
        except ValueError as error:
            raise ArchiveError(f"attempt {contents.id}: {error}", archive.path) from None
        if contents.id not in on_record:
            models = {content.name.partition("/")[0] for content in contents.files} & record.models.keys()
            new.append(_New(contents, record.row.created, len(models)))
        elif journal.last_hash(contents.id) != record.last_hash:
            others.append(contents.id)
    if others:
        raise UserError(
            "Attempts of the same name but with another story are on record. Nothing was imported.",
            location=", ".join(others),
            hint="If the archive's are the ones to keep, delete those on record first.",
        )
    return sorted(new, key=lambda one: (one.created, one.contents.id))


def _check_files(archive: ArchiveReader, contents: ArchiveContents, record: Checked) -> None:
    for top, files in grouped(record, contents.files):
        kept = KeptHash(top)
        for content in files:
            kept.begin(content)
            for chunk in archive.file(contents, content):
                kept.update(chunk)
        if not kept.fits(record):
            raise ValueError(f"{top} is not what was received")


def _bring_in(
    journal: Journal, archive: ArchiveReader, new: Sequence[_New], submissions: Path, progress: Progress
) -> None:
    ids = [one.contents.id for one in new]
    try:
        if shutil.disk_usage(submissions).free < sum(one.size for one in new) + _SPARE_BYTES:
            raise UserError("There is not enough space for what the archive holds.", location=str(submissions))
        set_aside(journal, ids, submissions)  # folders that a deletion left behind
        with _executor(submissions) as executor:
            for number, one in enumerate(new):
                progress(number / len(new), f"unpacking {one.contents.id}")
                _unpack(archive, one.contents, executor)
            progress(1.0, "recording")
            _record(journal, archive, new, executor, submissions)
        clear_aside(submissions)
    except OSError as error:
        raise cannot_write(error, submissions) from None


@contextmanager
def _executor(submissions: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix=f"{HIDDEN}import-", dir=submissions))
    try:
        yield folder
    finally:
        remove(folder)


def _unpack(archive: ArchiveReader, contents: ArchiveContents, executor: Path) -> None:
    """Write an attempt's kept files, read-only and durably. Raises OSError, ArchiveError."""
    if not contents.files:
        return
    folder = executor / contents.id
    folder.mkdir()
    for content in contents.files:
        target = folder / content.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            for chunk in archive.file(contents, content):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        target.chmod(0o444)
    for path, _, _ in os.walk(folder, topdown=False):
        if path != os.fspath(folder):
            Path(path).chmod(0o555)  # as at the receipt; the attempt's own folder can be written
        sync(Path(path))


def _record(journal: Journal, archive: ArchiveReader, new: Sequence[_New], executor: Path, submissions: Path) -> None:
    """Move the folders into place and write the rows; if anything fails, neither is there."""
    moved: list[Path] = []
    try:
        with writing(journal.connection, journal.path):
            _refuse_during_attempt(journal)
            there = known_attempts(journal).intersection(one.contents.id for one in new)
            if there:
                raise UserError("An attempt was recorded meanwhile. Nothing was imported.", location=", ".join(there))
            for one in new:
                _insert(journal, read_record(archive.record(one.contents)))
                if one.contents.files:
                    target = submissions / one.contents.id
                    (executor / one.contents.id).rename(target)
                    moved.append(target)
            sync(submissions)
    except BaseException:
        on_record = known_attempts(journal)
        for target in moved:
            if target.name not in on_record:
                remove(target)
        raise


def _insert(journal: Journal, record: ArchivedAttempt) -> None:
    row = record.attempt
    journal.connection.execute(
        "INSERT INTO attempts (id, created, mode, exam, code, secret) VALUES (?, ?, ?, ?, ?, ?)",
        (row.id, row.created, row.mode, row.exam, row.code, row.secret),
    )
    journal.connection.executemany(
        "INSERT INTO events (attempt, seq, kind, body, previous, hash) VALUES (?, ?, ?, ?, ?, ?)",
        ((row.id, e.seq, e.kind, e.body, e.previous, e.hash) for e in record.events),
    )
