"""The TensorFlow versions of the matrix, each in a virtual environment of its own outside the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from devtools.pip import install
from devtools.told import TellError, tell

TENSORFLOW = "tensorflow-cpu" if sys.platform.startswith("linux") else "tensorflow"
"""Elsewhere than on Linux the plain package is the small one."""
MARK = "mockexam-compat"
"""A file in an environment that is whole; its text is what it was made from."""
NEEDED_BYTES = 3 * 10**9


class NoBuildError(Exception):
    """For this Python or this machine there is no build of a version."""


@dataclass(frozen=True)
class Version:
    """A version of TensorFlow, by the name that it has in the table."""

    name: str
    packages: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    """Added to its environment when it runs."""


def _tensorflow(release: str, keras: str = "") -> Version:
    """A release, with the Keras of its time: pip would take the newest one from TensorFlow 2.16 on."""
    packages = [f"{TENSORFLOW}=={release}", *([f"keras=={keras}"] if keras else [])]
    return Version(release.rpartition(".")[0], tuple(packages))


VERSIONS = (
    *map(_tensorflow, ("2.12.1", "2.13.1", "2.15.1")),
    _tensorflow("2.16.2", "3.3.3"),
    _tensorflow("2.18.1", "3.8.0"),
    _tensorflow("2.20.0", "3.11.3"),
    _tensorflow("2.21.0", "3.15.1"),
    Version("tf-keras", (f"{TENSORFLOW}==2.21.0", "tf-keras==2.21.0"), {"TF_USE_LEGACY_KERAS": "1"}),
)


def ready(version: Version, home: Path) -> Path:
    """The Python of a version's environment, after making it. Raises NoBuildError, TellError."""
    folder = home / "venvs" / version.name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / MARK
    if python.exists() and is_made_from(folder, version):
        return python
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if (free := shutil.disk_usage(home).free) < NEEDED_BYTES:
        raise TellError(
            f"The disk of {home} has {free / 1e9:.1f} GB free; an environment needs {NEEDED_BYTES / 1e9:.0f} GB.",
            remedy="Free some space, or name a folder elsewhere with --home.",
        )
    tell(f"{version.name}: making an environment with {', '.join(version.packages)}")
    try:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        raise TellError(f"{folder} could not be made: {error.stderr.decode(errors='replace')[-300:]}") from None
    try:
        install(python, ["--only-binary", ":all:", *version.packages], None)
    except TellError as error:
        shutil.rmtree(folder, ignore_errors=True)
        if "No matching distribution found" in str(error):
            found = f"Python {sys.version_info[0]}.{sys.version_info[1]} on {sys.platform}"
            raise NoBuildError(f"there is no build of {version.packages[0]} for {found}") from None
        raise
    # Written last: an interrupted installation is never taken for a whole one.
    mark.write_text(made_from(version), encoding="utf-8")
    return python


def made_from(version: Version) -> str:
    """What stands in the mark of what was made for a version."""
    return "\n".join((f"python {sys.version_info[0]}.{sys.version_info[1]}", *version.packages)) + "\n"


def is_made_from(folder: Path, version: Version) -> bool:
    """Whether a folder's mark says that it was made for just these packages."""
    mark = folder / MARK
    return mark.exists() and mark.read_text(encoding="utf-8") == made_from(version)


def surroundings(version: Version) -> dict[str, str]:
    """The variables with which a version's Python runs: none that choose another Keras, or other modules."""
    ours = ("TF_USE_LEGACY_KERAS", "KERAS_BACKEND", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    return {key: value for key, value in os.environ.items() if key not in ours} | dict(version.variables)
