"""Reading a foreign zip: its structure is checked before a member is unpacked, its contents while they are.

Records of a zip: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.6 to 4.3.16.
"""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from mockexam.errors import UserError
from mockexam.store.archive.manifest import (
    MANIFEST,
    MAX_MANIFEST,
    MAX_MEMBERS,
    ArchiveContents,
    ArchiveError,
    Manifest,
    MemberContent,
    read_manifest,
)

_CHUNK = 1 << 20
_MAX_DIRECTORY = 100_000_000
"""Bytes of the list of members; it is read into memory."""
_MAX_RATIO = 200
"""A member that grows more than so when it is unpacked is a bomb; our own grow tenfold at most."""
_SMALL = 1_000_000
"""Bytes below which the ratio says nothing."""
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_END_SIZE = 22
_FOREIGN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, RuntimeError, ValueError)
"""What the standard library raises for bytes that are no sound zip."""


class ArchiveReader:
    """An open archive whose structure is sound; its contents are checked as they are read."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        """Raises ValueError where the archive has not the structure of one of ours."""
        self._path = path
        self._archive = archive
        members = archive.infolist()
        _check_structure(archive, members)
        self._members = {info.filename: info for info in members}
        if MANIFEST not in self._members or self._members[MANIFEST].file_size > MAX_MANIFEST:
            raise ValueError("it has no manifest")
        manifest = b"".join(self._unpack(MANIFEST, self._members[MANIFEST].file_size))
        self.manifest: Manifest = read_manifest(manifest)
        _check_listed(self._members, self.manifest)

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._path

    def record(self, contents: ArchiveContents) -> bytes:
        """The record of an attempt, as the manifest says it is. Raises ArchiveError."""
        return b"".join(self._checked(contents.record_member, contents.record))

    def file(self, contents: ArchiveContents, content: MemberContent) -> Iterator[bytes]:
        """A kept file in chunks. Raises ArchiveError, at the latest after the last chunk, if it is not as listed."""
        return self._checked(contents.member(content), content)

    def _checked(self, member: str, content: MemberContent) -> Iterator[bytes]:
        hashed = hashlib.sha256()
        try:
            for chunk in self._unpack(member, content.size):
                hashed.update(chunk)
                yield chunk
        except (*_FOREIGN, OSError) as error:
            raise ArchiveError(f"{member} can't be unpacked ({error})", self._path) from None
        if hashed.hexdigest() != content.sha256:
            raise ArchiveError(f"{member} is not what the manifest says", self._path)

    def _unpack(self, member: str, size: int) -> Iterator[bytes]:
        """Exactly so many bytes of a member. Raises ValueError and what zipfile raises."""
        info = self._members[member]
        most = max(_SMALL, info.compress_size * _MAX_RATIO)
        done = 0
        with self._archive.open(info) as file:
            while chunk := file.read(_CHUNK):
                done += len(chunk)
                if done > size or done > most:
                    raise ValueError("it is larger than it says, or grows too much when it is unpacked")
                yield chunk
        if done != size:
            raise ValueError("it is shorter than it says")


@contextmanager
def open_archive(path: Path) -> Iterator[ArchiveReader]:
    """An archive for reading. Raises ArchiveError for what is none, UserError for what can't be read."""
    try:
        # A pipe must not be waited for; anything but a file is refused below.
        with os.fdopen(
            os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)), "rb"
        ) as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ArchiveError("it is no file", path)
            with _open(path, file) as archive:
                yield archive
    except OSError as error:
        raise UserError(
            f"The archive can't be read: {error.strerror or error}.", location=str(path), hint="Name another file."
        ) from None


@contextmanager
def _open(path: Path, file: BinaryIO) -> Iterator[ArchiveReader]:
    try:
        if _directory_size(file) > _MAX_DIRECTORY:
            raise ValueError("its list of contents is far too long")
        archive = zipfile.ZipFile(file)
        reader = ArchiveReader(path, archive)
    except (*_FOREIGN, struct.error) as error:
        raise ArchiveError(f"it is damaged, or no archive of ours: {error}", path) from None
    with archive:
        yield reader


def _directory_size(file: BinaryIO) -> int:
    """Bytes of the zip's list of members, as its end says. Raises ValueError if the end is missing."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_SIZE - 20 - 56))
    tail = file.read()
    at = len(tail) - _END_SIZE
    if at < 0 or tail[at : at + 4] != _END:  # ours carry no comment: the end stands at the very end
        raise ValueError("its end is missing")
    (directory,) = struct.unpack_from("<I", tail, at + 12)
    if directory == 0xFFFFFFFF:
        at64 = tail.rfind(_END64)
        if at64 < 0:
            raise ValueError("its end is missing")
        (directory,) = struct.unpack_from("<Q", tail, at64 + 40)
    return int(directory)


def _check_structure(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> None:
    """Raise ValueError unless this is a plain zip: plain files, one behind the other, each once."""
    if not 0 < len(members) <= MAX_MEMBERS:
        raise ValueError("it has no members, or far too many")
    if len({info.filename for info in members}) < len(members):
        raise ValueError("it has two members of one name")
    for info in members:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if info.orig_filename != info.filename or info.is_dir() or kind not in {0, stat.S_IFREG}:
            raise ValueError(f"{info.filename!r} is no plain file")
        if info.flag_bits & 0x1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ValueError(f"{info.filename!r} is encrypted or packed in an unknown way")
    ordered = sorted(members, key=lambda info: info.header_offset)
    ends = [*(info.header_offset for info in ordered[1:]), archive.start_dir]
    if ordered[0].header_offset != 0 or any(
        info.header_offset + info.compress_size >= end for info, end in zip(ordered, ends, strict=True)
    ):
        raise ValueError("its members lie over one another")


def _check_listed(members: dict[str, zipfile.ZipInfo], manifest: Manifest) -> None:
    listed = manifest.members()
    if members.keys() - {MANIFEST} != listed.keys():
        raise ValueError("its members are not those that its manifest names")
    wrong = [name for name, content in listed.items() if members[name].file_size != content.size]
    if wrong:
        raise ValueError(f"{wrong[0]} has not the size that the manifest says")
