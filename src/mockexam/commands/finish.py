"""`mockexam finish`: end the attempt under way, here or in the app that has it open."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import closing

import click

from mockexam import paths
from mockexam.commands.plain_input import CONFIRM_FINISH
from mockexam.commands.plain_output import TextOutput
from mockexam.errors import ToldError
from mockexam.exam import events as ev
from mockexam.exam.clock import Reading
from mockexam.machine_clock import MachineClock
from mockexam.records.journal import Journal
from mockexam.records.lock import AttemptLock
from mockexam.report.summary import as_data, result_text, status_line
from mockexam.sitting.desk import Desk, require_attempt

_LAST_SAVES_SECONDS = 1.5
"""Time that the open app is given to receive what was saved the moment before."""


def finish(*, yes: bool, as_json: bool) -> int:
    """Finish after a typed word and print the result. Raises ToldError if no attempt is under way."""
    state = paths.state()
    with closing(Journal(state.database)) as journal:
        attempt = require_attempt(journal)
        clock = MachineClock()
        if journal.attempt(attempt).finished is None and not yes:
            _confirm(status_line(journal.attempt(attempt), clock.read()))
        elsewhere = AttemptLock(state.locks).holder() is not None
        if elsewhere:
            _finish_elsewhere(journal, attempt, clock)
            _show(journal, attempt, clock.read(), as_json=as_json)
            return 0
    asyncio.run(_finish_here(as_json=as_json))
    return 0


def _confirm(line: str) -> None:
    click.echo(line, err=True)
    click.echo(f"Type {CONFIRM_FINISH} to finish now; nothing more is received then.", err=True)
    try:
        answer = input()
    except EOFError:
        answer = ""
    if answer.strip().upper() != CONFIRM_FINISH:
        raise ToldError("Not finished; the clock runs on.", remedy=f"Type {CONFIRM_FINISH}, or add --yes.")


def _finish_elsewhere(journal: Journal, attempt: str, clock: MachineClock) -> None:
    """The app that has the attempt open sees this event, marks what is left and shows the result."""
    time.sleep(_LAST_SAVES_SECONDS)
    if journal.attempt(attempt).finished is None:
        journal.append(attempt, ev.Finished(at=clock.read(), reason="candidate"))
    click.echo("Waiting for the open app to mark what it has received …", err=True)
    while journal.receipt(attempt) is None and AttemptLock(paths.state().locks).holder() is not None:
        time.sleep(0.3)


async def _finish_here(*, as_json: bool) -> None:
    desk = Desk(paths.state(), MachineClock())
    try:
        attempt = require_attempt(desk.journal)
        sitting = desk.open(attempt)
        run = asyncio.create_task(sitting.run())
        if not as_json:
            sitting.listen(TextOutput().event)
        await sitting.finish()
        await run
        _show(desk.journal, attempt, MachineClock().read(), as_json=as_json)
    finally:
        await desk.close()


def _show(journal: Journal, attempt: str, now: Reading, *, as_json: bool) -> None:
    state, receipt = journal.attempt(attempt), journal.receipt(attempt)
    click.echo(json.dumps(as_data(state, now, receipt)) if as_json else result_text(state, now, receipt))
