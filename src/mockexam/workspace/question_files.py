"""Putting the files of one question into its folder. Nothing that exists is ever overwritten."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from mockexam.bank.loader import question_folder
from mockexam.errors import UserError
from mockexam.exam.paper import PaperItem
from mockexam.workspace.layout import (
    BRIEF,
    DATA,
    SOLUTION,
    Workspace,
    WorkspaceFile,
    read_workspace_file,
    write_whole,
    write_workspace_file,
)
from mockexam.workspace.preflight import told
from mockexam.workspace.receive import remove

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
        """What `solution.py` or `brief.md` begins with. Raises UserError if the bank's file can't be read."""
        path = self.stub if name == SOLUTION else self.brief
        try:
            return path.read_bytes()
        except OSError as error:
            raise UserError(
                f"A file of the question bank can't be read: {error.strerror}.",
                location=str(path),
                hint="Reinstall mockexam.",
            ) from None


def put_texts(folder: Path, source: Source) -> tuple[str, ...]:
    """Put `solution.py` and `brief.md` where they are missing; returns what was put. Raises OSError, UserError."""
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

    The place must be free. Raises what `make_data` raises, OSError, and UserError if the place was taken meanwhile;
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
        raise UserError(
            "Something was put in the place of the data while they were made; it was left alone.",
            location=str(place),
            hint="Move it away, then restore the data.",
        )
    partial.rename(place)
    return tuple(sorted(entry.name for entry in place.iterdir()))


def note_data(workspace: Workspace, marker: WorkspaceFile, item: PaperItem, names: tuple[str, ...]) -> WorkspaceFile:
    """Write down that a question's data were made whole; returns the marker as written. Raises OSError."""
    noted = marker.with_data(item.folder, names)
    write_workspace_file(workspace, noted)
    return noted


def make_room(path: Path) -> Path | None:
    """Move what stands in the way aside, to `<name>.bak-1`, -2, ...; returns where it is now, None if nothing was.

    An empty folder is removed instead. Raises OSError.
    """
    if path.is_dir() and is_vacant(path):
        path.rmdir()
    if not os.path.lexists(path):
        return None
    names = (path.with_name(f"{path.name}.bak-{n}") for n in itertools.count(1))
    aside = next(name for name in names if not os.path.lexists(name))
    path.rename(aside)
    return aside


FOLDER = "folder"


def missing(workspace: Workspace, item: PaperItem) -> tuple[str, ...]:
    """What a question's folder lacks, of 'folder', 'solution.py', 'brief.md' and 'data'; empty if all is there.

    Quick, and never raises: a folder that can't be looked into lacks everything. Data lack something when a name that
    lay directly under `data/` is gone; files deeper down are not looked at.
    """
    folder = workspace.question(item.folder)
    try:
        if not folder.is_dir():
            return (FOLDER, SOLUTION, BRIEF, DATA)
        lacking = [name for name in (SOLUTION, BRIEF) if not (folder / name).is_file()]
        if not _data_are_there(folder, _marker(workspace), item):
            lacking.append(DATA)
    except OSError:
        return (SOLUTION, BRIEF, DATA)
    return tuple(lacking)


async def restore(
    workspace: Workspace,
    item: PaperItem,
    code: str,
    make_data: MakeData,
    *,
    over: bool = False,
    bank_folder: Path | None = None,
) -> tuple[str, ...]:
    """Put back what is missing; returns what was put back. `code` is the paper's, should the marker be lost.

    With `over`, `solution.py` and `brief.md` become what they were at the start, where they differ. Whatever has to
    give way is kept beside it as `<name>.bak-1`, -2, ... Raises UserError, and what `make_data` raises.
    """
    folder = workspace.question(item.folder)
    source = Source.of(bank_folder / item.question if bank_folder else question_folder(item.question))
    lacking = missing(workspace, item)
    try:
        done = _restore_texts(folder, source, lacking, over=over)
        if DATA in lacking:
            await _restore_data(workspace, item, code, make_data)
            done.append(DATA)
    except OSError as error:
        raise told(error, folder) from None
    return tuple(done)


def _restore_texts(folder: Path, source: Source, lacking: tuple[str, ...], *, over: bool) -> list[str]:
    done = []
    if FOLDER in lacking:
        make_room(folder)
        folder.mkdir(parents=True)
        done.append(FOLDER)
    for name in (SOLUTION, BRIEF):
        if name in lacking or (over and (folder / name).read_bytes() != source.content(name)):
            make_room(folder / name)
            done.append(name)
    put_texts(folder, source)
    return done


async def _restore_data(workspace: Workspace, item: PaperItem, code: str, make_data: MakeData) -> None:
    folder = workspace.question(item.folder)
    make_room(folder / DATA)
    names = await make_data_whole(folder, item.question, make_data, lambda _: None)
    marker = _marker(workspace) or WorkspaceFile(paper=code, exam="", questions={})
    known = {**marker.questions, item.folder: item.question}
    note_data(workspace, WorkspaceFile(marker.paper, marker.exam, known, marker.data), item, names)


def _data_are_there(folder: Path, marker: WorkspaceFile | None, item: PaperItem) -> bool:
    data = folder / DATA
    if not data.is_dir() or is_vacant(data):
        return False
    names = marker.data.get(item.folder, ()) if marker else ()
    return all(os.path.lexists(data / name) for name in names)


def _marker(workspace: Workspace) -> WorkspaceFile | None:
    """The marker, if there is one that can be read."""
    try:
        return read_workspace_file(workspace)
    except UserError:
        return None
