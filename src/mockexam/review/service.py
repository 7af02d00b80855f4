"""The review of past attempts, for the app and the commands. Every call opens the record anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

from mockexam.errors import UserError
from mockexam.exam.clock import Clock
from mockexam.exam.outcome import Outcome
from mockexam.exam.standing import QuestionResult, question_results
from mockexam.paths import StatePaths
from mockexam.review.compare import Comparison, compare
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.review.readiness import Readiness, readiness
from mockexam.review.script_diff import DiffLine, diff_submission, reference_of, scripts_of
from mockexam.review.selection import ExamProgress, exam_progress, find_attempt, find_attempts, find_submission
from mockexam.store.journal import BrokenChain, Journal
from mockexam.store.retention import DiskUse, delete_attempts, disk_use, prune, would_delete
from mockexam.store.summaries import AllAttempts, Damaged, ReadProgress, SummaryReader
from mockexam.workspace.scripts import ScriptFile

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank, NamedExam
    from mockexam.bank.models import Question
    from mockexam.bank.rubric import Rubric
    from mockexam.store.archive import Exported, Imported
    from mockexam.store.retention import Freed

Progress = Callable[[float, str], None]
"""Called with a fraction from 0 to 1 and the current step."""

_Found = tuple[AttemptDetail, QuestionDetail, SubmissionDetail]


def _silent(fraction: float, text: str) -> None:
    """Ignore the progress."""


class Review:
    """Past attempts, and what can be done with them. Every call may raise UserError and may run in its own thread.

    An attempt is named by its id, an unambiguous part of it, or `last`; a detail at hand can be passed instead, and is
    not read again. A submission is named likewise. Nothing is shown that would help with the questions of a running
    attempt.
    """

    def __init__(self, state: StatePaths, clock: Clock) -> None:
        self.state = state
        self._clock = clock
        self._rubrics: dict[str, Rubric] = {}

    @cached_property
    def bank(self) -> Bank:
        """The question bank. Slow the first time."""
        from mockexam.bank.loader import load_bank

        return load_bank()

    def past(self, progress: ReadProgress | None = None) -> AllAttempts:
        """The summaries of all attempts, and those that can't be read."""
        found = list(self.each(progress))
        return AllAttempts(
            outcomes=tuple(one for one in found if isinstance(one, Outcome)),
            damaged=tuple(one for one in found if isinstance(one, Damaged)),
        )

    def each(
        self, progress: ReadProgress | None = None, only: Sequence[str] | None = None
    ) -> Iterator[Outcome | Damaged]:
        """The same one by one, oldest first, or the ids in `only` in that order; holds few at a time."""
        from mockexam.review.disclosure import closed_questions, redact

        if not self.state.database.exists():
            return
        with self._journal() as journal:
            closed = closed_questions(journal)
            for one in SummaryReader(journal).each(self._clock.read(), progress, only):
                yield redact(one, closed) if isinstance(one, Outcome) else one

    def outcomes(self) -> tuple[Outcome, ...]:
        """The summary of each readable attempt, oldest first."""
        return self.past().outcomes

    def attempts(self) -> list[str]:
        if not self.state.database.exists():
            return []
        with self._journal() as journal:
            return SummaryReader(journal).attempts()

    def find(self, name: str) -> str:
        """The id of the attempt of this name. Raises UnknownNameError."""
        return find_attempt(name, self.attempts())

    def broken(self, attempt: str) -> BrokenChain | None:
        """The first event that was altered, is missing or can't be read; None if the record is unaltered."""
        identifier = self.find(attempt)
        with self._journal() as journal:
            return journal.verify(identifier)

    def detail(self, attempt: str) -> AttemptDetail:
        """An attempt with its questions, submissions and timeline."""
        return self.details(attempt)[0]

    def details(self, *attempts: str | AttemptDetail) -> tuple[AttemptDetail, ...]:
        """The details of these attempts; those at hand are returned as they are."""
        if all(not isinstance(attempt, str) for attempt in attempts):
            return cast("tuple[AttemptDetail, ...]", attempts)
        from mockexam.review.detail_builder import DetailBuilder
        from mockexam.review.disclosure import closed_questions

        known, bank = self.attempts(), self.bank
        named = [find_attempt(attempt, known) if isinstance(attempt, str) else attempt for attempt in attempts]
        with self._journal() as journal:
            builder = DetailBuilder(
                journal=journal,
                submissions=self.state.submissions,
                bank=bank,
                read_rubric=self._rubric,
                closed=closed_questions(journal),
                now=self._clock.read(),
            )
            return tuple(builder.detail(one) if isinstance(one, str) else one for one in named)

    def compare(self, a: str | AttemptDetail, b: str | AttemptDetail) -> Comparison:
        return compare(*self.details(a, b))

    def exam(self, outcomes: Sequence[Outcome], name: str | None = None) -> NamedExam:
        """The exam of this name or file, by default the one taken last. Loads the bank."""
        from mockexam.bank.papers import find_exam

        return find_exam(self.bank, outcomes, name)

    def progress(self, outcomes: Sequence[Outcome] | None = None, exam: str | None = None) -> ExamProgress:
        """The results in an exam (by its recorded name), by default in the one taken last. Does not load the bank.

        Pass `outcomes` if they are at hand.
        """
        return exam_progress(self.outcomes() if outcomes is None else outcomes, exam)

    def readiness(self, outcomes: Sequence[Outcome] | None = None, exam: str | None = None) -> Readiness:
        """The readiness for an exam (see `exam`). Pass `outcomes` if they are at hand."""
        known = self.outcomes() if outcomes is None else outcomes
        return self.readiness_of(question_results(known), self.exam(known, exam))

    def readiness_of(self, results: Sequence[QuestionResult], exam: NamedExam) -> Readiness:
        """The same from results, oldest first."""
        from mockexam.bank.handbook import load_handbook

        return readiness(results, self.bank, load_handbook(), exam, self._clock.read().wall)

    def disk(self) -> DiskUse:
        """The disk space of the record and the stored models and scripts."""
        if not self.state.database.exists():
            return DiskUse(database=0, models=0, scripts=0, by_attempt={})
        with self._journal() as journal:
            return disk_use(journal, self.state.submissions)

    def scripts(self, attempt: str | AttemptDetail, submission: str) -> tuple[ScriptFile, ...]:
        """The scripts as submitted; none if none were stored or they are gone."""
        return scripts_of(self._submission(attempt, submission)[2])

    def reference(self, attempt: str | AttemptDetail, number: int) -> ScriptFile:
        """The reference solution of a question. Raises UserError if it must stay closed or is gone."""
        (detail,) = self.details(attempt)
        question = next((q for q in detail.questions if q.item.number == number), None)
        if question is None:
            raise UserError(f"The attempt has no question {number}.", location=f"attempt {detail.outcome.attempt}")
        return reference_of(question)

    def diff(self, attempt: str | AttemptDetail, submission: str, other: str | None = None) -> tuple[DiffLine, ...]:
        """A submission's scripts (old) against those of another submission, or the reference (new).

        Raises UserError if either side is missing or must stay closed.
        """
        detail, question, mine = self._submission(attempt, submission)
        return diff_submission(question, mine, self._submission(detail, other)[2] if other else None)

    def restore(
        self,
        attempt: str | AttemptDetail,
        submission: str,
        folder: Path | None = None,
        *,
        tell: Callable[[str], None] = lambda _: None,
    ) -> tuple[str, ...]:
        """Copy a submission's model and scripts into a folder, by default the attempt's workspace; returns their names.

        Nothing is overwritten: files that differ are moved aside, which `tell` is called with. Raises UserError.
        """
        from mockexam.workspace.restore_submission import restore_submission

        detail, question, mine = self._submission(attempt, submission)
        if folder is None and not Path(detail.workspace).is_dir():
            raise UserError(
                "The workspace of this attempt no longer exists.",
                location=detail.workspace,
                hint="Choose a folder with --into.",
            )
        target = folder.expanduser().absolute() if folder else Path(detail.workspace) / question.item.folder
        return restore_submission(mine.model, mine.scripts, mine.name, target, tell=tell)

    def delete(self, attempts: Sequence[str], *, dry: bool = False, progress: Progress = _silent) -> Freed:
        """Delete attempts with their models and scripts, never the running one; `dry` only reports what would go."""
        identifiers = find_attempts(attempts, self.attempts())
        with self._journal(writing=not dry) as journal:
            if dry:
                return would_delete(journal, identifiers, self.state.submissions, progress)
            return delete_attempts(journal, identifiers, self.state.submissions, progress)

    def prune(self, *, dry: bool = False, progress: Progress = _silent) -> Freed:
        """Delete stored models except each question's best and last one; `dry` only reports what that would free."""
        with self._journal(writing=not dry) as journal:
            return prune(journal, self.state.submissions, dry, progress)

    def export(
        self, attempts: Sequence[str], path: Path, *, models: bool = True, progress: Progress = _silent
    ) -> Exported:
        """Write attempts into an archive, by default with their models."""
        from mockexam.store.archive import export_attempts

        identifiers = find_attempts(attempts, self.attempts())
        with self._journal() as journal:
            return export_attempts(journal, identifiers, self.state.submissions, path, models, progress)

    def exportable(self) -> tuple[list[str], list[str]]:
        """The ids of all attempts that can be archived, and why each of the others can't."""
        wanted, left_out = [], []
        with self._journal() as journal:
            for attempt in SummaryReader(journal).attempts():
                if journal.receipt(attempt) is None:
                    left_out.append(f"{attempt} was left out: it has not ended.")
                elif journal.verify(attempt) is not None:
                    left_out.append(f"{attempt} was left out: its record was altered.")
                else:
                    wanted.append(attempt)
        return wanted, left_out

    def import_(self, path: Path, *, progress: Progress = _silent) -> Imported:
        """Import the attempts of an archive, all or none."""
        from mockexam.store.archive import import_archive

        with self._journal(writing=True) as journal:
            return import_archive(journal, path, self.state.submissions, progress)

    def write_html(
        self, path: Path, attempt: str | AttemptDetail | None = None, name: str | None = None, exam: str | None = None
    ) -> None:
        """Write the HTML page of all attempts, of one attempt, or (with a name) its certificate.

        `exam` as in `exam()`, for the page of all attempts. An older page is replaced, any other file is not.
        """
        from mockexam.review.html.page import attempt_page, certificate_page, history_page, write_page

        if attempt is None:
            past = self.past()
            found = self._readiness_or_why(past.outcomes, exam)
            progress = self.progress(past.outcomes, exam if isinstance(found, str) else found.exam)
            page = history_page(past, progress, found)
        else:
            (detail,) = self.details(attempt)
            page = attempt_page(detail) if name is None else certificate_page(detail, name)
        write_page(path.expanduser().absolute(), page)

    def _readiness_or_why(self, outcomes: Sequence[Outcome], exam: str | None) -> Readiness | str:
        """The page is useful even if the bank or the handbook can't be read."""
        try:
            return self.readiness(outcomes, exam)
        except UserError as error:
            return str(error)

    def _submission(self, attempt: str | AttemptDetail, name: str) -> _Found:
        """The submission of this name, with its attempt and question."""
        (detail,) = self.details(attempt)
        found = find_submission(name, detail.submissions)
        return detail, next(q for q in detail.questions if found in q.submissions), found

    def _rubric(self, question: Question) -> Rubric:
        """The rubric of a question, read once. Raises UserError."""
        from mockexam.bank.rubric import rubric_of

        if question.id not in self._rubrics:
            self._rubrics[question.id] = rubric_of(question)
        return self._rubrics[question.id]

    @contextmanager
    def _journal(self, *, writing: bool = False) -> Iterator[Journal]:
        with closing(Journal(self.state.database, for_reading=not writing)) as journal:
            yield journal
