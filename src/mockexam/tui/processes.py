"""The candidate's programs: an editor, and scripts that run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App, SuspendNotSupported
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen

from mockexam.errors import UserError
from mockexam.session.script_runs import RunView, ways_to_run, who_runs
from mockexam.text.formats import questions
from mockexam.text.units import time_text
from mockexam.tui.app_base import AppBase, worker
from mockexam.tui.screens.modal import Ask, AskPath, Choose, Modal, YesNo
from mockexam.tui.widgets.log import NOTHING_RUN, QUEUED, RunPane
from mockexam.tui.widgets.training_curve import TrainingCurve
from mockexam.workspace.editor import OTHER_EDITOR, start_editor

if TYPE_CHECKING:
    from mockexam.session.exam_session import ExamSession
    from mockexam.session.transfer import Offer
    from mockexam.workspace.editor import Editor

ASK_SECONDS = 10.0
"""A script that has run for longer is stopped by `r` only after a question."""


@dataclass
class ScriptOutput(Message):
    """A script printed something."""

    number: int


@dataclass
class ScriptChanged(Message):
    """A script started, ended, is being stopped, or entered or left the queue."""

    number: int


class TransferActions(Screen[None]):
    """What a screen with a question does for training elsewhere."""

    app: AppBase
    number: var[int]
    """The selected question."""

    def __init__(self, session: ExamSession) -> None:
        super().__init__()
        self.session = session

    @worker("pack")
    async def action_pack(self) -> None:
        number, transfer = self.number, self.session.transfer
        lines = ["Brief, script, data and a notebook in one zip, for Colab or another machine."]
        ask = AskPath(f"Pack question {number}", lines, path=transfer.pack_path(number), does="Pack", kind="page")
        answer = await self.app.push_screen_wait(ask)
        if answer is not None:
            self.notify(f"Packing question {number} …", timeout=2)
            await transfer.pack(number, answer.path, overwrite=True)
            self.notify(f"{answer.path}\nIts README.txt says how to go on.", title="Packed", timeout=10, markup=False)

    def show_offer(self) -> None:
        """Ask about the oldest offer, where nothing else is open and there is time left."""
        if self.is_active and self.session.transfer.offers and self.session.snapshot.remaining != 0:
            self._ask_about(self.session.transfer.offers[0])

    @worker("offer")
    async def _ask_about(self, offer: Offer) -> None:
        """Ask whether to submit what lies in a question's folder under another name."""
        name = offer.found.name
        lines = [f"Found in the folder of question {offer.number}.", f"It is submitted as {name}; the original stays."]
        if (self.session.folder(offer.number) / name).exists():
            lines.append(f"The {name} that is there now is kept under another name.")
        answer = await self.app.push_screen_wait(YesNo(f"Submit {offer.name}?", lines))
        if answer:
            await self.session.transfer.accept(offer)
        else:
            self.session.transfer.decline(offer)


class RunActions(TransferActions):
    """What a screen with a question and an output pane does with scripts."""

    def __init__(self, session: ExamSession) -> None:
        super().__init__(session)
        self.runs = session.runs
        self._printed = 0
        """Items of the selected question's transcript that the pane shows."""
        self.returned: float | None = session.snapshot.now.wall
        """When the attempt was opened, in wall seconds; None once a question was chosen."""
        self._asked: tuple[Modal[Any], Callable[[], Modal[Any] | None]] | None = None

    def follow_runs(self) -> None:
        """Get ScriptOutput and ScriptChanged from now on."""

        def printed(number: int) -> None:
            self.post_message(ScriptOutput(number))

        def changed(number: int) -> None:
            self.post_message(ScriptChanged(number))

        self.runs.on_print, self.runs.on_change = printed, changed
        self.runs.on_error = self.app.show_error

    async def ask(self, make: Callable[[], Modal[Any] | None]) -> Any:
        """Ask with a dialog that follows the state while it is open: `make` gives it as it is to be now.

        Where that is None there is nothing to ask any more, and the answer is None.
        """
        if (dialog := make()) is None:
            return None
        self._asked = dialog, make
        try:
            return await self.app.push_screen_wait(dialog)
        finally:
            self._asked = None

    def renew_dialog(self) -> None:
        """The state has changed: an open dialog says so, or closes."""
        if self._asked is None or not self._asked[0].is_current:
            return
        dialog, make = self._asked
        if (now := make()) is None:
            self._asked = None
            dialog.dismiss(None)
        else:
            dialog.renew(now)

    def show_output(self) -> None:
        """Show the output of the selected question's script, from its beginning as far as it is kept."""
        self.query_one(RunPane).clear()
        self._printed = 0
        self._print()
        self.show_run()

    def show_run(self) -> None:
        """Show what the selected question's script is doing."""
        view, snapshot = self.runs.view(self.number), self.session.snapshot
        status = "" if view is None else view.status_text(snapshot.now.wall, snapshot.attempt)
        if self.number in self.runs.queued:
            status = f"Q{self.number} · queued"
        pane = self.query_one(RunPane)
        pane.status = status
        pane.empty = QUEUED if self.number in self.runs.queued else NOTHING_RUN
        running = view is not None and view.running
        self.query_one(TrainingCurve).show(self.runs.training(self.number), snapshot, running=running)
        shown = self.number if running else next(iter(self.runs.running), None)
        log = None if shown is None else self.runs.training(shown)
        self.app.show_progress(None if log is None else log.progress)

    def _print(self) -> None:
        """Show what the selected question's script has printed since the last call."""
        transcript, pane = self.runs.transcript(self.number), self.query_one(RunPane)
        for item in transcript.since(self._printed):
            if isinstance(item, str):
                pane.separate(item)
            else:
                pane.print(item)
        self._printed = transcript.total

    def on_script_output(self, message: ScriptOutput) -> None:
        if message.number == self.number:
            self._print()
        self.show_run()

    @worker("run")
    async def action_run(self) -> None:
        number, runs = self.number, self.runs
        view = runs.view(number)
        if view is not None and view.running:
            if view.stopping:
                self.notify("The script is being stopped.")
            elif await self._may_stop(view):
                await runs.stop(number)
        elif number in runs.queued:
            runs.dequeue(number)
            self.notify(f"Question {number} is no longer queued.")
        elif not runs.running:
            self._run(number)
        else:
            await self._run_beside(number)

    async def _may_stop(self, view: RunView) -> bool:
        """Ask before a longer training is stopped."""
        if self.session.snapshot.now.wall - view.started <= ASK_SECONDS:
            return True

        def dialog() -> Ask | None:
            now = self.runs.view(view.number)
            if now is None or not now.running or now.started != view.started:
                return None
            seconds = int(self.session.snapshot.now.wall - view.started)
            lines = [f"It has run for {time_text(seconds)}.", "It is interrupted as by Ctrl+C, and may still save."]
            return Ask(f"Stop the script of question {view.number}?", lines, yes="Stop it", no="Keep it running")

        return bool(await self.ask(dialog))

    async def _run_beside(self, number: int) -> None:
        """Ask what becomes of the scripts that run."""

        def dialog() -> Choose | None:
            if not (running := self.runs.running):
                return None
            choices = [f"{word.capitalize()}: {text}" for word, text in ways_to_run(number, running).items()]
            return Choose(f"Run question {number}?", [f"{who_runs(running)}."], choices)

        match await self.ask(dialog):
            case None if not self.runs.running:
                self.notify(f"The other script has ended. Press r to run question {number}.")
            case "1":
                self.runs.enqueue(number)
            case "2":
                self._run(number)
            case "3":
                self.query_one("#lower").add_class("-output")
                await self.runs.start_instead(number)

    def _run(self, number: int) -> None:
        self.query_one("#lower").add_class("-output")
        self.runs.start(number)
        if self.has_class("-zoom-brief"):
            self.notify(f"The script of question {number} runs. Esc leads back to its output.")

    @worker("stop")
    async def action_stop(self) -> None:
        running = self.runs.running
        if self.number in running or len(running) == 1:
            number = self.number if self.number in running else running[0]
            if (view := self.runs.view(number)) is not None and view.stopping:
                self.notify(f"The script of question {number} is being stopped.")
            else:
                await self.runs.stop(number)
        elif not running:
            self.notify("No script is running. r runs the script of this question.")
        else:
            self.notify(f"Choose the question first: {questions(running)} run.")

    def show_found(self, number: int) -> None:
        """Show the question whose script was found running on the return, unless another was chosen since."""
        view, running = self.runs.view(number), self.runs.running
        found = view is not None and view.running and self.returned is not None and view.started < self.returned
        if found and self.number not in running:
            self.number = number
            self.query_one("#lower").add_class("-output")

    def action_output(self) -> None:
        lower = self.query_one("#lower")
        lower.toggle_class("-output")  # of the screen it would restyle everything
        if not lower.display:
            shown = "output" if lower.has_class("-output") else "activity"
            self.notify(
                f"The {shown} has no room here. "
                + ("Esc leads back to it." if self.has_class("-zoom") else "Make the terminal higher.")
            )

    def action_all(self) -> None:
        pane = self.query_one(RunPane)
        pane.shows_all ^= True
        self.notify("Every line of the output." if pane.shows_all else "The output is folded again.", timeout=2)

    def action_curve(self) -> None:
        curve = self.query_one(TrainingCurve)
        if curve.fit is None:
            self.notify("There is no curve yet: it begins with the first epoch of a training.")
        elif not curve.is_drawn:
            self.notify("The curve is not in view: it stands above the output (v) and needs room.")
        elif not curve.fit.main_metric:
            self.notify("This training prints no metric beside the loss.")
        elif curve.shows_both:
            self.notify("The curves of loss and metric are both in view.")
        else:
            curve.shows_metric ^= True
            self.notify(f"The curve of the {'metric' if curve.shows_metric else 'loss'}.", timeout=2)

    def action_copy_folder(self) -> None:
        """Copy the path of the question's folder by OSC 52; the terminal does not say whether it did."""
        folder = str(self.session.folder(self.number))
        self.app.copy_to_clipboard(folder)
        self.notify(folder, title="Folder copied, if your terminal allows it", markup=False)


async def edit(app: App[int], editor: Editor, path: Path) -> None:
    """Open a file: a terminal editor takes over the screen until it exits; any other opens its own window.

    Raises UserError if the editor can't start or exits with an error.
    """
    if editor.kind == "terminal":
        await _in_terminal(app, editor, path)
    else:
        await start_editor(editor, path, detached=True)


async def _in_terminal(app: App[int], editor: Editor, path: Path) -> None:
    failed: UserError | asyncio.CancelledError | None = None
    code = 0
    try:
        # While suspended, nothing reads the app's output. Its short queue would fill up and block the clock and
        # the receiving, so nothing is drawn until the editor exits.
        with app.batch_update(), app.suspend():
            try:
                process = await start_editor(editor, path, detached=False)
                code = await process.wait()
            # `suspend` restores the screen only if its body ends without an error.
            except (UserError, asyncio.CancelledError) as error:
                failed = error
    except SuspendNotSupported:
        failed = UserError(
            f"{editor.name} needs a terminal of its own.", hint=f"Open the file in another window: {path}"
        )
    app.refresh(layout=True)
    if failed is None and code:
        failed = UserError(f"The editor exited with code {code}.", location=editor.argv[0], hint=OTHER_EDITOR)
    if failed is not None:
        raise failed
