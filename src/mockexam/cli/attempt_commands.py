"""`mockexam sit`, `retry`, `status` and `finish`: start an attempt, look at it, end it."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import closing
from pathlib import Path

import click

from mockexam import paths
from mockexam.cli.fast_path import status_text
from mockexam.cli.options import (
    WEAKEST,
    complete_exam,
    complete_question,
    complete_retry,
    end,
    json_option,
    workspace_option,
    yes_option,
)
from mockexam.cli.plain import ASK_FINISH, CONFIRM_FINISH, sit_plainly
from mockexam.cli.progress_bar import CommandProgress
from mockexam.cli.session_output import TextOutput
from mockexam.errors import UserError
from mockexam.exam.clock import Reading
from mockexam.machine_clock import MachineClock
from mockexam.session.finish_request import FinishRequest
from mockexam.session.manager import SessionManager, require_attempt
from mockexam.session.ports import RetryChoice, StartRequest
from mockexam.store.attempt_lock import AttemptLock
from mockexam.store.journal import Journal
from mockexam.text.formats import plural
from mockexam.text.status import as_data, result_text, status_line
from mockexam.tui.launch import run_app

_plain = click.option("--plain", is_flag=True, help="No full-screen app: one line per event, commands from stdin.")
_start = click.option("--yes", is_flag=True, help="With --plain or --json: start the clock without confirmation.")
_ACCEPT_SECONDS = 15.0
"""For the open app to accept; it needs a fraction of a second unless it hangs."""
_POLL_SECONDS = 0.2


@click.command()
@click.argument("exam", required=False, shell_complete=complete_exam)
@click.option("--code", help="Sit the paper with this code again, e.g. 7K3Q-F2XM.")
@workspace_option
@_plain
@json_option
@_start
def sit(exam: str | None, code: str | None, workspace: Path | None, **how: bool) -> None:
    """Sit a full exam.

    EXAM is a name from `mockexam bank list` or a .toml file; by default the exam that ships with mockexam.

    MOCKEXAM_SIGNALS chooses the signals: some of toast, title, bell, notification; all (the default); or none.

    Example: mockexam sit --workspace ~/exam
    """
    _open(StartRequest(exam=exam, code=code, workspace=workspace), **how)


@click.command()
@click.argument("category", required=False, shell_complete=complete_retry)
@click.option(
    "--question",
    metavar="ID",
    help="Retry this question: an id, or an unambiguous part of one.",
    shell_complete=complete_question,
)
@click.option("--untimed", is_flag=True, help="No time limit.")
@click.option(
    "--exam",
    metavar="NAME|FILE",
    help="Retry for this exam; by default for the last exam that you took.",
    shell_complete=complete_exam,
)
@workspace_option
@_plain
@json_option
@_start
def retry(
    category: str | None, question: str | None, untimed: bool, exam: str | None, workspace: Path | None, **how: bool
) -> None:
    """Retry one question with new data, full feedback and hints.

    CATEGORY is an unambiguous part of its name (`image`, `series`), or `weakest`, the default. New questions come
    first, then the one with the fewest marks. You get the question's share of the exam's time.

    Example: mockexam retry image
    """
    _open(retry_request(category, question=question, timed=not untimed, workspace=workspace, exam=exam), **how)


def retry_request(
    category: str | None, *, question: str | None, timed: bool, workspace: Path | None, exam: str | None = None
) -> StartRequest:
    """The request, by default for the weakest category; its names are not checked yet. Raises click.UsageError."""
    weakest = category is not None and category.strip().lower() == WEAKEST
    if weakest and question is not None:
        raise click.UsageError(f"'{WEAKEST}' selects the question: leave out either that word or --question.")
    named = None if weakest else category
    return StartRequest(workspace=workspace, retry=RetryChoice(named, question, timed, exam))


def _open(request: StartRequest, *, plain: bool, as_json: bool, yes: bool) -> None:
    if plain or as_json:
        end(sit_plainly(request, as_json=as_json, yes=yes))
    if yes:
        raise click.UsageError("--yes needs --plain or --json.")
    end(run_app(request))


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show the time left, the marks so far and the folders.

    Fast enough for a prompt or a status bar: use its first line. Example: mockexam status --json
    """
    click.echo(status_text(as_json=as_json))


@click.command()
@yes_option
@json_option
def finish(yes: bool, as_json: bool) -> None:
    """Finish the running attempt before its time is up.

    Example: mockexam finish
    """
    end(finish_attempt(yes=yes, as_json=as_json))


def finish_attempt(*, yes: bool, as_json: bool) -> int:
    """Finish after a confirmation and print the result. Raises UserError if no attempt is running."""
    state = paths.state_paths()
    with closing(Journal(state.database)) as journal:
        attempt = require_attempt(journal)
        clock = MachineClock()
        if journal.attempt(attempt).finished is None and not yes:
            _confirm(status_line(journal.attempt(attempt), clock.read()))
        if _finished_elsewhere(journal, attempt, AttemptLock(state.locks), FinishRequest(state.locks, attempt)):
            _show(journal, attempt, clock.read(), as_json=as_json)
            return 0
    asyncio.run(_finish_here(as_json=as_json))
    return 0


def _confirm(line: str) -> None:
    click.echo(line, err=True)
    click.echo(ASK_FINISH, err=True)
    if sys.stdin.readline().strip().upper() != CONFIRM_FINISH:
        raise UserError("Not finished. The clock is still running.", hint=f"Type {CONFIRM_FINISH}, or add --yes.")


def _finished_elsewhere(journal: Journal, attempt: str, lock: AttemptLock, request: FinishRequest) -> bool:
    """Let the app that has the attempt open finish it; False if there is none. Raises UserError if it refuses."""
    progress = CommandProgress()
    give_up = time.monotonic() + _ACCEPT_SECONDS
    try:
        while (holder := lock.holder()) is not None and journal.receipt(attempt) is None:
            state = journal.attempt(attempt)
            if state.finished is not None:
                left = plural(len(state.waiting), "model")
                progress(None, f"Finished. The open app is grading: {left} left …")
            elif request.accepted:
                give_up = time.monotonic() + _ACCEPT_SECONDS
                progress(None, "The open app is receiving the last saved models …")
            elif time.monotonic() > give_up and request.withdraw():
                raise UserError(
                    "The open mockexam does not respond. The attempt is not finished, and the clock is still running.",
                    location=f"process {holder}" if holder else f"attempt {attempt}",
                    hint="Finish there. If it hangs, end its process and run `mockexam finish` again.",
                )
            else:
                # Repeated: an app that is opened meanwhile deletes earlier requests.
                request.send()
                progress(None, "Asking the open app to finish …")
            time.sleep(_POLL_SECONDS)
    finally:
        progress.stop()
        request.clear()
    return journal.receipt(attempt) is not None


async def _finish_here(*, as_json: bool) -> None:
    manager = SessionManager(paths.state_paths(), MachineClock())
    try:
        attempt = require_attempt(manager.journal)
        session = manager.open(attempt)
        if not as_json:
            session.listen(TextOutput().event)
        run = asyncio.create_task(session.run())
        await session.finish()
        await run
        _show(manager.journal, attempt, MachineClock().read(), as_json=as_json)
    finally:
        await manager.close()


def _show(journal: Journal, attempt: str, now: Reading, *, as_json: bool) -> None:
    state, receipt = journal.attempt(attempt), journal.receipt(attempt)
    click.echo(json.dumps(as_data(state, now, receipt)) if as_json else result_text(state, now, receipt))
