"""A fake session manager and session for the app: real events and folding; only time and machine are fake."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mockexam.doctor.machine import Check
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, apply
from mockexam.exam.paper import Mode
from mockexam.exam.scoring import Verdict
from mockexam.session.event_log import describe
from mockexam.session.ports import (
    Activity,
    AttemptPlan,
    CategoryRecord,
    GraderState,
    Hint,
    ProgressCallback,
    RetryChoice,
    Running,
    Snapshot,
    Tone,
)
from mockexam.session.script_runs import ScriptRuns
from mockexam.session.transfer import Transfer
from mockexam.tui.services import Services
from mockexam.workspace.layout import Workspace
from tests.factories import FakeClock, graded, received
from tests.tui.fake_papers import BRIEF, paper, retry_paper, rules
from tests.tui.fake_retry import HINTS, RECORDS, SECONDS, TITLES

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelInspected
    from mockexam.review.service import Review
    from mockexam.workspace.scripts import ScriptFile


class FakeSession:
    """Tests push events; each publishes a new snapshot, as in a real session."""

    def __init__(self, clock: FakeClock, started: ev.Started, starter: FakeStarter | None = None) -> None:
        self.clock = clock
        self.runs = ScriptRuns(self, Path(started.workspace) / ".runs" / "attempt", clock, starter or FakeStarter())
        self.attempt: Attempt = apply(None, started, "20270115-7K3QF2")
        root = Path(started.workspace)
        self.transfer = Transfer(self, Workspace(root), root / ".runs" / "attempt", is_running=lambda _: False)
        self.activity: list[Activity] = [Activity(started.at.wall, None, "the clock started")]
        self.grader = GraderState("warm", "bubblewrap")
        self.grading: str | None = None
        self.missing: dict[int, tuple[str, ...]] = {}
        self.just_missing: tuple[str, ...] = ()
        """What is missing from every question's folder but not in a snapshot yet."""
        self.notes: list[tuple[int, str, str]] = []
        self.briefs: dict[int, str] = {}
        self.restored: list[tuple[int, bool]] = []
        self.inspected: ModelInspected | UserError | None = None
        self.all_hints: tuple[Hint, ...] = HINTS
        self.kept: dict[str, tuple[ScriptFile, ...]] = {}
        self.put: list[tuple[int, str]] = []
        self.refuse: UserError | None = None
        self.stays = False
        """Whether it runs on after its end, as a retry does while a model is looked into."""
        self.closed = False
        self.crash: BaseException | None = None
        self._over = asyncio.Event()
        self._callbacks: list[Callable[[Snapshot], None]] = []

    @property
    def state(self) -> Attempt:
        """As of the log of events that `Transfer` follows."""
        return self.attempt

    def report(self, number: int | None, text: str, tone: Tone = Tone.INFO) -> None:
        self.activity.append(Activity(self.clock.now.wall, number, text, tone))

    @property
    def snapshot(self) -> Snapshot:
        now = self.clock.read()
        remaining = self.attempt.clock.remaining(now)
        return Snapshot(
            attempt=self.attempt, now=now, remaining=remaining, grader=self.grader, grading=self.grading,
            activity=tuple(self.activity), missing=dict(self.missing),
        )  # fmt: skip

    @property
    def phase_word(self) -> str:
        """Where it stands."""
        return self.attempt.phase.value

    def subscribe(self, callback: Callable[[Snapshot], None]) -> None:
        self._callbacks.append(callback)

    def publish(self) -> None:
        """Notify all subscribers."""
        for callback in self._callbacks:
            callback(self.snapshot)

    def happen(self, event: ev.Event) -> None:
        """Something happened."""
        self.attempt = apply(self.attempt, event)
        line = describe(self.attempt, event)
        if line is not None:
            self.activity.append(line)
        if self.attempt.settled is not None and not self.stays:
            self._over.set()
        self.publish()

    def tick(self, seconds: float = 1.0) -> None:
        """Time goes by; at zero the exam ends, as in a real session."""
        now = self.clock.advance(seconds)
        if self.attempt.finished is None and self.attempt.clock.expired(now):
            self.happen(ev.Finished(at=now, reason="time_up"))
        self.publish()

    def receive(self, number: int, name: str, size: int = 1_234_567, scripts: str = "") -> None:
        """A model came in."""
        now = self.clock.read()
        self.happen(replace(received(now, number, name, size=size), scripts=scripts))

    def grade(self, number: int, name: str, marks: int | None, verdict: Verdict = Verdict.GRADED, told: str = "",
             remedy: str = "", value: float = 0.5, next_at: float | None = None) -> None:  # fmt: skip
        """It was graded."""
        now = self.clock.read()
        event = replace(graded(now, number, name, marks, verdict=verdict, message=told), remedy=remedy)
        if verdict is Verdict.GRADED:
            event = replace(event, value=value, next_at=next_at)
        self.happen(event)

    def diagnose(self, number: int, name: str, *findings: str, train_value: float | None = None) -> None:
        """It was diagnosed."""
        self.happen(
            ev.Diagnosed(
                at=self.clock.read(), submission=f"q{number}-{name}", train_value=train_value, findings=findings
            )
        )

    def settle(self) -> None:
        """All is graded."""
        now, state = self.clock.read(), self.attempt
        self.happen(ev.Settled(at=now, earned=state.earned, possible=state.possible, passed=state.passed))

    async def run(self) -> None:
        self.runs.adopt()
        self.publish()
        if self.crash is not None:
            raise self.crash
        await self._over.wait()

    async def finish(self) -> None:
        await self.runs.stop_all()
        self.happen(ev.Finished(at=self.clock.read(), reason="candidate"))

    async def close(self) -> None:
        await self.runs.leave()
        self.closed = True
        self._over.set()

    def look_for_missing(self, number: int) -> tuple[str, ...]:
        if self.just_missing:
            self.missing[number] = self.just_missing
        return self.missing.get(number, ())

    async def repair(self, number: int, *, over: bool = False) -> tuple[str, ...]:
        self.restored.append((number, over))
        done = ("solution.py",) if over else self.missing.pop(number, ())
        self.publish()
        return done

    async def inspect(self, number: int) -> ModelInspected:
        if isinstance(self.inspected, UserError):
            raise self.inspected
        if self.inspected is None:
            raise UserError("There is no model in this question's folder yet.", hint="Save one as mymodel.keras.")
        return self.inspected

    async def restore_submission(self, number: int, submission: str) -> tuple[str, ...]:
        if self.refuse is not None:
            raise self.refuse
        self.put.append((number, submission))
        return ("mymodel.keras", "solution.py")

    def scripts(self, number: int, submission: str | None = None) -> tuple[ScriptFile, ...]:
        from mockexam.workspace.scripts import read_scripts

        return read_scripts(self.folder(number)) if submission is None else self.kept.get(submission, ())

    def hints(self, number: int) -> tuple[Hint, ...]:
        return self.all_hints[: self.attempt.hints(number)]

    def next_hint(self, number: int) -> Hint | None:
        if self.refuse is not None:
            raise self.refuse
        seen = self.attempt.hints(number)
        if seen == len(self.all_hints):
            return None
        self.happen(ev.Noted(at=self.clock.read(), number=number, what="hint", detail=str(seen + 1)))
        return self.all_hints[seen]

    def note(self, number: int, what: Literal["edit", "run", "run_ended"], detail: str = "") -> None:
        self.notes.append((number, what, detail))

    async def note_edits(self) -> None:
        """No editor is watched here."""

    def brief(self, number: int) -> str:
        return self.briefs.get(number, BRIEF)

    def folder(self, number: int) -> Path:
        return Path(self.attempt.workspace) / self.attempt.paper.item(number).folder


class FakeManager:
    """One exam, one attempt at a time."""

    def __init__(self, workspace: Path, clock: FakeClock | None = None, *, duration: float | None = 18000.0) -> None:
        self.clock = clock or FakeClock()
        self.workspace = workspace
        self.duration = duration
        self.session: FakeSession | None = None
        self.starter = FakeStarter()
        self.under_way = False
        self.holder: int | None = None
        self.prepared: list[AttemptPlan] = []
        self.left_out: tuple[str, ...] = ()
        self.to_download = ""
        self.refuse_prepare: UserError | None = None
        self.hold_prepare: asyncio.Event | None = None
        self.known_exams: tuple[tuple[str, str], ...] = (("tf_developer", "TensorFlow Developer"),)
        self.plans: list[tuple[str | None, str | None, Path | None]] = []
        self.retries: list[tuple[RetryChoice, Path | None]] = []
        self.records: tuple[CategoryRecord, ...] | UserError = RECORDS
        self.exams_asked: list[str | None] = []
        self.hold_practice = threading.Event()
        self.hold_practice.set()

    def begin(self) -> FakeSession:
        """An exam that runs already."""
        self.start(self.plan(None, None, None))
        assert self.session is not None
        return self.session

    def begin_retry(self, category: str = "learning_dataset", *, timed: bool = True) -> FakeSession:
        """A retry that runs already."""
        self.start(self.plan_retry(RetryChoice(category=category, timed=timed), None))
        assert self.session is not None
        return self.session

    def running(self) -> Running | None:
        if not self.under_way or self.session is None or self.session.attempt.settled is not None:
            return None
        state = self.session.attempt
        left = state.clock.remaining(self.clock.read())
        return Running(state.id, state.rules.title, state.paper.code, left, self.holder)

    def changes(self) -> int:
        return int(self.under_way)

    def exams(self) -> tuple[tuple[str, str], ...]:
        return self.known_exams

    def plan(self, exam: str | None, code: str | None, workspace: Path | None) -> AttemptPlan:
        self.plans.append((exam, code, workspace))
        if code == "NOPE":
            raise UserError("'NOPE' is not a paper's code.", location="--code", hint="A code looks like 7K3Q-F2XM.")
        return AttemptPlan(
            mode=Mode.EXAM, rules=rules(self.duration), paper=paper(code or "7K3Q-F2XM"),
            workspace=workspace or self.workspace, bank_version="abc", left_out=self.left_out,
            to_download=self.to_download,
        )  # fmt: skip

    def retry_options(self, exam: str | None = None) -> tuple[CategoryRecord, ...]:
        self.exams_asked.append(exam)
        self.hold_practice.wait(5)
        if isinstance(self.records, UserError):
            raise self.records
        return self.records

    def plan_retry(self, choice: RetryChoice, workspace: Path | None) -> AttemptPlan:
        self.retries.append((choice, workspace))
        category = choice.category or (choice.question or RECORDS[0].id).partition("/")[0]
        if category not in TITLES:
            raise UserError(f"There is no category {category!r}.", hint=f"Choose one of {', '.join(TITLES)}.")
        code = f"9M2T-{len(self.retries)}A7C"
        title = f"Retry: {TITLES[category]}"
        return AttemptPlan(
            mode=Mode.RETRY, rules=replace(rules(SECONDS[category] if choice.timed else None), title=title),
            paper=retry_paper(category, code), workspace=workspace or self.workspace, bank_version="abc",
        )  # fmt: skip

    async def prepare(self, plan: AttemptPlan, progress: ProgressCallback) -> None:
        progress(0.4, "data of question 2")
        if self.hold_prepare is not None:
            await self.hold_prepare.wait()
        if self.refuse_prepare is not None:
            raise self.refuse_prepare
        for item in plan.paper.items:
            folder = plan.workspace / item.folder
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "solution.py").write_text("print('hello')\n")
        progress(1.0, "ready")
        self.prepared.append(plan)

    def start(self, plan: AttemptPlan) -> str:
        started = ev.Started(
            at=self.clock.read(), mode=plan.mode, rules=plan.rules, paper=plan.paper, workspace=str(plan.workspace),
            bank_version="abc", app_version="0.1.0",
        )  # fmt: skip
        self.session = FakeSession(self.clock, started, self.starter)
        self.under_way = True
        return self.session.attempt.id

    def open(self, attempt: str) -> FakeSession:
        if self.holder is not None:
            raise UserError(
                f"Another mockexam (process {self.holder}) has this attempt open.",
                hint="Go on there, or see the time and marks with `mockexam status`.",
            )
        assert self.session is not None
        return self.session

    async def close(self) -> None:
        """Nothing to end."""


@dataclass(frozen=True)
class Output:
    """What a script printed."""

    lines: tuple[str, ...] = ()
    live: str = ""
    dropped: int = 0


PRINTED = (Output(("Epoch 1/10",), "1/94 loss 2.1"), Output((), "94/94 loss 0.4"))


@dataclass(frozen=True)
class Ended:
    """How a script ended."""

    text: str


@dataclass
class FakeScript:
    """Prints, then waits to be ended."""

    folder: Path
    printed: tuple[Output, ...]
    status: str = "stopped after 3 s"
    started: float = 0.0
    python: str = sys.executable
    asked: bool = False
    """Whether it was asked to stop."""
    stubborn: bool = False
    """Whether it goes on nevertheless, as a training step does."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def output(self) -> AsyncIterator[Output]:
        for output in self.printed:
            yield output
        await self.over.wait()
        if self.printed and self.printed[-1].live:  # the end of a script ends its last line
            yield Output((self.printed[-1].live,))

    async def wait(self) -> Ended:
        await self.over.wait()
        return Ended(self.status)

    def ask_to_stop(self) -> None:
        self.asked = True
        if not self.stubborn:
            self.over.set()

    async def stop(self) -> Ended:
        self.ask_to_stop()
        return await self.wait()

    async def leave(self) -> None:
        """Nobody follows it any more."""

    def recorded_end(self) -> None:
        """It runs."""

    def end(self, status: str = "ended after 9 s") -> None:
        """It ended by itself."""
        self.status = status
        self.over.set()


@dataclass
class FakeStarter:
    """Starts fake scripts, and finds those again that are said to run."""

    scripts: list[FakeScript] = field(default_factory=list)
    printed: tuple[Output, ...] = PRINTED
    left: dict[int, FakeScript] = field(default_factory=dict)
    """Runs of an earlier app, by question."""

    async def start(
        self, folder: Path, home: Path, *, script: str = "solution.py", limit: float | None = None
    ) -> FakeScript:
        if not (folder / script).exists():
            raise UserError("There is no solution.py in the question's folder.", location=str(folder))
        self.scripts.append(FakeScript(folder, self.printed))
        return self.scripts[-1]

    def adopt(self, home: Path) -> FakeScript | None:
        return self.left.get(int(home.name))


@dataclass(frozen=True)
class Editor:
    """A command."""

    argv: tuple[str, ...]
    kind: Literal["terminal", "graphical"]
    name: str = "ed"
    way_out: str = ""


CHECKS = (
    Check("Python", "ok", "3.11.7"),
    Check("TensorFlow", "ok", "2.21.0 with Keras 3.15.1"),
    Check("memory", "warn", "3.1 GB free", "Close what you do not need: training takes about 4 GB."),
    Check("disk", "ok", "48 GB free in the workspace"),
    Check("watching", "ok", "a save is noticed within 0.6 s"),
    Check("isolation", "ok", "bubblewrap"),
)


@dataclass
class FakeEnvironment:
    """Everything an app needs, faked."""

    manager: FakeManager
    editor: Editor | UserError = Editor(("true",), "graphical")
    checks: tuple[Check, ...] = CHECKS
    home: Path | None = None
    """Where a real record lies for the review; without it there is an empty one."""

    @property
    def scripts(self) -> list[FakeScript]:
        """All that were started."""
        return self.manager.starter.scripts

    def review(self) -> Review:
        """The review of past attempts."""
        from mockexam.paths import StatePaths
        from mockexam.review.service import Review

        return Review(StatePaths(self.home or self.manager.workspace / ".home"), self.manager.clock)

    def services(self) -> Services:
        """For the app."""

        def editor(file: Path) -> Editor:
            if isinstance(self.editor, UserError):
                raise self.editor
            return self.editor

        async def full(workspace: Path, progress: ProgressCallback) -> tuple[Check, ...]:
            progress(0.5, "training")
            return (Check("training", "ok", "the five reference solutions take about 6 minutes here"),)

        return Services(
            quick_checks=lambda workspace: self.checks, full_checks=full, editor=editor,
            receipt=lambda attempt: "9f2c" * 16, review=self.review,
        )  # fmt: skip
