"""Makes a workspace: checks that the folder can be used, then writes the README, the question files and the data."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Container
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam import paths
from mockexam.errors import UserError
from mockexam.exam.model_format import FORMATS
from mockexam.exam.paper import Counts, Mode, Paper, Rules
from mockexam.exam.policy import Policy, policy_for
from mockexam.files import write_atomic
from mockexam.workspace.interpreter import put_editor_settings, run_commands, script_python
from mockexam.workspace.layout import (
    BRIEF,
    DATA,
    NOTEBOOK,
    SOLUTION,
    Workspace,
    WorkspaceFile,
    read_workspace_file,
    saved_models,
    write_workspace_file,
)
from mockexam.workspace.question_files import (
    ELSEWHERE,
    MakeData,
    is_vacant,
    make_data_whole,
    put_texts,
    workspace_error,
)

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank

NEEDED_BYTES = 200_000_000
"""Room for the data of a full paper and for models, generously."""

Progress = Callable[[float, str], None]
"""Receives a fraction from 0 to 1 and what is being done."""


async def unpack(
    workspace: Workspace,
    paper: Paper,
    bank: Bank,
    make_data: MakeData,
    progress: Progress,
    *,
    rules: Rules,
    mode: Mode = Mode.EXAM,
    used: Container[str] = (),
) -> None:
    """Make the workspace, or complete it after an error. Raises UserError, and what `make_data` raises.

    `used` as in `refuse_used`.
    """
    progress(0.0, "Checking the folder")
    described = _check_folder(workspace, paper)
    refuse_used(workspace, paper, used)
    try:
        described = _write_texts(workspace, paper, bank, described, rules, policy_for(mode))
        await _make_all_data(workspace, paper, described, make_data, progress)
    except OSError as error:
        raise workspace_error(error, workspace.root) from None
    progress(1.0, "The workspace is ready")


def refuse_used(workspace: Workspace, paper: Paper, used: Container[str]) -> None:
    """Raise UserError if an attempt was started here before or a model lies here: it is not work of the new one.

    `used` holds the folders of all attempts on record, without links.
    """
    if os.path.realpath(workspace.root) in used:
        raise UserError(
            "An earlier attempt was made in this folder.",
            location=str(workspace.root),
            hint="Name a new or an empty folder with --workspace.",
        )
    if models := saved_models(workspace, paper):
        raise UserError(
            "A model was saved here before the start, so it can't be received.",
            location=str(models[0]),
            hint="Move it away, or name a new folder with --workspace.",
        )


def _write_texts(
    workspace: Workspace, paper: Paper, bank: Bank, described: WorkspaceFile | None, rules: Rules, policy: Policy
) -> WorkspaceFile:
    """Write everything but the data; returns the workspace file."""
    workspace.root.mkdir(parents=True, exist_ok=True)
    if described is None:
        # First of all, so that an unfinished workspace is recognized as ours.
        described = WorkspaceFile.of(paper, rules.exam)
        write_workspace_file(workspace, described)
    if not os.path.lexists(workspace.readme):
        write_atomic(workspace.readme, _readme(workspace, paper, rules, policy))
    put_editor_settings(workspace.root, above_questions=True)
    for item in paper.items:
        folder = workspace.question(item.folder)
        folder.mkdir(exist_ok=True)
        put_texts(folder, bank.question(item.question).folder)
    return described


async def _make_all_data(
    workspace: Workspace, paper: Paper, described: WorkspaceFile, make_data: MakeData, progress: Progress
) -> None:
    todo = [item for item in paper.items if is_vacant(workspace.question(item.folder) / DATA)]
    for done, item in enumerate(todo):
        text = f"Generating the data for question {item.number}, {item.title}"

        def report(fraction: float, done: int = done, text: str = text) -> None:
            progress((done + min(1.0, max(0.0, fraction))) / len(todo), text)

        report(0.0)
        described = await make_data_whole(workspace, described, item, make_data, report)


def _check_folder(workspace: Workspace, paper: Paper) -> WorkspaceFile | None:
    """The file of an existing workspace of this paper; None for a new one. Creates nothing. Raises UserError."""
    root = workspace.root
    _check_path(root)
    described = _check_owner(workspace, paper)
    for item in paper.items:
        folder = workspace.question(item.folder)
        if os.path.lexists(folder) and not folder.is_dir():
            raise UserError(
                "This must be the folder of a question, but it is a file.",
                location=str(folder),
                hint="Rename it or move it away.",
            )
    existing = next((p for p in (root, *root.parents) if p.is_dir()), root)
    if not os.access(existing, os.W_OK | os.X_OK):
        raise UserError("This folder is not writable.", location=str(existing), hint=ELSEWHERE)
    free = shutil.disk_usage(existing).free
    if free < NEEDED_BYTES:
        raise UserError(
            f"Not enough disk space: {free / 1e6:.0f} MB are free, {NEEDED_BYTES / 1e6:.0f} MB are needed.",
            location=str(existing),
            hint="Free some space, or name a folder on another disk with --workspace.",
        )
    return described


def _check_path(root: Path) -> None:
    try:
        os.fspath(root).encode()  # no file or message can name a path that is not UTF-8
        real, home = root.resolve(), paths.home().resolve()
        blocking = next((p for p in (root, *root.parents) if os.path.lexists(p) and not p.is_dir()), None)
    except (ValueError, RuntimeError):
        raise UserError("Not a valid folder path.", location=repr(str(root)), hint=ELSEWHERE) from None
    except OSError as error:
        raise workspace_error(error, root) from None
    if real == home or home in real.parents:
        raise UserError(
            "The workspace can't be inside the folder where mockexam keeps its records.",
            location=str(root),
            hint=f"Name a folder outside {home} with --workspace.",
        )
    if blocking is not None:
        raise UserError("The workspace must be a folder, but this is a file.", location=str(blocking), hint=ELSEWHERE)


def _check_owner(workspace: Workspace, paper: Paper) -> WorkspaceFile | None:
    root = workspace.root
    described = read_workspace_file(workspace)
    if described is not None:
        if described.paper != paper.code:
            raise UserError(
                f"This folder is the workspace of another paper: {described.paper}.",
                location=str(root),
                hint=ELSEWHERE,
            )
        return described
    try:
        occupied = root.is_dir() and any(root.iterdir())
    except OSError as error:
        raise workspace_error(error, root) from None
    if occupied:
        raise UserError(
            "This folder is not empty, and it is not a mockexam workspace. Nothing in it was changed.",
            location=str(root),
            hint="Name a new or an empty folder with --workspace.",
        )
    return None


_README = """# {title}: paper {code}

This folder is yours for the {noun}. Work in it with any editor. Edit, run, move and delete files as you like.

## What is where

{questions}

Each folder has the brief (`{brief}`), a script to complete (`{solution}`) and the training data (`{data}/`).

## How to run a script

In the app, `r` runs the script of the chosen question, and `e` opens it in your editor. In a terminal:

```
{commands}
```

For another question, change the folder. Always use this Python, because it has TensorFlow:

```
{python}
```

If a script ends with `No module named 'tensorflow'`, another Python ran it.

- **VS Code**, Cursor, Windsurf, VSCodium: open the question's folder, as `e` does. They find this Python in
  `.vscode/settings.json`. If they use another one, choose *Python: Select Interpreter* and enter the path above.
- **PyCharm**: open the question's folder, as `e` does. Click the interpreter's name at the bottom right, choose
  *Add New Interpreter*, *Add Local Interpreter*, *Select existing*, and enter the path above.
- **Any other editor**: choose the path above where it asks for the interpreter.

## How to submit

Save the model in the question's folder, under one of these names:

| name | how |
|---|---|
{formats}

`{solution}` saves the first one when you run it. A model is received when it is complete and has not changed for half
a second. It is graded from 0 to 5. Other files are not submitted.

You can work in a notebook, `{notebook}`, instead. To train on Colab or another machine, press `p` in the app: it
packs the question. Put what you bring back into the question's folder, and the app asks whether to submit it.

## The rules in short

{rules}

{time_left}If you lose a script or its data, the app can put them back.
"""


def _readme(workspace: Workspace, paper: Paper, rules: Rules, policy: Policy) -> str:
    """The README of a workspace, with the exam's own figures, and nothing that does not concern this attempt."""
    timed = rules.duration is not None
    lines = [
        f"- `{item.folder}/`: {item.title} "
        f"({f'weight {item.weight}, ' if policy.shows_weights else ''}about {item.minutes} minutes)"
        for item in paper.items
    ]
    clock = "The clock never pauses, not even when you close the app or the computer sleeps."
    counts = "the best one counts" if rules.counts is Counts.BEST else "the last one that can be graded counts"
    until = "before the end" if timed else "before you finish"
    stated = [
        _duration(rules.duration),
        *([clock] if timed else []),
        f"You can submit as often as you like; {counts}.",
        f"Every model that is received {until} is graded, even if grading takes longer.",
    ]
    if policy.has_verdict:
        total = f"You pass with {rules.pass_mark} % of the weighted total."
        stated.append(f"The marks are weighted as listed above. {total}")
    left = "The app shows the time left, and `mockexam status` shows it in any terminal.\n"
    return _README.format(
        title=rules.title,
        noun=policy.noun,
        code=paper.code,
        questions="\n".join(lines),
        brief=BRIEF,
        solution=SOLUTION,
        notebook=NOTEBOOK,
        data=DATA,
        commands="\n".join(run_commands(workspace.question(paper.items[0].folder), SOLUTION)),
        python=script_python(),
        formats="\n".join(
            f"| `{s.shown}` | `{s.how}`{', a SavedModel' if s.is_folder else ''} |" for s in FORMATS.values()
        ),
        rules="\n".join(f"- {rule}" for rule in stated),
        time_left=left if timed else "",
    )


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "There is no time limit."
    minutes = round(seconds / 60)
    parts = [f"{minutes // 60} h" if minutes >= 60 else "", f"{minutes % 60} min" if minutes % 60 else ""]
    return f"You have {' '.join(part for part in parts if part) or 'less than a minute'} from the start."
