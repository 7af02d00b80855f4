"""`mockexam review`: what was asked for, and who does it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from mockexam import paths
from mockexam.exam.paper import Mode
from mockexam.machine_clock import MachineClock
from mockexam.report.review import Review
from mockexam.report.selection import LAST, Order, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The command line of `mockexam review`; empty where nothing was said."""

    attempt: str | None = None
    as_json: bool = False
    plain: bool = False
    mode: str | None = None
    passed: bool | None = None
    category: str | None = None
    sort: str | None = None
    compare: str | None = None
    diff: str | None = None
    against: str | None = None
    restore: str | None = None
    into: Path | None = None
    readiness: bool = False
    html: Path | None = None
    certificate: Path | None = None
    name: str | None = None
    regrade: bool = False
    delete: bool = False
    prune: bool = False
    export: Path | None = None
    no_models: bool = False
    import_: Path | None = None
    yes: bool = False

    @property
    def selection(self) -> Selection:
        """Filters and order. Raises UnknownNameError for an unknown category."""
        from mockexam.bank.loader import find_category

        return Selection(
            mode=Mode(self.mode) if self.mode else None,
            passed=self.passed,
            category=find_category(self.category) if self.category else None,
            order=Order(self.sort) if self.sort else Order.DATE,
        )

    @property
    def selects(self) -> bool:
        """Whether filters or an order are named."""
        return any(value is not None for value in (self.mode, self.passed, self.category, self.sort))


Action = Callable[[Review, Asked], int]

ACTIONS = (
    "compare", "diff", "restore", "readiness", "html", "certificate", "regrade", "delete", "prune", "export", "import_",
)  # fmt: skip
_GOES_WITH = {
    "against": ("diff",),
    "into": ("restore",),
    "name": ("certificate",),
    "no_models": ("export",),
    "yes": ("delete", "prune", "html", "certificate"),
}
_WITHOUT_ATTEMPT = ("readiness", "prune", "import_")
_WITH_FILTERS = ("delete", "export")
"""What is done to all attempts that fit, where none is named."""


def review(asked: Asked) -> int:
    """Do what was asked; returns the exit code. Raises click.UsageError, ToldError, GraderFaultError."""
    action = _action(asked)
    if action is None and not asked.as_json and not asked.plain and not asked.selects and _on_terminal():
        from mockexam.tui.launch import run_review

        return run_review(asked.attempt)
    return _find(action, asked)(Review(paths.state(), MachineClock()), asked)


def _action(asked: Asked) -> str | None:
    """The one thing that is to be done; None to show. Raises click.UsageError for what does not go together."""
    wanted = [name for name in ACTIONS if getattr(asked, name) not in {None, False}]
    if len(wanted) > 1:
        raise click.UsageError(f"{_option(wanted[0])} and {_option(wanted[1])} do not go together.")
    action = wanted[0] if wanted else None
    for name, partners in _GOES_WITH.items():
        if getattr(asked, name) not in {None, False} and action not in partners:
            raise click.UsageError(f"{_option(name)} goes with {' or '.join(map(_option, partners))}.")
    if asked.attempt is not None and action in _WITHOUT_ATTEMPT:
        raise click.UsageError(f"{_option(action or '')} is about all attempts: leave out ATTEMPT.")
    if asked.selects and (asked.attempt is not None or action not in {None, *_WITH_FILTERS}):
        raise click.UsageError("--mode, --passed, --failed, --category and --sort go with the list of all attempts.")
    if action == "delete" and asked.attempt is None and not asked.selects:
        raise click.UsageError("Name the ATTEMPT to delete, or filter what is to be deleted, e.g. --mode retry.")
    return action


def _option(name: str) -> str:
    return f"--{name.rstrip('_').replace('_', '-')}"


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


def _find(action: str | None, asked: Asked) -> Action:
    """Who does it. Each is imported when it is asked for."""
    if action is None:
        from mockexam.commands import review_show as show

        return show.show_attempt if asked.attempt else show.show_all
    if action in {"compare", "diff", "readiness"}:
        from mockexam.commands import review_show as show

        return {"compare": show.compare, "diff": show.diff, "readiness": show.readiness}[action]
    if action in {"restore", "html", "certificate"}:
        from mockexam.commands import review_write as write

        return {"restore": write.restore, "html": write.page, "certificate": write.certificate}[action]
    from mockexam.commands import review_house as house

    return {
        "delete": house.delete,
        "export": house.export,
        "import_": house.import_,
        "prune": house.prune,
        "regrade": house.regrade,
    }[action]


def named(asked: Asked) -> str:
    """The attempt that was named; the newest if none was."""
    return asked.attempt or LAST
