"""The attempt of this sitting as on record: events go in, the folded state and its story come out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, apply
from mockexam.exam.clock import Clock, Reading, jump_between
from mockexam.session.activity import describe
from mockexam.session.ports import Activity, Tone
from mockexam.store.journal import Journal, JournalEntry, TooLateError

Listener = Callable[[Attempt, ev.Event | None, Activity | None], None]
"""Told each new event with the state after it and its line, or a line alone."""

_RETRY_SECONDS = 2.0
_STORY = 500
"""Lines of activity that are kept in memory."""


class EventLog:
    """Follows one attempt in the journal. What is shown is always what was recorded, whoever recorded it."""

    def __init__(self, journal: Journal, attempt: str) -> None:
        """Read the attempt. Raises UserError if it is not known."""
        self._journal = journal
        self.id = attempt
        self._state: Attempt = journal.attempt(attempt)
        self._folded: Attempt | None = None
        self._seq = 0
        self._changes = -1
        self._behind = False
        """There is more on record than could be read."""
        self._story: list[Activity] = []
        self.listeners: list[Listener] = []
        self.refresh()

    @property
    def state(self) -> Attempt:
        """The attempt as it stands."""
        return self._state

    @property
    def story(self) -> tuple[Activity, ...]:
        """What happened, oldest first."""
        return tuple(self._story)

    @cached_property
    def holdout_seed(self) -> str:
        """The seed of the hold-outs. Raises UserError."""
        return self._journal.holdout_seed(self.id)

    def append(self, event: ev.Event) -> Attempt:
        """Record an event and return the new state.

        Raises TooLateError, UserError as the journal does; only then it is not on record.
        """
        entry = self._journal.append(self.id, event)
        try:
            self._catch_up()
        except UserError:
            # To raise here would have the event recorded twice, which no attempt survives.
            self._behind = entry.seq != self._seq + 1
            if not self._behind:
                self._follow(entry)
        return self._state

    async def append_surely(self, event: ev.Event) -> Attempt:
        """Record an event, trying again while the disk is full or read-only; that is told once.

        Raises TooLateError as the journal does.
        """
        told = False
        while True:
            try:
                self.append(event)
                break
            except TooLateError:
                raise
            except UserError as error:
                if not told:
                    text = f"{error.message} {error.hint}"
                    self.tell(Activity(wall=time.time(), number=None, text=text, tone=Tone.ERROR))
                told = True
                await asyncio.sleep(_RETRY_SECONDS)
        while self._behind:
            await asyncio.sleep(_RETRY_SECONDS)
            with suppress(UserError):
                self._catch_up()
        return self._state

    def refresh(self) -> bool:
        """Take in what another process has recorded; returns whether there was anything."""
        changes = self._journal.changes()
        if changes == self._changes and not self._behind:
            return False
        news = self._catch_up()
        self._changes = changes
        return news

    def tell(self, line: Activity) -> None:
        """Add a line that is worth showing but no event."""
        self._add(None, line)

    def _add(self, event: ev.Event | None, line: Activity | None) -> None:
        if line is not None:
            self._story.append(line)
            del self._story[:-_STORY]
        for listener in self.listeners:
            listener(self._state, event, line)

    def backup(self) -> None:
        """Keep a copy of the record."""
        self._journal.backup()

    def _catch_up(self) -> bool:
        seen = self._seq
        for entry in self._journal.entries(self.id, after=self._seq):
            self._follow(entry)
        self._behind = False
        return self._seq > seen

    def _follow(self, entry: JournalEntry) -> None:
        self._folded = apply(self._folded, entry.event, self.id)
        self._state = self._folded
        self._seq = entry.seq
        self._add(entry.event, describe(self._state, entry.event))


TICK_SECONDS = 60.0


class Timekeeper:
    """Reads the clocks for a sitting."""

    def __init__(self, clock: Clock, event_log: EventLog) -> None:
        """Compare from the newest reading on record on, so that a jump made while the app was closed is seen."""
        self._clock = clock
        self._event_log = event_log
        self._before = event_log.state.clock.last

    def read(self) -> Reading:
        """What the clocks say now."""
        return self._clock.read()

    def look(self) -> Reading:
        """Read the clocks, and record a jump or, each minute, that they run."""
        now = self.read()
        event = self._event(now) if self._event_log.state.finished is None else None
        self._before = now
        if event is not None:
            # A full disk must not stop the clock: the next minute's event holds the same elapsed time.
            with suppress(UserError):
                self._event_log.append(event)
        return now

    def _event(self, now: Reading) -> ev.Event | None:
        jump = jump_between(self._before, now)
        if jump is not None:
            return ev.ClockJumped(at=now, seconds=round(jump, 3))
        return ev.Ticked(at=now) if self._tick_due(now) else None

    def _tick_due(self, now: Reading) -> bool:
        last = self._event_log.state.clock.last
        return last.boot_id != now.boot_id or now.boot - last.boot >= TICK_SECONDS
