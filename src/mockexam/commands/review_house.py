"""Which attempts `mockexam review --delete`, `--export` and their kin are about; the rest is done elsewhere."""

from __future__ import annotations

from mockexam.commands import housekeeping
from mockexam.commands.review import Asked, named
from mockexam.commands.review_list import told_if_slow
from mockexam.errors import ToldError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.report.review import Review


def delete(review: Review, asked: Asked) -> int:
    """Delete the attempt that was named, or all ended ones that fit."""
    return housekeeping.delete(_wanted(review, asked), asked.yes, as_json=asked.as_json)


def export(review: Review, asked: Asked) -> int:
    """Write the attempt that was named, all ended ones that fit, or all into an archive."""
    assert asked.export is not None
    ids = _wanted(review, asked) if asked.attempt or asked.selects else []
    return housekeeping.export(ids, asked.export, not asked.no_models, as_json=asked.as_json)


def import_(review: Review, asked: Asked) -> int:  # noqa: ARG001  # all actions are called alike
    """Take in the attempts of an archive."""
    assert asked.import_ is not None
    return housekeeping.import_(asked.import_, as_json=asked.as_json)


def prune(review: Review, asked: Asked) -> int:  # noqa: ARG001  # as above
    """Drop kept models but the best and the last one of each question."""
    return housekeeping.prune(asked.yes, as_json=asked.as_json)


def regrade(review: Review, asked: Asked) -> int:
    """Mark kept models again."""
    from mockexam.commands.regrade import regrade as again

    return again(review.find(named(asked)), as_json=asked.as_json)


def _wanted(review: Review, asked: Asked) -> list[str]:
    """The ids that an action is about. Raises ToldError if nothing fits."""
    if asked.attempt is not None:
        return [review.find(asked.attempt)]
    selection = asked.selection
    found = [
        one.attempt
        for one in review.each(told_if_slow())
        if isinstance(one, Outcome) and one.phase is Phase.ENDED and selection.fits(one)
    ]
    if not found:
        raise ToldError("No ended attempt fits.", remedy="`mockexam review` lists all attempts.")
    return found
