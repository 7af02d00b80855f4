"""Takes root's powers from a process of root's: in a container the marker often runs as root, without bubblewrap.

Without effect for other users, who have none.
"""

from __future__ import annotations

import contextlib
import ctypes
import struct
import sys

_VERSION = 0x20080522  # linux/capability.h, _LINUX_CAPABILITY_VERSION_3
_KEPT = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: Python may be another user's, and files are Landlock's business."""


def drop() -> None:
    """Give all other capabilities up, for good."""
    if not sys.platform.startswith("linux"):
        return
    # capget(2): effective, permitted and inheritable ones, the lower 32 of each and then the higher.
    header = struct.pack("=Ii", _VERSION, 0)
    data = ctypes.create_string_buffer(24)
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        if library.capget(header, data) == 0:
            kept = struct.unpack_from("=I", data, 4)[0] & _KEPT
            library.capset(header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))
