"""`mockexam` and `mockexam sit`: the app."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from mockexam.session.ports import RetryChoice


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line."""

    exam: str | None = None
    code: str | None = None
    workspace: Path | None = None
    retry: RetryChoice | None = None
    """What is to be practised, in place of an exam."""

    @property
    def empty(self) -> bool:
        """Whether nothing in particular was asked for."""
        return self == Request()


def open_app(request: Request | None) -> int:
    """Run the full-screen app; with a request it opens at the start of that exam. Returns the exit code."""
    from mockexam.tui.launch import run_app

    return run_app(request)


WEAKEST = "weakest"
"""Stands for the category in which somebody stands weakest."""


def retry_request(
    category: str | None, *, question: str | None, timed: bool, workspace: Path | None, exam: str | None = None
) -> Request:
    """The request; without a category and a question the weakest category. Raises click.UsageError.

    Whether category, question and exam exist is found out when the retry is planned.
    """
    weakest = category is not None and category.strip().lower() == WEAKEST
    if weakest and question is not None:
        raise click.UsageError(f"'{WEAKEST}' chooses for you: leave out either that word or --question.")
    named = None if weakest else category
    return Request(workspace=workspace, retry=RetryChoice(named, question, timed, exam))
