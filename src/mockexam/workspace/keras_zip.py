"""Is a `.keras` file complete? It is a zip archive that is written in place, its directory last.

Members: https://github.com/keras-team/keras/blob/v3.15.0/keras/src/saving/saving_lib.py
End record: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.14 to 4.3.16.
"""

from __future__ import annotations

import struct
import zipfile
from typing import BinaryIO

from mockexam.workspace.judgement import COMPLETE, Judgement, broken, not_yet
from mockexam.workspace.names import SAVE

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_END_REACH = 22 + 65535 + 20 + 56
"""The end records lie in so many last bytes."""
_MAX_DIRECTORY = 4_000_000
"""Bytes of a sane archive's directory; it is read into memory."""
_SMALL_MEMBERS = ("metadata.json", "config.json")
_MAX_SMALL = 64_000_000
_WEIGHTS = ("model.weights.h5", "model.weights.npz")
_CHUNK = 1 << 20


def judge(file: BinaryIO, size: int, *, thorough: bool) -> Judgement:
    """Whether this open file of `size` bytes is a whole Keras archive. Raises OSError."""
    file.seek(0)
    start = file.read(8)
    if start == _HDF5:
        return broken("it is an HDF5 file under a wrong name: rename it to mymodel.h5")
    if not start.strip(b"\0"):
        return not_yet("it begins with nothing: the save was interrupted; save it again")
    if not (start.startswith((_ZIP, _EMPTY_ZIP)) or _ZIP.startswith(start)):
        return broken(f"it is not a Keras file; {SAVE}")
    directory = _directory_size(file, size)
    if directory is None:
        return not_yet("its end is missing: the save was interrupted; save it again")
    if directory > _MAX_DIRECTORY:
        return broken("it is damaged: its list of contents is far too long")
    try:
        with zipfile.ZipFile(file) as archive:
            return _judge_members(archive, size, thorough=thorough)
    except OSError:
        raise
    except Exception:  # noqa: BLE001  # foreign bytes: zipfile, zlib, lzma and struct each raise their own errors
        return broken("it is damaged: it can't be unpacked; save it again")


def _directory_size(file: BinaryIO, size: int) -> int | None:
    """Bytes of the archive's directory, or None where no end record stands at the end."""
    file.seek(max(0, size - _END_REACH))
    tail = file.read(_END_REACH)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        return None
    directory, comment = struct.unpack_from("<I4xH", tail, at + 12)
    if at + 22 + comment != len(tail):
        return None
    if directory != 0xFFFFFFFF:
        return int(directory)
    at64 = tail.rfind(_END64, 0, at)
    if at64 < 0 or at64 + 48 > len(tail):
        return None
    return int(struct.unpack_from("<Q", tail, at64 + 40)[0])


def _judge_members(archive: zipfile.ZipFile, size: int, *, thorough: bool) -> Judgement:
    members = {info.filename: info for info in archive.infolist()}
    if not any(weights in members for weights in _WEIGHTS):
        if not any(small in members for small in _SMALL_MEMBERS):
            return broken(f"it is a zip archive, but no Keras file; {SAVE}")
        return broken("the save was interrupted: the archive has no weights; save it again")
    missing = [small for small in _SMALL_MEMBERS if small not in members]
    if missing:
        return broken(f"the archive has no {missing[0]}; {SAVE}")
    if any(info.header_offset + info.compress_size > size for info in members.values()):
        return broken("it is damaged: it is shorter than its list of contents says; save it again")
    checked = [members[small] for small in _SMALL_MEMBERS]
    if any(info.file_size > _MAX_SMALL for info in checked):
        return broken("it is damaged: its configuration is far too long")
    # A declared size far above the file's own is left to the marker's limits: unpacking it here could take hours.
    if thorough and sum(info.file_size for info in members.values()) <= 4 * size + _MAX_SMALL:
        checked = list(members.values())
    for info in checked:
        _check_sum(archive, info)
    return COMPLETE


def _check_sum(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
    """Read a member to its end. Raises BadZipFile where its checksum differs."""
    with archive.open(info) as member:
        while member.read(_CHUNK):
            pass
