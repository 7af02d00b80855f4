"""`--plain` and `--json`: an attempt without the full-screen app, a line per event, commands from stdin."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import sys
import textwrap
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from mockexam import paths
from mockexam.cli.progress_bar import CommandProgress
from mockexam.errors import UserError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt
from mockexam.exam.clock import TimeWarnings
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.machine_clock import MachineClock
from mockexam.session.exam_session import ExamSession
from mockexam.session.grading_queue import undiagnosed
from mockexam.session.manager import SessionManager
from mockexam.session.ports import Activity, AttemptPlan, Hint, Snapshot, StartRequest
from mockexam.text.class_tables import class_lines
from mockexam.text.formats import plural
from mockexam.text.status import as_data, result_text, status_line
from mockexam.text.units import minutes_text, time_text

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelInspected

INTERRUPTED = 130
_TABLE_WIDTH = 68
CONFIRM = "START"
CONFIRM_FINISH = "FINISH"
_TRIES = 4
"""How often the word that starts the clock is asked for."""
ASK_FINISH = f"Type {CONFIRM_FINISH} to finish now. Nothing is received after that."
HELP = """commands: status · brief N · inspect N · repair N · hint N · hints N · finish · quit · help
N is the number of a question. Edit and run the scripts in your own editor; saved models (mymodel.keras)
are received. `repair N` restores missing files. In a retry, `hint N` shows the next hint, which is recorded,
and `hints N` shows earlier ones; an exam has no hints."""


def say(text: str, *, err: bool = False) -> None:
    """Print lines; in a terminal wrapped at words to its width, indented as they begin."""
    if (sys.stderr if err else sys.stdout).isatty():
        text = "\n".join(map(_wrapped, text.split("\n")))
    click.echo(text, err=err)


def _wrapped(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    width = max(20, shutil.get_terminal_size().columns)
    if len(line) <= width:
        return line
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


class TextOutput:
    """Lines for people and screen readers."""

    def __init__(self, *, bell: bool = True) -> None:
        self._warnings = TimeWarnings()
        self._bell = "\a" if bell else ""

    def plan(self, plan: AttemptPlan) -> None:
        """Paper and rules of an attempt that is about to be prepared, on stderr."""
        parts = [plural(len(plan.paper.items), "question"), minutes_text(plan.rules.duration)]
        if policy_of(plan).has_verdict:
            parts.append(f"pass at {plan.rules.pass_mark} %")
        say(f"{plan.rules.title}, paper {plan.paper.code}: {', '.join(parts)}.", err=True)
        for item in plan.paper.items:
            say(f"  {item.number}  {item.title} · {item.category} · weight {item.weight}", err=True)
        say(f"Workspace: {plan.workspace}", err=True)

    def opened(self, snapshot: Snapshot) -> None:
        attempt = snapshot.attempt
        say(f"{attempt.rules.title} · paper {attempt.paper.code} · workspace {attempt.workspace}")
        say(status_line(attempt, snapshot.now))

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """Something was recorded, or is worth a line."""
        if line is not None:
            question = f"Q{line.number} " if line.number else ""
            say(f"{_clock(line.wall)}  {question}{line.text}")
        if isinstance(event, ev.Diagnosed) and event.class_report is not None:
            for row in class_lines(event.class_report, _TABLE_WIDTH):
                say(f"{'':10}{row}")
        if isinstance(event, ev.Settled) and (left := len(undiagnosed(attempt))):
            click.echo(f"Diagnosing {plural(left, 'model')} …", err=True)

    def clock(self, snapshot: Snapshot) -> None:
        """A second has passed or something changed: announce the time if a warning is due."""
        minutes = self._warnings.crossed(snapshot.remaining)
        if minutes is not None:
            say(f"{_clock(snapshot.now.wall)}  {plural(minutes, 'minute')} left{self._bell}")

    def status(self, snapshot: Snapshot) -> None:
        say(status_line(snapshot.attempt, snapshot.now))
        for question in snapshot.attempt.questions:
            marks = "–" if question.marks is None else question.marks
            waiting = f" · {question.waiting} waiting" if question.waiting else ""
            item = question.item
            say(f"  {item.number}  {marks}/{MARKS_PER_QUESTION} ×{item.weight}  {item.title}{waiting}")

    def inspected(self, model: ModelInspected, number: int) -> None:
        from mockexam.cli.grade_commands import model_text

        say(model_text(model, question=f"question {number}"))

    def hint(self, number: int, hint: Hint) -> None:
        say(f"Q{number} hint {hint.step} of {hint.of}\n\n{hint.text}\n")

    def left(self, snapshot: Snapshot) -> None:
        """The user leaves; the clock keeps running."""
        running = "attempt" if snapshot.remaining is None else "clock"
        left = "" if snapshot.remaining is None else f": {time_text(snapshot.remaining)} left"
        say(f"The {running} is still running{left}. Run `mockexam` to continue.", err=True)

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        say(result_text(snapshot.attempt, snapshot.now, receipt))


class JsonOutput:
    """The same as JSON, one object per line on stdout; its key `event` names the kind."""

    def __init__(self) -> None:
        self._warnings = TimeWarnings()

    def plan(self, plan: AttemptPlan) -> None:
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
        self._line("attempt", **as_data(snapshot.attempt, snapshot.now))

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """An event by its kind, or `activity`."""
        if event is not None:
            self._line(event.kind, **_fields(attempt, event))
        elif line is not None:
            self._line("activity", question=line.number, text=line.text, tone=line.tone.value)

    def clock(self, snapshot: Snapshot) -> None:
        if self._warnings.crossed(snapshot.remaining) is not None and snapshot.remaining is not None:
            self._line("time_left", seconds=round(snapshot.remaining))

    def status(self, snapshot: Snapshot) -> None:
        self._line("status", **as_data(snapshot.attempt, snapshot.now))

    def inspected(self, model: ModelInspected, number: int) -> None:
        del number
        self._line("inspected", **model.model_dump(exclude={"type", "job"}))

    def hint(self, number: int, hint: Hint) -> None:
        self._line("hint", question=number, step=hint.step, of=hint.of, text=hint.text)

    def left(self, snapshot: Snapshot) -> None:
        self._line("left", remaining_seconds=snapshot.remaining)

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        self._line("result", **as_data(snapshot.attempt, snapshot.now, receipt))

    def _line(self, event: str, **fields: Any) -> None:
        click.echo(json.dumps({"event": event, **fields}, ensure_ascii=False))


SessionOutput = TextOutput | JsonOutput


def _fields(attempt: Attempt, event: ev.Event) -> dict[str, Any]:
    values = ev.to_fields(event)
    values.pop("paper", None)
    at = values.pop("at")
    submission = values.get("submission")
    if submission is not None and not isinstance(event, ev.Received):
        values["number"] = attempt.submission(submission).number
    if not policy_of(attempt).shows_metric_at_once:
        for name in ("metric", "value", "next_at"):
            values.pop(name, None)
    if "number" in values:
        values["question"] = values.pop("number")
    return {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at["wall"])), **values}


def _clock(wall: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(wall))


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

    # A daemon thread: a read that waits for the terminal can't be cancelled and must not delay the exit.
    threading.Thread(target=read, daemon=True).start()
    return await answer


async def _typed(word: str) -> bool:
    return (await read_line() or "").strip().upper() == word


async def take_commands(session: ExamSession, leave: asyncio.Event, output: SessionOutput) -> None:
    """Run typed commands until the input ends."""
    while (line := await read_line()) is not None:
        if words := line.split():
            try:
                await _run_command(words, session, leave, output)
            except UserError as error:
                say(str(error), err=True)


async def _run_command(words: list[str], session: ExamSession, leave: asyncio.Event, output: SessionOutput) -> None:
    match words:
        case ["status"]:
            output.status(session.snapshot)
        case ["finish"]:
            say(ASK_FINISH, err=True)
            if await _typed(CONFIRM_FINISH):
                await session.finish()
            else:
                say("Not finished.", err=True)
        case ["quit" | "exit"]:
            leave.set()
        case ["brief", number]:
            say(session.brief(_number(number, session)), err=True)
        case ["inspect", number]:
            output.inspected(await session.inspect(_number(number, session)), _number(number, session))
        case ["repair" | "restore", number]:
            names = await session.repair(_number(number, session))
            say(f"Restored: {', '.join(names)}." if names else "No file is missing.", err=True)
        case ["hint" | "hints" as which, number]:
            _show_hints(_number(number, session), session, output, new=which == "hint")
        case _:
            say(HELP, err=True)


def _show_hints(number: int, session: ExamSession, output: SessionOutput, *, new: bool) -> None:
    hints = filter(None, [session.next_hint(number)]) if new else session.hints(number)
    shown = [output.hint(number, hint) for hint in hints]
    if not shown:
        earlier = f"You have seen all hints for question {number}; `hints {number}` shows them again."
        say(earlier if new else f"You have seen no hints for question {number}.", err=True)


def _number(word: str, session: ExamSession) -> int:
    numbers = [item.number for item in session.snapshot.attempt.paper.items]
    if not word.isdigit() or int(word) not in numbers:
        raise UserError(f"There is no question {word!r}.", hint=f"Use a number from 1 to {len(numbers)}.")
    return int(word)


def sit_plainly(request: StartRequest, *, as_json: bool, yes: bool) -> int:
    """Start the requested attempt, or resume the running one; returns the exit code."""
    from mockexam.tui.signals import chosen_signals

    output = JsonOutput() if as_json else TextOutput(bell="bell" in chosen_signals())
    return asyncio.run(_sit(request, output, yes=yes))


async def _sit(request: StartRequest, output: SessionOutput, *, yes: bool) -> int:
    manager = SessionManager(paths.state_paths(), MachineClock())
    try:
        attempt = await _attempt(manager, request, output, yes=yes)
        session = manager.open(attempt)
        if await _run(session, output):
            output.left(session.snapshot)
            return INTERRUPTED
        output.result(session.snapshot, manager.journal.receipt(attempt))
        return 0
    finally:
        await manager.close()


async def _attempt(manager: SessionManager, request: StartRequest, output: SessionOutput, *, yes: bool) -> str:
    """The id of the running attempt, or else of a new one."""
    running = manager.running()
    if running is not None:
        if request != StartRequest() and running.holder is None:  # else it can't be opened
            say("Resuming the running attempt; the other options are ignored.", err=True)
        return running.attempt
    plan = await asyncio.to_thread(_plan, manager, request)
    for question in plan.left_out:
        say(question, err=True)
    output.plan(plan)
    await manager.prepare(plan, CommandProgress())
    if not yes:
        await _confirm(plan)
    return manager.start(plan)


def _plan(manager: SessionManager, request: StartRequest) -> AttemptPlan:
    if request.retry is not None:
        return manager.plan_retry(request.retry, request.workspace, CommandProgress())
    return manager.plan(request.exam, request.code, request.workspace, CommandProgress())


async def _confirm(plan: AttemptPlan) -> None:
    say(f"{_before_start(plan)}\nType {CONFIRM} and press Enter to start.", err=True)
    for left in reversed(range(_TRIES)):
        line = await read_line()
        if (line or "").strip().upper() == CONFIRM:
            return
        if line is None:
            break
        if left:
            say(f"That was not {CONFIRM}. Type {CONFIRM} and press Enter, or press Ctrl+C to leave.", err=True)
    policy = policy_of(plan)
    if policy.single_question:
        hint = "Run the command again, or add --yes. You can delete the new folder: it holds nothing of yours."
    else:
        hint = (
            "The workspace is ready. Run the same command again"
            f" with --code {plan.paper.code} --workspace {plan.workspace}, or add --yes."
        )
    message = f"The {policy.noun} was not started: you did not type {CONFIRM}."
    raise UserError(message, location=str(plan.workspace), hint=hint)


def _before_start(plan: AttemptPlan) -> str:
    if plan.rules.duration is None:
        return "There is no time limit. The time is measured, and you can't start anything else before you finish."
    return f"The clock will run for {minutes_text(plan.rules.duration)} without a pause, even while mockexam is closed."


async def _run(session: ExamSession, output: SessionOutput) -> bool:
    """Run until the end, or until the user leaves; returns whether the user left."""
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        # Without them Ctrl+C ends the program, and the record is still complete.
        with suppress(NotImplementedError):  # event loops of Windows have no signal handlers
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
        # The result stands, whether or not all diagnoses were made.
        return left.done() and session.snapshot.attempt.settled is None
    finally:
        for task in (commands, left):
            task.cancel()
        await asyncio.gather(commands, left, return_exceptions=True)
