"""The README that a workspace begins with."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from mockexam.exam.model_format import FORMATS
from mockexam.exam.paper import Counts, Paper, Rules
from mockexam.workspace.layout import BRIEF, DATA, SOLUTION, Workspace, WorkspaceFile, write_whole, write_workspace_file
from mockexam.workspace.preflight import check_ground, told
from mockexam.workspace.question_files import (
    MakeData,
    Source,
    is_vacant,
    make_data_whole,
    missing,
    note_data,
    put_texts,
    restore,
)

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank


_TEXT = """# {title}: paper {code}

This folder is yours for the exam. Work in it with any editor; edit, run, move and delete as you like.

## What lies where

{questions}

Each folder has the task (`{brief}`), a script to fill in (`{solution}`) and the training data (`{data}/`).

## How to submit

Save the model in the question's folder, under one of these names:

| name | how |
|---|---|
{formats}

`{solution}` does the first when you run it. A model trained elsewhere can simply be copied there. It is received as
soon as it is whole and unchanged for half a second, and marked out of 5. Other files are left alone.

## The rules in short

- {duration}
- The clock does not pause: not when you leave the app, not when the computer sleeps.
- You may submit as often as you like; {counts}.
- What was received before the end is marked, even if marking ends later.
- Marks are weighted as listed above. {pass_mark}

The app shows the time left; `mockexam status` shows it in any terminal. If a script or its data got lost, the app puts
them back.
"""


def readme(paper: Paper, rules: Rules | None) -> str:
    """The text for a paper, with the exam's own figures where its rules are known."""
    lines = [f"- `{i.folder}/`: {i.title} (weight {i.weight}, about {i.minutes} minutes)" for i in paper.items]
    last = rules is not None and rules.counts is Counts.LAST
    return _TEXT.format(
        title=rules.title if rules else "Mock exam",
        code=paper.code,
        questions="\n".join(lines),
        brief=BRIEF,
        solution=SOLUTION,
        data=DATA,
        formats="\n".join(
            f"| `{s.shown}` | `{s.how}`{', a SavedModel' if s.is_folder else ''} |" for s in FORMATS.values()
        ),
        duration=_duration(rules),
        counts="the last one that could be marked counts" if last else "the best one counts",
        pass_mark=f"{rules.pass_mark} % of the weighted total is a pass." if rules else "",
    ).replace(" \n", "\n")


def _duration(rules: Rules | None) -> str:
    if rules is None:
        return "The time begins when you start it in the app."
    if rules.duration is None:
        return "There is no time limit."
    minutes = round(rules.duration / 60)
    parts = [f"{minutes // 60} h" if minutes >= 60 else "", f"{minutes % 60} min" if minutes % 60 else ""]
    return f"You have {' '.join(part for part in parts if part) or 'less than a minute'} from the start."


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

    `rules` put the exam's own figures into the README. Raises UserError where it can't be made, and what `make_data`
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


def _lay_out(
    workspace: Workspace, paper: Paper, bank: Bank, marker: WorkspaceFile | None, rules: Rules | None
) -> WorkspaceFile:
    """Make all but the data; returns the marker as it stands."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    if marker is None:
        # First of all: a workspace that was begun must be known as ours.
        marker = WorkspaceFile.of(paper, rules.exam if rules else "")
        write_workspace_file(workspace, marker)
    if not os.path.lexists(workspace.readme):
        write_whole(workspace.readme, readme(paper, rules).encode())
    for item in paper.items:
        folder = workspace.question(item.folder)
        folder.mkdir(exist_ok=True)
        put_texts(folder, Source.of(bank.question(item.question).folder))
    return marker


async def _make_all_data(
    workspace: Workspace, paper: Paper, marker: WorkspaceFile, make_data: MakeData, progress: Progress
) -> None:
    todo = [item for item in paper.items if is_vacant(workspace.question(item.folder) / DATA)]
    for done, item in enumerate(todo):
        text = f"Making the data of question {item.number}, {item.title}"

        def tell(fraction: float, done: int = done, text: str = text) -> None:
            progress((done + min(1.0, max(0.0, fraction))) / len(todo), text)

        tell(0.0)
        names = await make_data_whole(workspace.question(item.folder), item.question, make_data, tell)
        marker = note_data(workspace, marker, item, names)
