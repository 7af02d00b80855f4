"""Is an HDF5 file complete? Told from its superblock and from the writer's lock.

Superblock: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, section II.A. Its end-of-file address
is written when the file is flushed or closed, so a save cut short is longer on paper than on disk.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

from mockexam.workspace.judgement import COMPLETE, Judgement, broken, not_yet
from mockexam.workspace.names import SAVE

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_LOCKS = Path("/proc/locks")
_ADDRESSES = {0: 24, 1: 28, 2: 12, 3: 12}
"""By superblock version: where its four addresses begin. The end-of-file address is the third of them."""
_WIDTH_AT = {0: 13, 1: 13, 2: 9, 3: 9}
"""By superblock version: where the width of an address stands."""


def judge(file: BinaryIO, size: int, *, inode: int) -> Judgement:
    """Whether this open file of `size` bytes is a whole HDF5 file that nobody is writing. Raises OSError."""
    file.seek(0)
    start = file.read(96)
    if start.startswith(b"PK\x03\x04"):
        return broken("it is a .keras file under a wrong name: rename it to mymodel.keras")
    if not start[:8].strip(b"\0") or (len(start) < 8 and _SIGNATURE.startswith(start)):
        return not_yet("it begins with nothing: the save was interrupted; save it again")
    if not start.startswith(_SIGNATURE):
        return broken(f"it is not an HDF5 file; {SAVE}")
    end = _end_address(start)
    if end is None:
        return broken("it is damaged: its first bytes make no sense; save it again")
    if end > size:
        return not_yet(f"it is cut short ({size} of {end} bytes): the save was interrupted; save it again")
    if _is_being_written(inode):
        return not_yet("it is still open for writing in another program; close it there")
    return COMPLETE


def _end_address(start: bytes) -> int | None:
    """The end-of-file address in bytes; None where the superblock can't be understood."""
    version = start[8] if len(start) > 8 else 255
    if version not in _ADDRESSES or len(start) <= _WIDTH_AT[version]:
        return None
    width = start[_WIDTH_AT[version]]
    at = _ADDRESSES[version] + 2 * width
    if width not in (4, 8) or len(start) < at + width:
        return None
    return int.from_bytes(start[at : at + width], "little")


def _is_being_written(inode: int) -> bool:
    """Whether a writer's lock lies on this file, as far as the kernel's list tells (Linux; elsewhere False).

    Trying for a lock would tell it too, but would make a save that begins at that moment fail. The list numbers
    devices otherwise than `stat` on some file systems, so the inode alone is compared: at worst a file waits a little.
    """
    if sys.platform != "linux":
        return False
    try:
        lines = _LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return False
    ending = f":{inode}"
    return any(" WRITE " in line and any(word.endswith(ending) for word in line.split()) for line in lines)
