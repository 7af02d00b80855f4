"""What must hold after any fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

from mockexam.exam import events as ev
from mockexam.exam.attempt import MAX_FAULTS, Attempt, Submission
from mockexam.exam.scoring import Verdict
from mockexam.store.journal import Journal
from mockexam.workspace.receive import hash_of
from tests.faults.story import SAVES, Room

Shown = Sequence[dict[str, Any]]
"""What the learner was shown: the kind, submission, sha256 and marks of events, as they were shown."""


def wrongs(room: Room, shown: Shown, *, owed: bool = False) -> Iterator[str]:
    """What is wrong with an attempt that has ended. With `owed` what grading again mends may still stand."""
    with closing(Journal(room.state.database, check=True)) as journal:
        newest = journal.newest()
        if newest is None:
            yield "the attempt is not on record"
            return
        if journal.verify(newest) is not None:
            yield "the chain is broken"
        events = [entry.event for entry in journal.entries(newest)]
        attempt = journal.attempt(newest)
    yield from _lost(room, attempt, shown)
    yield from _often(events)
    for submission in attempt.submissions:
        yield from _graded_wrongly(room, submission, events, owed=owed)
    if attempt.settled is None or (not owed and attempt.settled.earned != attempt.earned):
        yield f"the result does not stand: {attempt.settled}"


def left_behind(room: Room) -> Iterator[str]:
    """Half copies that nobody has removed."""
    return (f"left behind: {path.name}" for path in room.state.submissions.rglob("tmp-*"))


def _lost(room: Room, attempt: Attempt, shown: Shown) -> Iterator[str]:
    known = {s.id: s for s in attempt.submissions}
    for line in shown:
        submission = known.get(line["submission"])
        if submission is None:
            yield f"lost: {line}"
        elif line["kind"] == "received" and submission.received.sha256 != line["sha256"]:
            yield f"another model: {line}"
        elif line["kind"] == "graded" and line["marks"] is not None and submission.marks != line["marks"]:
            yield f"other marks: {line} and {submission.marks}"
    for submission in attempt.submissions:
        if hash_of(room.state.submissions / submission.received.stored) != submission.received.sha256:
            yield f"the kept copy of {submission.id} is not what was received"
    there = {s.received.sha256 for s in attempt.submissions}
    for content in dict(SAVES).values():
        if room.corpus.digest(content) not in there:
            yield f"never received: {content}"


def _often(events: Sequence[ev.Event]) -> Iterator[str]:
    once = Counter(
        (event.kind, getattr(event, "submission", ""))
        for event in events
        if isinstance(event, ev.Started | ev.Received | ev.Graded | ev.Finished)
    )
    yield from (f"{count} times: {what}" for what, count in once.items() if count > 1)
    faults = Counter(event.submission for event in events if isinstance(event, ev.GradingFailed))
    yield from (f"{count} tries of {what}" for what, count in faults.items() if count > MAX_FAULTS)
    results = [event for event in events if isinstance(event, ev.Settled)]
    if len(results) > 1 + any(isinstance(event, ev.Regraded) for event in events):
        yield f"{len(results)} results"


def _graded_wrongly(room: Room, submission: Submission, events: Sequence[ev.Event], *, owed: bool) -> Iterator[str]:
    stands, deserved = submission.grading, room.corpus.deserved(submission.received.sha256)
    if stands is None:
        yield f"not graded: {submission.id}"
    elif stands.verdict is Verdict.GRADER_ERROR:
        if not owed:
            yield f"not mended: {submission.id}"
        if submission.faults != MAX_FAULTS or stands.marks is not None:
            yield f"given up after {submission.faults} with {stands.marks}: {submission.id}"
    elif (stands.verdict, stands.marks) != deserved:
        yield f"{stands.verdict} {stands.marks}: {submission.id}"
    regraded = [e for e in events if isinstance(e, ev.Regraded) and e.submission == submission.id]
    if any((e.verdict, e.marks) != deserved for e in regraded):
        yield f"graded again wrongly: {submission.id}"
