"""Before the start: rules, paper, workspace, and the typed word that starts the clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.reactive import var
from textual.screen import Screen
from textual.widgets import Button, Input, Label, ProgressBar, Static

from mockexam.errors import UserError
from mockexam.session.ports import AttemptPlan, StartRequest
from mockexam.tui.app_base import worker
from mockexam.tui.screens.doctor_screen import Checks
from mockexam.tui.screens.modal import is_word
from mockexam.tui.services import Services
from mockexam.tui.widgets.paper_fields import PaperFields, PaperView, help_text, rules_text
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar

if TYPE_CHECKING:
    from mockexam.session.manager import SessionManager

WORD = "START"


class Stage(StrEnum):
    """The steps from drawing a paper to the typed word."""

    DRAWING = "drawing"
    CHOOSING = "choosing"
    PREPARING = "preparing"
    READY = "ready"


def _stage_text(stage: Stage, *, timed: bool) -> str:
    return {
        Stage.DRAWING: "Drawing a paper …",
        Stage.CHOOSING: "The clock has not started yet." if timed else "Nothing has started yet.",
        Stage.PREPARING: "",
        Stage.READY: f"and press Enter to start the {'clock' if timed else 'attempt'}.",
    }[stage]


class StartScreen(Screen[None]):
    """Nothing starts until the word is typed."""

    CSS_PATH = "screens.tcss"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "next_field", "Next field", tooltip="Next field; shift+tab goes back"),
        Binding("enter", "go", "Apply, next", tooltip="Apply a field or press the button"),
        Binding("ctrl+n", "redraw", "Draw again", key_display="^n", tooltip="Another paper; in a retry, other data"),
        Binding("f1,question_mark", "app.help", "Help", key_display="f1", tooltip="What the keys do"),
        Binding("escape", "back", "Back", key_display="esc", tooltip="Back; nothing has started"),
    ]

    plan: var[AttemptPlan | None] = var(None)
    stage: var[Stage] = var(Stage.DRAWING)

    @dataclass
    class AttemptStarted(Message):
        """The attempt has started."""

        attempt: str

    def __init__(self, manager: SessionManager, services: Services, request: StartRequest) -> None:
        super().__init__()
        self.HELP_TEXT = help_text(request.retry)
        self._manager = manager
        self._services = services
        self._request = request

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="start-body", can_focus=False):
            with Vertical(id="start-left"):
                heading = "Start an exam" if self._request.retry is None else "Retry a category"
                yield Static(heading, id="title", classes="heading")
                yield Static("", id="rules", markup=False)
                with Vertical(id="form"):
                    if self._request.retry is None:
                        yield PaperFields(self._manager, self._request)
                    with Horizontal(classes="field"):
                        yield Label("Workspace")
                        yield Input(compact=True, id="workspace")
            with Vertical(id="start-right"):
                yield Static("Paper", id="paper-heading", classes="heading")
                yield PaperView()
                yield Checks(brief=True, id="machine")
                yield ErrorPanel()
        with Vertical(id="action"), Horizontal(id="action-row"):
            yield self._prepare_button()
            yield ProgressBar(total=1.0, show_eta=False)
            yield Input(placeholder=f"type {WORD}", compact=True, id="start-word")
            yield Static("", id="action-text")
        yield KeyBar()

    def _prepare_button(self) -> Button:
        button = Button("Prepare the workspace", variant="primary", compact=True, id="prepare")
        # A button ignores keys during its effect, a fifth of a second or longer on a busy machine, and Enter right
        # after an error would be lost. `stage` already rules out a second press.
        button.active_effect_duration = 0
        return button

    def on_mount(self) -> None:
        self.action_redraw()

    def watch_plan(self, plan: AttemptPlan | None) -> None:
        if plan is None or not self.children:
            return
        self.query_one("#title", Static).update(Content(plan.rules.title))
        self.query_one("#rules", Static).update(Content(rules_text(plan)))
        repeat = " · a repeat: readiness leaves it out" if plan.repeat else ""
        self.query_one("#paper-heading", Static).update(Content(f"Paper {plan.paper.code}{repeat}"))
        self.query_one(PaperView).plan = plan
        self.query_one("#workspace", Input).value = str(plan.workspace)
        for fields in self.query(PaperFields):
            fields.shown_exam = fields.request.exam or plan.rules.exam

    def watch_stage(self, stage: Stage) -> None:
        for each in Stage:
            self.set_class(each == stage, f"-{each}")
        if not self.children:
            return
        self.refresh_bindings()
        self._say(_stage_text(stage, timed=self.plan is None or self.plan.rules.duration is not None))
        if stage is Stage.PREPARING:
            self.set_focus(None)  # before the button is hidden, or the focus moves on by itself later
        self.query_one("#form").disabled = stage in {Stage.PREPARING, Stage.READY}
        target = {Stage.CHOOSING: "#prepare", Stage.READY: "#start-word"}.get(stage)
        if target and not (stage is Stage.CHOOSING and self.focused):
            # A hidden widget takes no focus.
            self.call_after_refresh(self.query_one(target).focus)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """What chooses a paper works until the workspace is prepared."""
        if action not in {"redraw", "next_field"} or not self.is_mounted:
            return True
        return self.stage in {Stage.DRAWING, Stage.CHOOSING}

    def action_next_field(self) -> None:
        self.focus_next()

    def action_redraw(self) -> None:
        if self.stage in {Stage.DRAWING, Stage.CHOOSING}:
            self._show_error(None)
            self.stage = Stage.DRAWING
            self._draw()

    def action_go(self) -> None:
        """Enter outside the fields: the next step, even before the button has the focus."""
        if self.stage is Stage.CHOOSING:
            self.query_one("#prepare").focus()
            self._prepare_pressed()

    def action_back(self) -> None:
        """Go back a step, or home; stops the preparation."""
        self.workers.cancel_group(self, "prepare")
        if self.stage is Stage.READY:
            self.stage = Stage.CHOOSING
        else:
            self.dismiss()

    @on(PaperFields.Changed)
    def _paper_chosen(self, event: PaperFields.Changed) -> None:
        """Draw what was chosen; Enter on the paper that is shown leads on to the button."""
        shown = (self._request.exam, self._request.code or None)
        if self.plan is not None and (event.request.exam, event.request.code or None) == shown:
            self.query_one("#prepare").focus()
        else:
            self._draw_from(event.request)

    def _draw_from(self, request: StartRequest) -> None:
        self._request = replace(request, workspace=self._request.workspace)
        self.action_redraw()

    @on(Input.Submitted, "#workspace")
    def _workspace_submitted(self) -> None:
        self._take_workspace()
        if self.plan is None:
            self.action_redraw()
            return
        self.query_one("#prepare").focus()
        self._check()

    @on(Button.Pressed, "#prepare")
    def _prepare_pressed(self) -> None:
        if self.plan is None or self.stage is not Stage.CHOOSING:
            return
        for fields in self.query(PaperFields):
            if (typed := fields.take_typed()) is not None:
                self._draw_from(typed)
                return
        self._take_workspace()
        self._prepare()

    @on(Input.Submitted, "#start-word")
    def _word_submitted(self, event: Input.Submitted) -> None:
        if not is_word(event.value, WORD):
            self._say(f"Type the word {WORD} in full.")
        elif self.plan is not None:
            try:
                attempt = self._manager.start(self.plan)
            except UserError as error:
                self._show_error(error)
            else:
                self.post_message(self.AttemptStarted(attempt))

    def _plan(self, request: StartRequest) -> AttemptPlan:
        """Draw a plan. Slow the first time: call it in a thread. Raises UserError."""
        if request.retry is not None:
            return self._manager.plan_retry(request.retry, request.workspace)
        return self._manager.plan(request.exam, request.code or None, request.workspace)

    @worker("draw")
    async def _draw(self) -> None:
        try:
            self.plan = await asyncio.to_thread(self._plan, self._request)
        except UserError as error:
            self._show_error(error)
            self._say("No paper could be drawn.")
            if self.plan is None:
                self.query("#code, #workspace").first().focus()
                return
            self._request = replace(self._request, code=None)
            for fields in self.query(PaperFields):
                fields.refused()
        else:
            for question in self.plan.left_out:
                self.notify(question, title="Question left out", severity="warning", markup=False)
        self.stage = Stage.CHOOSING
        self._check()

    @worker("check")
    async def _check(self) -> None:
        assert self.plan is not None
        found = await asyncio.to_thread(self._services.quick_checks, self.plan.workspace)
        self.query_one("#machine", Checks).checks = tuple(found)

    @worker("prepare")
    async def _prepare(self) -> None:
        assert self.plan is not None
        self._show_error(None)
        self.stage = Stage.PREPARING
        self.query_one(ProgressBar).update(progress=0)
        try:
            await self._manager.prepare(self.plan, self._progress)
        except UserError as error:
            self._show_error(error)
            self.stage = Stage.CHOOSING
        else:
            self.stage = Stage.READY

    def _progress(self, fraction: float, text: str) -> None:
        self.query_one(ProgressBar).update(progress=fraction)
        self._say(text)

    def _take_workspace(self) -> None:
        typed = self.query_one("#workspace", Input).value.strip()
        if not typed or (self.plan is not None and Path(typed) == self.plan.workspace):
            return
        workspace = Path(typed).expanduser().absolute()
        self._request = replace(self._request, workspace=workspace)
        if self.plan is not None:
            self.plan = replace(self.plan, workspace=workspace)

    def _say(self, text: str) -> None:
        self.query_one("#action-text", Static).update(Content(text))

    def _show_error(self, error: UserError | None) -> None:
        place = self.query_one(ErrorPanel)
        place.error = None if error is None else _by_fields(error)
        if error is not None:  # once the panel has its height, so that the remedy is in view
            self.call_after_refresh(place.scroll_visible, animate=False)


def _by_fields(error: UserError) -> UserError:
    """The error with the fields of this screen in place of the command line's options."""
    location, hint = error.location, error.hint
    for option, name in (("--workspace", "Workspace"), ("--code", "Paper code")):
        location = location.replace(option, name)
        hint = hint.replace(f"with {option}", f"in {name}").replace(f"omit {option}", f"empty {name}")
    return UserError(error.message, location=location, hint=hint.replace("--code", "Paper code"))
