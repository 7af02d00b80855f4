"""Is this machine ready? The quick checks at once, the training test on request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import ProgressBar, Static

from mockexam.doctor.machine import Check
from mockexam.errors import UserError
from mockexam.tui.services import Services
from mockexam.tui.widgets.checks import Checks, summary
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.widgets.told import Told

_NOTE = "t trains a small model, saves it and has it marked: about a minute. It tells how long the questions take here."


class DoctorScreen(Screen[None]):
    """Checks, and a test that trains."""

    CSS_PATH = "doctor.tcss"
    HELP_TEXT = (
        "The quick checks look at versions, memory, disk, and whether a save in the workspace is noticed. "
        "The training test trains, saves and marks a small model by the very path an exam uses."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "test", "Training test", tooltip="Train, save and mark a small model: about a minute"),
        Binding("a", "again", "Check again", tooltip="Make the quick checks again"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back; a test that runs is ended"),
    ]

    testing = var(False)

    def __init__(self, services: Services, workspace: Path) -> None:
        super().__init__()
        self._services = services
        self._workspace = workspace

    def compose(self) -> ComposeResult:
        """Two lists of checks."""
        with VerticalScroll(id="doctor"):
            yield Static("Is this machine ready?", classes="heading")
            yield Static("", id="doctor-summary")
            yield Checks(id="quick-checks")
            yield Static(_NOTE, id="doctor-note")
            yield ProgressBar(total=1.0, show_eta=False)
            yield Checks(id="full-checks")
            yield Told()
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin with the quick ones."""
        self.action_again()

    def watch_testing(self, testing: bool) -> None:
        """Show the bar."""
        self.set_class(testing, "-testing")

    def action_again(self) -> None:
        """Make the quick checks."""
        self.query_one("#quick-checks", Checks).checks = None
        self.run_worker(self._quick(), group="quick", exclusive=True)

    def action_test(self) -> None:
        """Make the training test, unless it runs."""
        if not self.testing:
            self.testing = True
            self.query_one(Told).error = None
            self.run_worker(self._full(), group="full")

    def action_back(self) -> None:
        """Back."""
        self.workers.cancel_node(self)
        self.dismiss()

    async def _quick(self) -> None:
        try:
            checks = tuple(await asyncio.to_thread(self._services.quick_checks, self._workspace))
        except UserError as error:
            self.query_one(Told).error = error
            return
        self._show("#quick-checks", checks)
        self.query_one("#doctor-summary", Static).update(summary(checks))

    async def _full(self) -> None:
        try:
            self._show("#full-checks", tuple(await self._services.full_checks(self._workspace, self._progress)))
            self.add_class("-tested")
            self.query_one("#doctor-note").display = False
        except UserError as error:
            self.query_one(Told).error = error
        finally:
            self.testing = False

    def _show(self, where: str, checks: tuple[Check, ...]) -> None:
        self.query_one(where, Checks).checks = checks

    def _progress(self, fraction: float, text: str) -> None:
        self.query_one(ProgressBar).update(progress=fraction)
        if text:
            self.query_one("#doctor-note", Static).update(Content(text))
