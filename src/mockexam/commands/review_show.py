"""What `mockexam review` shows: all attempts, one, two side by side, two scripts, readiness. Text or JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from mockexam.commands.review import Asked, named
from mockexam.report.diff import DiffLine
from mockexam.report.review import Review
from mockexam.report.selection import find_submission


def show_all(review: Review, asked: Asked) -> int:
    """All attempts that fit, and how one stands."""
    from mockexam.commands.review_list import list_json, list_text

    selection = asked.selection
    if asked.as_json:
        list_json(review, selection, sys.stdout.write)
    else:
        _print(list_text(review, selection))
    return 0


def show_attempt(review: Review, asked: Asked) -> int:
    """All that is on record of one attempt."""
    from mockexam.report.detail_text import detail_lines

    detail = review.detail(named(asked))
    if asked.as_json:
        from mockexam.report.review_json import attempt_document

        click.echo(attempt_document(detail).model_dump_json())
    else:
        _print(detail_lines(detail))
    return 0


def compare(review: Review, asked: Asked) -> int:
    """Two attempts, the earlier on the left."""
    from mockexam.report.compare import compare as side_by_side
    from mockexam.report.detail_text import comparison_lines

    both = review.details(named(asked), asked.compare or "")
    left, right = sorted(both, key=lambda detail: detail.outcome.started)
    comparison = side_by_side(left, right)
    if asked.as_json:
        from mockexam.report.review_json import comparison_document

        click.echo(comparison_document(comparison).model_dump_json())
    else:
        _print(comparison_lines(comparison))
    return 0


def diff(review: Review, asked: Asked) -> int:
    """A submission's scripts against the reference, or another's."""
    detail = review.detail(named(asked))
    attempt, known = detail.outcome.attempt, detail.submissions
    old = find_submission(asked.diff or "", known).id
    new = find_submission(asked.against, known).id if asked.against else None
    lines = review.diff(detail, old, new)
    if asked.as_json:
        from mockexam.report.review_json import diff_document

        click.echo(diff_document(attempt, old, new or "reference", lines).model_dump_json())
    else:
        _print([f"--- {old}", f"+++ {new or 'reference'}", *map(_diff_line, lines)])
    return 0


def _diff_line(line: DiffLine) -> str:
    sign = {"same": "  ", "old": "- ", "new": "+ ", "gap": "@ "}[line.kind]
    return f"{sign}{line.text}".rstrip()


def readiness(review: Review, asked: Asked) -> int:
    """The estimate, the study plan and the evidence for every skill."""
    found = review.readiness()
    if asked.as_json:
        from mockexam.report.review_json import readiness_document

        click.echo(readiness_document(found).model_dump_json())
    else:
        from mockexam.report.history_text import readiness_lines

        _print(readiness_lines(found))
    return 0


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line)
