"""`mockexam grade FOLDER`, `mockexam grade LIST`: a class's models, marked side by side, and gone on with later."""

from __future__ import annotations

import json
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.cli.progress_bar import BatchProgress
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.store.journal import Journal
from mockexam.text.units import metric_text, time_text

if TYPE_CHECKING:
    from mockexam.batch.executor import BatchExecutor
    from mockexam.batch.job import Item
    from mockexam.batch.planning import BatchPlan
    from mockexam.batch.results import Result, ResultLog
    from mockexam.batch.runner import RunProgress

RECORD = "mockexam-results.ndjson"


@dataclass(frozen=True, slots=True)
class ManyOptions:
    """The options of the command line that many models have and one has not."""

    jobs: int | None = None
    scheduler: str | None = None
    out: Path | None = None
    csv: Path | None = None
    fresh: bool = False

    def given(self) -> list[str]:
        """Those that were used."""
        return [f"--{name}" for name in ("jobs", "scheduler", "out", "csv", "fresh") if getattr(self, name)]


def grade_many(
    target: Path, *, question: str | None, seed: int | None, secret: str | None, as_json: bool, options: ManyOptions
) -> int:
    """Mark all models of a folder or a list, a line each. Returns 0 when each has a verdict.

    Raises GraderFaultError if the marker failed on some, UserError, KeyboardInterrupt with what is done kept.
    """
    from mockexam.batch.job import versions
    from mockexam.batch.planning import plan
    from mockexam.batch.results import ResultLog

    planned = plan(target, question, seed, secret)
    for number, data_seed in {(item.question, item.world) for item in planned.items}:
        refuse_during_exam(number, data_seed)
    path = (options.out or _record_of(target)).expanduser().absolute()
    if options.csv is not None:
        from mockexam.batch.table import check_place

        check_place(options.csv.expanduser(), taken=(target, path))
    with ResultLog(path, paths.state_paths(), versions()) as record:
        return _Command(planned, record, options, as_json=as_json).run()


def refuse_during_exam(question: str, data_seed: str) -> None:
    """An exam tells marks only; `grade` would tell the metric of a question on the running paper. Raises UserError."""
    database = paths.state_paths().database
    if not database.exists():
        return
    with closing(Journal(database)) as journal:
        running = journal.unsettled()
        attempt = journal.attempt(running) if running else None
    if attempt is None or not policy_of(attempt).guards_questions or attempt.paper.code != data_seed:
        return
    if any(item.question == question for item in attempt.paper.items):
        raise UserError(
            "This question is on the paper of the exam under way.",
            location=question,
            hint="Save the model in its folder: the exam marks it. Or use --seed for other numbers.",
        )


def _record_of(target: Path) -> Path:
    return target / RECORD if target.is_dir() else target.with_name(f"{target.stem}.{RECORD}")


class _Command:
    """One run: tells each model as it is settled, and sums up."""

    def __init__(self, planned: BatchPlan, record: ResultLog, options: ManyOptions, *, as_json: bool) -> None:
        self._planned = planned
        self._record = record
        self._options = options
        self._as_json = as_json
        self._progress = BatchProgress(len(planned.items))
        self._questions = len({item.question for item in planned.items})
        self._results: list[Result] = []
        self._known = 0

    def run(self) -> int:
        """Mark, and sum up. Raises as `grade_many` does."""
        from mockexam.batch.executor import first_one_waits
        from mockexam.batch.job import versions
        from mockexam.batch.runner import Batch

        begun = time.monotonic()
        self._tell_left_out()
        executor = _executor(self._options, self._planned.items)
        whole = False
        self._progress.begin()
        try:
            with first_one_waits() as asked:
                batch = Batch(
                    executor, self._record, versions(), self._tell, fresh=self._options.fresh, stop=asked.is_set
                )
                untried = batch.run(self._planned.items)
            whole = True
        finally:
            self._progress.clear()
            if not whole:
                self._tell_how_to_go_on()
            executor.close(at_once=not whole)
            if self._options.csv is not None and not whole:
                self._try_table(self._options.csv.expanduser())
        self._sum_up(time.monotonic() - begun)
        if self._options.csv is not None:
            self._write_table(self._options.csv.expanduser())
        return self._end(untried)

    def _tell_left_out(self) -> None:
        from mockexam.batch.results import as_text

        for found in self._planned.left_out:
            click.echo(as_text(str(found)), err=True)
        if self._planned.others:
            click.echo(f"{self._planned.others} of other questions are left out.", err=True)

    def _tell(self, told: RunProgress) -> None:
        self._results.append(told.result)
        self._known += told.known
        if self._as_json:
            line = json.dumps(told.result.fields() | {"known": told.known})
        else:
            line = as_line(told.result, known=told.known, question=self._questions > 1)
        self._progress.line(line, graded=not told.known)

    def _write_table(self, path: Path) -> None:
        from mockexam.batch.table import write_table

        order = {(item.name, item.question): number for number, item in enumerate(self._planned.items)}
        results = sorted(self._results, key=lambda result: order[result.name, result.question])
        write_table(path, results, self._planned.left_out)
        click.echo(f"table in {path}", err=True)

    def _try_table(self, path: Path) -> None:
        """Beside what ended the run, a table that fails is told and hides nothing."""
        try:
            self._write_table(path)
        except UserError as error:
            click.echo(f"{error.message} ({error.location})", err=True)

    def _tell_how_to_go_on(self) -> None:
        done, total = len(self._results), len(self._planned.items)
        click.echo(f"{done} of {total} are kept in {self._record.path}; the same command goes on from there.", err=True)

    def _sum_up(self, seconds: float) -> None:
        verdicts = Counter(result.verdict for result in self._results)
        marks = [result.marks for result in self._results if result.marks is not None]
        faults = verdicts[Verdict.GRADER_ERROR]
        parts = [f"{len(marks)} graded", f"{len(self._results) - len(marks) - faults} refused"]
        if faults:
            parts.append(f"{faults} not marked")
        if marks:
            parts.append(f"mean of these {statistics.fmean(marks):.2f} of {MARKS_PER_QUESTION}")
        if self._known:
            parts.append(f"{self._known} marked before")
        data_seeds = sorted({item.world for item in self._planned.items})
        parts.append(
            f"data of {data_seeds[0]}" if len(data_seeds) == 1 else f"data of {len(data_seeds)} papers or seeds"
        )
        isolations = sorted({result.isolation for result in self._results if result.isolation})
        parts += [*isolations, time_text(seconds)]
        click.echo(" · ".join(parts), err=True)
        click.echo(f"kept in {self._record.path}", err=True)

    def _end(self, untried: int) -> int:
        faults = [result for result in self._results if result.verdict is Verdict.GRADER_ERROR]
        if not faults and not untried:
            return 0
        what = f"The marker failed on {len(faults)} of {len(self._planned.items)} models"
        what += f"; {untried} were not tried: it failed again and again." if untried else "."
        raise GraderFaultError(
            what,
            location=f"{faults[-1].name}: {faults[-1].message}" if faults else "",
            hint="They have no marks, and no zero either. The same command tries these alone again.",
        )


def _executor(options: ManyOptions, items: Sequence[Item]) -> BatchExecutor:
    if options.scheduler:
        from mockexam.batch.cluster import connect

        if options.jobs:
            raise UserError("A cluster has its own workers.", location="--jobs", hint="Leave --jobs out.")
        click.echo(f"reaching {options.scheduler}", err=True)
        return connect(options.scheduler)
    from mockexam.batch.executor import LocalExecutor, default_jobs

    return LocalExecutor(min(options.jobs or default_jobs(), len(items)))


def as_line(result: Result, *, known: bool, question: bool) -> str:
    """`ann.keras  4/5 · mse 0.0213, 0.0013 to the next mark at 0.02`, or why there are no marks."""
    from mockexam.batch.results import as_text

    if result.marks is not None:
        assert result.metric is not None
        assert result.value is not None
        verdict = f"{result.marks}/{MARKS_PER_QUESTION} · {metric_text(result.metric, result.value, result.next_at)}"
    else:
        verdict = f"no marks ({result.verdict.value}): {result.message} {result.remedy}".rstrip()
    about = f"{result.question}  " if question else ""
    return as_text(f"{result.name}  {about}{verdict}{' · marked before' if known else ''}")
