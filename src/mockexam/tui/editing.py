"""Opening the candidate's editor."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from textual.app import App, SuspendNotSupported

from mockexam.errors import UserError
from mockexam.tui.services import EditorPort


async def edit(app: App[int], editor: EditorPort, path: Path) -> None:
    """Open a file: a terminal editor takes the screen until it ends, another one gets its own window.

    Raises UserError if the editor can't be started or ends with an error.
    """
    if editor.kind == "terminal":
        await _in_terminal(app, editor, path)
    else:
        await _start(editor, path, detached=True)


async def _in_terminal(app: App[int], editor: EditorPort, path: Path) -> None:
    failed: UserError | asyncio.CancelledError | None = None
    code = 0
    try:
        # While suspended nothing reads what the app draws; its queue is short, and a full one would stop the clock
        # and the receiving along with it. So nothing is drawn until the editor has ended.
        with app.batch_update(), app.suspend():
            try:
                process = await _start(editor, path, detached=False)
                code = await process.wait()
            # `suspend` restores the screen only if its body ends without an error.
            except (UserError, asyncio.CancelledError) as error:
                failed = error
    except SuspendNotSupported:
        failed = UserError("This terminal can't be lent to an editor.", hint=f"Open the file in another window: {path}")
    app.refresh(layout=True)
    if failed is None and code:
        failed = UserError(f"The editor ended with exit code {code}.", location=editor.argv[0], hint=_REMEDY)
    if failed is not None:
        raise failed


_REMEDY = "Set VISUAL or EDITOR to an editor that works here, or open the file in another window."


async def _start(editor: EditorPort, path: Path, *, detached: bool) -> asyncio.subprocess.Process:
    silent = asyncio.subprocess.DEVNULL if detached else None
    try:
        return await asyncio.create_subprocess_exec(
            *editor.argv, stdin=silent, stdout=silent, stderr=silent, start_new_session=detached, cwd=path.parent,
            env=os.environ.copy(),
        )  # fmt: skip
    except OSError as error:
        raise UserError(
            f"The editor can't be started: {error.strerror}.", location=editor.argv[0], hint=_REMEDY
        ) from None
