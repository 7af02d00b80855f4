"""`run`, `stop`, `output` and `edit`, typed during `--plain` and `--json`, and what the scripts print there."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from mockexam.cli.session_output import SessionOutput, say
from mockexam.errors import UserError
from mockexam.session.exam_session import ExamSession
from mockexam.session.script_runs import Printed, ways_to_run, who_runs
from mockexam.text.formats import questions
from mockexam.workspace.layout import NOTEBOOK, SOLUTION, script_of

if TYPE_CHECKING:
    from pathlib import Path

    from mockexam.cli.prompt import Prompt
    from mockexam.workspace.editor import Editor

_LAST_LINES = 20
"""Of `output N`."""
_EARLIER_LINES = 5
"""Of a script that was running already when the attempt was opened."""
_MOST_LINES = 200
"""Of one report; a flood would hold up the clock."""


class ScriptCommands:
    """What a candidate does with the scripts."""

    def __init__(self, session: ExamSession, output: SessionOutput, prompt: Prompt | None) -> None:
        """Without a prompt there is no terminal to lend to an editor."""
        self._session = session
        self._output = output
        self._prompt = prompt
        self._stops: set[asyncio.Task[None]] = set()

    def run(self, number: int, how: str = "") -> None:
        """Start a question's script; `how` (`wait`, `beside`, `instead`) says what becomes of it while others run."""
        runs = self._session.runs
        if number in runs.running:
            say(f"The script of question {number} is running. `stop {number}` stops it.", err=True)
        elif not runs.running or how == "beside":
            runs.start(number)
        elif how == "wait":
            runs.enqueue(number)
            say(f"Question {number} is queued.", err=True)
        elif how == "instead":
            say(f"Stopping the script of {questions(runs.running)} …", err=True)
            self._in_background(runs.start_instead(number))
        else:
            ways = ways_to_run(number, runs.running).items()
            lines = [f"{who_runs(runs.running)}. Choose:", *(f"  run {number} {word:<8} {text}" for word, text in ways)]
            say("\n".join(lines), err=True)

    def stop(self, number: int | None) -> None:
        """Stop a question's script, or without a number the only one."""
        runs = self._session.runs
        running = runs.running
        if number is None and len(running) == 1:
            number = running[0]
        if number in running:
            say(f"Stopping the script of question {number} …", err=True)
            self._in_background(runs.stop(number))
        elif number in runs.queued:
            runs.dequeue(number)
            say(f"Question {number} is no longer queued.", err=True)
        elif not running:
            say("No script is running. `run N` runs the script of question N.", err=True)
        else:
            say(f"Choose the question: {questions(running)} {'runs' if len(running) == 1 else 'run'}.", err=True)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """A stop takes seconds, in which other commands can be typed."""
        task = asyncio.create_task(work)
        self._stops.add(task)
        task.add_done_callback(self._stops.discard)

    def last_output(self, number: int, *, whole: bool) -> None:
        """Show what a question's newest run printed last, or all that is kept of it."""
        runs = self._session.runs
        view = runs.view(number)
        if view is None:
            say(f"The script of question {number} has not run yet. `run {number}` runs it.", err=True)
            return
        printed: list[Printed] = []
        for item in runs.transcript(number).since(0):
            if isinstance(item, Printed):
                printed.append(item)
            elif item.endswith((f"/{SOLUTION}", f"/{NOTEBOOK}")):  # a run begins
                printed = []
        if whole:
            lines = [line for part in printed for line in part.raw.lines]
        else:
            lines = [line for part in printed for line in _shown(part, number)]
            live = [part.shown.live for part in printed[-1:] if part.shown.live]
            lines = [*lines, *live][-_LAST_LINES:]
        self._output.last_output(self._session.snapshot, view, lines)

    async def edit(self, number: int) -> None:
        """Open a question's script: a terminal editor takes the terminal until it ends. Raises UserError."""
        from mockexam.workspace.editor import choose_editor, start_editor

        folder = self._session.folder(number)
        path = folder / script_of(folder)
        if not path.exists():
            raise UserError("The script is missing.", location=str(path), hint=f"`repair {number}` restores it.")
        editor = choose_editor(path)
        if editor.kind == "graphical":
            await start_editor(editor, path, detached=True)
            say(f"Opened in {editor.name}.", err=True)
        else:
            await self._edit_here(editor, path)

    async def _edit_here(self, editor: Editor, path: Path) -> None:
        from mockexam.workspace.editor import OTHER_EDITOR, start_editor

        if self._prompt is None:
            hint = f"Open the file in another window: {path}"
            raise UserError("An editor for the terminal can't be opened here.", location=editor.argv[0], hint=hint)
        if editor.way_out:
            say(f"In {editor.name}, {editor.way_out} Press Enter to open it.", err=True)
            await self._prompt.read()
        with self._prompt.lend():
            process = await start_editor(editor, path, detached=False)
            try:
                code = await process.wait()
            except asyncio.CancelledError:  # the time is up; the file is still the candidate's
                await process.wait()
                raise
        if code:
            raise UserError(f"The editor exited with code {code}.", location=editor.argv[0], hint=OTHER_EDITOR)


class ScriptPrinter:
    """Prints what the scripts print, from now on; of one that runs already, the last lines before."""

    def __init__(self, session: ExamSession, output: SessionOutput) -> None:
        self._session = session
        self._runs = session.runs
        self._output = output
        self._opened = session.snapshot.now.wall
        self._seen: dict[int, int] = {}
        """Items of a question's transcript that were printed."""
        self._started: dict[int, float] = {}
        """When a question's run that is being printed started."""
        self._silent: set[int] = set()
        """Questions whose run had ended before."""
        self._joined: set[int] = set()
        """Questions whose run was running before, and of which nothing was printed yet."""
        self._runs.on_print = self._print
        self._runs.on_change = lambda _: output.runs(self._runs)
        self._runs.on_error = lambda error: say(str(error), err=True)

    def _print(self, number: int) -> None:
        view, transcript = self._runs.view(number), self._runs.transcript(number)
        if view is not None and view.started != self._started.get(number):
            self._started[number] = view.started
            self._silent.discard(number)
            if view.started < self._opened:
                (self._joined if view.running else self._silent).add(number)
        items = transcript.since(self._seen.get(number, 0))
        self._seen[number] = transcript.total
        if number in self._silent:
            return
        lines = [line for item in items if isinstance(item, Printed) for line in _shown(item, number)]
        most = _MOST_LINES
        if number in self._joined and lines:
            self._joined.remove(number)
            most = _EARLIER_LINES
        if len(lines) > most:
            cut = len(lines) - most
            lines = [f"… {cut:,} line{'s' if cut > 1 else ''} before; `output {number} all` shows all", *lines[-most:]]
        self._output.printed(number, lines)


def _shown(part: Printed, number: int) -> list[str]:
    hint = f" (`output {number} all` shows all)"
    return [line.text + (hint if line.folded else "") for line in part.shown.lines]
