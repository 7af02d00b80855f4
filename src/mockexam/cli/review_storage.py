"""`mockexam review`, the commands that change something: regrade, restore, export, import, delete, prune."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import click

from mockexam import paths
from mockexam.cli.options import (
    complete_attempt,
    complete_submission,
    confirm,
    end,
    filter_options,
    json_option,
    open_review,
    print_json,
    run_with_grader,
    selection_of,
    yes_option,
)
from mockexam.cli.progress_bar import CommandProgress, delayed_progress, reading_progress
from mockexam.errors import GraderFaultError, UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.machine_clock import MachineClock
from mockexam.review.selection import LAST, Selection, find_submission
from mockexam.review.service import Review
from mockexam.session.regrade import RegradeChange
from mockexam.store.journal import Journal
from mockexam.store.retention import Freed
from mockexam.text.formats import plural
from mockexam.text.status import percent
from mockexam.text.units import number_text, size_text

_VERDICTS = {
    None: "not graded",
    Verdict.INVALID_MODEL: "refused",
    Verdict.LIMIT_EXCEEDED: "over a limit",
    Verdict.GRADER_ERROR: "grader fault",
}
_SHOWN = 10
"""Attempts listed before a confirmation."""
_RULE = (
    "For each question the best and the last model stay, and every model that the grader failed on. "
    "All marks and scripts stay."
)


@click.command()
@click.argument("attempt", required=False, shell_complete=complete_attempt)
@filter_options
@yes_option
@json_option
def delete(attempt: str | None, yes: bool, as_json: bool, **filters: Any) -> None:
    """Permanently delete attempts.

    ATTEMPT, or all ended attempts that match the options. The workspaces stay.

    Example: mockexam review delete --mode retry
    """
    review, selection = open_review(), _filters(attempt, filters)
    if attempt is None and selection is None:
        raise click.UsageError("Name the ATTEMPT to delete, or select attempts with an option, e.g. --mode retry.")
    wanted = [attempt] if attempt is not None else _ended(review, selection)
    if not yes:
        planned = review.delete(wanted, dry=True, progress=delayed_progress())
        _say(
            "This permanently deletes:",
            *_attempt_lines(review, planned.attempts),
            f"With {plural(planned.models, 'stored model')} and all stored scripts: {size_text(planned.size)}.",
            "The workspaces stay. To keep a copy, first run `mockexam review export --out FILE.zip`.",
        )
        confirm("DELETE", "Nothing was deleted.")
    freed = review.delete(wanted, progress=delayed_progress())
    _report_freed(freed, as_json=as_json, done=f"Deleted {plural(len(freed.attempts), 'attempt')}")


@click.command()
@yes_option
@json_option
def prune(yes: bool, as_json: bool) -> None:
    """Free disk space.

    Removes all models except the best and the last of each question. All marks and scripts stay.

    Example: mockexam review prune
    """
    review = open_review()
    freed = review.prune(dry=not yes, progress=delayed_progress())
    if freed == Freed():
        _report_freed(freed, as_json=as_json, done="There is nothing to prune")
        return
    if not yes:
        _say(_RULE)
        _say(f"This removes {_models(freed)}: {size_text(freed.size)}.")
        confirm("PRUNE", "Nothing was removed.")
        freed = review.prune(progress=delayed_progress())
    _report_freed(freed, as_json=as_json, done=f"Removed {_models(freed)}")


@click.command()
@click.argument("attempt", required=False, shell_complete=complete_attempt)
@filter_options
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), required=True, help="Archive to write.")
@click.option("--no-models", is_flag=True, help="Leave out the models.")
@json_option
def export(attempt: str | None, out: Path, no_models: bool, as_json: bool, **filters: Any) -> None:
    """Write attempts to a zip archive.

    ATTEMPT, or all ended attempts that match the options; by default all.

    Example: mockexam review export --out attempts.zip
    """
    review, selection = open_review(), _filters(attempt, filters)
    if attempt is not None:
        wanted = [attempt]
    elif selection is not None:
        wanted = _ended(review, selection)
    else:
        wanted, left_out = review.exportable()
        _say(*left_out)
    done = review.export(wanted, out.expanduser().absolute(), models=not no_models, progress=delayed_progress())
    _say(*done.left_out)
    attempts, files = plural(len(done.attempts), "attempt"), plural(done.files, "file")
    _say(f"Exported {attempts} with {files}: {size_text(done.size)}.")
    data = {"path": str(done.path), "attempts": done.attempts, "files": done.files, "bytes": done.size}
    click.echo(json.dumps({**data, "left_out": done.left_out}) if as_json else str(done.path))


@click.command("import")
@click.argument("archive", type=click.Path(path_type=Path))
@json_option
def import_(archive: Path, as_json: bool) -> None:
    """Add the attempts of an archive.

    All of them, or none if the archive is damaged.

    Example: mockexam review import attempts.zip
    """
    done = open_review().import_(archive.expanduser().absolute(), progress=delayed_progress())
    if as_json:
        click.echo(json.dumps({"new": done.new, "known": done.known, "models": done.models, "bytes": done.size}))
        return
    models = f" with {plural(done.models, 'model')}, {size_text(done.size)}" if done.size else ""
    known = f"; already on record: {plural(len(done.known), 'attempt')}" if done.known else ""
    click.echo(f"Imported {plural(len(done.new), 'attempt')}{models}{known}.")


@click.command()
@click.argument("attempt", shell_complete=complete_attempt)
@click.argument("submission", shell_complete=complete_submission)
@click.option("--into", type=click.Path(path_type=Path), help="Restore into this folder instead of the workspace.")
@json_option
def restore(attempt: str, submission: str, into: Path | None, as_json: bool) -> None:
    """Restore the files of a submission.

    Its model and scripts go into the workspace of the attempt. Existing files are renamed, never lost.

    Example: mockexam review restore last q1-4f2a --into ~/earlier
    """
    review = open_review()
    detail = review.detail(attempt)
    identifier = detail.outcome.attempt
    found = find_submission(submission, detail.submissions)
    remarks: list[str] = []
    names = review.restore(detail, found.id, into, tell=remarks.append)
    if as_json:
        from mockexam.review.documents import RestoredFiles

        print_json(RestoredFiles(identifier, found.id, names, tuple(remarks)))
        return
    _say(*remarks)
    click.echo(f"Restored: {', '.join(names)}." if names else "All files are there already.")


def _filters(attempt: str | None, filters: dict[str, Any]) -> Selection | None:
    """The selection; None if no option makes one. Raises click.UsageError beside an attempt."""
    if all(value is None for value in filters.values()):
        return None
    if attempt is not None:
        raise click.UsageError("--mode, --passed, --failed and --category select attempts: leave out ATTEMPT.")
    return selection_of(**filters)


def _ended(review: Review, selection: Selection | None) -> list[str]:
    """The ids of matching ended attempts. Raises UserError if there are none."""
    found = [
        one.attempt
        for one in review.each(reading_progress())
        if isinstance(one, Outcome) and one.phase is Phase.ENDED and (selection is None or selection.fits(one))
    ]
    if not found:
        raise UserError("No ended attempt matches.", hint="`mockexam review list` lists all attempts.")
    return found


def _attempt_lines(review: Review, ids: Sequence[str]) -> list[str]:
    lines = []
    for one in review.each(only=ids[:_SHOWN]):
        if isinstance(one, Outcome):
            day = time.strftime("%Y-%m-%d", time.gmtime(one.started))
            lines.append(f"  {one.attempt} · {day} · {one.mode} · {one.exam} · paper {one.code}")
        else:
            lines.append(f"  {one.attempt} · {one.reason}")
    return lines if len(ids) <= _SHOWN else [*lines, f"  and {len(ids) - _SHOWN} more"]


def _report_freed(freed: Freed, *, as_json: bool, done: str) -> None:
    _say(*freed.left)
    if not as_json:
        click.echo(f"{done}: {size_text(freed.size)} freed." if freed.size else f"{done}.")
        return
    data = {"attempts": freed.attempts, "models": freed.models, "bytes": freed.size}
    click.echo(json.dumps({**data, "stray_folders": freed.strays, "left": freed.left}))


def _models(freed: Freed) -> str:
    models = f"{plural(freed.models, 'model')} of {plural(len(freed.attempts), 'attempt')}"
    strays = f" and {plural(freed.strays, 'stray folder')}" if freed.strays else ""
    return models + strays


def _say(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)


@click.command()
@click.argument("attempt", default=LAST, shell_complete=complete_attempt)
@json_option
def regrade(attempt: str, as_json: bool) -> None:
    """Grade stored models again with the installed versions.

    The models of ATTEMPT, by default the last. Both results stay on record.

    Example: mockexam review regrade last
    """
    identifier = open_review().find(attempt)
    state = paths.state_paths()
    with closing(Journal(state.database)) as journal:
        before = _result(journal, identifier)
        changes = _regrade(journal, identifier, state.submissions)
        after = _result(journal, identifier)
    if as_json:
        submissions = [{**asdict(change), "changed": change.changed} for change in changes]
        results = {"before": before._asdict(), "after": after._asdict()}
        click.echo(json.dumps({"attempt": identifier, **results, "submissions": submissions}))
    else:
        click.echo(_as_text(before, after, changes))
    faults = sum(change.fault for change in changes)
    if faults:
        _say(f"The grader failed on {faults} of {len(changes)} models; `mockexam doctor` can tell why.")
        end(GraderFaultError.exit_code)


class _Result(NamedTuple):
    """The result of an attempt at one time."""

    total_percent: float
    passed: bool | None
    receipt: str | None


def _result(journal: Journal, attempt: str) -> _Result:
    state = journal.attempt(attempt)
    return _Result(percent(state), state.settled.passed if state.settled else None, journal.receipt(attempt))


def _regrade(journal: Journal, attempt: str, submissions: Path) -> tuple[RegradeChange, ...]:
    from mockexam.bank.loader import load_bank
    from mockexam.session.regrade import regrade as again

    bank, clock, progress = load_bank(), MachineClock(), CommandProgress()
    return run_with_grader(lambda grader: again(journal, grader, bank, clock, attempt, submissions, progress))


def _as_text(before: _Result, after: _Result, changes: Sequence[RegradeChange]) -> str:
    lines = _table([("question", "submission", "was", "is", "versions"), *map(_row, changes)]) if changes else []
    graded = [change for change in changes if change.after is not None]
    left_out = len(changes) - len(graded)
    changed = sum(change.changed for change in graded)
    lines.append(f"{len(graded)} graded again, {changed} changed{f', {left_out} left out' if left_out else ''}.")
    if before.receipt == after.receipt:
        lines.append(f"The result is unchanged, receipt {after.receipt}.")
    else:
        verdict = "PASS" if after.passed else "FAIL"
        lines.append(f"The result is now {verdict}, {after.total_percent:g} % (it was {before.total_percent:g} %).")
        lines.append(f"The new receipt is {after.receipt}; the old one stays on record.")
    return "\n".join(lines)


def _row(change: RegradeChange) -> tuple[str, ...]:
    was = _verdict_text(change.before, change.marks_before, change.value_before)
    if change.after is None:
        return str(change.number), change.submission, was, f"not graded again: {change.left_out}"
    now = _verdict_text(change.after, change.marks_after, change.value_after)
    versions = ", ".join(f"{v.name} {v.before or '?'} → {v.after or '?'}" for v in change.versions)
    counts = " (counts)" if change.mended else ""
    return str(change.number), change.submission, was, f"{now}{counts}", versions or "the same"


def _verdict_text(verdict: Verdict | None, marks: int | None, value: float | None) -> str:
    if verdict is not Verdict.GRADED:
        return _VERDICTS[verdict]
    return f"{marks}/{MARKS_PER_QUESTION}" + (f" · {number_text(value)}" if value is not None else "")


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns; the last cell of a row may be longer."""
    columns = range(max(map(len, rows)))
    widths = [max((len(row[c]) for row in rows if len(row) > c + 1), default=0) for c in columns]
    return ["  ".join(cell.ljust(widths[c]) for c, cell in enumerate(row)).rstrip() for row in rows]
