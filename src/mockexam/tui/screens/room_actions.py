"""What the keys of the exam room do. Whatever takes time is a worker, which tells its end."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.screen import Screen

from mockexam.errors import UserError
from mockexam.exam.policy import Policy, policy_of
from mockexam.session.ports import ExamSessionPort
from mockexam.text.units import time_text
from mockexam.tui.screens.modal import Ask, TypeWord
from mockexam.tui.scripts import SCRIPT
from mockexam.tui.wording import still_open

if TYPE_CHECKING:
    from textual.reactive import var

    from mockexam.session.ports import Snapshot
    from mockexam.tui.app import MockexamApp
    from mockexam.tui.scripts import Scripts

FINISH_WORD = "FINISH"


class RoomActions(Screen[None]):
    """The actions of the exam room on the chosen question."""

    app: MockexamApp
    snapshot: var[Snapshot]
    number: var[int]
    PANES: ClassVar[tuple[str, ...]] = ("-zoom", "-zoom-brief", "-zoom-lower")

    def __init__(self, session: ExamSessionPort, scripts: Scripts) -> None:
        super().__init__()
        self.session = session
        self.scripts = scripts
        self._hint_counts: dict[int, str] = {}

    @property
    def policy(self) -> Policy:
        """What this attempt discloses."""
        return policy_of(self.session.snapshot.attempt)

    def hints_of(self, number: int) -> str:
        """How many hints a question has, known once one was opened."""
        if number not in self._hint_counts:
            try:
                seen = self.session.hints(number)
            except UserError:
                seen = ()  # opening them tells the error
            if not seen:
                return "?"
            self._hint_counts[number] = str(seen[-1].of)
        return self._hint_counts[number]

    def action_hints(self) -> None:
        """Show the hints that were opened, and open more."""
        from mockexam.tui.screens.hints import HintsScreen

        self.app.push_screen(HintsScreen(self.session, self.number))

    def action_models(self) -> None:
        """All that was received of the question."""
        from mockexam.tui.screens.submissions import SubmissionsScreen

        number = self.number
        screen = SubmissionsScreen(self.session, number)
        self.app.push_screen(screen, lambda chosen: self._put_earlier(number, chosen) if chosen else None)

    def _put_earlier(self, number: int, submission: str) -> None:
        self.run_worker(self._put_submission(number, submission), group="restore", exclusive=True)

    async def _put_submission(self, number: int, submission: str) -> None:
        try:
            done = await self.session.put_back(number, submission)
        except UserError as error:
            self.app.tell(error)
        else:
            told = f"Put back: {', '.join(done)}." if done else "All of it lies in the folder already."
            self.notify(told, markup=False)

    def action_choose(self, number: int) -> None:
        """Choose a question by its number."""
        if any(item.number == number for item in self.snapshot.attempt.paper.items):
            self.number = number

    def action_page(self, direction: int) -> None:
        """Page through the task."""
        from mockexam.tui.widgets.brief import Brief

        self.query_one(Brief).scroll_page(direction)

    def action_output(self) -> None:
        """Switch the lower pane between activity and output."""
        self.toggle_class("-output")

    def action_zoom(self) -> None:
        """Give the focused pane the room, or give it back."""
        if self.has_class("-zoom"):
            self.action_unzoom()
            return
        lower = self.query_one("#lower")
        inside = self.focused is not None and lower in self.focused.ancestors_with_self
        self.add_class("-zoom", "-zoom-lower" if inside else "-zoom-brief")
        if not inside:
            self.query_one("#brief-scroll").focus()

    def action_unzoom(self) -> None:
        """Show all panes."""
        if self.has_class("-zoom"):
            self.remove_class(*self.PANES)
            self.query_one("#questions").focus()

    def action_edit(self) -> None:
        """Open the script in the editor."""
        self.run_worker(self._edit(self.number), group="edit", exclusive=True)

    async def _edit(self, number: int) -> None:
        from mockexam.tui.editing import edit

        path = self.session.folder(number) / SCRIPT
        try:
            if not path.exists():
                raise UserError("The script is not there.", location=str(path), hint="Press o to put it back.")
            editor = self.app.services.editor(path)
            self.session.note(number, "edit", path.name)
            await edit(self.app, editor, path)
        except UserError as error:
            self.app.tell(error)
        else:
            if editor.kind == "graphical":
                self.notify(f"Opened in {editor.name}.", markup=False)

    def action_run(self) -> None:
        """Start the script, or stop the one that runs."""
        if self.scripts.running is not None:
            self.action_stop()
            return
        self.add_class("-output")
        self.scripts.start(self.session, self.number)

    def action_stop(self) -> None:
        """Stop the script that runs."""
        if self.scripts.running is not None:
            self.run_worker(self.scripts.stop(), group="stop", exclusive=True)

    def action_inspect(self) -> None:
        """Look at the newest model file."""
        self.notify(f"Inspecting the newest model of question {self.number} …", timeout=2)
        self.run_worker(self._inspect(self.number), group="inspect", exclusive=True)

    async def _inspect(self, number: int) -> None:
        from mockexam.tui.screens.inspection import InspectionScreen

        try:
            found = await self.session.inspect(number)
        except UserError as error:
            self.app.tell(error)
            return
        if self.is_current:
            self.app.push_screen(InspectionScreen(number, found))

    def action_restore(self) -> None:
        """Ask, then put back what is missing, or a fresh stub."""
        number = self.number
        missing = self.snapshot.missing.get(number, ())
        if missing:
            lines = [f"Missing from question {number}: {', '.join(missing)}.", "", "Nothing that is there is changed."]
            ask = Ask("Put back what is missing?", lines, yes="Put back", no="Leave it")
        else:
            lines = [
                f"Nothing is missing from question {number}.",
                "",
                "A fresh stub can take the place of solution.py; yours is kept as solution.py.bak.",
            ]
            ask = Ask("Start this question's script over?", lines, yes="Fresh stub", no="Leave it")
        self.app.push_screen(ask, lambda yes: self._restore(number, over=not missing) if yes else None)

    def _restore(self, number: int, *, over: bool) -> None:
        self.run_worker(self._put_back(number, over), group="restore", exclusive=True)

    async def _put_back(self, number: int, over: bool) -> None:
        try:
            done = await self.session.restore(number, over=over)
        except UserError as error:
            self.app.tell(error)
        else:
            self.notify(f"Put back: {', '.join(done)}." if done else "Nothing had to be put back.", markup=False)

    def action_finish(self) -> None:
        """Ask for the typed word, then finish."""
        left = time_text(self.snapshot.remaining)
        time = "This attempt has no time limit." if self.snapshot.remaining is None else f"{left} are left."
        lines = [time, *still_open(self.snapshot), "", "Nothing more is received after this."]
        title = f"Finish the {self.policy.noun}?"
        modal = TypeWord(title, lines, word=FINISH_WORD, does="Finish")
        self.app.push_screen(modal, lambda yes: self._finish() if yes else None)

    def _finish(self) -> None:
        self.run_worker(self._end(), group="finish", exclusive=True)

    async def _end(self) -> None:
        try:
            await self.scripts.stop()
            await self.session.finish()
        except UserError as error:
            self.app.tell(error)
