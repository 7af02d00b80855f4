"""The form of an archive: a zip of `manifest.json` and, for each attempt, its record and stored files.

A foreign archive is checked before it is believed: its structure when it is opened, its contents while they are read.
Records of a zip: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.6 to 4.3.16.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from mockexam.errors import UserError, install_newer
from mockexam.files import reason_of, zip_directory_size
from mockexam.store import strict_json
from mockexam.store.journal import to_json

VERSION = 2
"""The newest form. What older ones lack is in the records; an archive is written in the oldest form that holds it."""
FIRST_VERSION = 1
MANIFEST = "manifest.json"
RECORD = "record.json"
MAX_MEMBERS = 300_000
MAX_MANIFEST = 64_000_000
"""Bytes."""
MAX_RECORD = 64_000_000
"""Bytes of one attempt's record: a tick a minute for months."""
CHUNK = 1 << 20
"""Bytes that are read at once."""
_MAX_TOTAL = 500_000_000_000
"""Bytes of all members."""
_MAX_DIRECTORY = 100_000_000
"""Bytes of the list of members; it is read into memory."""
_MAX_RATIO = 200
"""A member that grows more than so when it is unpacked is a bomb; our own grow tenfold at most."""
_SMALL = 1_000_000
"""Bytes below which the ratio says nothing."""
_UNSOUND = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, RuntimeError, ValueError)
"""What the standard library raises for bytes that are no sound zip."""

_ATTEMPT = re.compile(r"[0-9]{8}-[0-9A-Z]{1,40}(-[0-9]{1,6})?")
SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_PARTS = 12
_MAX_PART = 200
"""Bytes of one part of a name; the usual file systems take 255."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that are no files on Windows."""


class ArchiveError(UserError):
    """The archive is damaged, or holds what no archive of ours holds. Nothing of it was imported."""

    def __init__(self, why: str, path: object, hint: str = "") -> None:
        super().__init__(
            f"This archive can't be imported: {why}. Nothing was imported.",
            location=str(path),
            hint=hint or "Export it again with `mockexam review export --out FILE.zip`, and copy the whole file.",
        )


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file in the archive."""

    name: str
    """Below the attempt's folder, with `/`."""
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class AttemptEntry:
    """An attempt in the archive."""

    id: str
    record: FileEntry
    files: tuple[FileEntry, ...]
    """Sorted by name."""

    def member(self, file: FileEntry) -> str:
        """The name of the record or of a stored file in the archive."""
        return f"attempts/{self.id}/{'' if file is self.record else 'files/'}{file.name}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The archive's list of contents. Its fields are the keys of `manifest.json`."""

    form: int
    """The version of the archive's form."""
    app_version: str
    models: bool
    """Whether the stored models were exported; scripts always are."""
    attempts: tuple[AttemptEntry, ...]
    """Sorted by id."""

    def members(self) -> dict[str, FileEntry]:
        """All members but the manifest itself, by their names in the archive."""
        return {one.member(file): file for one in self.attempts for file in (one.record, *one.files)}

    def text(self) -> bytes:
        """The manifest as it stands in the archive."""
        return to_json(asdict(self)).encode()


def read_manifest(text: bytes, path: Path) -> Manifest:
    """The manifest of the foreign archive at this path, checked. Raises ValueError, ArchiveError for a newer form."""
    _refuse_newer(text, path)
    manifest = strict_json.read(Manifest, text)
    if not FIRST_VERSION <= manifest.form <= VERSION or not manifest.attempts:
        raise ValueError("its manifest has an unknown format, or no attempts")
    ids = [one.id for one in manifest.attempts]
    if not all(map(is_attempt_id, ids)) or ids != sorted(set(ids)):
        raise ValueError("its manifest has an attempt with an invalid name, or twice")
    for one in manifest.attempts:
        names = [entry.name for entry in one.files]
        if names != sorted(names) or one.record.name != RECORD:
            raise ValueError("its manifest is not in order")
        if not all(map(is_safe_name, names)):
            raise ValueError("it holds a file that would lie outside its folder")
        if clash(names):
            raise ValueError("it holds a file twice, or as a folder too")
    entries = manifest.members().values()
    if any(not SHA256.fullmatch(entry.sha256) or entry.size < 0 for entry in entries):
        raise ValueError("its manifest has an invalid size or hash")
    if any(one.record.size > MAX_RECORD for one in manifest.attempts) or sum(e.size for e in entries) > _MAX_TOTAL:
        raise ValueError("it is far too large")
    return manifest


def _refuse_newer(text: bytes, path: Path) -> None:
    values = strict_json.parse(text)
    if isinstance(values, dict) and isinstance(values.get("form"), int) and values["form"] > VERSION:
        newer = f"a newer mockexam made it (format {values['form']}, this one knows {VERSION})"
        raise ArchiveError(newer, path, f"{install_newer([values.get('app_version')])}, and import it again.")


def is_attempt_id(name: str) -> bool:
    """Whether an attempt can have this id."""
    return bool(_ATTEMPT.fullmatch(name))


def is_safe_part(part: str) -> bool:
    """Whether this is a plain, visible name of a file or folder on every system, not a path."""
    try:
        size = len(part.encode())
    except UnicodeEncodeError:
        return False
    return (
        0 < size <= _MAX_PART
        and part.isprintable()
        and part not in {".", ".."}
        and not set(part) & set('/\\:*?"<>|')
        and part[-1] not in ". "
        and not _DEVICES.fullmatch(part)
    )


def is_safe_name(name: str) -> bool:
    """Whether this is a relative path of plain names."""
    parts = name.split("/")
    return len(parts) <= _MAX_PARTS and all(map(is_safe_part, parts))


def clash(names: Iterable[str]) -> bool:
    """Whether two names are one to a system that ignores case or accents' spelling, or one is another's folder."""
    folded = [unicodedata.normalize("NFC", name).casefold() for name in names]
    above = {name[:at] for name in folded for at, char in enumerate(name) if char == "/"}
    return len(set(folded)) < len(folded) or not above.isdisjoint(folded)


class ArchiveReader:
    """An open archive of sound structure; its contents are checked as they are read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        """Raises ValueError where the archive has not the structure of one of ours."""
        self.path = path
        self._archive = archive
        members = archive.infolist()
        _check_structure(archive, members)
        self._members = {info.filename: info for info in members}
        if MANIFEST not in self._members or self._members[MANIFEST].file_size > MAX_MANIFEST:
            raise ValueError("it has no manifest")
        self.manifest = read_manifest(b"".join(self._unpack(MANIFEST, self._members[MANIFEST].file_size)), path)
        listed = self.manifest.members()
        if self._members.keys() - {MANIFEST} != listed.keys():
            raise ValueError("its members are not those in its manifest")
        wrong = [name for name, entry in listed.items() if self._members[name].file_size != entry.size]
        if wrong:
            raise ValueError(f"{wrong[0]} has not the size given in the manifest")

    def record(self, attempt: AttemptEntry) -> bytes:
        """The record of an attempt. Raises ArchiveError if it is not as listed."""
        return b"".join(self.read(attempt, attempt.record))

    def read(self, attempt: AttemptEntry, file: FileEntry) -> Iterator[bytes]:
        """A file in chunks. Raises ArchiveError, at the latest after the last chunk, if it is not as listed."""
        member, hashed = attempt.member(file), hashlib.sha256()
        try:
            for chunk in self._unpack(member, file.size):
                hashed.update(chunk)
                yield chunk
        except (*_UNSOUND, OSError) as error:
            raise ArchiveError(f"{member} can't be unpacked ({error})", self.path) from None
        if hashed.hexdigest() != file.sha256:
            raise ArchiveError(f"{member} is not what the manifest says", self.path)

    def _unpack(self, member: str, size: int) -> Iterator[bytes]:
        """Exactly so many bytes of a member. Raises ValueError and what zipfile raises."""
        info = self._members[member]
        most = max(_SMALL, info.compress_size * _MAX_RATIO)
        done = 0
        with self._archive.open(info) as file:
            while chunk := file.read(CHUNK):
                done += len(chunk)
                if done > size or done > most:
                    raise ValueError("it is larger than it says, or grows too much when it is unpacked")
                yield chunk
        if done != size:
            raise ValueError("it is shorter than it says")


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveReader]:
    """An archive for reading. Raises ArchiveError for what is none, UserError for what can't be read."""
    # A pipe must not be waited for; anything but a file is refused below.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ArchiveError("it is not a file", path)
            try:
                directory = zip_directory_size(file)
                if directory is None:
                    raise ValueError("its end is missing")
                if directory > _MAX_DIRECTORY:
                    raise ValueError("its list of contents is far too long")
                archive = zipfile.ZipFile(file)
                if archive.comment:  # ours carry none
                    raise ValueError("its end is missing")
                reader = ArchiveReader(path, archive)
            except (*_UNSOUND, struct.error) as error:
                raise ArchiveError(f"it is damaged, or not an archive of mockexam: {error}", path) from None
            with archive:
                yield reader
    except OSError as error:
        raise UserError(
            f"The archive can't be read: {reason_of(error)}.", location=str(path), hint="Name another file."
        ) from None


def _check_structure(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Raise ValueError unless this is a plain zip: plain files, one behind the other, each once."""
    if not 0 < len(members) <= MAX_MEMBERS:
        raise ValueError("it is empty, or has far too many members")
    if len({info.filename for info in members}) < len(members):
        raise ValueError("it has two members of one name")
    for info in members:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.orig_filename != info.filename or info.is_dir() or kind not in {0, stat.S_IFREG}:
            raise ValueError(f"{info.filename!r} is not a plain file")
        if info.flag_bits & 0x1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ValueError(f"{info.filename!r} is encrypted or compressed in an unknown way")
    ordered = sorted(members, key=lambda info: info.header_offset)
    ends = [*(info.header_offset for info in ordered[1:]), archive.start_dir]
    if ordered[0].header_offset != 0 or any(
        info.header_offset + info.compress_size >= end for info, end in zip(ordered, ends, strict=True)
    ):
        raise ValueError("its members overlap")
