"""The running exam: clock, questions, task, activity and script output."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.exam.attempt import AttemptQuestion
from mockexam.exam.model_format import RECEIVED_NAMES
from mockexam.exam.policy import policy_of
from mockexam.session.ports import Snapshot
from mockexam.text import formats
from mockexam.text.status import percent
from mockexam.text.units import time_text
from mockexam.tui.app_base import worker
from mockexam.tui.labels import (
    diagnosis_content,
    feedback_of,
    in_short,
    no_snapshot,
    question_rows,
    refusal,
    state_of,
    still_open,
    task_heading,
)  # fmt: skip
from mockexam.tui.processes import RunActions, ScriptChanged, edit
from mockexam.tui.screens.modal import Ask, TextModal, TypeWord
from mockexam.tui.widgets.line_list import NUMBER_KEYS
from mockexam.tui.widgets.log import ActivityLog, RunPane
from mockexam.tui.widgets.mark_charts import Numbers, Score
from mockexam.tui.widgets.markdown import Brief, notice_of, without_title
from mockexam.tui.widgets.question_lists import QuestionTable
from mockexam.tui.widgets.status_lines import ClockBar, GraderLine, KeyBar, Line
from mockexam.tui.widgets.training_curve import TrainingCurve
from mockexam.workspace.layout import script_of

if TYPE_CHECKING:
    from textual.widget import Widget

    from mockexam.session.exam_session import ExamSession

FINISH_WORD = "FINISH"

_SIGNALS = (
    "MOCKEXAM_SIGNALS in the environment chooses the signals: some of toast, title, bell, notification; all; or none."
)
_FIND = "/ finds words in the task; in the output or the activity once Tab or z led there. "
_HELP = (
    "The clock runs until the time is up, whether the app is open or not. Work in the question's folder with any "
    f"editor; y copies its path. A model saved there as {RECEIVED_NAMES} is received automatically, wherever you "
    "trained it: the activity shows it, and soon its marks appear beside the question. Save as often as you like. "
    "r runs the script: one line an epoch, the curve of its loss (l changes to the metric), and when it will be done. "
    "A script keeps running when you leave the app, until the attempt ends. "
    "The workspace's README has the command to run it in a terminal. You can work in solution.ipynb, a notebook, too: "
    "r and e take whichever you changed last. p packs the question for Colab or another machine; what comes back is "
    "offered to you, whatever your browser called it. Above the task stands the time you spent on it "
    "against its minutes, counted as in the review. " + _FIND + _SIGNALS
)
_RETRY_HELP = (
    f"Work in the question's folder with any editor; y copies its path. A model saved there as {RECEIVED_NAMES} is "
    "received automatically and graded at once: you see its metric, how far the next mark is, and what its predictions "
    "show. h opens hints one by one; each goes on record, and the result then counts half in your readiness estimate. "
    "Afterwards the review shows the reference solution. " + _FIND + _SIGNALS
)


class ExamScreen(RunActions):
    """Shows each snapshot of a running attempt; its keys act on the selected question."""

    CSS_PATH = "screens.tcss"
    AUTO_FOCUS = "#questions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", tooltip="Edit solution.py; an IDE opens its folder too"),
        Binding("r", "run", "Run", tooltip="Run the question's solution.py; press again to stop it"),
        Binding("i", "inspect", "Inspect", tooltip="Inspect the newest model file; gives no marks"),
        Binding("h", "hints", "Hints", tooltip="Open a hint, step by step; only in a retry"),
        Binding("m", "models", "Models", tooltip="Received models: which counts; restore or compare one"),
        Binding("f", "finish", "Finish", tooltip="Finish before the time is up; asks for a word"),
        Binding("v", "output", "Output", tooltip="Show the script's output or the activity"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("q", "app.leave", "Leave", tooltip="Leave the app; the clock keeps running"),
        Binding("o", "repair", "Repair", show=False, tooltip="Put missing files back, or get a fresh solution.py"),
        Binding("p", "pack", "Pack", show=False, tooltip="Pack the question for Colab or another machine"),
        Binding("y", "copy_folder", "Copy folder", show=False, tooltip="Copy the path of the question's folder"),
        Binding("a", "all", "All", show=False, tooltip="All lines of the output, or folded again"),
        Binding("l", "curve", "Loss or metric", show=False, tooltip="The curve of the loss, or of the metric"),
        Binding("s", "stop", "Stop", show=False, tooltip="Stop the running script"),
        Binding("z,enter", "zoom", "Zoom", show=False, tooltip="Give the focused pane the whole screen, and back"),
        Binding(
            "space,pagedown", "page(1)", "Page down", show=False, key_display="space", tooltip="Page down in the task"
        ),
        Binding("b,pageup", "page(-1)", "Page up", show=False, key_display="b", tooltip="Page up in the task"),
        Binding("escape", "unzoom", "Unzoom", show=False, system=True),
        *NUMBER_KEYS,
    ]

    snapshot: var[Snapshot] = var(no_snapshot, init=False)
    number = var(1, init=False)
    """The selected question."""

    def __init__(self, session: ExamSession) -> None:
        super().__init__(session)
        self._hint_counts: dict[int, str] = {}
        self.policy = policy_of(session.snapshot.attempt)
        self.HELP_TEXT = _RETRY_HELP if self.policy.gives_hints else _HELP
        self.set_reactive(ExamScreen.snapshot, session.snapshot)
        self.set_reactive(ExamScreen.number, _last_worked_on(session.snapshot))

    def compose(self) -> ComposeResult:
        attempt = self.session.snapshot.attempt
        self.set_class(self.policy.single_question, "-retry")
        yield ClockBar(attempt.rules.title, attempt.paper.code)
        yield Line(id="too-small")
        with Horizontal(id="panes"):
            with Vertical(id="left"):
                yield Static("Question" if self.policy.single_question else "Questions", id="left-heading")
                yield QuestionTable()
                yield Numbers() if self.policy.shows_metric_at_once else Score()
                yield GraderLine()
            with Vertical(id="right"):
                yield Brief(id="brief", classes="panel")
                with Vertical(id="lower"):
                    yield ActivityLog()
                    yield TrainingCurve()
                    yield RunPane()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(QuestionTable).chosen = self.number
        self.follow_runs()
        self.watch_snapshot(self.snapshot)
        self.watch_number()
        for number in self.runs.running:
            self.show_found(number)

    @property
    def not_offered(self) -> frozenset[str]:
        """Actions that only say why they do nothing."""
        return frozenset() if self.policy.gives_hints else frozenset({"hints"})

    def palette_entries(self) -> Iterator[tuple[str, str, str]]:
        """The questions, for the command palette: name, what it does, action."""
        for item in self.snapshot.attempt.paper.items:
            text = f"Show its task (weight {item.weight})"
            yield f"Question {item.number}: {item.title}", text, f"choose({item.number})"

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Update every widget; each redraws only if its content changed."""
        if not self.children:
            return
        self.query_one(ClockBar).remaining = snapshot.remaining
        self.query_one(ActivityLog).activities = snapshot.activity
        if not self.policy.shows_metric_at_once:
            self.query_one(Score).attempt = snapshot.attempt
        self.query_one(GraderLine).grader = snapshot.grader
        self._show_questions()
        self.show_run()
        self.show_offer()
        self.renew_dialog()

    def watch_number(self) -> None:
        if not self.children:
            return
        self.query_one(QuestionTable).chosen = self.number
        brief = self.query_one(Brief)
        brief.folder = str(self.session.folder(self.number))
        brief.markdown = without_title(self.session.brief(self.number))
        self.show_output()
        self._show_questions()

    def _show_questions(self) -> None:
        snapshot = self.snapshot
        rows = self.query_one(QuestionTable).rows = question_rows(snapshot, self.runs)
        self.query_one(Brief).heading = next(task_heading(row) for row in rows if row.number == self.number)
        question = next(q for q in snapshot.attempt.questions if q.item.number == self.number)
        state = state_of(question, snapshot.grading)
        if self.policy.shows_metric_at_once:
            used = self.snapshot.attempt.hints(self.number)
            feedback = feedback_of(question, state, f"{used} of {self._hints_of(self.number)}" if used else "none")
            self.query_one(Numbers).rows = feedback.rows
            brief = self.query_one(Brief)
            brief.findings = diagnosis_content(feedback.diagnosis, brief.size.width - 6)
            short = in_short(question, state)
        else:
            marks = formats.marks(question.marks)
            short = f"Q{self.number} {marks} {state} · so far {percent(snapshot.attempt):g} %"
        line = self.query_one(Line)
        line.text, line.advice = short, " · 80×24 shows more"
        self.query_one(Brief).notice = _notice(snapshot, question)

    def _hints_of(self, number: int) -> str:
        """The number of hints of a question once one is open, else `?`."""
        if number not in self._hint_counts:
            with suppress(UserError):  # opening them shows the error
                self._hint_counts.update((number, str(hint.of)) for hint in self.session.hints(number))
        return self._hint_counts.get(number, "?")

    def on_script_changed(self, message: ScriptChanged) -> None:
        self.show_found(message.number)
        if message.number == self.number:
            self.show_run()
        self._show_questions()
        self.renew_dialog()

    def on_question_table_question_selected(self, event: QuestionTable.QuestionSelected) -> None:
        self._choose(event.number)

    def action_choose(self, number: int) -> None:
        if any(item.number == number for item in self.snapshot.attempt.paper.items):
            self._choose(number)
        else:
            self.notify(f"There is no question {number}.")

    def _choose(self, number: int) -> None:
        self.returned = None
        self.number = number

    @property
    def searched(self) -> Widget | None:
        """What `/` looks through: the focused text; from the list of questions, the task."""
        return self.query_one("#brief-scroll") if isinstance(self.focused, QuestionTable) else self.focused

    def action_page(self, direction: int) -> None:
        if self.has_class("-zoom-lower"):
            log = self.query_one(RunPane) if self.query_one(RunPane).display else self.query_one(ActivityLog)
            (log.scroll_page_down if direction > 0 else log.scroll_page_up)(animate=False)
        else:
            self.query_one(Brief).scroll_page(direction)

    def action_zoom(self) -> None:
        if self.has_class("-zoom"):
            self.action_unzoom()
            return
        lower = self.query_one("#lower")
        inside = self.focused is not None and lower in self.focused.ancestors_with_self
        self.add_class("-zoom", "-zoom-lower" if inside else "-zoom-brief")
        if not inside:
            self.query_one("#brief-scroll").focus()

    def action_unzoom(self) -> None:
        if self.has_class("-zoom"):
            self.remove_class("-zoom", "-zoom-brief", "-zoom-lower")
            self.query_one("#questions").focus()

    @worker("edit")
    async def action_edit(self) -> None:
        number = self.number
        folder = self.session.folder(number)
        path = folder / script_of(folder)
        if not path.exists():
            raise UserError("The script is missing.", location=str(path), hint="Press o to repair.")
        editor = self.app.services.editor(path)
        if editor.way_out:
            lines = [f"In {editor.name}, {editor.way_out}", "", "Set EDITOR to use another editor."]
            if not await self.app.push_screen_wait(Ask(f"Open {editor.name}?", lines, yes="Open", no="Cancel")):
                return
        await edit(self.app, editor, path)
        if editor.kind == "graphical":
            self.notify(f"Opened in {editor.name}.", markup=False)

    @worker("inspect")
    async def action_inspect(self) -> None:
        from mockexam.tui.screens.submissions_screen import inspection_content

        number = self.number
        self.notify(f"Inspecting the newest model of question {number} …", timeout=2)
        found = await self.session.inspect(number)
        if self.is_current:
            title = f"Question {number}: the newest model"
            self.app.push_screen(TextModal(title, inspection_content(found), keys="i"))

    def action_hints(self) -> None:
        if not self.policy.gives_hints:
            self.notify("There are no hints in an exam. A retry has them.")
            return
        from mockexam.tui.screens.hints_screen import HintsScreen

        self.app.push_screen(HintsScreen(self.session, self.number))

    @worker("restore")
    async def action_models(self) -> None:
        from mockexam.tui.screens.submissions_screen import SubmissionsScreen

        number = self.number
        chosen = await self.app.push_screen_wait(SubmissionsScreen(self.session, number))
        if chosen:
            done = await self.session.restore_submission(number, chosen)
            text = f"Restored: {', '.join(done)}." if done else "Everything is already in the folder."
            self.notify(text, markup=False)

    @worker("repair")
    async def action_repair(self) -> None:
        number = self.number
        missing = self.session.look_for_missing(number)
        if await self.app.push_screen_wait(_ask_to_repair(number, missing)):
            done = await self.session.repair(number, over=not missing)
            self.notify(f"Put back: {', '.join(done)}." if done else "No file was missing.", markup=False)

    @worker("finish")
    async def action_finish(self) -> None:
        if await self.ask(lambda: _ask_to_finish(self.snapshot)):
            await self.session.finish()


def _last_worked_on(snapshot: Snapshot) -> int:
    """The question to begin with."""
    numbers = [item.number for item in snapshot.attempt.paper.items]
    worked_on = (event.number for event in reversed(snapshot.attempt.work_events))
    return next((number for number in worked_on if number in numbers), numbers[0])


def _notice(snapshot: Snapshot, question: AttemptQuestion) -> Content | None:
    number = question.item.number
    return notice_of(snapshot.missing.get(number, ()), snapshot.unreceived.get(number, ""), refusal(question))


def _ask_to_finish(snapshot: Snapshot) -> TypeWord:
    remaining = snapshot.remaining
    time = "This attempt has no time limit." if remaining is None else f"Time left: {time_text(remaining)}."
    lines = [time, *still_open(snapshot), "", "After this, no more models are received."]
    return TypeWord(f"Finish the {policy_of(snapshot.attempt).noun}?", lines, word=FINISH_WORD, does="Finish")


def _ask_to_repair(number: int, missing: tuple[str, ...]) -> Ask:
    if missing:
        lines = [f"Missing from question {number}: {', '.join(missing)}.", "", "Existing files are not changed."]
        return Ask("Repair this question?", lines, yes="Repair", no="Cancel")
    lines = [
        f"No file of question {number} is missing.", "",
        "You can replace solution.py with a fresh stub; yours is kept as solution.py.bak.",
    ]  # fmt: skip
    return Ask("Start this script over?", lines, yes="Fresh stub", no="Cancel")
