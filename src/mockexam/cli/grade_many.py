"""`mockexam grade FOLDER` and `grade LIST`: many models at a time; the same command continues after an interruption."""

from __future__ import annotations

import json
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.bank.loader import load_bank
from mockexam.cli.grade_reports import Reports, data_text, earlier_notes, hand_in, same_files
from mockexam.cli.options import fetch_data
from mockexam.cli.progress_bar import BatchProgress
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.store.journal import Journal
from mockexam.text.formats import plural
from mockexam.text.units import metric_text, range_text, size_text, time_text
from mockexam.workspace.scripts import printable
from mockexam.workspace.signature import sign

if TYPE_CHECKING:
    from mockexam.bank.models import Question
    from mockexam.batch.cost import BatchEstimate, ModelCost
    from mockexam.batch.executor import BatchExecutor
    from mockexam.batch.job import BatchItem
    from mockexam.batch.planning import BatchPlan
    from mockexam.batch.results import BatchResult, ResultLog
    from mockexam.batch.runner import RunProgress
    from mockexam.grading.protocol import ModelGraded

RESULTS = "mockexam-results.ndjson"
TOLD_FROM_SECONDS = 30.0
"""A run that may take so long begins with a word on how long it will take."""
KNOWN_SECONDS = 5.0
"""How long an interrupted run may look for what earlier runs graded."""


@dataclass(frozen=True, slots=True)
class ManyOptions:
    """The options that only many models have."""

    jobs: int | None = None
    scheduler: str | None = None
    out: Path | None = None
    csv: Path | None = None
    columns: str | None = None
    zeros: bool = False
    html: Path | None = None
    fresh: bool = False
    dry_run: bool = False

    def given(self) -> list[str]:
        """Those on the command line."""
        return [f"--{field.name.replace('_', '-')}" for field in fields(self) if getattr(self, field.name)]


def grade_many(
    target: Path,
    *,
    question: str | None,
    seed: int | None,
    holdout_seed: str | None,
    as_json: bool,
    options: ManyOptions,
) -> None:
    """Grade all models of a folder or a list, a line each. Raises GraderFaultError if the grader failed on some."""
    from mockexam.batch.job import versions
    from mockexam.batch.planning import plan
    from mockexam.batch.results import ResultLog

    planned = plan(target, question, seed, holdout_seed)
    for name, data_seed in {(item.question, item.data_seed) for item in planned.items}:
        if refuse_during_exam(name, data_seed):
            raise UserError(
                "This question is on the paper of the running exam. The results of many models would show the metric, "
                "which the exam hides.",
                location=name,
                hint="Grade one model at a time with --seed, which shows only its marks, or wait for the end.",
            )
    bank = load_bank()
    questions = [bank.question(name) for name in {item.question for item in planned.items if item.question}]
    beside = target / RESULTS if target.is_dir() else target.with_name(f"{target.stem}.{RESULTS}")
    path = (options.out or beside).expanduser().absolute()
    reports = Reports(planned, options, bank, taken=(target, path))
    if options.dry_run:
        earlier = ResultLog(path, paths.state_paths(), versions()).read()
        click.echo(dry_run_text(planned, earlier, questions, options, as_json=as_json))
        return
    fetch_data(questions)
    with ResultLog(path, paths.state_paths(), versions()) as results:
        _Run(planned, results, questions, options, reports, as_json=as_json).run()


def refuse_during_exam(question: str, data_seed: str) -> bool:
    """Whether a running exam keeps the metric of this question to itself. Raises UserError for its own data."""
    database = paths.state_paths().database
    if not database.exists():
        return False
    with closing(Journal(database)) as journal:
        running = journal.unsettled()
        attempt = journal.attempt(running) if running else None
    if attempt is None or not policy_of(attempt).guards_questions:
        return False
    if not any(item.question == question for item in attempt.paper.items):
        return False
    if attempt.paper.code == data_seed:
        raise UserError(
            "This question is on the paper of the running exam.",
            location=question,
            hint="Save the model in its folder: the exam grades it. Or add --seed for other data: you see marks only.",
        )
    return not policy_of(attempt).shows_metric(attempt.phase)


class _Run:
    """One run: reports each model when it is finished, then a summary."""

    def __init__(
        self,
        planned: BatchPlan,
        log: ResultLog,
        questions: Sequence[Question],
        options: ManyOptions,
        reports: Reports,
        *,
        as_json: bool,
    ) -> None:
        self._planned = planned
        self._log = log
        self._questions = questions
        self._options = options
        self._reports = reports
        self._as_json = as_json
        self._progress = BatchProgress(len(planned.items))
        self._several_questions = len({item.question for item in planned.items}) > 1
        self._several_seeds = len({item.seed for item in planned.items}) > 1
        self._results: dict[BatchItem, BatchResult] = {}
        self._known = 0

    def run(self) -> None:
        """Grade all. Raises as `grade_many` does."""
        from mockexam.batch.executor import first_interrupt_deferred
        from mockexam.batch.job import versions
        from mockexam.batch.runner import BatchRunner

        begun = time.monotonic()
        report_left_out(self._planned, self._log)
        executor = self._executor()
        completed = False
        self._progress.begin()
        try:
            with first_interrupt_deferred() as interrupted:
                runner = BatchRunner(
                    executor,
                    self._log,
                    versions(),
                    self._report,
                    fresh=self._options.fresh,
                    stop=interrupted.is_set,
                )
                untried = runner.run(self._planned.items)
            completed = True
        finally:
            self._progress.clear()
            try:
                if not completed:
                    self._tell_unfinished()
            finally:  # also after another Ctrl+C: no worker stays
                executor.close(at_once=not completed)
            if not completed:
                self._try_reports()
        self._sum_up(time.monotonic() - begun)
        self._reports.write(self._results)
        self._check_faults(untried)

    def _tell_unfinished(self) -> None:
        """How far an interrupted run came; what earlier ones know of the other models stays in the reports."""
        from mockexam.batch.job import read_content

        graded = len(self._results) - self._known
        until = time.monotonic() + KNOWN_SECONDS
        for item in self._planned.items:
            if item not in self._results and not item.problem and time.monotonic() < until:
                content = read_content(item.path)
                if content and (known := self._log.known(item, content)):
                    self._results[item] = known
                    self._known += 1
        done, total = len(self._results), len(self._planned.items)
        where = f"models are graded and saved in {self._log.path}"
        text = f"{done} of {total} {where}; not graded yet: {total - done}. Run the same command again to continue."
        if self._options.fresh:
            kept = f"{done - graded} keep an earlier result, {total - done} have none"
            text = (
                f"--fresh was interrupted: {graded} of {total} {where}; {kept}. Run the same command again to grade "
                "all once more, or without --fresh to grade only those without a result."
            )
        click.echo(text, err=True)

    def _executor(self) -> BatchExecutor:
        """Workers on a cluster, or here, after a word on how long they will take."""
        if self._options.scheduler and self._is_work_left():
            from mockexam.batch.cluster import connect

            _refuse_jobs(self._options)
            click.echo(f"connecting to {self._options.scheduler}", err=True)
            return connect(self._options.scheduler, self._progress.note)
        from mockexam.batch.cost import model_costs
        from mockexam.batch.executor import LocalExecutor

        expected = expected_cost(model_costs(self._planned.items), (), self._questions, self._options)
        if not self._log.results and expected.seconds[1] >= TOLD_FROM_SECONDS:
            click.echo(f"{range_text(*expected.seconds)} with {plural(expected.jobs, 'job')}", err=True)
        return LocalExecutor(expected.jobs)

    def _is_work_left(self) -> bool:
        """Whether something changed since an earlier run; without, no cluster is needed to write the reports again."""
        items = self._planned.items
        known = (not item.problem and self._log.unchanged(item, sign(item.path)) for item in items)
        return self._options.fresh or not all(known)

    def _report(self, progress: RunProgress) -> None:
        self._results[progress.item] = progress.result
        self._known += progress.known
        if self._as_json:
            line = json.dumps(progress.result.fields() | {"known": progress.known})
        else:
            line = result_line(
                progress.result,
                known=progress.known,
                with_question=self._several_questions,
                with_seed=self._several_seeds,
            )
        self._progress.line(line, graded=not progress.known)

    def _try_reports(self) -> None:
        """A table that fails must not hide what ended the run."""
        try:
            self._reports.write(self._results)
        except UserError as error:
            click.echo(f"{error.message} ({error.location})", err=True)

    def _sum_up(self, seconds: float) -> None:
        results = self._results.values()
        verdicts = Counter(result.verdict for result in results)
        marks = [result.marks for result in results if result.marks is not None]
        faults = verdicts[Verdict.GRADER_ERROR]
        mean = f", mean {statistics.fmean(marks):.2f} of {MARKS_PER_QUESTION}" if marks else ""
        parts = [f"{len(marks)} graded{mean}", f"{len(self._results) - len(marks) - faults} refused"]
        if not_graded := faults + len(self._planned.items) - len(self._results):
            parts.append(f"{not_graded} not graded")
        if self._planned.left_out:
            parts.append(f"{len(self._planned.left_out)} without a model")
        if self._known:
            parts.append(f"{self._known} graded before")
        parts.append(f"data of {data_text(self._planned.items)}")
        parts += sorted({result.isolation for result in results if result.isolation})
        for line in same_files(hand_in(item, result) for item, result in self._results.items()):
            click.echo(line, err=True)
        click.echo(" · ".join([*parts, time_text(seconds)]), err=True)
        click.echo(f"Results: {self._log.path}", err=True)

    def _check_faults(self, untried: int) -> None:
        faults = [result for result in self._results.values() if result.verdict is Verdict.GRADER_ERROR]
        if not faults and not untried:
            return
        message = f"The grader failed on {len(faults)} of {len(self._planned.items)} models"
        message += f"; {untried} were not tried because it failed repeatedly." if untried else "."
        raise GraderFaultError(
            message,
            location=f"{faults[-1].name}: {faults[-1].message}" if faults else "",
            hint="These models have no marks, which is not a zero. Run the same command again to retry them.",
        )


def report_left_out(planned: BatchPlan, earlier: ResultLog) -> None:
    """Say what is not graded, and what else there is to say before."""
    chosen = (f"{item.name}: {item.note[0].lower()}{item.note[1:]}" for item in planned.items if item.note)
    for text in (*map(str, planned.left_out), *chosen, *planned.notes, *earlier_notes(planned.items, earlier)):
        click.echo(printable(text), err=True)


def _refuse_jobs(options: ManyOptions) -> None:
    if options.jobs:
        raise UserError("A cluster has its own workers.", location="--jobs", hint="Leave out --jobs.")


def expected_cost(
    costs: Sequence[ModelCost], earlier: Sequence[BatchResult], questions: Sequence[Question], options: ManyOptions
) -> BatchEstimate:
    """What grading takes with the jobs that it would use: those of `--jobs`, or as many as there is room for."""
    from mockexam.batch.cost import default_jobs, estimate, largest_holdout, machine_slowness

    sizes = (cost.size for cost in costs if not cost.known)
    jobs = options.jobs or default_jobs(sizes, largest_holdout(questions))
    return estimate(costs, jobs, questions=questions, results=earlier, slowness=machine_slowness())


def dry_run_text(
    planned: BatchPlan, earlier: ResultLog, questions: Sequence[Question], options: ManyOptions, *, as_json: bool
) -> str:
    """What there is to grade and what it takes. Nothing is written, and TensorFlow is not started."""
    from mockexam.bank.downloads import lacking
    from mockexam.batch.cost import disk_bytes, model_costs
    from mockexam.cli.progress_bar import delayed_progress
    from mockexam.doctor.machine import nearest_folder, read_memory

    progress = delayed_progress()
    log = None if options.fresh or not earlier.results else earlier
    total = len(planned.items)
    costs = model_costs(planned.items, log, lambda done, of: progress(done / of, f"reading {done} of {of} models"))
    progress.stop()
    if options.scheduler:
        _refuse_jobs(options)
        options = replace(options, jobs=1)
    expected = expected_cost(costs, earlier.results, questions, options)
    known = sum(cost.known for cost in costs)
    free_memory, free_disk = read_memory().available, shutil.disk_usage(nearest_folder(paths.home())).free
    disk = disk_bytes(costs, expected.jobs, questions)
    missing = sum(one.bytes for question in questions for one in lacking(question))
    by_question = {
        name: [cost.size for cost in costs if cost.question == name] for name in sorted({c.question for c in costs})
    }
    if as_json:
        fields = {
            "models": total,
            "bytes": sum(cost.size for cost in costs),
            "questions": {
                name: {"models": len(sizes), "bytes": sum(sizes), "largest": max(sizes)}
                for name, sizes in by_question.items()
            },
            "known": known,
            "left_out": [{"name": one.relative, "question": one.question, "reason": one.reason}
                         for one in planned.left_out],
            "others": planned.others,
            "notes": [*planned.notes, *earlier_notes(planned.items, earlier)],
            "jobs": None if options.scheduler else expected.jobs,
            "seconds": [round(seconds, 1) for seconds in expected.seconds],
            "from_results": expected.from_results,
            "memory": expected.memory,
            "free_memory": free_memory,
            "disk": disk,
            "free_disk": free_disk,
            "download": missing,
        }  # fmt: skip
        return json.dumps(fields)
    report_left_out(planned, earlier)
    lines = [
        f"{name or 'unknown question'}: {plural(len(sizes), 'model')}, {size_text(sum(sizes))}, "
        f"the largest {size_text(max(sizes))}"
        for name, sizes in by_question.items()
    ]
    lines.append(f"{plural(known, 'model')} known from an earlier run, {len(planned.left_out)} without a model")
    if missing:
        lines.append(f"{size_text(missing)} of data would be downloaded first")
    if known < total:
        where = "one worker of the cluster" if options.scheduler else plural(expected.jobs, "job")
        basis = "earlier results" if expected.from_results else "the sizes"
        seconds = range_text(*expected.seconds)
        lines.append(f"{plural(total - known, 'model')} to grade with {where}: {seconds}, judged by {basis}")
        if not options.scheduler:
            lines.append(f"memory: about {size_text(expected.memory)}, {size_text(free_memory)} are free")
            if disk > free_disk:
                lines.append(
                    f"disk: up to {size_text(disk)} for copies and hold-outs, only {size_text(free_disk)} are free"
                )
    return "\n".join([*lines, "Nothing was graded."])


def result_line(result: BatchResult, *, known: bool, with_question: bool, with_seed: bool = False) -> str:
    """`ann.keras  ballast_car  4/5 · mse 0.0213 · seed 7 · graded before`."""
    question = f"{result.question}  " if with_question else ""
    seed = f" · seed {result.seed}" if with_seed else ""
    return printable(f"{result.name}  {question}{marks_text(result)}{seed}{' · graded before' if known else ''}")


def marks_text(result: BatchResult | ModelGraded, *, with_metric: bool = True) -> str:
    """`4/5 · mse 0.0213, 0.0013 to the next mark at 0.02`, only `4/5`, or why there are no marks."""
    if result.verdict is not Verdict.GRADED:
        return f"no marks ({result.verdict.value}): {result.message} {result.remedy}".rstrip()
    if not with_metric:
        return f"{result.marks}/{MARKS_PER_QUESTION}"
    assert result.metric is not None
    assert result.value is not None
    return f"{result.marks}/{MARKS_PER_QUESTION} · {metric_text(result.metric, result.value, result.next_at)}"
