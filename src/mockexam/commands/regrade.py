"""`mockexam review ATTEMPT --regrade`: kept models marked again with today's versions, and what changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from mockexam import paths
from mockexam.commands.progress import ProgressLine
from mockexam.errors import GraderFaultError
from mockexam.exam.attempt import Attempt
from mockexam.exam.marking import MARKS_PER_QUESTION, Verdict
from mockexam.machine_clock import MachineClock
from mockexam.records.history import History
from mockexam.records.journal import Journal
from mockexam.report.selection import find_attempt
from mockexam.report.summary import percent
from mockexam.sitting.regrade import RegradeChange
from mockexam.wording import number_text

_VERDICTS = {
    None: "not marked",
    Verdict.INVALID_MODEL: "refused",
    Verdict.LIMIT_EXCEEDED: "over a limit",
    Verdict.GRADER_ERROR: "marker fault",
}


@dataclass(frozen=True, slots=True)
class _Result:
    total_percent: float
    passed: bool | None
    receipt: str | None

    @classmethod
    def of(cls, state: Attempt, receipt: str | None) -> _Result:
        """What stands of an attempt."""
        return cls(percent(state), state.settled.passed if state.settled else None, receipt)


def regrade(attempt: str, *, as_json: bool = False) -> int:
    """Mark an attempt's kept models again and print what changed. Returns 0, or 3 if the marker failed on some.

    Raises ToldError.
    """
    state = paths.state()
    with closing(Journal(state.database)) as journal:
        identifier = find_attempt(attempt, History(journal).attempts())
        before = _Result.of(journal.attempt(identifier), journal.receipt(identifier))
        changes = asyncio.run(_regrade(journal, identifier, state.submissions))
        after = _Result.of(journal.attempt(identifier), journal.receipt(identifier))
    if as_json:
        click.echo(json.dumps(_as_data(identifier, before, after, changes)))
    else:
        click.echo(_as_text(before, after, changes))
    faults = sum(change.fault for change in changes)
    if faults:
        click.echo(f"The marker failed on {faults} of {len(changes)}; `mockexam doctor` tells why.", err=True)
    return GraderFaultError.exit_code if faults else 0


async def _regrade(journal: Journal, attempt: str, submissions: Path) -> tuple[RegradeChange, ...]:
    from mockexam.bank.loader import load_bank
    from mockexam.grading.client import Grader
    from mockexam.sitting.regrade import regrade as mark_again

    async with Grader(paths.state()) as grader:
        return await mark_again(journal, grader, load_bank(), MachineClock(), attempt, submissions, ProgressLine())


def _as_data(attempt: str, before: _Result, after: _Result, changes: Sequence[RegradeChange]) -> dict[str, Any]:
    return {
        "attempt": attempt,
        "before": asdict(before),
        "after": asdict(after),
        "submissions": [{**asdict(change), "changed": change.changed} for change in changes],
    }


def _as_text(before: _Result, after: _Result, changes: Sequence[RegradeChange]) -> str:
    lines = _table([("question", "submission", "was", "is", "versions"), *map(_row, changes)]) if changes else []
    marked = [change for change in changes if change.after is not None]
    left_out = len(changes) - len(marked)
    told = f"{len(marked)} marked again, {sum(change.changed for change in marked)} with another verdict or marks"
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
