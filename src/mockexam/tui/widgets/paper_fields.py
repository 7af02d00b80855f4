"""The paper to start: the fields that choose it, its questions, and its rules."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Label, Select

from mockexam.errors import UserError
from mockexam.exam.paper import PaperItem
from mockexam.exam.policy import policy_of
from mockexam.session.ports import AttemptPlan, RetryChoice, StartRequest
from mockexam.text.units import minutes_text
from mockexam.tui.app_base import worker
from mockexam.tui.labels import category_word, cut

if TYPE_CHECKING:
    from mockexam.session.manager import SessionManager

_PREPARE = "Prepare creates the workspace and its data. The clock does not start yet, and existing files are kept. "
_START = "Then type START and press Enter: the clock starts and can't be paused."


def help_text(retry: RetryChoice | None) -> str:
    """How an exam or a retry starts."""
    if retry is None:
        draw = "Enter a paper code to repeat that paper. Without a code you get the questions you have seen least. "
        return f"{draw}{_PREPARE}{_START}"
    draw = "You get an unseen question first, else the one with your fewest marks that you saw longest ago. "
    if retry.question is not None:
        draw = "You get the question you chose, with new data each time. "
    start = _START if retry.timed else "Then type START and press Enter: the attempt starts and goes on record."
    return f"{draw}{_PREPARE}{start}"


class PaperFields(Vertical):
    """The exam, if there are several, and the paper code. Enter applies a typed code."""

    DEFAULT_CSS = "PaperFields { height: auto; }"

    @dataclass
    class Changed(Message):
        """The user chose another exam or paper."""

        request: StartRequest

    def __init__(self, manager: SessionManager, request: StartRequest) -> None:
        super().__init__()
        self._manager = manager
        self.request = request
        """The request for the plan shown."""
        self.shown_exam = request.exam
        """The exam of the plan shown."""

    def compose(self) -> ComposeResult:
        with Horizontal(id="exams", classes="field"):
            yield Label("Exam")
        with Horizontal(classes="field"):
            yield Label("Paper code")
            yield Input(self.request.code or "", placeholder="empty for a new paper", compact=True, id="code")

    def on_mount(self) -> None:
        self._offer()

    def take_typed(self) -> StartRequest | None:
        """The request with a code that was typed but not entered; None if there is none."""
        typed = self.query_one("#code", Input).value.strip()
        if typed == (self.request.code or ""):
            return None
        self.request = replace(self.request, code=typed)
        return self.request

    def refused(self) -> None:
        """Forget a code that has no paper: it is not the code of the plan shown."""
        self.request = replace(self.request, code="")

    @on(Input.Submitted, "#code")
    def _code_entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._want(replace(self.request, code=event.value.strip()))

    @on(Select.Changed)
    def _exam_chosen(self, event: Select.Changed) -> None:
        event.stop()
        if isinstance(event.value, str) and event.value != self.shown_exam:
            self.query_one("#code", Input).value = ""
            self._want(replace(self.request, exam=event.value, code=""))

    def _want(self, request: StartRequest) -> None:
        self.request = request
        self.shown_exam = request.exam or self.shown_exam
        self.post_message(self.Changed(request))

    @worker("exams")
    async def _offer(self) -> None:
        try:
            exams = await asyncio.to_thread(self._manager.exams)
        except UserError:
            return  # drawing a paper reports the same error
        chosen = self.shown_exam
        if chosen and chosen not in [name for name, _ in exams]:
            exams = (*exams, (chosen, Path(chosen).name))  # the path of an exam file
        field = self.query_one("#exams")
        field.display = len(exams) > 1
        if field.display:
            options = [(title, name) for name, title in exams]
            self.shown_exam = chosen or exams[0][0]  # nobody has chosen it yet: not to be drawn again
            await field.mount(Select(options, value=self.shown_exam, allow_blank=False, compact=True))


class PaperView(Widget):
    """The questions of a paper, one per line."""

    DEFAULT_CSS = "PaperView { height: auto; }"

    plan: reactive[AttemptPlan | None] = reactive(None, layout=True)

    def render(self) -> Content:
        if self.plan is None:
            return Content.styled("Drawing a paper …", "$muted")
        items = self.plan.paper.items
        weighted = policy_of(self.plan).shows_weights
        lines = [_line(item, self.size.width, weighted=weighted) for item in items]
        working = sum(item.minutes for item in items)
        lines.append(Content.styled(_need(working, self.plan.rules.duration), "$muted"))
        if self.plan.to_download:
            lines.append(Content.styled(f"Prepare downloads {self.plan.to_download}, once.", "$muted"))
        return Content("\n").join(lines)


def _need(minutes: int, duration: float | None) -> str:
    need = f"Estimated working time: {minutes} minutes"
    if duration is None:
        return f"{need}."
    time = minutes_text(duration)
    return f"{need} of the {time}." if minutes * 60 <= duration else f"{need}; you have {time}."


def _line(item: PaperItem, width: int, *, weighted: bool) -> Content:
    right = f"{item.minutes:>4} min"
    title = cut(item.title, max(8, width - 26 - len(right)))
    return Content.assemble(
        (f"{item.number:>2} ", "$text-primary"),
        (title, "bold"),
        (f" {category_word(item.category):<13}", "$muted"),
        f"×{item.weight:<3}" if weighted else "    ",
        (right, "$muted"),
    )


def rules_text(plan: AttemptPlan) -> str:
    """The rules of a plan in a few sentences."""
    rules = plan.rules
    best = "the best one counts" if rules.counts == "best" else "the last one counts"
    pause = "" if rules.duration is None else ", no pause: the clock keeps running when the app is closed"
    if policy_of(plan).gives_hints:
        graded = f"Each saved model is graded at once, with its metric; {best}."
        last = "Hints open one at a time; each one you open is recorded."
    else:
        graded = f"Each saved model gets 0 to 5 marks at once; {best}."
        last = f"You pass with {rules.pass_mark} % of the weighted marks."
    length = minutes_text(rules.duration).capitalize()
    return f"{length}{pause}.\n{graded}\n{last} Use any editor and look up anything."
