"""Makes the workspace of a paper, before the clock starts. What is there already is kept; what is missing is added."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockexam.exam.paper import Paper, Rules
from mockexam.workspace.furnish import MakeData, Source, is_vacant, make_data_whole, note_data, put_texts
from mockexam.workspace.ground import check_ground, told
from mockexam.workspace.layout import DATA, Marker, Workspace, write_marker, write_whole
from mockexam.workspace.readme import readme
from mockexam.workspace.restore import missing, restore

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank

__all__ = ["MakeData", "missing", "restore", "unpack"]

Progress = Callable[[float, str], None]
"""Told a fraction from 0 to 1 and what is being done."""


async def unpack(
    workspace: Workspace,
    paper: Paper,
    bank: Bank,
    make_data: MakeData,
    progress: Progress,
    *,
    rules: Rules | None = None,
) -> None:
    """Make the workspace, or complete the one of this paper that is there.

    `rules` put the exam's own figures into the README. Raises ToldError where it can't be made, and what `make_data`
    raises; calling it again then goes on from there.
    """
    progress(0.0, "Looking at the folder")
    marker = check_ground(workspace, paper)
    try:
        marker = _lay_out(workspace, paper, bank, marker, rules)
        await _make_all_data(workspace, paper, marker, make_data, progress)
    except OSError as error:
        raise told(error, workspace.root) from None
    progress(1.0, "The workspace is ready")


def _lay_out(workspace: Workspace, paper: Paper, bank: Bank, marker: Marker | None, rules: Rules | None) -> Marker:
    """Make all but the data; returns the marker as it stands."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    if marker is None:
        # First of all: a workspace that was begun must be known as ours.
        marker = Marker.of(paper, rules.exam if rules else "")
        write_marker(workspace, marker)
    if not os.path.lexists(workspace.readme):
        write_whole(workspace.readme, readme(paper, rules).encode())
    for item in paper.items:
        folder = workspace.question(item.folder)
        folder.mkdir(exist_ok=True)
        put_texts(folder, Source.of(bank.question(item.question).folder))
    return marker


async def _make_all_data(
    workspace: Workspace, paper: Paper, marker: Marker, make_data: MakeData, progress: Progress
) -> None:
    todo = [item for item in paper.items if is_vacant(workspace.question(item.folder) / DATA)]
    for done, item in enumerate(todo):
        text = f"Making the data of question {item.number}, {item.title}"

        def tell(fraction: float, done: int = done, text: str = text) -> None:
            progress((done + min(1.0, max(0.0, fraction))) / len(todo), text)

        tell(0.0)
        names = await make_data_whole(workspace.question(item.folder), item.question, make_data, tell)
        marker = note_data(workspace, marker, item, names)
