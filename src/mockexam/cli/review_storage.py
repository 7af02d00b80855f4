"""`mockexam review`, the verbs that move, keep or free files: restore, export, import, delete, prune."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mockexam.cli.options import (
    complete_attempt,
    complete_submission,
    confirm,
    filter_options,
    json_option,
    open_review,
    selection_of,
    yes_option,
)
from mockexam.cli.progress_bar import LateProgress, reading_progress
from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.review.selection import Selection, find_submission
from mockexam.review.service import Review
from mockexam.store.retention import Freed
from mockexam.text.formats import plural
from mockexam.text.units import size_text

_SHOWN = 10
"""So many attempts are listed before a question."""
_RULE = (
    "Of every question the best and the last submission's model stay, and what could not be marked through no fault "
    "of yours. Marks and scripts all stay."
)


@click.command()
@click.argument("attempt", required=False, shell_complete=complete_attempt)
@filter_options
@yes_option
@json_option
def delete(attempt: str | None, yes: bool, as_json: bool, **filters: Any) -> None:
    """Permanently delete attempts.

    ATTEMPT, or all ended attempts that fit the options. The workspaces stay.

    Example: mockexam review delete --mode retry
    """
    review, selection = open_review(), _filters(attempt, filters)
    if attempt is None and selection is None:
        raise click.UsageError("Name the ATTEMPT to delete, or select attempts with an option, e.g. --mode retry.")
    wanted = [attempt] if attempt is not None else _ended(review, selection)
    could = review.delete(wanted, dry=True)
    if not yes:
        _say("This permanently deletes:")
        for line in _attempt_lines(review, could.attempts):
            _say(line)
        _say(f"With {plural(could.models, 'kept model')} and the kept scripts: {size_text(could.size)}.")
        _say("The workspaces stay. `mockexam review export` first keeps a copy.")
        confirm("DELETE", "Nothing was deleted.")
    freed = review.delete(could.attempts, progress=LateProgress())
    _report_freed(freed, as_json=as_json, done=f"Deleted {plural(len(freed.attempts), 'attempt')}")


@click.command()
@yes_option
@json_option
def prune(yes: bool, as_json: bool) -> None:
    """Free disk space.

    Of each question the best and the last model stay, and all scripts and marks; the other models go.

    Example: mockexam review prune
    """
    review = open_review()
    could = review.prune(dry=True, progress=LateProgress())
    if not could.models and not could.strays:
        _report_freed(could, as_json=as_json, done="There is nothing to prune")
        return
    if not yes:
        _say(_RULE)
        _say(f"{_models(could)} would go: {size_text(could.size)}.")
        confirm("PRUNE", "Nothing was removed.")
    freed = review.prune(progress=LateProgress())
    _report_freed(freed, as_json=as_json, done=f"Removed {_models(freed)}")


@click.command()
@click.argument("attempt", required=False, shell_complete=complete_attempt)
@filter_options
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), required=True, help="Archive to write.")
@click.option("--no-models", is_flag=True, help="Leave the kept models out.")
@json_option
def export(attempt: str | None, out: Path, no_models: bool, as_json: bool, **filters: Any) -> None:
    """Write attempts to a zip archive.

    ATTEMPT, or all ended attempts that fit the options; by default all.

    Example: mockexam review export --out attempts.zip
    """
    review, selection = open_review(), _filters(attempt, filters)
    if attempt is not None:
        wanted = [attempt]
    elif selection is not None:
        wanted = _ended(review, selection)
    else:
        wanted, left_out = review.exportable()
        for line in left_out:
            _say(line)
    done = review.export(wanted, out.expanduser().absolute(), models=not no_models, progress=LateProgress())
    for line in done.left_out:
        _say(line)
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
    done = open_review().import_(archive.expanduser().absolute(), progress=LateProgress())
    if as_json:
        click.echo(json.dumps({"new": done.new, "known": done.known, "models": done.models, "bytes": done.size}))
        return
    kept = f" with {plural(done.models, 'model')}, {size_text(done.size)}" if done.size else ""
    known = f"; left as on record: {plural(len(done.known), 'attempt')}" if done.known else ""
    click.echo(f"Imported {plural(len(done.new), 'attempt')}{kept}{known}.")


@click.command()
@click.argument("attempt", shell_complete=complete_attempt)
@click.argument("submission", shell_complete=complete_submission)
@click.option("--into", type=click.Path(path_type=Path), help="Put them into this folder instead of the workspace.")
@json_option
def restore(attempt: str, submission: str, into: Path | None, as_json: bool) -> None:
    """Put a submission's files back.

    Its model and scripts, into the workspace of the attempt. Existing files are moved aside, never lost.

    Example: mockexam review restore last q1-4f2a --into ~/earlier
    """
    review = open_review()
    detail = review.detail(attempt)
    identifier = detail.outcome.attempt
    found = find_submission(submission, detail.submissions)
    remarks: list[str] = []
    names = review.restore(detail, found.id, into, tell=remarks.append)
    if as_json:
        from mockexam.review.documents import restored_document

        click.echo(restored_document(identifier, found.id, names, remarks).model_dump_json())
        return
    for remark in remarks:
        _say(remark)
    click.echo(f"Put back: {', '.join(names)}." if names else "All of it lies there already.")


def _filters(attempt: str | None, filters: dict[str, Any]) -> Selection | None:
    """The selection; None if no option makes one. Raises click.UsageError beside an attempt."""
    if all(value is None for value in filters.values()):
        return None
    if attempt is not None:
        raise click.UsageError("--mode, --passed, --failed and --category select attempts: leave out ATTEMPT.")
    return selection_of(**filters)


def _ended(review: Review, selection: Selection | None) -> list[str]:
    """The ids of ended attempts that fit. Raises UserError if there are none."""
    found = [
        one.attempt
        for one in review.each(reading_progress())
        if isinstance(one, Outcome) and one.phase is Phase.ENDED and (selection is None or selection.fits(one))
    ]
    if not found:
        raise UserError("No ended attempt fits.", hint="`mockexam review list` lists all attempts.")
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
    for line in freed.left:
        _say(line)
    if not as_json:
        click.echo(f"{done}: {size_text(freed.size)} freed." if freed.size else f"{done}.")
        return
    data = {"attempts": freed.attempts, "models": freed.models, "bytes": freed.size}
    click.echo(json.dumps({**data, "stray_folders": freed.strays, "left": freed.left}))


def _models(freed: Freed) -> str:
    models = f"{plural(freed.models, 'model')} of {plural(len(freed.attempts), 'attempt')}"
    strays = f" and {plural(freed.strays, 'folder')} that no attempt on record owns" if freed.strays else ""
    return models + strays


def _say(text: str) -> None:
    click.echo(text, err=True)
