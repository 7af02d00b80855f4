"""The environment in `.venv`: made when it is missing or no longer fits, left alone otherwise."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from devtools.pip import install
from devtools.told import TellError, tell
from devtools.turns import turn

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
OURS = "mockexam-environment"
"""A file in `.venv` that says that this script made it; its text is what it was made from, once it is whole."""

NEEDED_BYTES = 4 * 10**9
"""TensorFlow and its kin: 2.3 GB installed, and as they come, once more for a while."""


class Environment:
    """The virtual environment of this checkout."""

    def ready(self) -> Path:
        """The environment's Python, after making what is missing. Raises TellError."""
        if not self._whole():
            with turn(ROOT / ".venv.lock"):
                if not self._whole():
                    self._make()
        return self.python

    @property
    def python(self) -> Path:
        """The interpreter in the environment."""
        return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def _whole(self) -> bool:
        try:
            return _read_note() == self._wanted() and self.python.exists()
        except OSError:
            return False

    def _wanted(self) -> str:
        """What the environment must have been made from."""
        lines = [
            f"python {sys.version_info[0]}.{sys.version_info[1]}",
            f"folder {ROOT}",
            f"requirements.lock {_digest(LOCK)}",
            f"pyproject.toml {_digest(ROOT / 'pyproject.toml')}",
        ]
        return "\n".join(lines) + "\n"

    def _made_from(self) -> list[str]:
        try:
            return _read_note().splitlines()
        except OSError:
            return []

    def _make(self) -> None:
        wanted = self._wanted()
        # A change of pyproject.toml alone, the last line, touches nothing that others made.
        locked = wanted.splitlines()[:3]
        if self._made_from()[:3] != locked or not self.python.exists():
            self._create()
            tell("installing the packages that mockexam needs, from requirements.lock (about 600 MB to download, once)")
            install(self.python, ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(LOCK)], LOCK)
            self._note("\n".join(locked))
        tell("installing mockexam itself")
        install(self.python, ["--no-build-isolation", "--no-deps", "--no-index", "-e", str(ROOT)], None)
        self._link_sources()
        # Written last: an interrupted installation is never taken for a whole one.
        self._note(wanted)
        tell("ready")

    def _link_sources(self) -> None:
        """Name the folder of sources relative to the environment, in ASCII.

        Up to 3.12, Python reads the file in the encoding of the locale: with LC_ALL=C it can't start beside a `ü`.
        """
        version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        packages = VENV / ("Lib" if os.name == "nt" else f"lib/{version}") / "site-packages"
        for path in packages.glob("*mockexam.pth"):
            path.write_text(os.path.relpath(ROOT / "src", packages) + "\n", encoding="ascii")

    def _note(self, text: str) -> None:
        # A folder's name may hold bytes that are no text.
        (VENV / OURS).write_text(text, encoding="utf-8", errors="surrogateescape")

    def _create(self) -> None:
        if find_spec("venv") is None or find_spec("ensurepip") is None:
            version = f"{sys.version_info[0]}.{sys.version_info[1]}"
            raise TellError(
                f"This Python {version} lacks the parts that make an environment (venv, ensurepip).",
                remedy=f"On Debian or Ubuntu: sudo apt install python{version}-venv. Then run the command again.",
            )
        import venv

        if VENV.exists():
            self._delete()
        free = shutil.disk_usage(ROOT).free
        if free < NEEDED_BYTES:
            raise TellError(
                f"The disk of {ROOT} has {free / 1e9:.1f} GB free; the environment needs {NEEDED_BYTES / 1e9:.0f} GB.",
                remedy="Free some space, or put the checkout on another disk.",
            )
        tell(f"making an environment in {VENV}")
        try:
            VENV.mkdir(parents=True)
            self._note("being made")
            venv.create(VENV, with_pip=True, symlinks=os.name != "nt")
        except (OSError, subprocess.CalledProcessError) as error:
            raise TellError(
                f"The environment could not be made: {error}.", remedy="See that the folder can be written to."
            ) from None

    def _delete(self) -> None:
        if not (VENV / OURS).exists() and any(VENV.iterdir()):
            raise TellError(
                f"{VENV} is an environment that this script did not make.",
                remedy="Move it away, or delete it with: python3 tools/dev.py clean",
            )
        tell("the environment does not fit any more, or was left half made: making it anew")
        try:
            # The file that says whose it is goes last: an interrupted deletion can be gone on with.
            for path in VENV.iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                elif path.name != OURS:
                    path.unlink()
            shutil.rmtree(VENV)
        except OSError as error:
            raise TellError(
                f"{error.filename or VENV} can't be deleted: {error.strerror}.",
                remedy="Close what runs from it (an exam, an editor's terminal) and run the command again.",
            ) from None


def _read_note() -> str:
    return (VENV / OURS).read_text(encoding="utf-8", errors="surrogateescape")


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TellError(f"{path} can't be read: {error.strerror}.", remedy="Clone the project again.") from None
