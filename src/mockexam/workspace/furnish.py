"""Putting the files of one question into its folder. Nothing that exists is ever overwritten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from mockexam.errors import ToldError
from mockexam.exam.paper import PaperItem
from mockexam.workspace.copying import remove
from mockexam.workspace.layout import BRIEF, DATA, SOLUTION, Marker, Workspace, write_marker, write_whole

MakeData = Callable[[str, Path, Callable[[float], None]], Awaitable[None]]
"""Writes a question's training data (by id) into an existing empty folder, telling how far it is (0 to 1)."""

_PARTIAL = ".data-"
"""Data that are being made lie beside their place under a name that begins so."""


@dataclass(frozen=True, slots=True)
class Source:
    """The files that a question begins with."""

    stub: Path
    brief: Path

    @classmethod
    def of(cls, folder: Path) -> Source:
        """The source in a question's folder of the bank."""
        return cls(stub=folder / "stub.py", brief=folder / "brief.md")

    def content(self, name: str) -> bytes:
        """What `solution.py` or `brief.md` begins with. Raises ToldError if the bank's file can't be read."""
        path = self.stub if name == SOLUTION else self.brief
        try:
            return path.read_bytes()
        except OSError as error:
            raise ToldError(
                f"A file of the question bank can't be read: {error.strerror}.",
                where=str(path),
                remedy="Reinstall mockexam.",
            ) from None


def put_texts(folder: Path, source: Source) -> tuple[str, ...]:
    """Put `solution.py` and `brief.md` where they are missing; returns what was put. Raises OSError, ToldError."""
    put = []
    for name in (SOLUTION, BRIEF):
        if not os.path.lexists(folder / name):
            write_whole(folder / name, source.content(name))
            put.append(name)
    return tuple(put)


async def make_data_whole(
    folder: Path, question: str, make_data: MakeData, progress: Callable[[float], None]
) -> tuple[str, ...]:
    """Make a question's data beside their place and move them there when whole; returns the names in `data/`.

    The place must be free. Raises what `make_data` raises, OSError, and ToldError if the place was taken meanwhile;
    then nothing is left behind.
    """
    partial = _partial_folder(folder)
    try:
        await make_data(question, partial, progress)
        return _move_whole(partial, folder / DATA)
    except BaseException:
        remove(partial)
        raise


def is_vacant(place: Path) -> bool:
    """Whether data can be put here: there is nothing, or an empty folder."""
    if place.is_dir() and not place.is_symlink():
        return not any(place.iterdir())
    return not os.path.lexists(place)


def _partial_folder(folder: Path) -> Path:
    for left in folder.glob(f"{_PARTIAL}*"):  # of an earlier run that did not come to its end
        remove(left)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder))
    partial.chmod(0o755)
    return partial


def _move_whole(partial: Path, place: Path) -> tuple[str, ...]:
    if not is_vacant(place):
        raise ToldError(
            "Something was put in the place of the data while they were made; it was left alone.",
            where=str(place),
            remedy="Move it away, then restore the data.",
        )
    partial.rename(place)
    return tuple(sorted(entry.name for entry in place.iterdir()))


def note_data(workspace: Workspace, marker: Marker, item: PaperItem, names: tuple[str, ...]) -> Marker:
    """Write down that a question's data were made whole; returns the marker as written. Raises OSError."""
    noted = marker.with_data(item.folder, names)
    write_marker(workspace, noted)
    return noted
