"""`--plain` and `--json`: an attempt without the full-screen app, a line per event, commands from stdin."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from mockexam import paths
from mockexam.cli.progress_bar import CommandProgress
from mockexam.cli.quick import Request
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt
from mockexam.exam.policy import policy_of
from mockexam.machine_clock import MachineClock
from mockexam.session.exam_session import ExamSession
from mockexam.session.manager import SessionManager
from mockexam.session.ports import Activity, AttemptPlan, Hint, Snapshot
from mockexam.text.status import as_data, result_text, status_line
from mockexam.text.units import time_text
from mockexam.tui.wording import minutes_text

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelInspected

INTERRUPTED = 130
WARN_MINUTES = (60, 30, 10, 5, 1)
"""Minutes left at which the time is told."""


CONFIRM = "START"
CONFIRM_FINISH = "FINISH"

HELP = """commands: status · brief N · inspect N · restore N · hint N · hints N · finish · quit · help
(N is a question's number. Edit and run the scripts in your own editor; what you save as mymodel.keras is received.
In a retry `hint N` gives the next hint, which is noted, and `hints N` those that you have seen; an exam has none.)"""


class Warnings:
    """Which warnings of the clock are due; each is given once, and none that was over when the sitting opened."""

    def __init__(self) -> None:
        self._last: float | None = None

    def due(self, remaining: float | None) -> int | None:
        """The minutes to be told now, if any."""
        before, self._last = self._last, remaining
        if before is None or remaining is None:
            return None
        crossed = [m for m in WARN_MINUTES if remaining <= m * 60 < before]
        return min(crossed) if crossed else None


class TextOutput:
    """Lines for people and screen readers."""

    def __init__(self) -> None:
        self._warnings = Warnings()

    def plan(self, plan: AttemptPlan) -> None:
        """Tell the paper and the rules on stderr."""
        questions = "1 question" if len(plan.paper.items) == 1 else f"{len(plan.paper.items)} questions"
        parts = [questions, minutes_text(plan.rules.duration)]
        if policy_of(plan).has_verdict:
            parts.append(f"pass at {plan.rules.pass_mark} %")
        click.echo(f"{plan.rules.title}, paper {plan.paper.code}: {', '.join(parts)}.", err=True)
        for item in plan.paper.items:
            click.echo(f"  {item.number}  {item.title} · {item.category} · weight {item.weight}", err=True)
        click.echo(f"Workspace: {plan.workspace}", err=True)

    def opened(self, snapshot: Snapshot) -> None:
        """Tell where the attempt stands."""
        attempt = snapshot.attempt
        click.echo(f"{attempt.rules.title} · paper {attempt.paper.code} · workspace {attempt.workspace}")
        click.echo(status_line(attempt, snapshot.now))

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """A line of activity."""
        del attempt, event
        if line is not None:
            question = f"Q{line.number} " if line.number else ""
            click.echo(f"{_clock(line.wall)}  {question}{line.text}")

    def clock(self, snapshot: Snapshot) -> None:
        """Tell the time when a warning is due."""
        minutes = self._warnings.due(snapshot.remaining)
        if minutes is not None:
            click.echo(f"{_clock(snapshot.now.wall)}  {minutes} minute{'s' if minutes > 1 else ''} left\a")

    def status(self, snapshot: Snapshot) -> None:
        """One line, then one a question."""
        click.echo(status_line(snapshot.attempt, snapshot.now))
        for q in snapshot.attempt.questions:
            marks = "–" if q.marks is None else q.marks
            waiting = f" · {q.waiting} waiting" if q.waiting else ""
            click.echo(f"  {q.item.number}  {marks}/5 ×{q.item.weight}  {q.item.title}{waiting}")

    def inspected(self, model: ModelInspected) -> None:
        """What a model is, as text."""
        from mockexam.cli.grade_commands import model_text

        click.echo(model_text(model))

    def hint(self, number: int, hint: Hint) -> None:
        """The hint under a line of its own."""
        click.echo(f"Q{number} hint {hint.step} of {hint.of}\n\n{hint.text}\n")

    def left(self, snapshot: Snapshot) -> None:
        """Say that the clock runs on."""
        untimed = snapshot.remaining is None
        state = "it stays under way" if untimed else f"the clock runs on: {time_text(snapshot.remaining)} left"
        click.echo(f"Left; {state}. Come back with `mockexam`.", err=True)

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        """The summary."""
        click.echo(result_text(snapshot.attempt, snapshot.now, receipt))


class JsonOutput:
    """One JSON object a line on stdout; `event` names what it is."""

    def __init__(self) -> None:
        self._warnings = Warnings()

    def plan(self, plan: AttemptPlan) -> None:
        """`planned`."""
        questions = [
            {"number": item.number, "question": item.question, "weight": item.weight, "folder": item.folder}
            for item in plan.paper.items
        ]
        self._line(
            "planned",
            mode=plan.mode.value,
            exam=plan.rules.exam,
            title=plan.rules.title,
            code=plan.paper.code,
            workspace=str(plan.workspace),
            duration_seconds=plan.rules.duration,
            pass_mark_percent=plan.rules.pass_mark,
            questions=questions,
        )

    def opened(self, snapshot: Snapshot) -> None:
        """`attempt`, with all that `mockexam status --json` tells."""
        self._line("attempt", **as_data(snapshot.attempt, snapshot.now))

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """An event of the record, or `activity`."""
        if event is not None:
            self._line(event.kind, **_fields(attempt, event))
        elif line is not None:
            self._line("activity", question=line.number, text=line.text, tone=line.tone.value)

    def clock(self, snapshot: Snapshot) -> None:
        """`time_left` when a warning is due."""
        if self._warnings.due(snapshot.remaining) is not None and snapshot.remaining is not None:
            self._line("time_left", seconds=round(snapshot.remaining))

    def status(self, snapshot: Snapshot) -> None:
        """`status`."""
        self._line("status", **as_data(snapshot.attempt, snapshot.now))

    def inspected(self, model: ModelInspected) -> None:
        """`inspected`."""
        self._line("inspected", **model.model_dump(exclude={"type", "job"}))

    def hint(self, number: int, hint: Hint) -> None:
        """`hint`."""
        self._line("hint", question=number, step=hint.step, of=hint.of, text=hint.text)

    def left(self, snapshot: Snapshot) -> None:
        """`left`."""
        self._line("left", remaining_seconds=snapshot.remaining)

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        """`result`."""
        self._line("result", **as_data(snapshot.attempt, snapshot.now, receipt))

    def _line(self, event: str, **fields: Any) -> None:
        click.echo(json.dumps({"event": event, **fields}, ensure_ascii=False))


_METRIC_FIELDS = ("metric", "value", "next_at")


def _fields(attempt: Attempt, event: ev.Event) -> dict[str, Any]:
    values = ev.to_fields(event)
    values.pop("paper", None)
    at = values.pop("at")
    submission = values.get("submission")
    if submission is not None and not isinstance(event, ev.Received):
        values["number"] = attempt.submission(submission).number
    if not policy_of(attempt).shows_metric_at_once:
        for name in _METRIC_FIELDS:
            values.pop(name, None)
    if "number" in values:
        values["question"] = values.pop("number")
    return {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at["wall"])), **values}


def _clock(wall: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(wall))


SessionOutput = TextOutput | JsonOutput


async def read_line() -> str | None:
    """The next line of standard input, or None at its end. Does not keep the program alive if nobody types."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str | None] = loop.create_future()

    def give(line: str | None) -> None:
        if not answer.done():
            answer.set_result(line)

    def read() -> None:
        try:
            line = sys.stdin.readline()
        except (OSError, ValueError):
            line = ""
        if not loop.is_closed():
            loop.call_soon_threadsafe(give, line or None)

    # A daemon thread: a read that waits for the terminal can't be cancelled and must not hold up the exit.
    threading.Thread(target=read, daemon=True).start()
    return await answer


async def take_commands(session: ExamSession, leave: asyncio.Event, output: SessionOutput) -> None:
    """Obey typed commands until the input ends."""
    while (line := await read_line()) is not None:
        words = line.split()
        if not words:
            continue
        try:
            await _obey(words, session, leave, output)
        except UserError as error:
            click.echo(str(error), err=True)


async def _obey(words: list[str], session: ExamSession, leave: asyncio.Event, output: SessionOutput) -> None:
    match words:
        case ["status"]:
            output.status(session.snapshot)
        case ["finish"]:
            click.echo(f"Type {CONFIRM_FINISH} to finish now; nothing more is received then.", err=True)
            answer = await read_line()
            if answer is not None and answer.strip().upper() == CONFIRM_FINISH:
                await session.finish()
            else:
                click.echo("Not finished.", err=True)
        case ["quit" | "exit"]:
            leave.set()
        case ["brief", number]:
            click.echo(session.brief(_number(number, session)), err=True)
        case ["inspect", number]:
            output.inspected(await session.inspect(_number(number, session)))
        case ["restore", number]:
            done = await session.restore(_number(number, session))
            click.echo(f"Restored: {', '.join(done)}." if done else "Nothing is missing.", err=True)
        case ["hint", number]:
            _next_hint(_number(number, session), session, output)
        case ["hints", number]:
            _seen_hints(_number(number, session), session, output)
        case _:
            click.echo(HELP, err=True)


def _next_hint(number: int, session: ExamSession, output: SessionOutput) -> None:
    hint = session.next_hint(number)
    if hint is None:
        click.echo(f"You have seen all hints of question {number}; `hints {number}` shows them again.", err=True)
    else:
        output.hint(number, hint)


def _seen_hints(number: int, session: ExamSession, output: SessionOutput) -> None:
    seen = session.hints(number)
    for hint in seen:
        output.hint(number, hint)
    if not seen:
        click.echo(f"You have seen no hints of question {number}.", err=True)


def _number(word: str, session: ExamSession) -> int:
    numbers = [item.number for item in session.snapshot.attempt.paper.items]
    if not word.isdigit() or int(word) not in numbers:
        raise UserError(f"There is no question {word!r}.", hint=f"Use a number from 1 to {len(numbers)}.")
    return int(word)


def sit_plainly(request: Request, *, as_json: bool, yes: bool) -> int:
    """Sit what is asked for, or go on with the attempt under way; returns the exit code."""
    output: SessionOutput = JsonOutput() if as_json else TextOutput()
    return asyncio.run(_sit(request, output, yes=yes))


async def _sit(request: Request, output: SessionOutput, *, yes: bool) -> int:
    manager = SessionManager(paths.state_paths(), MachineClock())
    try:
        attempt = await _attempt(manager, request, output, yes=yes)
        session = manager.open(attempt)
        left = await _run(session, output)
        if left:
            output.left(session.snapshot)
            return INTERRUPTED
        output.result(session.snapshot, manager.journal.receipt(attempt))
        return 0
    finally:
        await manager.close()


async def _attempt(manager: SessionManager, request: Request, output: SessionOutput, *, yes: bool) -> str:
    running = manager.running()
    if running is not None:
        if not request.empty:
            click.echo("An attempt is under way: it goes on, what else you asked for is left aside.", err=True)
        return running.attempt
    plan = await asyncio.to_thread(_plan, manager, request)
    for question in plan.left_out:
        click.echo(question, err=True)
    output.plan(plan)
    await manager.prepare(plan, CommandProgress())
    if not yes:
        await _confirm(plan)
    return manager.start(plan)


def _plan(manager: SessionManager, request: Request) -> AttemptPlan:
    if request.retry is not None:
        return manager.plan_retry(request.retry, request.workspace, CommandProgress())
    return manager.plan(request.exam, request.code, request.workspace, CommandProgress())


async def _confirm(plan: AttemptPlan) -> None:
    click.echo(f"{_before_start(plan)}\nType {CONFIRM} and press Enter to start it.", err=True)
    answer = await read_line()
    if answer is not None and answer.strip().upper() == CONFIRM:
        return
    policy = policy_of(plan)
    if policy.single_question:
        remedy = "Retry again, or add --yes. The folder that was made holds nothing of yours: it can be deleted."
    else:
        remedy = (
            "The workspace is ready; come back with the same command"
            f" and --code {plan.paper.code} --workspace {plan.workspace}, or add --yes."
        )
    raise UserError(
        f"The {policy.noun} was not started: {CONFIRM} was not typed.", location=str(plan.workspace), hint=remedy
    )


def _before_start(plan: AttemptPlan) -> str:
    if plan.rules.duration is None:
        return "There is no time limit; the clock measures the time, and nothing else can be started until you finish."
    length = minutes_text(plan.rules.duration)
    return f"The clock will run for {length} without a pause, also while mockexam is closed."


async def _run(session: ExamSession, output: SessionOutput) -> bool:
    """Run until the end, or until told to leave; returns whether it was left."""
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        # Windows' loops have no signal handlers; there Ctrl+C ends the program, and the record stands all the same.
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, leave.set)
    session.listen(output.event)
    session.subscribe(output.clock)
    output.opened(session.snapshot)
    run = asyncio.create_task(session.run())
    commands = asyncio.create_task(take_commands(session, leave, output))
    left = asyncio.create_task(leave.wait())
    try:
        await asyncio.wait({run, left}, return_when=asyncio.FIRST_COMPLETED)
        if left.done() and not run.done():
            await session.close()
        await run
        return left.done()
    finally:
        for task in (commands, left):
            task.cancel()
        await asyncio.gather(commands, left, return_exceptions=True)
