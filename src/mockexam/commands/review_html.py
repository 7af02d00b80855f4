"""`mockexam review --html` and `--certificate`: pages to keep and to print, written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam.errors import ToldError

if TYPE_CHECKING:
    from mockexam.report.review import Review


def write_review_html(
    review: Review, path: Path, attempt: str | None, overwrite: bool, exam: str | None = None
) -> None:
    """Write the page of all attempts (see `Review.exam`), or of one, and print where it is. Raises ToldError."""
    target = _free(path, overwrite=overwrite)
    review.write_html(target, attempt, exam=exam)
    click.echo(str(target))


def write_certificate(review: Review, path: Path, attempt: str, name: str, overwrite: bool) -> None:
    """Write the certificate of a passed exam, made out to `name`, and print where it is. Raises ToldError."""
    target = _free(path, overwrite=overwrite)
    review.write_html(target, attempt, name)
    click.echo(str(target))


def _free(path: Path, *, overwrite: bool) -> Path:
    """The absolute path, if it may be written. Raises ToldError where a file stands or the folder is missing."""
    target = path.expanduser().absolute()
    if not target.parent.is_dir():
        raise ToldError(
            "The folder for the page is not there.", where=str(target.parent), remedy="Make it, or name another one."
        )
    if target.is_dir():
        raise ToldError("This is a folder.", where=str(target), remedy="Name a file in it, e.g. review.html.")
    if os.path.lexists(target) and not overwrite:
        raise ToldError(
            "There is a file of that name already.", where=str(target), remedy="Name another file, or add --yes."
        )
    return target
