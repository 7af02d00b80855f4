"""What `grade` writes of many models besides its results: a table or a gradebook, and the page of the class."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam.cli.progress_bar import waiting
from mockexam.exam.hand_in import HandIn, Standing, StudentWork, name_order, same_bytes, works_of
from mockexam.text.formats import plural
from mockexam.text.units import some_names
from mockexam.workspace.scripts import printable

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank
    from mockexam.batch.job import BatchItem
    from mockexam.batch.planning import BatchPlan
    from mockexam.batch.results import BatchResult, ResultLog
    from mockexam.cli.grade_many import ManyOptions

MOST_NAMES = 20
"""So many students with the same file are named."""


class Reports:
    """What is written besides the results: a table or a gradebook, and the page of the class."""

    def __init__(self, planned: BatchPlan, options: ManyOptions, bank: Bank, taken: Sequence[Path]) -> None:
        """Checks all that can be checked before anything is graded. Raises UserError."""
        from mockexam.batch.gradebook import MAPS, column_map, gradebook, unfilled
        from mockexam.batch.results import check_table_path

        self._planned = planned
        self._bank = bank
        self._csv = options.csv.expanduser() if options.csv else None
        self._html = options.html.expanduser() if options.html else None
        self._zeros = options.zeros
        self._left_out = [
            replace(one, relative=printable(one.relative), reason=printable(one.reason)) for one in planned.left_out
        ]
        self._gradebook = None
        if options.columns:
            students = [item.student for item in planned.items] + [one.student for one in self._left_out]
            columns = column_map(options.columns, bank)
            if columns not in MAPS.values():
                for sentence in unfilled(columns, planned.listed):
                    click.echo(printable(sentence), err=True)
            self._gradebook = gradebook(
                columns,
                {name: question.title for name, question in bank.questions.items() if name in planned.questions},
                sorted(students, key=name_order) if self._left_out else students,
                planned.listed,
            )
        if self._csv:
            owns = (self._gradebook.owns,) if self._gradebook else ()
            check_table_path(self._csv, taken, *owns)
        if self._html:
            from mockexam.review.html.teacher_page import check_page_path

            check_page_path(self._html, [*taken, *([self._csv] if self._csv else [])])

    def write(self, results: Mapping[BatchItem, BatchResult]) -> None:
        """Write them, with what has been graded so far. Raises UserError."""
        hand_ins = [hand_in(item, results.get(item)) for item in self._planned.items]
        works = works_of(hand_ins, self._left_out, self._planned.asked)
        if self._csv:
            self._write_csv(self._csv, results, works)
            click.echo(f"{'Gradebook' if self._gradebook else 'Table'}: {self._csv}", err=True)
        if self._html:
            from mockexam.review.html.page import write_page
            from mockexam.review.html.teacher_page import teacher_page

            with waiting("writing the page"):
                data = data_text(self._planned.items)
                asked, notes = self._planned.questions, self._planned.notes
                write_page(self._html, teacher_page(works, self._bank, data, asked=asked, notes=notes))
            click.echo(f"Page: {self._html}", err=True)

    def _write_csv(self, path: Path, results: Mapping[BatchItem, BatchResult], works: Sequence[StudentWork]) -> None:
        from mockexam.batch.results import write_table

        if self._gradebook:
            self._gradebook.write(path, works, zeros=self._zeros)
            misplaced = sum(Standing.MISPLACED in map(work.result, self._planned.questions) for work in works)
            if self._zeros and misplaced:
                click.echo(f"No zero for {plural(misplaced, 'student')}: look at the lines above first.", err=True)
        else:
            models = [(item, results.get(item)) for item in self._planned.items]
            write_table(path, models, self._left_out)


def hand_in(item: BatchItem, result: BatchResult | None) -> HandIn:
    """A model with its result; without one it was not tried."""
    if result is None:
        return HandIn(item.student, item.name, item.question, note=item.note)
    return HandIn(
        student=item.student,
        model=item.name,
        question=item.question,
        verdict=result.verdict,
        marks=result.marks,
        metric=result.metric,
        value=result.value,
        next_at=result.next_at,
        message=result.message,
        remedy=result.remedy,
        sha256=result.sha256,
        sample=f"{result.data_seed} {result.holdout}",
        answers=result.answers,
        note=item.note,
    )


def earlier_notes(items: Sequence[BatchItem], log: ResultLog) -> list[str]:
    """What is strange about the results of earlier runs: a sentence each."""
    from mockexam.batch.job import holdout_id

    notes = []
    if log.not_ours:
        notes.append(
            f"Left out: {plural(log.not_ours, 'result')} in {log.path}, changed or from another computer or home "
            "folder of mockexam."
        )
    holdouts = {(item.question, item.data_seed): holdout_id(item.holdout_seed) for item in items}
    of_these = [result for result in log.results if (result.question, result.data_seed) in holdouts]
    latest = max(of_these, key=lambda result: result.at, default=None)
    if latest and latest.holdout != holdouts[latest.question, latest.data_seed]:
        notes.append(
            "The last run had another hold-out: is --holdout-seed missing or mistyped? Marks on two hold-outs can't "
            "be compared."
        )
    return notes


def data_text(items: Sequence[BatchItem]) -> str:
    """What the models were graded on: `seed-7`, or `3 papers or seeds`; and whether there was a `--holdout-seed`."""
    from mockexam.batch.job import grade_holdout_seed

    seeds = sorted({item.data_seed for item in items})
    data = seeds[0] if len(seeds) == 1 else f"{len(seeds)} papers or seeds"
    own = any(item.holdout_seed != grade_holdout_seed(item.seed, None) for item in items)
    return f"{data}, with a --holdout-seed" if own else data


def same_files(hand_ins: Iterable[HandIn]) -> list[str]:
    """Who handed in the same file for a question: `The same file for simple_model/ballast_car: Ann, Bob.`."""
    return [
        printable(f"The same file for {group.hand_ins[0].question}: {some_names(group.students, MOST_NAMES)}.")
        for group in same_bytes(hand_ins)
    ]
