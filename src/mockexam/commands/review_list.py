"""The list of all attempts: as text, or as one JSON document that is written attempt by attempt."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mockexam.bank.draw import exam_categories
from mockexam.bank.skills import load_handbook
from mockexam.commands.patience import LateProgress
from mockexam.exam.outcome import Outcome, QuestionOutcome
from mockexam.exam.past_exams import ended_exams
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
from mockexam.report.progress import exam_progress
from mockexam.report.review import Review
from mockexam.report.selection import Order, Selection


def list_text(review: Review, selection: Selection, exam: str | None = None) -> Iterator[str]:
    """How one stands in an exam (see `Review.exam`), unless filters are set; a line an attempt. Raises ToldError."""
    past = review.past(told_if_slow())
    if not past.outcomes and not past.damaged:
        yield from wrapped(NOTHING, 0, 0)
        return
    shown = sorted(filter(selection.fits, reversed(past.outcomes)), key=selection.key, reverse=True)
    if selection.filters:
        yield f"{counts_text(past.outcomes)}; listed: {len(shown):,} {selection.words()}"
    else:
        named = review.exam(past.outcomes, exam)
        progress = exam_progress(past.outcomes, named.name, exam_categories(named.exam))
        yield from overview_lines(past, progress, review.readiness_of(meetings(past.outcomes), named))
    yield ""
    if shown:
        yield from attempts_lines(shown)
    else:
        yield "No attempt fits."
    for one in past.damaged:
        yield from damaged_lines(one)
    yield ""
    yield disk_text(review.disk())


def list_json(review: Review, selection: Selection, write: Callable[[str], object], exam: str | None = None) -> None:
    """Write the document of all attempts that fit; of each only what the standings need is held. Raises ToldError.

    `exam` as in `Review.exam`. A record that can't be opened, or a bank that can't be read, is told before anything is
    written.
    """
    from mockexam.report.review_json import HistoryWriter

    review.exam(review.outcomes() if exam else (), exam)
    load_handbook()
    names = list(reversed(review.attempts()))
    order = names if selection.order is Order.DATE else _sorted(review, selection, names)
    writer = HistoryWriter(write)
    damaged: list[Damaged] = []
    met: list[tuple[float, Sequence[Meeting]]] = []
    exams: dict[str, Outcome] = {}
    for one in review.each(told_if_slow(), order):
        if isinstance(one, Damaged):
            damaged.append(one)
            continue
        met.append((one.started, _slim(meetings([one]))))
        if ended_exams([one]) and (one.exam not in exams or one.started >= exams[one.exam].started):
            exams[one.exam] = one
        if selection.fits(one):
            writer.attempt(one)
    known = [meeting for _, some in sorted(met, key=lambda pair: pair[0]) for meeting in some]
    named = review.exam(sorted(exams.values(), key=lambda outcome: outcome.started), exam)
    of_it = [meeting for meeting in known if meeting.exam == named.name]
    writer.end(
        wall=time.time(),
        on_record=len(names),
        damaged=damaged,
        exam=named.name,
        exams=tuple(exams),
        standings=standings_of(of_it, exam_categories(named.exam)),
        estimate=review.readiness_of(of_it, named).estimate,
        disk=review.disk(),
    )


def _sorted(review: Review, selection: Selection, names: Sequence[str]) -> list[str]:
    """The ids in the order asked for, newest first among equals; those that can't be read come last."""
    keys = {one.attempt: selection.key(one) for one in review.each(told_if_slow(), names) if isinstance(one, Outcome)}
    return sorted(names, key=lambda name: -keys.get(name, float("-inf")))


def _slim(met: Sequence[Meeting]) -> list[Meeting]:
    """Meetings with their long texts taken away or shared: thousands are held at the same time."""
    return [
        replace(meeting, attempt="", exam=sys.intern(meeting.exam), outcome=_slim_outcome(meeting.outcome))
        for meeting in met
    ]


def _slim_outcome(outcome: QuestionOutcome) -> QuestionOutcome:
    question, category = sys.intern(outcome.question), sys.intern(outcome.category)
    return replace(outcome, question=question, category=category, title="", fingerprint="", metric=None)


def told_if_slow() -> Told:
    """Tells on standard error how far reading is, once it takes long: after an update, summaries are made anew."""
    line = LateProgress()
    return lambda done, of: line(done / of, f"reading the record: {done:,} of {of:,} attempts")
