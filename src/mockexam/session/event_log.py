"""The record of the running attempt: it takes events, and gives the current state and the lines of activity."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property

from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import MAX_FAULTS, Attempt, Submission, apply
from mockexam.exam.clock import Clock, Reading, jump_between
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.session.ports import Activity, Tone
from mockexam.store.journal import Journal, JournalEntry, TooLateError
from mockexam.text.units import metric_text, number_text, size_text

Listener = Callable[[Attempt, ev.Event | None, Activity | None], None]
"""Called with the state after each new event, the event and its line; or with the state and a line alone."""

_RETRY_SECONDS = 2.0
_MAX_LINES = 500
"""Lines of activity kept in memory."""


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
        """Record an event and return the new state.

        Raises TooLateError and UserError as the journal does; only then it is not recorded.
        """
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
        """Record an event, and try again while the disk is full or read-only, which is reported once.

        Raises TooLateError as the journal does.
        """
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


_ON_TRAINING = "on the training data"
"""A finding with these words contains the figure already."""
_NOTES = {"run": "script started", "run_ended": "script", "inspect": "inspected", "restore": "restored"}


def describe(attempt: Attempt, event: ev.Event) -> Activity | None:
    """The line for an event, given the attempt after it; None if the event is not shown."""
    number, text, tone = _line(attempt, event)
    return Activity(wall=event.at.wall, number=number, text=text, tone=tone) if text else None


def _line(attempt: Attempt, event: ev.Event) -> tuple[int | None, str, Tone]:
    match event:
        case ev.Started():
            return None, "the clock started", Tone.INFO
        case ev.Opened():
            return None, "attempt opened", Tone.INFO
        case ev.ClockJumped():
            way = "forward" if event.seconds > 0 else "back"
            return None, f"the computer's clock was set {way} by {abs(event.seconds):.0f} s", Tone.WARN
        case ev.Received():
            late = ", saved before the time was up" if event.swept else ""
            return event.number, f"{event.name} received · {size_text(event.size)}{late}", Tone.INFO
        case ev.ReceivedAgain() | ev.GradingResult() | ev.Diagnosed() | ev.GradingFailed():
            submission = attempt.submission(event.submission)
            return submission.number, *_of_submission(attempt, submission, event)
        case ev.Noted():
            return event.number, _note(event), Tone.INFO
        case ev.Finished():
            reason = "time is up" if event.reason == "time_up" else "you finished"
            return None, f"{reason}: no more models are received", Tone.WARN
        case ev.Settled():
            if not policy_of(attempt).has_verdict:
                return None, "everything is graded: this retry has ended", Tone.INFO
            return None, f"result: {'pass' if event.passed else 'fail'}", Tone.INFO
        case _:
            return None, "", Tone.INFO


def _of_submission(
    attempt: Attempt,
    submission: Submission,
    event: ev.ReceivedAgain | ev.GradingResult | ev.Diagnosed | ev.GradingFailed,
) -> tuple[str, Tone]:
    match event:
        case ev.ReceivedAgain():
            return "the same model was saved again and is now your latest submission", Tone.INFO
        case ev.Regraded():
            return _regraded(attempt, submission, event)
        case ev.GradingResult():
            return _verdict(attempt, event)
        case ev.Diagnosed():
            return _diagnosis(submission, event), Tone.INFO
        case ev.GradingFailed():
            again = "it tries again" if submission.faults < MAX_FAULTS else "it does not try again"
            return f"the grader failed, not your model; {again}", Tone.WARN


def _note(event: ev.Noted) -> str:
    if event.what == "hint":
        return f"hint {event.detail} was shown"
    what = _NOTES.get(event.what, "")
    return f"{what}: {event.detail}" if what and event.detail else what


def _verdict(attempt: Attempt, event: ev.GradingResult) -> tuple[str, Tone]:
    if event.verdict is Verdict.GRADED:
        text = _marks(event)
        if policy_of(attempt).shows_metric_at_once and event.metric is not None and event.value is not None:
            text += f" · {metric_text(event.metric, event.value, event.next_at)}"
        return text, Tone.GOOD
    reason = f"{event.message} {event.remedy}".strip()
    if event.verdict is Verdict.GRADER_ERROR:
        return f"could not be graded; this is not your fault. {reason}".strip(), Tone.ERROR
    limit = event.verdict is Verdict.LIMIT_EXCEEDED
    head = "no marks: the model exceeds a limit." if limit else "no marks: the model was refused."
    return f"{head} {reason}".strip(), Tone.ERROR


def _marks(event: ev.GradingResult) -> str:
    return f"{event.marks}/{MARKS_PER_QUESTION}" if event.verdict is Verdict.GRADED else "no marks"


def _regraded(attempt: Attempt, submission: Submission, event: ev.Regraded) -> tuple[str, Tone]:
    text, tone = _verdict(attempt, event)
    standing = submission.grading
    if standing is None or standing == event:
        return f"regraded: {text}", tone
    if (standing.verdict, standing.marks) == (event.verdict, event.marks):
        return f"regraded with the same marks: {text}", Tone.INFO
    return f"regraded: {text}. The first verdict ({_marks(standing)}) stands", Tone.WARN


def _diagnosis(submission: Submission, event: ev.Diagnosed) -> str:
    metric = submission.grading.metric if submission.grading else None
    findings = " ".join(event.findings)
    if not metric or event.train_value is None or _ON_TRAINING in findings:
        return findings
    return f"{metric} {number_text(event.train_value)} {_ON_TRAINING}. {findings}".strip()
