"""The exam room: clock, questions, task, activity and the output of a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.reactive import var
from textual.widgets import Static

from mockexam.exam.model_format import RECEIVED_NAMES
from mockexam.session.ports import ExamSessionPort, Snapshot
from mockexam.text.status import percent
from mockexam.tui.feedback import feedback_of, findings_content, in_short
from mockexam.tui.screens.room_actions import RoomActions
from mockexam.tui.services import OutputPort
from mockexam.tui.widgets.activity import ActivityLog
from mockexam.tui.widgets.brief import Brief, notice_of, without_title
from mockexam.tui.widgets.clock_bar import ClockBar
from mockexam.tui.widgets.key_bar import KeyBar
from mockexam.tui.widgets.line import Line
from mockexam.tui.widgets.marker_line import MarkerLine
from mockexam.tui.widgets.numbers import Numbers
from mockexam.tui.widgets.question_table import QuestionTable
from mockexam.tui.widgets.run_pane import RunPane
from mockexam.tui.widgets.score import Score, Standing
from mockexam.tui.wording import State, marks_text, no_picture, question_views, refusal, state_of

if TYPE_CHECKING:
    from mockexam.exam.attempt import AttemptQuestion
    from mockexam.tui.scripts import Scripts

_HELP = (
    "The clock runs until the time is up, whether the app is open or not. Work in the question's folder with any "
    f"editor. A model saved there as {RECEIVED_NAMES} is received by itself, wherever it was "
    "trained: the activity says so, and a moment later its marks stand beside the question. Save as often as you like."
)


_RETRY_HELP = (
    f"Work in the question's folder with any editor. A model saved there as {RECEIVED_NAMES} is "
    "received by itself, and marked at once: with its metric, how far the next mark is, and what its answers show. "
    "h opens hints one by one; which were used is on record. The reference solution is in the review, afterwards."
)


class RoomScreen(RoomActions):
    """Draws the snapshots of a sitting, and passes what is asked for on."""

    CSS_PATH = "room.tcss"
    AUTO_FOCUS = "#questions"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "edit", "Edit", tooltip="Edit the question's solution.py"),
        Binding("r", "run", "Run", tooltip="Run the question's solution.py; again: stop it"),
        Binding("i", "inspect", "Inspect", tooltip="Look at its newest model file; no marks are given"),
        Binding("h", "hints", "Hints", tooltip="Open a hint, step by step; in a retry only"),
        Binding("m", "models", "Models", tooltip="Its models: which counts; put one back, see what changed"),
        Binding("f", "finish", "Finish", tooltip="Finish before the time is up; asks for a word"),
        Binding("v", "output", "Output", tooltip="Show the script's output, or the activity"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("q", "app.leave", "Leave", tooltip="Leave the app; the clock runs on"),
        Binding("o", "restore", "Restore", show=False, tooltip="Put back its missing files, or a fresh stub"),
        Binding("s", "stop", "Stop", show=False, tooltip="Stop the script that runs"),
        Binding("z", "zoom", "Zoom", show=False, tooltip="Give the focused pane all the room, and back"),
        Binding(
            "space,pagedown", "page(1)", "Page down", show=False, key_display="space", tooltip="Page down in the task"
        ),
        Binding("b,pageup", "page(-1)", show=False, key_display="b", tooltip="Page up in the task"),
        Binding("escape", "unzoom", "Unzoom", show=False, system=True),
        *(
            Binding(str(n), f"choose({n})", show=False, key_display="1-9", tooltip="Choose a question")
            for n in range(1, 10)
        ),
    ]

    snapshot: var[Snapshot] = var(no_picture, init=False)
    number = var(1, init=False)
    """The chosen question."""

    def __init__(self, session: ExamSessionPort, scripts: Scripts) -> None:
        super().__init__(session, scripts)
        self.set_reactive(RoomScreen.snapshot, session.snapshot)
        self.set_reactive(RoomScreen.number, session.snapshot.attempt.paper.items[0].number)
        self.HELP_TEXT = _RETRY_HELP if self.policy.gives_hints else _HELP

    def compose(self) -> ComposeResult:
        """Clock; questions and total; task; activity and output; keys."""
        attempt = self.session.snapshot.attempt
        self.set_class(self.policy.single_question, "-retry")
        yield ClockBar(attempt.rules.title, attempt.paper.code)
        yield Line(id="too-small")
        with Horizontal(id="room"):
            with Vertical(id="left"):
                yield Static("Question" if self.policy.single_question else "Questions", id="left-heading")
                yield QuestionTable()
                yield Numbers() if self.policy.shows_metric_at_once else Score()
                yield MarkerLine()
            with Vertical(id="right"):
                yield Brief(id="brief", classes="panel")
                with Vertical(id="lower"):
                    yield from self._panes()
        yield KeyBar()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002  # Textual's
        """Hints are for practice."""
        return action != "hints" or self.policy.gives_hints

    def _panes(self) -> ComposeResult:
        for pane, title in ((ActivityLog(), "Activity"), (RunPane(), "Output")):
            pane.add_class("panel")
            pane.border_title = title
            yield pane

    def on_mount(self) -> None:
        """Draw the first picture."""
        self.query_one(QuestionTable).chosen = self.number
        self.watch_snapshot(self.snapshot)
        self.watch_number()

    def watch_snapshot(self, snapshot: Snapshot) -> None:
        """Hand each part what it shows; it draws if that has changed."""
        if not self.children:
            return
        self.query_one(ClockBar).remaining = snapshot.remaining
        self.query_one(ActivityLog).story = snapshot.activity
        for score in self.query(Score):
            score.standing = Standing.of(snapshot.attempt)
        self.query_one(MarkerLine).grader = snapshot.grader
        self.show_questions()
        self.show_run()

    def show_questions(self) -> None:
        """The rows, and the notice above the task."""
        snapshot = self.snapshot
        self.query_one(QuestionTable).views = question_views(snapshot, self.scripts.running)
        question = snapshot.attempt.questions[self._index()]
        state = state_of(question, snapshot.grading)
        if self.policy.shows_metric_at_once:
            self._show_feedback(question, state)
            told = in_short(question, state)
        else:
            told = f"Q{self.number} {marks_text(question.marks)} {state} · so far {percent(snapshot.attempt):g} %"
        self.query_one(Line).text = f"{told} · 80×24 shows more"
        self.query_one(Brief).notice = notice_of(snapshot.missing.get(self.number, ()), refusal(question))

    def _show_feedback(self, question: AttemptQuestion, state: State) -> None:
        """What a retry tells beyond marks."""
        used = self.snapshot.attempt.hints(self.number)
        feedback = feedback_of(question, state, f"{used} of {self.hints_of(self.number)}" if used else "none")
        self.query_one(Numbers).rows = feedback.rows
        self.query_one(Brief).findings = findings_content(feedback.findings)

    def show_run(self) -> None:
        """What the output's border says."""
        view = self.scripts.view
        if view is not None:
            self.query_one(RunPane).told = view.told(self.snapshot.now.wall, self.snapshot.attempt)

    def watch_number(self) -> None:
        """Show another question's task."""
        if not self.children:
            return
        item = self.snapshot.attempt.paper.item(self.number)
        self.query_one(QuestionTable).chosen = self.number
        brief = self.query_one(Brief)
        brief.border_title = f"{item.number} {item.title}"
        weight = f"×{item.weight} · " if self.policy.shows_weights else ""
        brief.border_subtitle = f"{weight}{item.minutes} min"
        brief.markdown = without_title(self.session.brief(self.number))
        self.show_questions()

    def print_output(self, output: OutputPort) -> None:
        """Show what the script printed."""
        self.query_one(RunPane).print(output)

    def script_changed(self) -> None:
        """The script began or ended."""
        view = self.scripts.view
        assert view is not None
        item = self.snapshot.attempt.paper.item(view.number)
        words = f"{item.folder}/solution.py" if view.running else view.status
        self.query_one(RunPane).mark(words)
        self.show_run()
        self.show_questions()

    def on_question_table_chosen(self, event: QuestionTable.Chosen) -> None:
        """The arrow keys choose."""
        self.number = event.number

    def _index(self) -> int:
        numbers = [item.number for item in self.snapshot.attempt.paper.items]
        return numbers.index(self.number)
