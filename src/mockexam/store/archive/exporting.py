"""Writing attempts to an archive that any mockexam imports: what would be refused there is not written here."""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mockexam import __version__
from mockexam.errors import UserError
from mockexam.files import atomic_writer, sync_folder, write_error
from mockexam.store.archive.archive_format import (
    FIRST_VERSION,
    MANIFEST,
    MAX_MANIFEST,
    MAX_MEMBERS,
    MAX_RECORD,
    RECORD,
    AttemptEntry,
    FileEntry,
    Manifest,
)
from mockexam.store.archive.attempt_record import check_record, chunks_of, hash_item, record_text
from mockexam.store.journal import Journal, UnknownAttemptError
from mockexam.store.retention import Progress

_SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""Stands for the time of every member, so that the same attempts make the same archive."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    path: Path
    attempts: tuple[str, ...]
    files: int
    size: int
    """Bytes of the archive."""
    left_out: tuple[str, ...]
    """Stored models and scripts that were not exported, and why, in a user's words."""


def export_attempts(
    journal: Journal,
    ids: Iterable[str],
    submissions: Path,
    path: Path,
    models: bool = True,
    progress: Progress = lambda _, __: None,
) -> Exported:
    """Write ended attempts, their scripts and with `models` their stored models to a new file.

    The file is there whole or not at all, readable by its owner alone: it holds the hold-out seeds. Raises UserError
    where it exists already or can't be written, and for an attempt that is unknown, has not ended or was altered.
    """
    if os.path.lexists(path):
        raise UserError("A file of this name exists already.", location=str(path), hint="Name another file.")
    left_out: list[str] = []
    entries: list[AttemptEntry] = []
    form = FIRST_VERSION
    for number, attempt in enumerate(wanted := sorted(set(ids))):
        progress(number / len(wanted) / 2, "reading attempts")
        entry, needed = _entry(journal, attempt, submissions, models, left_out)
        entries.append(entry)
        form = max(form, needed)
    if not entries:
        raise UserError("There is no attempt to export.", hint="`mockexam review` lists all attempts.")
    manifest = Manifest(form, __version__, models, tuple(entries))
    if len(manifest.text()) > MAX_MANIFEST or len(manifest.members()) >= MAX_MEMBERS:
        raise UserError("This is too much for one archive.", hint="Name fewer attempts, or add --no-models.")
    try:
        with atomic_writer(path, overwrite=False, mode=0o600) as file, zipfile.ZipFile(file, "w") as archive:
            _write(archive, manifest, journal, submissions, progress)
        sync_folder(path.parent)
    except OSError as error:
        raise write_error(error, path, what="The archive") from None
    progress(1.0, "exported")
    files = sum(len(entry.files) for entry in entries)
    return Exported(path, tuple(wanted), files, path.stat().st_size, tuple(left_out))


def _entry(
    journal: Journal, attempt: str, submissions: Path, models: bool, left_out: list[str]
) -> tuple[AttemptEntry, int]:
    """An attempt as it is listed, and the form of archive that it needs."""
    text = record_text(journal, attempt)
    if not text:
        raise UnknownAttemptError(attempt)
    try:
        if len(text) > MAX_RECORD:
            raise ValueError("its record is far too long")
        record = check_record(text, attempt)
    except ValueError as error:
        raise UserError(f"This attempt can't be exported: {error}.", location=f"attempt {attempt}") from None
    files: list[FileEntry] = []
    for item in sorted([*record.scripts, *(record.models if models else ())]):
        try:
            files += hash_item(submissions / attempt, item, record)
        except ValueError as error:
            left_out.append(f"{attempt}/{item} was left out: {error}.")
    listed = FileEntry(RECORD, len(text), hashlib.sha256(text).hexdigest())
    return AttemptEntry(attempt, listed, tuple(sorted(files, key=lambda entry: entry.name))), record.form


def _write(
    archive: zipfile.ZipFile, manifest: Manifest, journal: Journal, submissions: Path, progress: Progress
) -> None:
    """Write all members. Raises OSError, UserError."""
    text = manifest.text()
    _add(archive, MANIFEST, len(text), [text])
    for number, one in enumerate(manifest.attempts):
        progress(0.5 + number / len(manifest.attempts) / 2, "writing attempts")
        record = [record_text(journal, one.id)]
        _add(archive, one.member(one.record), one.record.size, _unchanged(one.record, record, one.id))
        for file in one.files:
            chunks = _unchanged(file, chunks_of(submissions / one.id / file.name), one.id)
            _add(archive, one.member(file), file.size, chunks, compress="-code-" in file.name.partition("/")[0])


def _unchanged(entry: FileEntry, chunks: Iterable[bytes], attempt: str) -> Iterator[bytes]:
    """The chunks, if they are still what was listed. Raises UserError."""
    hashed = hashlib.sha256()
    for chunk in chunks:
        hashed.update(chunk)
        yield chunk
    if hashed.hexdigest() != entry.sha256:
        raise UserError(
            f"{entry.name} changed during the export; nothing was written.",
            location=f"attempt {attempt}",
            hint="Try again.",
        )


def _add(archive: zipfile.ZipFile, name: str, size: int, chunks: Iterable[bytes], *, compress: bool = True) -> None:
    """Write a member. A model's weights are not worth compressing."""
    info = zipfile.ZipInfo(name, _SAME_TIME)
    info.create_system = 3  # Unix, wherever it is written
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
    info.file_size = size
    with archive.open(info, "w") as target:
        for chunk in chunks:
            target.write(chunk)
