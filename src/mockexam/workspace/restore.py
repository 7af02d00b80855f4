"""What is missing from a question's folder, and putting it back. Nothing of the candidate's is ever lost."""

from __future__ import annotations

import os
from pathlib import Path

from mockexam.bank.loader import question_folder
from mockexam.errors import ToldError
from mockexam.exam.paper import PaperItem
from mockexam.workspace.aside import make_room
from mockexam.workspace.furnish import MakeData, Source, is_vacant, make_data_whole, note_data, put_texts
from mockexam.workspace.ground import told
from mockexam.workspace.layout import BRIEF, DATA, SOLUTION, Marker, Workspace, read_marker

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
    give way is kept beside it as `<name>.bak-1`, -2, ... Raises ToldError, and what `make_data` raises.
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
    marker = _marker(workspace) or Marker(paper=code, exam="", questions={})
    known = {**marker.questions, item.folder: item.question}
    note_data(workspace, Marker(marker.paper, marker.exam, known, marker.data), item, names)


def _data_are_there(folder: Path, marker: Marker | None, item: PaperItem) -> bool:
    data = folder / DATA
    if not data.is_dir() or is_vacant(data):
        return False
    names = marker.data.get(item.folder, ()) if marker else ()
    return all(os.path.lexists(data / name) for name in names)


def _marker(workspace: Workspace) -> Marker | None:
    """The marker, if there is one that can be read."""
    try:
        return read_marker(workspace)
    except ToldError:
        return None
