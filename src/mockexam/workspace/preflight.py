"""Is this a place where a workspace can be made? Each thing that can be wrong has its own words."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from mockexam import paths
from mockexam.errors import UserError
from mockexam.exam.paper import Paper
from mockexam.workspace.layout import Workspace, WorkspaceFile, read_workspace_file

NEEDED_BYTES = 200_000_000
"""Room for the data of a full paper and for models, generously."""
_ELSEWHERE = "Name another folder with --workspace."


def check_ground(workspace: Workspace, paper: Paper) -> WorkspaceFile | None:
    """The marker of a workspace of this paper that is there already; None for a new one.

    Creates nothing. Raises UserError where no workspace of this paper can be made.
    """
    root = workspace.root
    _check_path(root)
    marker = _check_owner(workspace, paper)
    _check_questions(workspace, paper)
    existing = next((p for p in (root, *root.parents) if p.is_dir()), root)
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UserError("This folder can't be written.", location=str(existing), hint=_ELSEWHERE)
    free = shutil.disk_usage(existing).free
    if free < NEEDED_BYTES:
        raise UserError(
            f"There is too little room: {free / 1e6:.0f} MB are free, {NEEDED_BYTES / 1e6:.0f} MB are needed.",
            location=str(existing),
            hint="Free some space, or name a folder on another disk with --workspace.",
        )
    return marker


def told(error: OSError, place: Path) -> UserError:
    """What to say when the file system refuses something in the workspace."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            "The disk is full.",
            location=str(place),
            hint="Free some space and start again: what is there already is kept.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserError("This folder can't be written.", location=str(place), hint=_ELSEWHERE)
    return UserError(
        f"The workspace can't be made here: {error.strerror or error}.", location=str(place), hint=_ELSEWHERE
    )


def _check_path(root: Path) -> None:
    try:
        real, home = root.resolve(), paths.home().resolve()
        blocking = next((p for p in (root, *root.parents) if os.path.lexists(p) and not p.is_dir()), None)
    except (ValueError, RuntimeError):
        raise UserError("This is no path of a folder.", location=repr(str(root)), hint=_ELSEWHERE) from None
    except OSError as error:
        raise told(error, root) from None
    if real == home or home in real.parents:
        raise UserError(
            "The workspace can't lie in the folder where mockexam keeps its records.",
            location=str(root),
            hint=f"Name a folder outside {home} with --workspace.",
        )
    if blocking is not None:
        raise UserError("The workspace needs a folder, but this is none.", location=str(blocking), hint=_ELSEWHERE)


def _check_owner(workspace: Workspace, paper: Paper) -> WorkspaceFile | None:
    root = workspace.root
    marker = read_workspace_file(workspace)
    if marker is not None:
        if marker.paper != paper.code:
            raise UserError(
                f"This folder is the workspace of another paper, {marker.paper}.", location=str(root), hint=_ELSEWHERE
            )
        return marker
    try:
        occupied = root.is_dir() and any(root.iterdir())
    except OSError as error:
        raise told(error, root) from None
    if occupied:
        raise UserError(
            "This folder is not empty and is no workspace of mockexam. Nothing in it was touched.",
            location=str(root),
            hint="Name a new or an empty folder with --workspace.",
        )
    return None


def _check_questions(workspace: Workspace, paper: Paper) -> None:
    for item in paper.items:
        folder = workspace.question(item.folder)
        if os.path.lexists(folder) and not folder.is_dir():
            raise UserError(
                "A question's folder is needed here, but this is a file.",
                location=str(folder),
                hint="Rename it or move it away.",
            )
