"""Writing attempts to an archive that any mockexam takes in: what would be refused there is not written here."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mockexam import __version__
from mockexam.errors import UserError
from mockexam.store.archive.attempt_record import check_record, record_text
from mockexam.store.archive.manifest import (
    FORM,
    MANIFEST,
    MAX_MANIFEST,
    MAX_MEMBERS,
    MAX_RECORD,
    RECORD,
    ArchiveContents,
    Manifest,
    MemberContent,
    content_of,
    manifest_text,
)
from mockexam.store.archive.members import chunks_of, look_at
from mockexam.store.journal import Journal
from mockexam.store.kept_models import cannot_write, sync
from mockexam.store.retention import Progress

_THE_SAME_TIME = (1980, 1, 1, 0, 0, 0)
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
    """Kept models and scripts that were not taken along, and why, in a user's words."""


def export_attempts(
    journal: Journal,
    ids: Iterable[str],
    submissions: Path,
    path: Path,
    models: bool = True,
    progress: Progress = lambda _, __: None,
) -> Exported:
    """Write ended attempts, their scripts and with `models` their kept models to a new file.

    The file is there whole or not at all, readable by its owner alone: it holds the seeds of the hold-outs. Raises
    UserError where it exists already or can't be written, and for an attempt that is unknown, has not ended or whose
    record was altered.
    """
    if os.path.lexists(path):
        raise UserError("There is a file of this name already.", location=str(path), hint="Name another file.")
    left_out: list[str] = []
    manifest = _manifest(journal, sorted(set(ids)), submissions, models, left_out, progress)
    try:
        _write_new(path, _members(manifest, journal, submissions, progress))
    except OSError as error:
        raise cannot_write(error, path) from None
    progress(1.0, "exported")
    return Exported(
        path=path,
        attempts=tuple(one.id for one in manifest.attempts),
        files=sum(len(one.files) for one in manifest.attempts),
        size=path.stat().st_size,
        left_out=tuple(left_out),
    )


def _manifest(
    journal: Journal, ids: Sequence[str], submissions: Path, models: bool, left_out: list[str], progress: Progress
) -> Manifest:
    """What is going to be written. Raises UserError."""
    if not ids:
        raise UserError("There is no attempt to export.", hint="`mockexam review` lists all attempts.")
    found = []
    for number, attempt in enumerate(ids):
        progress(number / len(ids) / 2, f"reading {attempt}")
        found.append(_contents(journal, attempt, submissions, models, left_out))
    manifest = Manifest(FORM, __version__, models, tuple(found))
    if len(manifest_text(manifest)) > MAX_MANIFEST or len(manifest.members()) >= MAX_MEMBERS:
        raise UserError("This is too much for one archive.", hint="Name fewer attempts, or add --no-models.")
    return manifest


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int
    packed: bool
    """Worth compressing: a model's weights are not."""
    chunks: Iterable[bytes]


def _contents(journal: Journal, attempt: str, submissions: Path, models: bool, left_out: list[str]) -> ArchiveContents:
    text = record_text(journal, attempt)
    if not text:
        raise UserError(f"There is no attempt {attempt!r}.", hint="`mockexam review` lists all attempts.")
    try:
        if len(text) > MAX_RECORD:
            raise ValueError("its record is far too long")
        record = check_record(text, attempt)
    except ValueError as error:
        raise UserError(f"This attempt can't be exported: {error}.", location=f"attempt {attempt}") from None
    files: list[MemberContent] = []
    for top in sorted([*record.scripts, *(record.models if models else ())]):
        looked = look_at(submissions / attempt, top, record)
        if isinstance(looked, str):
            left_out.append(f"{attempt}/{top} was left out: {looked}.")
        else:
            files += looked
    return ArchiveContents(attempt, content_of(RECORD, text), tuple(sorted(files, key=lambda content: content.name)))


def _members(manifest: Manifest, journal: Journal, submissions: Path, progress: Progress) -> Iterator[_Member]:
    text = manifest_text(manifest)
    yield _Member(MANIFEST, len(text), True, [text])
    for number, one in enumerate(manifest.attempts):
        progress(0.5 + number / len(manifest.attempts) / 2, f"writing {one.id}")
        record = record_text(journal, one.id)
        yield _Member(one.record_member, one.record.size, True, _same(one.record, [record], one.id))
        for content in one.files:
            chunks = chunks_of(submissions / one.id / content.name)
            scripts = "-code-" in content.name.partition("/")[0]
            yield _Member(one.member(content), content.size, scripts, _same(content, chunks, one.id))


def _same(content: MemberContent, chunks: Iterable[bytes], attempt: str) -> Iterator[bytes]:
    """The chunks, if they are still what was listed. Raises UserError."""
    hashed = hashlib.sha256()
    for chunk in chunks:
        hashed.update(chunk)
        yield chunk
    if hashed.hexdigest() != content.sha256:
        raise UserError(
            f"{content.name} changed while it was exported; nothing was written.",
            location=f"attempt {attempt}",
            hint="Try again.",
        )


def _write_new(path: Path, members: Iterable[_Member]) -> None:
    """Write an archive beside its place and move it there when it is whole and on the disk. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for member in members:
                    _add(archive, member)
            file.flush()
            os.fsync(file.fileno())
        _move(Path(name), path)
        sync(path.parent)
    finally:
        Path(name).unlink(missing_ok=True)


def _add(archive: zipfile.ZipFile, member: _Member) -> None:
    info = zipfile.ZipInfo(member.name, _THE_SAME_TIME)
    info.create_system = 3  # Unix, wherever it is written
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    info.compress_type = zipfile.ZIP_DEFLATED if member.packed else zipfile.ZIP_STORED
    info.file_size = member.size
    with archive.open(info, "w") as target:
        for chunk in member.chunks:
            target.write(chunk)


def _move(source: Path, target: Path) -> None:
    """Give a file its name, never over another. Raises OSError."""
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # not every file system has hard links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        source.rename(target)
