"""Lets SQLite's own calls to the system fail: the file methods of its default VFS are replaced in this process.

The layouts are those of `sqlite3_vfs` (https://www.sqlite.org/c3ref/vfs.html) and `sqlite3_io_methods`
(https://www.sqlite.org/c3ref/io_methods.html).
"""

from __future__ import annotations

import _sqlite3
import ctypes as c
from collections.abc import Callable
from typing import Any

from tests.faults.points import POINTS

_P, _I, _L = c.c_void_p, c.c_int, c.c_int64
_CODES = {
    ("open", "EMFILE"): 14, ("open", "EROFS"): 14, ("read", "EIO"): 266,
    ("write", "ENOSPC"): 13, ("write", "EIO"): 778, ("write", "EROFS"): 8, ("truncate", "EIO"): 1546,
    ("sync", "EIO"): 1034, ("sync", "ENOSPC"): 1034, ("delete", "EIO"): 2570, ("delete", "EROFS"): 2570,
    ("shm", "ENOSPC"): 4874, ("shm", "EIO"): 5386, ("lock", "BUSY"): 5, ("lock", "EIO"): 5130,
}  # fmt: skip
"""What SQLite's unix VFS answers for each error (https://www.sqlite.org/rescode.html)."""
_UNLOCK = 1
_OPEN = c.CFUNCTYPE(_I, _P, _P, _P, _I, _P)
_DELETE = c.CFUNCTYPE(_I, _P, _P, _I)
_METHODS: dict[str, tuple[int, Any]] = {
    "read": (2, c.CFUNCTYPE(_I, _P, _P, _I, _L)),
    "write": (3, c.CFUNCTYPE(_I, _P, _P, _I, _L)),
    "truncate": (4, c.CFUNCTYPE(_I, _P, _L)),
    "sync": (5, c.CFUNCTYPE(_I, _P, _I)),
    "shm": (13, c.CFUNCTYPE(_I, _P, _I, _I, _I, _P)),
    "lock": (14, c.CFUNCTYPE(_I, _P, _I, _I, _I)),
}
"""Place (in words of a pointer) and type of each method in `sqlite3_io_methods`; `shm` and `lock` are for WAL."""
_METHODS_WORDS = 19
_OPEN_WORD, _DELETE_WORD = 5, 6
"""Places in `sqlite3_vfs`, whose three first numbers take two words."""
_kept: list[Any] = []
"""What C code points to and Python must not free."""


def install() -> bool:
    """Put every call of SQLite through `POINTS`; False where this Python hides its SQLite library."""
    library = c.CDLL(_sqlite3.__file__)
    try:
        find = library.sqlite3_vfs_find
    except AttributeError:
        return False
    find.restype = _P
    words = c.cast(find(None), c.POINTER(_P))
    really_open, really_delete = _OPEN(words[_OPEN_WORD]), _DELETE(words[_DELETE_WORD])
    patched: dict[int, Any] = {}

    def open_(vfs: int, name: int, file: int, flags: int, out: int) -> int:
        failed = _fails("open")
        if failed:
            return failed
        code: int = really_open(vfs, name, file, flags, out)
        methods = c.cast(file, c.POINTER(_P))
        if code == 0 and methods[0]:
            before = int(methods[0])
            if before not in patched:
                patched[before] = _patched(before)
            methods[0] = c.addressof(patched[before])
        return code

    def delete(vfs: int, name: int, sync: int) -> int:
        return _fails("delete") or int(really_delete(vfs, name, sync))

    for word, function in ((_OPEN_WORD, _OPEN(open_)), (_DELETE_WORD, _DELETE(delete))):
        _kept.append(function)
        words[word] = c.cast(function, _P)
    return True


def _fails(call: str) -> int:
    error = POINTS.pass_by(f"sqlite.{call}")
    return _CODES[call, error] if error else 0


def _patched(methods: int) -> Any:
    """A copy of these methods that asks first."""
    copy = (_P * _METHODS_WORDS).from_buffer_copy((_P * _METHODS_WORDS).from_address(methods))
    for name, (word, kind) in _METHODS.items():
        if not copy[word]:
            continue
        function = kind(_asking(name, kind(copy[word])))
        _kept.append(function)
        copy[word] = c.cast(function, _P)
    _kept.append(copy)
    return copy


def _asking(name: str, really: Callable[..., int]) -> Callable[..., int]:
    def asking(*arguments: int) -> int:
        if name == "lock" and arguments[3] & _UNLOCK:
            return really(*arguments)
        return _fails(name) or really(*arguments)

    return asking
