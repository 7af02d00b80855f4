"""`mockexam review`, the commands that only read: list, show, compare, diff, readiness, html, certificate."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import click

from mockexam.bank.handbook import load_handbook
from mockexam.bank.papers import exam_categories
from mockexam.cli.options import (
    complete_attempt,
    complete_exam,
    complete_submission,
    filter_options,
    json_option,
    open_review,
    print_json,
    selection_of,
)
from mockexam.cli.progress_bar import reading_progress, waiting
from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.standing import QuestionResult, ended_exams, question_results, standings_of
from mockexam.review.attempt_text import comparison_lines, detail_lines
from mockexam.review.compare import Comparison
from mockexam.review.detail import AttemptDetail
from mockexam.review.history_text import (
    NOTHING,
    attempts_lines,
    counts_text,
    damaged_lines,
    disk_text,
    exam_lines,
    overview_lines,
    readiness_lines,
    wrapped,
)
from mockexam.review.readiness import Readiness
from mockexam.review.script_diff import DiffLine
from mockexam.review.selection import LAST, Order, Selection, exam_progress, find_submission
from mockexam.review.service import Review
from mockexam.store.summaries import Damaged

_out = click.option("--out", metavar="FILE", type=click.Path(path_type=Path), required=True, help="File to write.")
_exam = click.option(
    "--exam", metavar="NAME|FILE", help="By default the last exam that you took.", shell_complete=complete_exam
)
_overwrite = click.option("--yes", is_flag=True, help="Replace an existing page without asking.")


@click.command("list")
@filter_options
@click.option("--sort", type=click.Choice(["date", "total", "time"]), help="Newest, best or longest first.")
@_exam
@json_option
def list_(as_json: bool, exam: str | None, **filters: Any) -> None:
    """List your attempts and your results by category.

    Example: mockexam review list --mode exam --sort total
    """
    selection = selection_of(**filters)
    if as_json:
        list_json(open_review(), selection, sys.stdout.write, exam)
    else:
        _print(list_text(open_review(), selection, exam))


@click.command()
@click.argument("attempt", default=LAST, shell_complete=complete_attempt)
@json_option
def show(attempt: str, as_json: bool) -> None:
    """Show one attempt.

    Its submissions with marks, metrics and bands, the time per question and the receipt. By default the last attempt.

    Example: mockexam review show last
    """
    detail = open_review().detail(attempt)
    _show(detail, detail_lines(detail), as_json=as_json)


@click.command()
@click.argument("attempt", shell_complete=complete_attempt)
@click.argument("other", shell_complete=complete_attempt)
@json_option
def compare(attempt: str, other: str, as_json: bool) -> None:
    """Show two attempts side by side.

    The earlier one is on the left.

    Example: mockexam review compare 20261121 last
    """
    review = open_review()
    comparison = review.compare(*sorted(review.details(attempt, other), key=lambda one: one.outcome.started))
    _show(comparison, comparison_lines(comparison), as_json=as_json)


@click.command()
@click.argument("attempt", shell_complete=complete_attempt)
@click.argument("submission", shell_complete=complete_submission)
@click.option(
    "--against", metavar="SUBMISSION", help="Compare with this submission.", shell_complete=complete_submission
)
@json_option
def diff(attempt: str, submission: str, against: str | None, as_json: bool) -> None:
    """Compare scripts with the reference solution.

    The scripts of SUBMISSION; with --against, compare them with those of another submission.

    Example: mockexam review diff last q1-4f2a
    """
    review = open_review()
    detail = review.detail(attempt)
    identifier = detail.outcome.attempt
    old = find_submission(submission, detail.submissions).id
    new = find_submission(against, detail.submissions).id if against else None
    lines = review.diff(detail, old, new)
    if as_json:
        from mockexam.review.documents import ScriptDiff

        print_json(ScriptDiff(identifier, old, new or "reference", lines))
    else:
        _print([f"--- {old}", f"+++ {new or 'reference'}", *map(_diff_line, lines)])


def _diff_line(line: DiffLine) -> str:
    sign = {"same": "  ", "old": "- ", "new": "+ ", "gap": "@ "}[line.kind]
    return f"{sign}{line.text}".rstrip()


@click.command()
@_exam
@json_option
def readiness(exam: str | None, as_json: bool) -> None:
    """Estimate whether you would pass today.

    With the evidence for each skill, and a study plan.

    Example: mockexam review readiness
    """
    review = open_review()
    outcomes = review.past(reading_progress()).outcomes
    found = review.readiness(outcomes, exam)
    lines = chain(exam_lines(review.progress(outcomes, found.exam)), readiness_lines(found))
    _show(found, lines, as_json=as_json)


@click.command()
@click.argument("attempt", required=False, shell_complete=complete_attempt)
@_out
@_exam
@_overwrite
def html(attempt: str | None, out: Path, exam: str | None, yes: bool) -> None:
    """Write an HTML page to read or to print.

    Of ATTEMPT, or of all attempts.

    Example: mockexam review html --out review.html
    """
    if attempt and exam:
        raise click.UsageError("--exam is for the page of all attempts: leave out ATTEMPT.")
    write_page_file(open_review(), out, attempt, exam=exam, overwrite=yes)


@click.command()
@click.argument("attempt", default=LAST, shell_complete=complete_attempt)
@_out
@click.option("--name", help="Name on the certificate; you are asked if you leave it out.")
@_overwrite
def certificate(attempt: str, out: Path, name: str | None, yes: bool) -> None:
    """Write the certificate of a passed exam.

    By default for the last attempt.

    Example: mockexam review certificate last --out ada.html --name Ada
    """
    write_page_file(open_review(), out, attempt, name or _ask_name(), overwrite=yes)


def _ask_name() -> str:
    missing = UserError("Whose certificate is it?", location="--name", hint="Name the candidate, e.g. --name 'Ada L.'.")
    if not sys.stdin.isatty():
        raise missing
    click.echo("Name on the certificate: ", nl=False, err=True)
    name = sys.stdin.readline().strip()
    if not name:
        raise missing
    return name


def write_page_file(
    review: Review,
    path: Path,
    attempt: str | None,
    name: str | None = None,
    *,
    exam: str | None = None,
    overwrite: bool,
) -> None:
    """Write the page of all attempts or of one, or with a name its certificate; print its path. Raises UserError."""
    target = path.expanduser().absolute()
    if not target.parent.is_dir():
        raise UserError(
            "The folder for the page does not exist.", location=str(target.parent), hint="Create it, or name another."
        )
    if target.is_dir():
        raise UserError("This is a folder.", location=str(target), hint="Name a file in it, e.g. review.html.")
    if os.path.lexists(target) and not overwrite:
        raise UserError("This file exists.", location=str(target), hint="Name another file, or add --yes.")
    with waiting("writing the page"):
        review.write_html(target, attempt, name, exam)
    click.echo(str(target))


def _show(found: AttemptDetail | Comparison | Readiness, lines: Iterable[str], *, as_json: bool) -> None:
    """Print what a command has found: as a JSON document, or as these lines."""
    if as_json:
        print_json(found)
    else:
        _print(lines)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)


def list_text(review: Review, selection: Selection, exam: str | None = None) -> Iterator[str]:
    """The results in an exam (see `Review.exam`) unless filters are set, then a line per attempt. Raises UserError."""
    past = review.past(reading_progress())
    if not past.outcomes and not past.damaged:
        yield from wrapped(NOTHING, 0, 0)
        return
    shown = sorted(filter(selection.fits, reversed(past.outcomes)), key=selection.key, reverse=True)
    if selection.filters:
        yield f"{counts_text(past.outcomes)}; listed: {len(shown):,} {selection.words(len(shown))}"
    else:
        named = review.exam(past.outcomes, exam)
        progress = exam_progress(past.outcomes, named.name, exam_categories(named.exam))
        yield from overview_lines(past, progress, review.readiness_of(question_results(past.outcomes), named))
    yield ""
    if shown:
        yield from attempts_lines(shown)
    else:
        yield "No attempt matches."
    for one in past.damaged:
        yield from damaged_lines(one)
    yield ""
    yield disk_text(review.disk())


def list_json(review: Review, selection: Selection, write: Callable[[str], object], exam: str | None = None) -> None:
    """Write all matching attempts with little memory. Raises UserError before writing if the record can't be opened."""
    from mockexam.review.documents import HistoryTail, HistoryWriter

    review.exam(review.outcomes() if exam else (), exam)
    load_handbook()
    names = list(reversed(review.attempts()))
    order = names if selection.order is Order.DATE else _sorted(review, selection, names)
    writer = HistoryWriter(write)
    damaged: list[Damaged] = []
    met: list[tuple[float, Sequence[QuestionResult]]] = []
    exams: dict[str, Outcome] = {}
    for one in review.each(reading_progress(), order):
        if isinstance(one, Damaged):
            damaged.append(one)
            continue
        met.append((one.started, _slim(question_results([one]))))
        if ended_exams([one]) and one.started >= exams.get(one.exam, one).started:
            exams[one.exam] = one
        if selection.fits(one):
            writer.attempt(one)
    known = [meeting for _, some in sorted(met, key=lambda pair: pair[0]) for meeting in some]
    named = review.exam(sorted(exams.values(), key=lambda outcome: outcome.started), exam)
    of_it = [meeting for meeting in known if meeting.exam == named.name]
    tail = HistoryTail(
        made=time.time(),
        on_record=len(names),
        damaged=tuple(damaged),
        exam=named.name,
        exams=tuple(exams),
        standings=standings_of(of_it, exam_categories(named.exam)),
        estimate=review.readiness_of(of_it, named).estimate,
        disk=review.disk(),
    )
    writer.end(tail)


def _sorted(review: Review, selection: Selection, names: Sequence[str]) -> list[str]:
    """The ids in the selected order, newest first among equals; unreadable attempts come last."""
    read = review.each(reading_progress(), names)
    keys = {one.attempt: selection.key(one) for one in read if isinstance(one, Outcome)}
    return sorted(names, key=lambda name: -keys.get(name, float("-inf")))


def _slim(met: Sequence[QuestionResult]) -> list[QuestionResult]:
    """Meetings with their long texts taken away or shared: thousands are held at the same time."""
    slim: list[QuestionResult] = []
    for one in met:
        question, category = sys.intern(one.outcome.question), sys.intern(one.outcome.category)
        outcome = replace(one.outcome, question=question, category=category, title="", fingerprint="", metric=None)
        slim.append(replace(one, attempt="", exam=sys.intern(one.exam), outcome=outcome))
    return slim
