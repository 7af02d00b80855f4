"""What the kernel takes from a process before a foreign model comes into it."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from mockexam.grading.predictor import capabilities, landlock, seccomp

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
        capabilities.drop()
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
