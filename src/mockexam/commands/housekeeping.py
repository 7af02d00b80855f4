"""`mockexam review --delete`, `--prune`, `--export`, `--import`: what would happen, the typed word, what was done."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from mockexam import paths
from mockexam.commands.patience import LateProgress
from mockexam.errors import ToldError
from mockexam.records.deletion import Freed, check_ended, delete_attempts
from mockexam.records.history import History
from mockexam.records.journal import Journal
from mockexam.records.kept import prune as prune_models
from mockexam.records.kept_files import kept_in
from mockexam.wording import size_text

DELETE = "DELETE"
PRUNE = "PRUNE"
_SHOWN = 10
"""So many attempts are listed before a question."""
_RULE = (
    "Of every question the best and the last submission's model stay, and what could not be marked through no fault "
    "of yours. Marks and scripts all stay."
)


def delete(ids: Sequence[str], yes: bool, *, as_json: bool = False) -> int:
    """Delete attempts, named by id, unambiguous part or `last`, after the typed word. Raises ToldError."""
    with _record() as (journal, submissions):
        wanted = _found(journal, ids)
        check_ended(journal, wanted)
        if not yes:
            _say("For good goes what is on record of:")
            _say_attempts(journal, wanted, submissions)
            _say("The workspaces stay. `--export` first keeps a copy.")
            _confirm(DELETE, "Nothing was deleted.")
        freed = delete_attempts(journal, wanted, submissions, LateProgress())
    _tell_freed(freed, as_json=as_json, done=f"Deleted {_count(len(freed.attempts), 'attempt')}")
    return 0


def prune(yes: bool, *, as_json: bool = False) -> int:
    """Remove the kept models that the rule lets go, after the typed word. Raises ToldError."""
    with _record() as (journal, submissions):
        could = prune_models(journal, submissions, dry=True, progress=LateProgress())
        if not could.models and not could.strays:
            _tell_freed(could, as_json=as_json, done="There is nothing to prune")
            return 0
        if not yes:
            _say(_RULE)
            _say(f"{_models(could)} would go: {size_text(could.size)}.")
            _confirm(PRUNE, "Nothing was removed.")
        freed = prune_models(journal, submissions, progress=LateProgress())
    _tell_freed(freed, as_json=as_json, done=f"Removed {_models(freed)}")
    return 0


def export(ids: Sequence[str], path: Path, models: bool, *, as_json: bool = False) -> int:
    """Write attempts (none named: all that have ended and are intact) to a new archive. Raises ToldError."""
    from mockexam.records.archive import export_attempts

    with _record() as (journal, submissions):
        wanted = _found(journal, ids) if ids else _exportable(journal)
        target = path.expanduser().absolute()
        done = export_attempts(journal, wanted, submissions, target, models, LateProgress())
    for line in done.left_out:
        _say(line)
    attempts, files = _count(len(done.attempts), "attempt"), _count(done.files, "file")
    _say(f"Exported {attempts} with {files}: {size_text(done.size)}.")
    data = {"path": str(done.path), "attempts": done.attempts, "files": done.files, "bytes": done.size}
    click.echo(json.dumps({**data, "left_out": done.left_out}) if as_json else str(done.path))
    return 0


def import_(path: Path, *, as_json: bool = False) -> int:
    """Take in the attempts of an archive, all or none. Raises ToldError."""
    from mockexam.records.archive import import_archive

    with _record() as (journal, submissions):
        done = import_archive(journal, path.expanduser().absolute(), submissions, LateProgress())
    if as_json:
        data = {"new": done.new, "known": done.known, "models": done.models, "bytes": done.size}
        click.echo(json.dumps(data))
        return 0
    kept = f" with {_count(done.models, 'model')}, {size_text(done.size)}" if done.size else ""
    known = f"; left as on record: {_count(len(done.known), 'attempt')}" if done.known else ""
    click.echo(f"Imported {_count(len(done.new), 'attempt')}{kept}{known}.")
    return 0


@contextmanager
def _record() -> Iterator[tuple[Journal, Path]]:
    state = paths.state()
    with closing(Journal(state.database)) as journal:
        yield journal, state.submissions


def _found(journal: Journal, names: Sequence[str]) -> list[str]:
    from mockexam.report.selection import find_attempt

    known = History(journal).attempts()
    return list(dict.fromkeys(find_attempt(name, known) for name in names))


def _exportable(journal: Journal) -> list[str]:
    """All attempts that an archive can hold; the others are told."""
    wanted = []
    for attempt in History(journal).attempts():
        if journal.receipt(attempt) is None:
            _say(f"{attempt} was left out: it has not ended.")
        elif journal.verify(attempt) is not None:
            _say(f"{attempt} was left out: its record was altered.")
        else:
            wanted.append(attempt)
    return wanted


def _say_attempts(journal: Journal, ids: Sequence[str], submissions: Path) -> None:
    kept = {attempt: kept_in(submissions / attempt) for attempt in ids}
    for attempt in ids[:_SHOWN]:
        query = "SELECT created, mode, exam, code FROM attempts WHERE id = ?"
        created, mode, exam, code = journal.connection.execute(query, (attempt,)).fetchone()
        _say(f"  {attempt} · {created[:10]} · {mode} · {exam} · paper {code}")
    if len(ids) > _SHOWN:
        _say(f"  and {len(ids) - _SHOWN} more")
    models = sum(not one.is_scripts for found in kept.values() for one in found)
    size = sum(one.size for found in kept.values() for one in found)
    _say(f"With it go {_count(models, 'kept model')} and the kept scripts: {size_text(size)}.")


def _confirm(word: str, otherwise: str) -> None:
    """Wait for the typed word. Raises ToldError for anything else, and where nobody can type."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise ToldError(f"This asks for a typed word, and nobody can type. {otherwise}", remedy="Add --yes.")
    _say(f"Type {word} to go on.")
    try:
        answer = input()
    except EOFError:
        answer = ""
    if answer.strip().upper() != word:
        raise ToldError(otherwise, remedy=f"Type {word}, or add --yes.")


def _tell_freed(freed: Freed, *, as_json: bool, done: str) -> None:
    for line in freed.left:
        _say(line)
    if not as_json:
        click.echo(f"{done}: {size_text(freed.size)} freed." if freed.size else f"{done}.")
        return
    data: dict[str, Any] = {
        "attempts": freed.attempts,
        "models": freed.models,
        "bytes": freed.size,
        "stray_folders": freed.strays,
        "left": freed.left,
    }
    click.echo(json.dumps(data))


def _models(freed: Freed) -> str:
    models = f"{_count(freed.models, 'model')} of {_count(len(freed.attempts), 'attempt')}"
    strays = f" and {_count(freed.strays, 'folder')} that no attempt on record owns" if freed.strays else ""
    return models + strays


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _say(text: str) -> None:
    click.echo(text, err=True)
