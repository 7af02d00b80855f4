"""What `mockexam review` writes into files of the user's: pages, the certificate, an earlier submission."""

from __future__ import annotations

import sys

import click

from mockexam.commands.review import Asked, named
from mockexam.commands.review_html import write_certificate, write_review_html
from mockexam.errors import ToldError
from mockexam.report.review import Review
from mockexam.report.selection import find_submission


def page(review: Review, asked: Asked) -> int:
    """The page of all attempts, or of the one that was named."""
    assert asked.html is not None
    write_review_html(review, asked.html, asked.attempt, asked.yes)
    return 0


def certificate(review: Review, asked: Asked) -> int:
    """The certificate of a passed exam; the name is asked for if it was not given."""
    assert asked.certificate is not None
    write_certificate(review, asked.certificate, named(asked), asked.name or _ask_name(), asked.yes)
    return 0


def _ask_name() -> str:
    told = ToldError("Whose certificate is it?", where="--name", remedy="Name the candidate, e.g. --name 'Ada L.'.")
    if not sys.stdin.isatty():
        raise told
    click.echo("The name that stands on the certificate: ", nl=False, err=True)
    name = sys.stdin.readline().strip()
    if not name:
        raise told
    return name


def restore(review: Review, asked: Asked) -> int:
    """Put back an earlier submission's model and scripts; what lies there is moved aside, never lost."""
    detail = review.detail(named(asked))
    attempt = detail.outcome.attempt
    submission = find_submission(asked.restore or "", detail.submissions)
    remarks: list[str] = []
    names = review.restore(detail, submission.id, asked.into, tell=remarks.append)
    if asked.as_json:
        from mockexam.report.review_json import restored_document

        click.echo(restored_document(attempt, submission.id, names, remarks).model_dump_json())
        return 0
    for remark in remarks:
        click.echo(remark, err=True)
    click.echo(f"Put back: {', '.join(names)}." if names else "All of it lies there already.")
    return 0
