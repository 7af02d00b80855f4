"""Is this machine ready? Quick checks at once, the training test on request."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
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
from mockexam.text import formats
from mockexam.tui.app_base import worker
from mockexam.tui.services import Services
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar

_NOTE = (
    "Press T to train, save and grade a small model. It takes about a minute and estimates how long the questions take "
    "here."
)
_SIGNS = {"ok": ("✓ ok  ", "$text-success"), "warn": ("! warn", "$text-warning"), "fail": ("✗ fail", "$text-error")}


class Checks(Static):
    """Shows checks; `brief` leaves out the passed ones."""

    checks: var[tuple[Check, ...] | None] = var(None)
    """None while they run."""

    def __init__(self, *, brief: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._brief = brief

    def watch_checks(self, checks: tuple[Check, ...] | None) -> None:
        if checks is None:
            self.update(Content.styled("Checking this machine …", "$muted"))
            return
        shown = [check for check in checks if check.status != "ok"] if self._brief else checks
        width = max((len(check.name) for check in shown), default=0)
        blocks = [_line(check, width) for check in shown]
        self.update(Content("\n").join([_summary(checks), *blocks] if self._brief else blocks))


class DoctorScreen(Screen[None]):
    """Quick checks and a training test."""

    CSS_PATH = "screens.tcss"
    HELP_TEXT = (
        "The quick checks cover versions, memory, disk, and whether a save in the workspace is noticed. "
        "The training test trains, saves and grades a small model exactly as an exam does."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("T", "test", "Training test", tooltip="Train, save and grade a small model: about a minute"),
        Binding("A", "again", "Again", tooltip="Repeat the quick checks"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back; stops a running test"),
    ]

    testing = var(False)

    def __init__(self, services: Services, workspace: Path) -> None:
        super().__init__()
        self._services = services
        self._workspace = workspace

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="doctor"):
            yield Static("Is this machine ready?", classes="heading")
            yield Static("", id="doctor-summary")
            yield Checks(id="quick-checks")
            yield Static(_NOTE, id="doctor-note")
            yield ProgressBar(total=1.0, show_eta=False)
            yield Checks(id="full-checks")
            yield ErrorPanel()
        yield KeyBar()

    def on_mount(self) -> None:
        self.action_again()

    def watch_testing(self, testing: bool) -> None:
        self.set_class(testing, "-testing")

    def action_again(self) -> None:
        self.query_one("#quick-checks", Checks).checks = None
        self._quick()

    def action_test(self) -> None:
        if not self.testing:
            self.testing = True
            self.query_one(ErrorPanel).error = None
            self._full()

    def action_back(self) -> None:
        self.workers.cancel_node(self)
        self.dismiss()

    @worker("quick")
    async def _quick(self) -> None:
        try:
            checks = tuple(await asyncio.to_thread(self._services.quick_checks, self._workspace))
        except UserError as error:
            self.query_one(ErrorPanel).error = error
            return
        self.query_one("#quick-checks", Checks).checks = checks
        self.query_one("#doctor-summary", Static).update(_summary(checks))

    @worker("full", exclusive=False)
    async def _full(self) -> None:
        try:
            checks = await self._services.full_checks(self._workspace, self._progress)
            self.query_one("#full-checks", Checks).checks = tuple(checks)
            self.add_class("-tested")
            self.query_one("#doctor-note").display = False
        except UserError as error:
            self.query_one(ErrorPanel).error = error
        finally:
            self.testing = False

    def _progress(self, fraction: float, text: str) -> None:
        self.query_one(ProgressBar).update(progress=fraction)
        if text:
            self.query_one("#doctor-note", Static).update(Content(text))


def _summary(checks: Sequence[Check]) -> Content:
    failed = sum(check.status == "fail" for check in checks)
    warned = sum(check.status == "warn" for check in checks)
    if failed:
        return Content.styled(f"✗ this machine: {failed} of {len(checks)} checks failed", "$text-error")
    if warned:
        return Content.styled(f"! this machine: {formats.plural(warned, 'warning')}", "$text-warning")
    return Content.styled(f"✓ this machine: all {len(checks)} checks passed", "$text-success")


def _line(check: Check, width: int) -> Content:
    sign, tone = _SIGNS[check.status]
    line = Content.assemble((sign, tone), "  ", (f"{check.name:<{width}}", "bold"), f"  {check.text}")
    if check.remedy and check.status != "ok":
        return Content.assemble(line, "\n" + " " * (width + 10), (check.remedy, "$muted"))
    return line
