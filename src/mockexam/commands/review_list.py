"""The list of all attempts: as text, or as one JSON document that is written attempt by attempt."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mockexam.bank.category import CATEGORIES
from mockexam.commands.patience import LateProgress
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.standing import Meeting, meetings, standings_of
from mockexam.records.history import Damaged, Told
from mockexam.report.history_text import (
    NOTHING,
    attempts_lines,
    counts_text,
    damaged_lines,
    disk_text,
    overview_lines,
    wrapped,
)
from mockexam.report.review import Review
from mockexam.report.selection import Order, Selection


def list_text(review: Review, selection: Selection) -> Iterator[str]:
    """How one stands, unless filters are set, and a line an attempt. Raises ToldError."""
    past = review.past(told_if_slow())
    if not past.outcomes and not past.damaged:
        yield from wrapped(NOTHING, 0, 0)
        return
    shown = sorted(filter(selection.fits, reversed(past.outcomes)), key=selection.key, reverse=True)
    if selection.filters:
        yield f"{counts_text(past.outcomes)}; listed: {len(shown):,} {selection.words()}"
    else:
        met = meetings(past.outcomes)
        yield from overview_lines(past, standings_of(met, CATEGORIES), review.readiness_of(met))
    yield ""
    if shown:
        yield from attempts_lines(shown)
    else:
        yield "No attempt fits."
    for one in past.damaged:
        yield from damaged_lines(one)
    yield ""
    yield disk_text(review.disk())


def list_json(review: Review, selection: Selection, write: Callable[[str], object]) -> None:
    """Write the document of all attempts that fit; of each only what the standings need is held. Raises ToldError.

    A record that can't be opened, or a bank that can't be read, is told before anything is written.
    """
    from mockexam.report.review_json import HistoryWriter

    review.readiness_of(())
    names = list(reversed(review.attempts()))
    order = names if selection.order is Order.DATE else _sorted(review, selection, names)
    writer = HistoryWriter(write)
    damaged: list[Damaged] = []
    met: list[tuple[float, Sequence[Meeting]]] = []
    for one in review.each(told_if_slow(), order):
        if isinstance(one, Damaged):
            damaged.append(one)
            continue
        met.append((one.started, _slim(meetings([one]))))
        if selection.fits(one):
            writer.attempt(one)
    known = [meeting for _, some in sorted(met, key=lambda pair: pair[0]) for meeting in some]
    writer.end(
        wall=time.time(),
        on_record=len(names),
        damaged=damaged,
        standings=standings_of(known, CATEGORIES),
        estimate=review.readiness_of(known).estimate,
        disk=review.disk(),
    )


def _sorted(review: Review, selection: Selection, names: Sequence[str]) -> list[str]:
    """The ids in the order asked for, newest first among equals; those that can't be read come last."""
    keys = {one.attempt: selection.key(one) for one in review.each(told_if_slow(), names) if isinstance(one, Outcome)}
    return sorted(names, key=lambda name: -keys.get(name, float("-inf")))


def _slim(met: Sequence[Meeting]) -> list[Meeting]:
    """Meetings with their long texts taken away or shared: thousands are held at the same time."""
    return [replace(meeting, attempt="", outcome=_slim_outcome(meeting.outcome)) for meeting in met]


def _slim_outcome(outcome: QuestionOutcome) -> QuestionOutcome:
    question, category = sys.intern(outcome.question), sys.intern(outcome.category)
    return replace(outcome, question=question, category=category, title="", fingerprint="", metric=None)


def told_if_slow() -> Told:
    """Tells on standard error how far reading is, once it takes long: after an update, summaries are made anew."""
    line = LateProgress()
    return lambda done, of: line(done / of, f"reading the record: {done:,} of {of:,} attempts")
