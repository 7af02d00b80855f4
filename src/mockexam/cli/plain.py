"""`--plain` and `--json`: an attempt without the full-screen app, a line per event, commands from stdin."""

from __future__ import annotations

import asyncio
import io
import signal
import sys
import threading
import time
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from mockexam import paths
from mockexam.cli.progress_bar import CommandProgress
from mockexam.cli.script_commands import ScriptCommands, ScriptPrinter
from mockexam.cli.session_output import JsonOutput, SessionOutput, TextOutput, say
from mockexam.cli.transfer_commands import transferred
from mockexam.doctor.machine import check_memory, check_storage
from mockexam.errors import UserError
from mockexam.exam.policy import policy_of
from mockexam.machine_clock import MachineClock
from mockexam.session.candidate_actions import HINT_COST, HINT_PAID
from mockexam.session.exam_session import ExamSession
from mockexam.session.manager import SessionManager
from mockexam.session.ports import AttemptPlan, StartRequest
from mockexam.text.status import title_text
from mockexam.text.units import minutes_text

if TYPE_CHECKING:
    from mockexam.cli.prompt import Prompt

INTERRUPTED = 130
_TABLE_WIDTH = 68
CONFIRM = "START"
CONFIRM_FINISH = "FINISH"
CONFIRM_HINT = "YES"
ASK_FINISH = f"Type {CONFIRM_FINISH} to finish now. Nothing is received after that."
_TRIES = 4
"""How often the word that starts the clock is asked for."""
HELP = """commands (N is the number of a question):
  status         time left, marks, and the scripts that run
  brief N        the brief
  edit N         open the script in your editor
  run N          run the script; while another one runs, say how:
  run N wait       run it when the other has ended
  run N beside     run side by side, each more slowly
  run N instead    stop the other, then run it
  stop N         stop the script, or take it out of the queue
  output N       what the script printed last; `output N all`: all of it
  pack N         pack the question for Colab or another machine; `pack N FILE`: as FILE
  submit N       submit the model that was found; `submit N FILE`: the model FILE
  inspect N      what the newest saved model is
  repair N       restore missing files
  hint N         the next hint; asks first, and is recorded; only in a retry
  hints N        the hints you have seen
  finish         finish before the time is up
  quit           leave; the clock and the scripts keep running
Saved models (mymodel.keras) are received."""
_MAX_DIGITS = 5
_MAX_SHOWN = 60
"""Characters of a wrong command that the answer repeats."""
_DELIBERATE_SECONDS = 0.3
"""The word that finishes is not taken sooner after its question at a prompt: it was pasted with the command."""
_ON_QUESTIONS = {
    *((verb,) for verb in ["brief", "edit", "run", "stop", "output", "inspect", "repair", "restore", "hint", "hints"]),
    *((verb,) for verb in ["pack", "submit"]),
    *(("run", how) for how in ("wait", "beside", "instead")),
    ("output", "all"),
}
"""The commands on a question, without its number."""


def _shown(typed: str) -> str:
    """What was typed, as an answer repeats it: on one line of usual length, without what a terminal obeys."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in typed[: _MAX_SHOWN + 1])
    return f"{clean[:_MAX_SHOWN]}…" if len(clean) > _MAX_SHOWN else clean


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


class TypedCommands:
    """Runs what is typed."""

    def __init__(
        self, session: ExamSession, output: SessionOutput, leave: asyncio.Event, prompt: Prompt | None = None
    ) -> None:
        """`leave` is set by `quit`. Without a prompt, lines come from standard input as they are."""
        self._session = session
        self._output = output
        self._leave = leave
        self.has_quit = False
        """Whether `quit` was typed."""
        self._prompt = prompt
        self._read = read_line if prompt is None else prompt.read
        self._scripts = ScriptCommands(session, output, prompt)

    async def take(self) -> None:
        """Run typed commands until the input ends; at a prompt, Ctrl+D leaves. No line makes it deaf to the next."""
        while (line := await self._read()) is not None:
            if words := line.split():
                try:
                    await self.run(words)
                except UserError as error:
                    say(str(error), err=True)
                except Exception as error:  # noqa: BLE001  # `finish` must be heard after whatever came before
                    say(f"That failed: {type(error).__name__}: {_shown(str(error))}", err=True)
            await asyncio.sleep(0)  # the clock goes on while thousands of lines are waiting
        if self._prompt is not None:
            self._leave.set()

    async def run(self, words: list[str]) -> None:
        """Run a command. Raises UserError."""
        match words:
            case ["status"]:
                self._output.status(self._session.snapshot, self._session.runs)
            case ["finish"]:
                await self._finish()
            case ["quit" | "exit"]:
                self.has_quit = True
                self._leave.set()
            case ["stop"]:
                self._scripts.stop(None)
            case ["pack" | "submit" as verb, number, *name]:
                await transferred(self._session, verb, self._number(number), " ".join(name))
            case [verb, number, *rest] if (verb, *rest) in _ON_QUESTIONS:
                await self._run_on(self._number(number), verb, *rest)
            case ["help"]:
                say(HELP, err=True)
            case [verb] if (verb,) in _ON_QUESTIONS:
                say(f"`{verb}` needs the number of a question, for example `{verb} 1`.", err=True)
            case _:
                say(f"Unknown command: {_shown(' '.join(words))}. `help` lists the commands.", err=True)

    async def _run_on(self, number: int, verb: str, how: str = "") -> None:
        """Run a command on a question."""
        session, scripts = self._session, self._scripts
        match verb:
            case "brief":
                say(session.brief(number), err=True)
            case "edit":
                await scripts.edit(number)
            case "run":
                scripts.run(number, how)
            case "stop":
                scripts.stop(number)
            case "output":
                scripts.last_output(number, whole=how == "all")
            case "inspect":
                self._output.inspected(await session.inspect(number), number)
            case "repair" | "restore":
                names = await session.repair(number)
                say(f"Restored: {', '.join(names)}." if names else "No file is missing.", err=True)
            case "hint" | "hints":
                await self._show_hints(number, new=verb == "hint")

    async def _finish(self) -> None:
        say(ASK_FINISH, err=True)
        asked = time.monotonic()
        confirmed = (await self._read() or "").strip().upper() == CONFIRM_FINISH
        if confirmed and self._prompt is not None and time.monotonic() - asked < _DELIBERATE_SECONDS:
            say("Not finished: that came together with the command. Type `finish` again.", err=True)
        elif confirmed:
            await self._session.finish()
        else:
            say("Not finished.", err=True)

    def _number(self, word: str) -> int:
        numbers = [item.number for item in self._session.snapshot.attempt.paper.items]
        if not (word.isascii() and word.isdecimal() and len(word) < _MAX_DIGITS) or int(word) not in numbers:
            known = f"Use a number from 1 to {len(numbers)}." if len(numbers) > 1 else f"Use {numbers[0]}."
            raise UserError(f"There is no question {_shown(word)!r}.", hint=known)
        return int(word)

    async def _show_hints(self, number: int, *, new: bool) -> None:
        session = self._session
        if new and not await self._wants_hint(number):
            say("No hint was opened.", err=True)
            return
        hints = filter(None, [session.next_hint(number)]) if new else session.hints(number)
        shown = [self._output.hint(number, hint) for hint in hints]
        if not shown:
            earlier = f"You have seen all hints for question {number}; `hints {number}` shows them again."
            say(earlier if new else f"You have seen no hints for question {number}.", err=True)
        elif new and isinstance(self._output, TextOutput):
            say(HINT_PAID, err=True)

    async def _wants_hint(self, number: int) -> bool:
        """Ask before a hint is given; programs, and where there is none to give, are not asked."""
        session = self._session
        seen, gives_hints = session.hints(number), policy_of(session.snapshot.attempt).gives_hints
        if not isinstance(self._output, TextOutput) or not gives_hints or (seen and seen[-1].step == seen[-1].of):
            return True
        say(f"{HINT_PAID if seen else HINT_COST} Type {CONFIRM_HINT} to open hint {len(seen) + 1}.", err=True)
        return (await self._read() or "").strip().upper() == CONFIRM_HINT


def sit_plainly(request: StartRequest, *, as_json: bool, yes: bool) -> int:
    """Start the requested attempt, or resume the running one; returns the exit code."""
    from mockexam.tui.signals import chosen_signals

    output = JsonOutput() if as_json else TextOutput(bell="bell" in chosen_signals())
    return asyncio.run(_sit(request, output, yes=yes))


async def _sit(request: StartRequest, output: SessionOutput, *, yes: bool) -> int:
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # a byte that is no UTF-8 is a wrong command, not the end of all
    manager = SessionManager(paths.state_paths(), MachineClock())
    try:
        attempt = await _attempt(manager, request, output, yes=yes)
        session = manager.open(attempt)
        left = await _run(session, output)
        if left is not None:
            output.left(session.snapshot, session.runs)
            return left
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
    for check in (check_memory(), check_storage("workspace", plan.workspace), check_storage("records", paths.home())):
        if check.status == "fail":
            say(f"{check.name}: {check.text}. {check.remedy}", err=True)
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


async def _run(session: ExamSession, output: SessionOutput) -> int | None:
    """Run until the end, or until the user leaves; returns the exit code of having left, None at the end."""
    leave = asyncio.Event()
    session.listen(output.event)
    session.subscribe(output.clock)
    prompt = _prompt(session, output)
    _leave_on_signals(leave, prompt)
    output.opened(session.snapshot)
    with prompt or nullcontext():
        if prompt is not None:
            say("`help` lists the commands.", err=True)
        ScriptPrinter(session, output)
        # Below the line that it answers; for a program it is no event.
        session.transfer.on_offer = lambda offer: say(
            f"`submit {offer.number}` submits it.", err=isinstance(output, JsonOutput)
        )
        run = asyncio.create_task(session.run())
        typed = TypedCommands(session, output, leave, prompt)
        commands = asyncio.create_task(typed.take())
        left = asyncio.create_task(leave.wait())
        try:
            await asyncio.wait({run, left}, return_when=asyncio.FIRST_COMPLETED)
            if left.done() and not run.done():
                await session.close()
            await run
            # The result stands, whether or not all diagnoses were made.
            if not left.done() or session.snapshot.attempt.settled is not None:
                return None
            return 0 if typed.has_quit else INTERRUPTED
        finally:
            for task in (commands, left):
                task.cancel()
            await asyncio.gather(commands, left, return_exceptions=True)


def _leave_on_signals(leave: asyncio.Event, prompt: Prompt | None) -> None:
    def interrupted() -> None:
        if prompt is None or not prompt.lent:  # else it was for the editor
            leave.set()

    loop = asyncio.get_running_loop()
    # Without them Ctrl+C ends the program, and the record is still complete.
    with suppress(NotImplementedError):  # event loops of Windows have no signal handlers
        loop.add_signal_handler(signal.SIGINT, interrupted)
        for name in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            loop.add_signal_handler(name, leave.set)


def _prompt(session: ExamSession, output: SessionOutput) -> Prompt | None:
    """A prompt with the time left, the marks so far and what runs; None for programs and where there is no terminal."""
    from mockexam.cli.prompt import Prompt, can_prompt

    if not isinstance(output, TextOutput) or not can_prompt():
        return None

    def label() -> str:
        running = ", ".join(f"Q{number}" for number in session.runs.running)
        title = title_text(session.snapshot.attempt, session.snapshot.remaining)
        return " · ".join(filter(None, (title, running and f"{running} running"))) + " > "

    prompt = Prompt(label)
    session.subscribe(lambda _: prompt.refresh())
    return prompt
