"""Plans, starts and opens attempts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam import __version__
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.clock import Clock
from mockexam.exam.paper import Mode
from mockexam.exam.policy import policy_for
from mockexam.exam.standing import DEFAULT_EXAM
from mockexam.paths import StatePaths
from mockexam.session.ports import AttemptPlan, CategoryRecord, ProgressCallback, RetryChoice, Running
from mockexam.store.attempt_lock import AttemptLock
from mockexam.store.journal import Journal

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank, NamedExam
    from mockexam.bank.models import Question
    from mockexam.bank.screening import Screening
    from mockexam.exam.outcome import Outcome
    from mockexam.exam.paper import Paper, Rules
    from mockexam.grading.client import Grader
    from mockexam.session.exam_session import ExamSession


class SessionManager:
    """Plans, starts and opens attempts."""

    def __init__(self, state: StatePaths, clock: Clock) -> None:
        """Open the record of this user. Raises UserError if it is damaged."""
        self._state = state
        self._clock = clock
        self._journal = Journal(state.database, check=True)
        self._lock = AttemptLock(state.locks)
        self._grader: Grader | None = None
        self._screening: Screening | None = None

    @property
    def journal(self) -> Journal:
        """The record, for reading."""
        return self._journal

    @cached_property
    def bank(self) -> Bank:
        """The question bank. Slow the first time. Raises UserError."""
        from mockexam.bank.loader import load_bank

        return load_bank()

    def running(self) -> Running | None:
        """The running attempt, if any. Quick: it reads the record only."""
        attempt = self._journal.unsettled()
        if attempt is None:
            return None
        state = self._journal.attempt(attempt)
        return Running(
            attempt=attempt,
            title=state.rules.title,
            code=state.paper.code,
            remaining=0.0 if state.finished else state.clock.remaining(self._clock.read()),
            holder=self._lock.holder(),
        )

    def changes(self) -> int:
        """A number that differs when another process has written to the record. Takes microseconds."""
        return self._journal.changes()

    def exams(self) -> tuple[tuple[str, str], ...]:
        """Names and titles of the shipped exams. Slow the first time: call it in a thread."""
        return tuple((named.name, named.exam.title) for named in self.bank.exams.values())

    def plan(
        self,
        exam: str | None = None,
        code: str | None = None,
        workspace: Path | None = None,
        progress: ProgressCallback = lambda _, __: None,
    ) -> AttemptPlan:
        """Draw a paper: of a code, else a new one with the questions seen least often. Raises UserError.

        Slow at first: call it in a thread. `progress` is called if questions must be checked first.
        """
        from mockexam.bank.papers import exam_pool, new_paper, rules

        named = self.bank.exam(exam or DEFAULT_EXAM)
        if code:
            bank, paper = self._coded(named, code, progress)
        else:
            bank = self._fit(exam_pool(self.bank, named.exam), progress)
            # Its own connection: this is called in a thread.
            with closing(Journal(self._state.database)) as journal:
                paper = new_paper(bank, named, journal.seen_questions())
        return self._plan(Mode.EXAM, rules(named), paper, bank, workspace)

    def _coded(self, named: NamedExam, code: str, progress: ProgressCallback) -> tuple[Bank, Paper]:
        """The paper of a code, and the bank it was drawn from. Raises UserError, also if a question has a fault."""
        from mockexam.bank.papers import OtherEditionError, exam_pool, paper_of_code

        try:
            paper = paper_of_code(self.bank, named, code)
        except OtherEditionError:
            bank = self._fit(exam_pool(self.bank, named.exam), progress)
            if not bank.unfit:
                raise
            return bank, paper_of_code(bank, named, code)
        drawn = [self.bank.question(item.question) for item in paper.items]
        bank = self._fit(drawn, progress)
        for question in drawn:
            bank.question(question.id)
        return self.bank, paper

    def retry_options(self, exam: str | None = None) -> tuple[CategoryRecord, ...]:
        """What can be retried of an exam, weakest category first. Call it in a thread. Raises UserError."""
        from mockexam.bank.papers import find_exam
        from mockexam.session.retry_choice import category_records

        outcomes = self._outcomes()
        return category_records(self.bank, find_exam(self.bank, outcomes, exam), outcomes, self._clock.read().wall)

    def plan_retry(
        self, choice: RetryChoice, workspace: Path | None = None, progress: ProgressCallback = lambda _, __: None
    ) -> AttemptPlan:
        """Choose a question and its data. Slow at first: call it in a thread. Raises UserError."""
        import random

        from mockexam.bank.papers import find_exam, retry_paper, retry_rules
        from mockexam.session.retry_choice import choose_question

        outcomes, chance = self._outcomes(), random.SystemRandom()
        named = find_exam(self.bank, outcomes, choice.exam)
        # First from the whole bank, so that an unknown name is reported before anything is checked.
        wanted = choose_question(self.bank, named, choice, outcomes, chance)
        bank = self._fit([wanted] if choice.question else self.bank.of_category(wanted.category), progress)
        question = choose_question(bank, named, replace(choice, category=wanted.category), outcomes, chance)
        paper = retry_paper(bank, named, question)
        return self._plan(Mode.RETRY, retry_rules(named, question.category, timed=choice.timed), paper, bank, workspace)

    def _fit(self, questions: Iterable[Question], progress: ProgressCallback) -> Bank:
        """The bank without those of the questions that have a fault. A question never verified takes seconds."""
        from mockexam.bank.screening import Screening

        self._screening = self._screening or Screening(self._state.screening_cache)
        return self.bank.without(self._screening.faults(questions, progress))

    def _outcomes(self) -> tuple[Outcome, ...]:
        from mockexam.store.summaries import SummaryReader

        # Its own connection: this is called in a thread.
        with closing(Journal(self._state.database)) as journal:
            return SummaryReader(journal).outcomes(self._clock.read())

    def _plan(self, mode: Mode, rules: Rules, paper: Paper, bank: Bank, workspace: Path | None) -> AttemptPlan:
        from mockexam.workspace.layout import default_workspace

        # Its own connection: this is called in a thread.
        with closing(Journal(self._state.database)) as journal:
            workspace = workspace or default_workspace(paper, journal.workspaces())
            repeat = policy_for(mode).has_verdict and journal.was_sat(rules.exam, paper.code)
        return AttemptPlan(
            mode=mode,
            rules=rules,
            paper=paper,
            workspace=workspace.expanduser().absolute(),
            bank_version=bank.version,
            left_out=tuple(f"{name} is left out: {fault}" for name, fault in bank.unfit.items()),
            repeat=repeat,
        )

    async def prepare(self, plan: AttemptPlan, progress: ProgressCallback) -> None:
        """Make the workspace and its data; the clock does not run. Raises UserError."""
        from mockexam.workspace.layout import Workspace
        from mockexam.workspace.setup import unpack

        grader = self.grader()

        async def make_data(question: str, folder: Path, report: Callable[[float], None]) -> None:
            await grader.make_data(question, data_seed=plan.paper.code, folder=folder, progress=report)

        used = self._journal.workspaces()
        await unpack(
            Workspace(plan.workspace), plan.paper, self.bank, make_data, progress,
            rules=plan.rules, mode=plan.mode, used=used,
        )  # fmt: skip

    def start(self, plan: AttemptPlan) -> str:
        """Start the clock; returns the attempt's id. Raises UserError if another attempt runs or used the folder."""
        from mockexam.workspace.layout import Workspace
        from mockexam.workspace.setup import refuse_used

        # Again: time may have passed since the workspace was prepared.
        refuse_used(Workspace(plan.workspace), plan.paper, self._journal.workspaces())
        attempt = self._journal.start(
            ev.Started(
                at=self._clock.read(),
                mode=plan.mode,
                rules=plan.rules,
                paper=plan.paper,
                workspace=str(plan.workspace),
                bank_version=plan.bank_version,
                app_version=__version__,
            )
        )
        with suppress(UserError):  # the attempt is recorded already
            self._journal.backup()
        return attempt

    def open(self, attempt: str) -> ExamSession:
        """Open an attempt. Raises UserError if another app has it open."""
        from mockexam.session.event_log import EventLog
        from mockexam.session.exam_session import ExamSession
        from mockexam.session.finish_request import FinishRequest
        from mockexam.session.grading_queue import LateDiagnoses
        from mockexam.workspace.layout import Workspace
        from mockexam.workspace.receive import Store
        from mockexam.workspace.watch import Watcher

        self._lock.take()
        try:
            event_log = EventLog(self._journal, attempt)
            workspace = Workspace(Path(event_log.state.workspace))
            store = Store(self._state.submissions, attempt)
            store.clean()
            finish_request = FinishRequest(self._state.locks, attempt)
            finish_request.clear()
        except UserError:
            self._lock.free()
            raise
        return ExamSession(
            event_log,
            clock=self._clock,
            grader=self.grader(),
            workspace=workspace,
            watcher=Watcher(workspace, event_log.state.paper),
            store=store,
            lock=self._lock,
            finish_request=finish_request,
            runs=self._state.runs / attempt,
            late=LateDiagnoses(self._state.locks),
            brief=lambda question: self.bank.question(question).brief,
            hints=self._hints,
        )

    def _hints(self, question: str) -> tuple[str, ...]:
        from mockexam.bank.handbook import read_hints

        return read_hints(self.bank.question(question).folder / "hints.md")

    def grader(self) -> Grader:
        """The grader's client; its processes start when first needed."""
        if self._grader is None:
            from mockexam.grading.client import Grader

            self._grader = Grader(self._state)
        return self._grader

    async def close(self) -> None:
        """End the grader's processes."""
        if self._grader is not None:
            await self._grader.close()
        self._lock.free()
        self._journal.close()


def require_attempt(journal: Journal) -> str:
    """The running attempt. Raises UserError if there is none."""
    attempt = journal.unsettled()
    if attempt is None:
        raise UserError("No attempt is under way.", hint="Start one with `mockexam` or `mockexam sit`.")
    return attempt
