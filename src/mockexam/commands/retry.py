"""`mockexam retry`: what was asked for, as a request that the app and `--plain` both understand."""

from __future__ import annotations

from pathlib import Path

import click

from mockexam.commands.sit import Request
from mockexam.sitting.ports import RetryChoice

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
