"""The record of the running attempt: it takes events, and gives the current state and the lines of activity."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, apply
from mockexam.exam.clock import Clock, Reading, jump_between
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.session.ports import Activity, Tone
from mockexam.store.journal import Journal, JournalEntry, TooLateError
from mockexam.text.event_text import event_text, question_number

if TYPE_CHECKING:
    from mockexam.workspace.layout import Workspace

Listener = Callable[[Attempt, ev.Event | None, Activity | None], None]
"""Called with the state after each new event, the event and its line; or with the state and a line alone."""

_RETRY_SECONDS = 2.0
_MAX_LINES = 500
"""Lines of activity kept in memory."""

_GOOD_MARKS = 4
"""From here on a verdict is shown as good news."""


class EventLog:
    """Follows one attempt in the journal, whichever process records its events."""

    def __init__(self, journal: Journal, attempt: str) -> None:
        """Read the attempt. Raises UserError if it is not known."""
        self._journal = journal
        self.id = attempt
        self._state: Attempt = journal.attempt(attempt)
        self._folded: Attempt | None = None
        self._seq = 0
        self._changes = -1
        self._behind = False
        """The journal holds events that could not be read yet."""
        self._story: list[Activity] = []
        self.listeners: list[Listener] = []
        self.refresh()

    @property
    def state(self) -> Attempt:
        """The current state of the attempt."""
        return self._state

    @property
    def story(self) -> tuple[Activity, ...]:
        """The lines of activity, oldest first."""
        return tuple(self._story)

    @cached_property
    def holdout_seed(self) -> str:
        """The seed of the hold-outs. Raises UserError."""
        return self._journal.holdout_seed(self.id)

    def append(self, event: ev.Event) -> Attempt:
        """Record an event; returns the new state. Raises TooLateError and UserError if it is not recorded."""
        entry = self._journal.append(self.id, event)
        try:
            self._catch_up()
        except UserError:
            # Raising here would make the caller record the event twice, which no attempt survives.
            self._behind = entry.seq != self._seq + 1
            if not self._behind:
                self._follow(entry)
        return self._state

    async def append_with_retry(self, event: ev.Event) -> Attempt:
        """Record an event, again and again while the disk is full or read-only. Raises TooLateError."""
        reported = False
        while True:
            try:
                self.append(event)
                break
            except TooLateError:
                raise
            except UserError as error:
                if not reported:
                    self.report(None, f"{error.message} {error.hint}", Tone.ERROR)
                reported = True
                await asyncio.sleep(_RETRY_SECONDS)
        while self._behind:
            await asyncio.sleep(_RETRY_SECONDS)
            with suppress(UserError):
                self._catch_up()
        return self._state

    def refresh(self) -> bool:
        """Read what another process has recorded; returns whether there was anything."""
        changes = self._journal.changes()
        if changes == self._changes and not self._behind:
            return False
        found = self._catch_up()
        self._changes = changes
        return found

    def report(self, number: int | None, text: str, tone: Tone = Tone.INFO) -> None:
        """Add a line of activity that is no event."""
        self._add(None, Activity(wall=time.time(), number=number, text=text, tone=tone))

    def _add(self, event: ev.Event | None, line: Activity | None) -> None:
        if line is not None:
            self._story.append(line)
            del self._story[:-_MAX_LINES]
        for listener in self.listeners:
            listener(self._state, event, line)

    def backup(self) -> None:
        """Back up the record."""
        self._journal.backup()

    def _catch_up(self) -> bool:
        before = self._seq
        for entry in self._journal.entries(self.id, after=self._seq):
            self._follow(entry)
        self._behind = False
        return self._seq > before

    def _follow(self, entry: JournalEntry) -> None:
        self._folded = apply(self._folded, entry.event, self.id)
        self._state = self._folded
        self._seq = entry.seq
        self._add(entry.event, describe(self._state, entry.event))


TICK_SECONDS = 60.0


class Timekeeper:
    """Reads the clocks for an attempt, and records jumps and each minute."""

    def __init__(self, clock: Clock, event_log: EventLog) -> None:
        """Start from the last recorded reading, so that a jump made while the app was closed is noticed."""
        self._clock = clock
        self._event_log = event_log
        self._before = event_log.state.clock.last

    def read(self) -> Reading:
        """Read the clocks."""
        return self._clock.read()

    def look(self) -> Reading:
        """Read the clocks and record a jump or, each minute, a tick."""
        now = self.read()
        jump, last = jump_between(self._before, now), self._event_log.state.clock.last
        self._before = now
        event: ev.Event | None = None
        if jump is not None:
            event = ev.ClockJumped(at=now, seconds=round(jump, 3))
        elif last.boot_id != now.boot_id or now.boot - last.boot >= TICK_SECONDS:
            event = ev.Ticked(at=now)
        if event is not None and self._event_log.state.finished is None:
            # A full disk must not stop the clock: the next minute's event holds the same elapsed time.
            with suppress(UserError):
                self._event_log.append(event)
        return now


class AbsenceReport:
    """Knows what is missing from the workspace, and says when something has gone and when it is back.

    What is gone in one look only was being replaced, as editors do when they save.
    """

    def __init__(self, event_log: EventLog, workspace: Workspace) -> None:
        self._event_log = event_log
        self._workspace = workspace
        self.missing: Mapping[int, tuple[str, ...]] = {}
        """By question: the names of missing files."""
        self._before: dict[int | None, tuple[str, ...]] = {}
        self._reported: dict[int | None, tuple[str, ...]] = {}

    def look(self) -> None:
        """Look what is missing now; of a finished attempt nothing is."""
        from mockexam.workspace.question_files import missing_files

        attempt = self._event_log.state
        if attempt.finished is not None:
            self.missing = {}
            return
        self.missing = missing_files(self._workspace, attempt.paper.items)
        # In a workspace that is gone, everything is.
        now: dict[int | None, tuple[str, ...]] = {None: ("the workspace",)}
        if self._workspace.root.is_dir():
            now = {number: names for number, names in self.missing.items()}  # noqa: C416  # the keys' type is wider
        for number in {*now, *self._reported}:
            names, reported = now.get(number, ()), self._reported.get(number, ())
            if names == reported or names != self._before.get(number, ()):
                continue
            if number is not None and None in now:
                continue
            self._reported[number] = names
            self._event_log.report(number, self._text(number, names), Tone.WARN if names else Tone.INFO)
        self._before = now

    def _text(self, number: int | None, names: tuple[str, ...]) -> str:
        if number is not None:
            return (
                f"missing: {', '.join(names)}. Repair it, or put it back." if names else "nothing is missing any more"
            )
        if not names:
            return "the workspace is back"
        return f"The workspace is gone: {self._workspace.root}. Nothing is received until it is back there."


def describe(attempt: Attempt, event: ev.Event) -> Activity | None:
    """The line for an event, given the attempt after it; None if the event is not shown."""
    if isinstance(event, ev.Closed) or (isinstance(event, ev.Noted) and event.what == "edit"):
        return None
    text = event_text(attempt, event, shows_metric=policy_of(attempt).shows_metric(attempt.phase))
    text = text.partition("\n")[0]  # what a grader's fault says further belongs in the review
    number = question_number(attempt, event)
    return Activity(wall=event.at.wall, number=number, text=text, tone=_tone(attempt, event)) if text else None


def _tone(attempt: Attempt, event: ev.Event) -> Tone:
    if isinstance(event, ev.ClockJumped | ev.Finished | ev.GradingFailed | ev.NotReceived):
        return Tone.WARN
    if not isinstance(event, ev.GradingResult):
        return Tone.INFO
    standing = attempt.submission(event.submission).grading
    if isinstance(event, ev.Regraded) and standing is not None and standing != event:
        same = (standing.verdict, standing.marks) == (event.verdict, event.marks)
        return Tone.INFO if same else Tone.WARN
    if event.verdict is not Verdict.GRADED:
        return Tone.ERROR
    return Tone.GOOD if (event.marks or 0) >= _GOOD_MARKS else Tone.INFO if event.marks else Tone.WARN
