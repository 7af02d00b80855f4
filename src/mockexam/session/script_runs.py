"""The scripts of an attempt: each question's run, side by side or queued, found again after a restart of the app."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mockexam.errors import UserError
from mockexam.exam.attempt import Attempt
from mockexam.exam.clock import Clock
from mockexam.exam.training_history import TrainingHistory
from mockexam.files import remove, write_atomic
from mockexam.text.formats import questions
from mockexam.text.units import time_text
from mockexam.workspace.interpreter import keras_variable_cause, missing_tensorflow
from mockexam.workspace.layout import SOLUTION, script_of
from mockexam.workspace.run_supervisor import remove_runs
from mockexam.workspace.script_run import KEEP_LINES, RunOutput, ScriptRun
from mockexam.workspace.training_log import ShownLine, ShownOutput, TrainingLog

if TYPE_CHECKING:
    from mockexam.session.exam_session import ExamSession

_QUEUE = "queue.json"
_SAVED_LATE = 2.0
"""Seconds after a run's end in which a file may be changed and still be of the run: file systems' clocks are coarse."""


class Starter(Protocol):
    """Starts a script, or finds its run again: `ScriptRun`, or a test's."""

    def start(
        self, folder: Path, home: Path, *, script: str = SOLUTION, limit: float | None = None
    ) -> Coroutine[Any, Any, ScriptRun]: ...
    def adopt(self, home: Path) -> ScriptRun | None: ...


@dataclass(frozen=True, slots=True)
class RunView:
    """A script's run as shown."""

    number: int
    started: float
    """Wall seconds since 1970 UTC."""
    received_before: int
    """Models that the attempt had received when the run started."""
    ended: float | None = None
    """As `started`; None while it runs."""
    status: str = ""
    """How it ended."""
    stopping: bool = False
    """A stop was asked for and is under way."""

    @property
    def running(self) -> bool:
        return self.ended is None

    def status_text(self, now: float, attempt: Attempt) -> str:
        """Its state, and whether a model of this question was received since it started."""
        length = time_text(max(0, int(now - self.started))).removeprefix("0:")
        came = any(s.number == self.number and s.order >= self.received_before for s in attempt.submissions)
        model = "model received" if came else ("" if self.running else "no model received")
        state = self.status if not self.running else "stopping …" if self.stopping else f"running {length}"
        return " · ".join(part for part in (f"Q{self.number}", state, model) if part)


@dataclass(frozen=True, slots=True)
class Printed:
    """A part of what a script printed."""

    shown: ShownOutput
    """An epoch a line, noise folded."""
    raw: RunOutput
    """Every line."""


class Transcript:
    """What a question's runs printed, bounded; a text of its own stands between runs."""

    def __init__(self) -> None:
        self._items: deque[Printed | str] = deque()
        self._lines = 0
        self.total = 0
        """The number of items that were ever added."""

    def add(self, item: Printed | str) -> None:
        self._items.append(item)
        self._lines += _lines_of(item)
        self.total += 1
        while self._lines > KEEP_LINES and len(self._items) > 1:
            self._lines -= _lines_of(self._items.popleft())

    def since(self, seen: int) -> list[Printed | str]:
        """What was added after the first `seen` items, as far as it is kept."""
        kept = list(self._items)
        return kept[max(0, len(kept) - (self.total - seen)) :]


def _lines_of(item: Printed | str) -> int:
    return 1 if isinstance(item, str) else max(1, len(item.raw.lines))


class ScriptRuns:
    """Starts, queues and stops the scripts of an attempt. A run goes on when the app is left, and is found again."""

    def __init__(self, session: ExamSession, folder: Path, clock: Clock, starter: Starter = ScriptRun) -> None:
        """`folder` is the attempt's own, in the folder of runs."""
        self._session = session
        self._folder = folder
        self._clock = clock
        self._starter = starter
        self._runs: dict[int, ScriptRun] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._views: dict[int, RunView] = {}
        self._transcripts: dict[int, Transcript] = {}
        self._logs: dict[int, TrainingLog] = {}
        self._adopted = False
        self.queued: tuple[int, ...] = ()
        """The questions whose scripts start when no other runs any more, the next one first."""
        self.on_print: Callable[[int], None] = lambda _: None
        """Called with a question's number when its transcript has grown."""
        self.on_change: Callable[[int], None] = lambda _: None
        """Called with a question's number when its run or its place in the queue has changed."""
        self.on_error: Callable[[UserError], None] = lambda _: None
        """Called when a script can't be started."""

    @property
    def running(self) -> tuple[int, ...]:
        """The questions whose scripts run."""
        return tuple(number for number, view in self._views.items() if view.running)

    def view(self, number: int) -> RunView | None:
        """A question's newest run; None before the first."""
        return self._views.get(number)

    def transcript(self, number: int) -> Transcript:
        return self._transcripts.setdefault(number, Transcript())

    def training(self, number: int) -> TrainingLog | None:
        """The training of a question's newest run; None before the first."""
        return self._logs.get(number)

    def history(self, number: int) -> TrainingHistory:
        """What a question's newest run has printed of its training so far."""
        return self._logs[number].history if number in self._logs else TrainingHistory()

    def training_of(self, number: int, saved: float) -> TrainingHistory:
        """The training that a model saved then, in wall seconds, comes from: of the run that was under way, or none."""
        view = self._views.get(number)
        during = view is not None and view.started <= saved <= (view.ended or saved) + _SAVED_LATE
        return self.history(number) if during else TrainingHistory()

    def adopt(self) -> None:
        """Find the runs and the queue of this attempt again, and remove those of others. Only the first call does."""
        if self._adopted:
            return
        self._adopted = True
        with suppress(OSError):
            for other in self._folder.parent.iterdir():
                if other != self._folder:
                    remove_runs(other)
        attempt = self._session.snapshot.attempt
        for number in (item.number for item in attempt.paper.items):
            run = self._starter.adopt(self._folder / str(number))
            if run is not None:
                before = sum(s.received.at.wall < run.started for s in attempt.submissions)
                view = RunView(number, run.started, before)
                if (end := run.recorded_end()) is not None:
                    view = replace(view, ended=run.started + end.seconds, status=end.text)
                self._begin(view, run)
        with suppress(OSError, ValueError, TypeError):
            found = json.loads((self._folder / _QUEUE).read_text(encoding="utf-8"))
            self.queued = tuple(item.number for n in found for item in attempt.paper.items if item.number == n)
        self._start_next()

    def start(self, number: int) -> None:
        """Start a question's script, beside any other; nothing if it runs already."""
        self.adopt()  # else the question's last run would be found later, and be taken for this one
        if number not in self.running:
            self._queue(tuple(n for n in self.queued if n != number))
            self._begin(RunView(number, self._clock.read().wall, self._session.snapshot.attempt.receipts))

    def enqueue(self, number: int) -> None:
        """Start a question's script when no other runs any more."""
        self.adopt()
        if number not in (*self.running, *self.queued):
            self._queue((*self.queued, number))
            self.on_change(number)
            self._start_next()

    async def start_instead(self, number: int) -> None:
        """Stop all that run, then start a question's script, before any other that is queued."""
        self.adopt()
        self._queue((number, *(n for n in self.queued if n != number)))
        self.on_change(number)
        await asyncio.gather(*map(self.stop, self.running))
        self._start_next()

    def dequeue(self, number: int) -> None:
        """Take a question out of the queue."""
        self._queue(tuple(n for n in self.queued if n != number))
        self.on_change(number)

    async def stop(self, number: int) -> None:
        """Stop a question's script, if it runs, and wait for its end."""
        if number not in self.running:
            return
        self._views[number] = replace(self._views[number], stopping=True)
        self.on_change(number)
        if number in self._runs:  # else it is being started, and stopped then
            await self._runs[number].stop()
        await asyncio.wait({self._tasks[number]})

    async def stop_all(self) -> None:
        """Stop all scripts, also those of before a restart, and forget the queue."""
        self.adopt()
        self._queue(())
        await asyncio.gather(*map(self.stop, self.running))

    async def run(self, over: asyncio.Event) -> None:
        """Find what runs; when the attempt is over, stop all scripts and remove what they printed."""
        self.adopt()
        await over.wait()
        await self.stop_all()
        await self.leave()
        await asyncio.to_thread(remove, self._folder)

    async def leave(self) -> None:
        """Follow the runs no longer; they go on."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for run in self._runs.values():
            await run.leave()

    def _begin(self, view: RunView, run: ScriptRun | None = None) -> None:
        number = view.number
        self._views.pop(number, None)  # the order is that of the starts
        self._views[number] = view
        self._runs.pop(number, None)
        log = self._logs[number] = TrainingLog()
        self._tasks[number] = asyncio.create_task(self._follow(view, log, run, self._tasks.get(number)))
        self.on_change(number)

    async def _follow(
        self, begun: RunView, log: TrainingLog, adopted: ScriptRun | None, earlier: asyncio.Task[None] | None
    ) -> None:
        """Start a script unless it was adopted, and follow it to its end, after that of the question's earlier run."""
        number = begun.number
        if earlier is not None:
            # It has ended, but what it printed may not have been read yet. Whoever cancels this one cancels it too.
            await asyncio.gather(earlier, return_exceptions=True)
        folder = self._session.folder(number)
        self._print(number, f"{folder.name}/{script_of(folder)}")
        status, last, hint = "could not start", "", ""
        try:
            run = adopted or await self._start(number)
            self._runs[number] = run
            if self._views[number].stopping:
                run.ask_to_stop()
            async for output in run.output():
                self._print(number, Printed(log.feed(output), output))
                last = next((line for line in reversed(output.lines) if line), last)
            status = (await run.wait()).text
            hint = missing_tensorflow(last, run.python) or keras_variable_cause(last)
            self._print(number, Printed(log.finish(), RunOutput((), "", 0)))
            if hint:
                self._print(number, Printed(ShownOutput((ShownLine(hint),), ""), RunOutput((hint,), "", 0)))
            if adopted is None or self._end_is_missing(number):
                await self._session.note_edits()
                self._session.note(number, "run_ended", status)
        except UserError as error:
            self.on_error(error)
        view = self._views[number]
        if view.started == begun.started:  # else the next one has been asked for meanwhile
            ended = self._clock.read().wall if view.ended is None else view.ended
            self._views[number] = replace(view, ended=ended, status=status, stopping=False)
        self._print(number, status)
        self.on_change(number)
        self._start_next()

    async def _start(self, number: int) -> ScriptRun:
        home, folder = self._folder / str(number), self._session.folder(number)
        left, script = self._session.snapshot.remaining, script_of(folder)
        await self._session.note_edits()
        run = await self._starter.start(folder, home, script=script, limit=left)
        self._session.note(number, "run", script)
        return run

    def _end_is_missing(self, number: int) -> bool:
        """Whether the record has a question's run without its end."""
        notes = self._session.snapshot.attempt.notes
        whats = [n.what for n in notes if n.number == number and n.what in ("run", "run_ended")]
        return whats[-1:] == ["run"]

    def _start_next(self) -> None:
        if self.queued and not self.running:
            self.start(self.queued[0])

    def _queue(self, numbers: Sequence[int]) -> None:
        """Set the queue, and keep it for the time after a restart."""
        if tuple(numbers) != self.queued:
            self.queued = tuple(numbers)
            with suppress(OSError):
                self._folder.mkdir(parents=True, exist_ok=True)
                write_atomic(self._folder / _QUEUE, json.dumps(self.queued))

    def _print(self, number: int, item: Printed | str) -> None:
        self.transcript(number).add(item)
        self.on_print(number)


def who_runs(numbers: Sequence[int]) -> str:
    """Whose scripts run: `The script of question 2 is running`, `Questions 2, 3 run`."""
    named = questions(numbers)
    return f"The script of {named} is running" if len(numbers) == 1 else f"{named.capitalize()} run"


def ways_to_run(number: int, others: Sequence[int]) -> dict[str, str]:
    """What can become of a question's script while others run, by the word for it."""
    return {
        "wait": f"run question {number} when the other has ended",
        "beside": "run side by side, each more slowly",
        "instead": f"stop {questions(others)}, then run question {number}",
    }


def scripts_left(runs: ScriptRuns) -> list[str]:
    """What becomes of the scripts when the app is left."""
    lines = []
    if runs.running:
        goes = "scripts of {} keep" if len(runs.running) > 1 else "script of {} keeps"
        lines.append(f"The {goes.format(questions(runs.running))} running; what is saved is received in the same way.")
    if runs.queued:
        lines.append(f"What is queued ({questions(runs.queued)}) starts only when you are back.")
    return lines
