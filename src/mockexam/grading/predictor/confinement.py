"""Takes root's powers from a process of root's: in a container the marker often runs as root, without bubblewrap.

Without effect for other users, who have none.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import struct
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mockexam.grading.predictor import landlock, seccomp

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


JOBS_VARIABLE = "MOCKEXAM_JOBS"
"""The folder with the jobs' models and features."""
OFF_VARIABLE = "MOCKEXAM_CONFINEMENT"
"""Set to `off` by tests that look at other lines of defence alone."""
_SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store", "/proc", "/sys",
           "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom",
           "/etc/ld.so.cache", "/etc/localtime", "/etc/timezone")  # fmt: skip
"""Of the devices those without a memory: terminals and /dev/shm hold what others type and keep."""
_PACKAGE = "mockexam"


@dataclass(frozen=True)
class Confinement:
    """What is ready to be put in force in a fork."""

    on: bool
    files: int = -1
    """Descriptor of the rules on files, -1 if there are none."""

    @property
    def told(self) -> str:
        """What will hold, for the record."""
        if not self.on:
            return "none"
        held = ["seccomp"] if seccomp.available() else []
        return ", ".join([*held, *(["Landlock"] if self.files >= 0 else [])]) or "none"

    def apply(self) -> bool:
        """Put all of it in force in this process, for good; False if some of what was told is not."""
        if not self.on:
            return True
        drop()
        files = landlock.restrict(self.files) or self.files < 0
        return (seccomp.confine() or not seccomp.available()) and files


def prepare() -> Confinement:
    """Work out the rules, once, where TensorFlow has been imported already."""
    if os.environ.get(OFF_VARIABLE) == "off":
        return Confinement(on=False)
    jobs = os.environ.get(JOBS_VARIABLE)
    temporary = [tempfile.gettempdir(), "/dev/null"]
    return Confinement(on=True, files=landlock.prepare([*_readable(), *([jobs] if jobs else [])], temporary))


def _readable() -> list[str]:
    """The system, Python, its packages, and of mockexam the predictor alone."""
    ours = Path(__file__).parents[2]
    found = [*_SYSTEM, sys.base_prefix, *(str(ours / part) for part in ("__init__.py", "grading"))]
    for path in sys.path:
        if path.endswith("-packages"):
            # Installed, the questions and rubrics lie among the packages.
            found += landlock.packages_without(path, _PACKAGE)
        elif not path.endswith(".zip") and Path(path) != ours.parent and _is_python(path):
            found.append(path)
    return found


def _is_python(path: str) -> bool:
    """Whether a folder of the search path belongs to Python itself and is not a checkout or a candidate's."""
    return path.startswith((sys.base_prefix + os.sep, sys.prefix + os.sep))
