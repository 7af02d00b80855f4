"""`mockexam review regrade`: kept models graded again with today's versions, and what changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import click

from mockexam import paths
from mockexam.cli.options import complete_attempt, end, json_option, open_review
from mockexam.cli.progress_bar import ProgressLine
from mockexam.errors import GraderFaultError
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.machine_clock import MachineClock
from mockexam.review.selection import LAST
from mockexam.session.regrade import RegradeChange
from mockexam.store.journal import Journal
from mockexam.text.status import percent
from mockexam.text.units import number_text

_VERDICTS = {
    None: "not marked",
    Verdict.INVALID_MODEL: "refused",
    Verdict.LIMIT_EXCEEDED: "over a limit",
    Verdict.GRADER_ERROR: "marker fault",
}


@click.command()
@click.argument("attempt", default=LAST, shell_complete=complete_attempt)
@json_option
def regrade(attempt: str, as_json: bool) -> None:
    """Grade kept models again with today's versions.

    The models of ATTEMPT, by default the last. Both results stay on record.

    Example: mockexam review regrade last
    """
    identifier = open_review().find(attempt)
    state = paths.state_paths()
    with closing(Journal(state.database)) as journal:
        before = _result(journal, identifier)
        changes = asyncio.run(_regrade(journal, identifier, state.submissions))
        after = _result(journal, identifier)
    if as_json:
        submissions = [{**asdict(change), "changed": change.changed} for change in changes]
        results = {"before": before._asdict(), "after": after._asdict()}
        click.echo(json.dumps({"attempt": identifier, **results, "submissions": submissions}))
    else:
        click.echo(_as_text(before, after, changes))
    faults = sum(change.fault for change in changes)
    if faults:
        click.echo(f"The marker failed on {faults} of {len(changes)}; `mockexam doctor` tells why.", err=True)
        end(GraderFaultError.exit_code)


class _Result(NamedTuple):
    """What stands of an attempt."""

    total_percent: float
    passed: bool | None
    receipt: str | None


def _result(journal: Journal, attempt: str) -> _Result:
    state = journal.attempt(attempt)
    return _Result(percent(state), state.settled.passed if state.settled else None, journal.receipt(attempt))


async def _regrade(journal: Journal, attempt: str, submissions: Path) -> tuple[RegradeChange, ...]:
    from mockexam.bank.loader import load_bank
    from mockexam.grading.client import Grader
    from mockexam.session.regrade import regrade as grade_again

    async with Grader(paths.state_paths()) as grader:
        return await grade_again(journal, grader, load_bank(), MachineClock(), attempt, submissions, ProgressLine())


def _as_text(before: _Result, after: _Result, changes: Sequence[RegradeChange]) -> str:
    lines = _table([("question", "submission", "was", "is", "versions"), *map(_row, changes)]) if changes else []
    graded = [change for change in changes if change.after is not None]
    left_out = len(changes) - len(graded)
    told = f"{len(graded)} marked again, {sum(change.changed for change in graded)} with another verdict or marks"
    lines.append(f"{told}, {left_out} left out." if left_out else f"{told}.")
    if before.receipt == after.receipt:
        lines.append(f"The result stands: {after.total_percent:g} %, receipt {after.receipt}.")
    else:
        verdict = "PASS" if after.passed else "FAIL"
        lines.append(f"The result is now {verdict}, {after.total_percent:g} % (it was {before.total_percent:g} %).")
        lines.append(f"The new receipt is {after.receipt}; the first one stays on record.")
    return "\n".join(lines)


def _row(change: RegradeChange) -> tuple[str, ...]:
    was = _judged(change.before, change.marks_before, change.value_before)
    if change.after is None:
        return str(change.number), change.submission, was, f"not marked again: {change.left_out}"
    now = _judged(change.after, change.marks_after, change.value_after)
    versions = ", ".join(f"{v.name} {v.before or '?'} → {v.after or '?'}" for v in change.versions)
    counts = " (counts)" if change.mended else ""
    return str(change.number), change.submission, was, f"{now}{counts}", versions or "the same"


def _judged(verdict: Verdict | None, marks: int | None, value: float | None) -> str:
    if verdict is not Verdict.GRADED:
        return _VERDICTS[verdict]
    return f"{marks}/{MARKS_PER_QUESTION}" + (f" · {number_text(value)}" if value is not None else "")


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows in columns; the last cell of a row runs on."""
    columns = range(max(map(len, rows)))
    widths = [max((len(row[c]) for row in rows if len(row) > c + 1), default=0) for c in columns]
    return ["  ".join(cell.ljust(widths[c]) for c, cell in enumerate(row)).rstrip() for row in rows]
