"""A process that may read what it needs to load a model, write into its own temporary folder, and no other file.

The kernel's Landlock (landlock(7), Linux 5.13), for this process for good; it holds with and without bubblewrap. The
list of what is allowed is made once; each fork only puts itself under it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # asm-generic/unistd.h: the same on every architecture
_VERSION = 1
_BENEATH = 1
# linux/landlock.h, LANDLOCK_ACCESS_FS_*: bit 0 is to execute, 1 to write, 2 to read a file, 3 to list a folder; the
# rest is to make, remove, move and cut.
_BITS = {1: 13, 2: 14, 3: 15, 4: 15}
_BITS_NOW = 16
_WRITE, _READ, _LIST, _CUT = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_EXECUTE = 1 << 0
_OF_FILES = _EXECUTE | _WRITE | _READ | _CUT | 1 << 15
_ODD = 1 << 6 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12
"""To make devices, sockets, pipes and symbolic links, which no loading needs and a later reader may trip over."""
_PR_SET_NO_NEW_PRIVS = 38  # prctl(2)


def prepare(readable: Iterable[str], writable: Iterable[str]) -> int:
    """A descriptor of the rules for `restrict`: files and folders that exist. -1 where the kernel can't do it."""
    if not sys.platform.startswith("linux"):
        return -1
    version = _call(_CREATE, None, 0, _VERSION)
    if version < 1:
        return -1
    every = (1 << _BITS.get(version, _BITS_NOW)) - 1
    attributes = struct.pack("Q", every)
    rules = _call(_CREATE, attributes, len(attributes), 0)
    if rules < 0:
        return -1
    for path in readable:
        _allow(rules, path, (_READ | _LIST) & every)
    for path in writable:
        _allow(rules, path, every & ~_EXECUTE & ~_ODD)
    return rules


def restrict(rules: int) -> bool:
    """Put this process under the rules; False where that is not possible."""
    if rules < 0:
        return False
    with contextlib.suppress(OSError, AttributeError):
        zero = ctypes.c_ulong(0)
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
        return _call(_RESTRICT, rules, 0) == 0
    return False


def packages_without(folder: str, hidden: str) -> list[str]:
    """What lies in a folder of installed packages, all but the package `hidden`."""
    with contextlib.suppress(OSError):
        return [str(path) for path in Path(folder).iterdir() if path.name != hidden]
    return []


def _allow(rules: int, path: str, access: int) -> None:
    """What does not exist needs no rule."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                access &= _OF_FILES
            _call(_ADD, rules, _BENEATH, struct.pack("=Qi", access, descriptor), 0)
        finally:
            os.close(descriptor)


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call that the C library has no function for; -1 if it fails."""
    given = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    try:
        return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *given))
    except (OSError, AttributeError):
        return -1
