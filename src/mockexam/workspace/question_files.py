"""Puts the files of one question into its folder, and repairs them. Nothing that exists is ever overwritten."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from pathlib import Path

from mockexam.bank.loader import question_folder
from mockexam.errors import UserError
from mockexam.exam.paper import PaperItem
from mockexam.files import is_disk_full, move_aside, reason_of, remove, rename, write_atomic
from mockexam.workspace.interpreter import put_editor_settings
from mockexam.workspace.layout import (
    BRIEF,
    DATA,
    NOTEBOOK,
    SOLUTION,
    Workspace,
    WorkspaceFile,
    read_workspace_file,
    write_workspace_file,
)

MakeData = Callable[[str, Path, Callable[[float], None]], Awaitable[None]]
"""Writes a question's training data (by id) into an existing empty folder and reports its progress (0 to 1)."""

FOLDER = "folder"
ELSEWHERE = "Name another folder with --workspace."
_PARTIAL = ".data-"
"""Data that are being made lie beside their final place under a name that begins so."""
_BANK_FILES = {SOLUTION: "stub.py", BRIEF: "brief.md"}
"""The files that a question begins with, and their names in the question bank."""


def workspace_error(error: OSError, path: Path) -> UserError:
    """What to report when the file system refuses something in the workspace."""
    hint = "Free some space and try again. Existing files are kept." if is_disk_full(error) else ELSEWHERE
    return UserError(f"The workspace can't be created: {reason_of(error)}.", location=str(path), hint=hint)


def put_texts(folder: Path, bank_folder: Path) -> None:
    """Put `solution.py`, `brief.md` and the editor's settings where they are missing. Raises OSError, UserError."""
    put_task(folder, bank_folder)
    put_editor_settings(folder)


def put_task(folder: Path, bank_folder: Path) -> None:
    """Put `solution.py` and `brief.md` where they are missing. Raises OSError, UserError."""
    for name in _BANK_FILES:
        if not os.path.lexists(folder / name):
            write_atomic(folder / name, _original(bank_folder, name))


def _original(bank_folder: Path, name: str) -> bytes:
    """What a file begins with. Raises UserError if the bank's file can't be read."""
    path = bank_folder / _BANK_FILES[name]
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(
            f"A file of the question bank can't be read: {reason_of(error)}.",
            location=str(path),
            hint="Reinstall mockexam.",
        ) from None


async def make_data_whole(
    workspace: Workspace,
    described: WorkspaceFile,
    item: PaperItem,
    make_data: MakeData,
    progress: Callable[[float], None] = lambda _: None,
) -> WorkspaceFile:
    """Make a question's data and record them in the workspace file, which is returned.

    They are made beside `data/`, which must be vacant, and moved there when complete. Raises what `make_data` raises,
    OSError, and UserError if something was put there meanwhile; then nothing is left behind.
    """
    folder = workspace.question(item.folder)
    partial = _partial_folder(folder)
    try:
        await make_data(item.question, partial, progress)
        described = described.with_data(item.folder, _move_whole(partial, folder / DATA))
    except BaseException:
        remove(partial)
        raise
    write_workspace_file(workspace, described)
    return described


def _partial_folder(folder: Path) -> Path:
    for left in folder.glob(f"{_PARTIAL}*"):  # of an earlier run that was interrupted
        remove(left)
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder))
    partial.chmod(0o755)
    return partial


def _move_whole(partial: Path, place: Path) -> tuple[str, ...]:
    """Move the data into place; returns the names in it."""
    if not is_vacant(place):
        raise UserError(
            "Something else appeared at this path while the data were being generated. It was not changed.",
            location=str(place),
            hint="Move it away, then try again.",
        )
    rename(partial, place)
    return tuple(sorted(entry.name for entry in place.iterdir()))


def is_vacant(place: Path) -> bool:
    """Whether data can be put here: there is nothing, or an empty folder."""
    if place.is_dir() and not place.is_symlink():
        return not any(place.iterdir())
    return not os.path.lexists(place)


def missing(workspace: Workspace, item: PaperItem) -> tuple[str, ...]:
    """What a question's folder lacks, of 'folder', 'solution.py', 'brief.md' and 'data'. Quick, and never raises."""
    return _missing(workspace, item, _readable_workspace_file(workspace))


def missing_files(workspace: Workspace, items: Iterable[PaperItem]) -> dict[int, tuple[str, ...]]:
    """What the folders of the questions lack that lack something, as `missing`, by the question's number."""
    described = _readable_workspace_file(workspace)
    return {item.number: names for item in items if (names := _missing(workspace, item, described))}


def _missing(workspace: Workspace, item: PaperItem, described: WorkspaceFile | None) -> tuple[str, ...]:
    folder = workspace.question(item.folder)
    try:
        if not folder.is_dir():
            return (FOLDER, SOLUTION, BRIEF, DATA)
        lacking = [name for name in _BANK_FILES if not (folder / name).is_file()]
        if SOLUTION in lacking and (folder / NOTEBOOK).is_file():
            lacking.remove(SOLUTION)
        data = folder / DATA
        names = described.data.get(item.folder, ()) if described else ()
        if not data.is_dir() or is_vacant(data) or not all(os.path.lexists(data / name) for name in names):
            lacking.append(DATA)
    except OSError:
        return (SOLUTION, BRIEF, DATA)
    return tuple(lacking)


async def repair(
    workspace: Workspace,
    item: PaperItem,
    code: str,
    make_data: MakeData,
    *,
    over: bool = False,
    bank_folder: Path | None = None,
) -> tuple[str, ...]:
    """Put back what is missing and return the names. `code` is the paper's, in case the workspace file is lost.

    With `over`, `solution.py` and `brief.md` become what they were at the start, if they differ. What is in the way is
    kept as `<name>.bak-1`, -2, ... Raises UserError, and what `make_data` raises.
    """
    folder = workspace.question(item.folder)
    source = bank_folder / item.question if bank_folder else question_folder(item.question)
    lacking = missing(workspace, item)
    done = []
    try:
        if FOLDER in lacking:
            move_aside(folder)
            folder.mkdir(parents=True)
            done.append(FOLDER)
        for name in _BANK_FILES:
            if name in lacking or (over and (folder / name).read_bytes() != _original(source, name)):
                move_aside(folder / name)
                done.append(name)
        put_texts(folder, source)
        if DATA in lacking:
            move_aside(folder / DATA)
            described = _readable_workspace_file(workspace) or WorkspaceFile(paper=code, exam="", questions={})
            described = replace(described, questions={**described.questions, item.folder: item.question})
            await make_data_whole(workspace, described, item, make_data)
            done.append(DATA)
    except OSError as error:
        raise workspace_error(error, folder) from None
    return tuple(done)


def _readable_workspace_file(workspace: Workspace) -> WorkspaceFile | None:
    """The workspace file; None if there is none or it can't be read."""
    try:
        return read_workspace_file(workspace)
    except UserError:
        return None
