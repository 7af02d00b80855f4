"""`sit` and `retry` with `--plain` or `--json`: the same without the full-screen app, a line an event.

stdout is the story (text or JSON lines), stderr narrates, stdin takes commands.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import click

from mockexam import paths
from mockexam.cli.progress_bar import ProgressLine
from mockexam.commands.plain_input import CONFIRM, read_line, take_commands
from mockexam.commands.plain_output import JsonOutput, Output, TextOutput
from mockexam.commands.sit import Request
from mockexam.errors import ToldError
from mockexam.exam.policy import policy_of
from mockexam.machine_clock import MachineClock
from mockexam.sitting.desk import Desk
from mockexam.sitting.ports import Plan
from mockexam.sitting.sitting import Sitting
from mockexam.tui.wording import minutes_text

INTERRUPTED = 130


def sit_plainly(request: Request, *, as_json: bool, yes: bool) -> int:
    """Sit what is asked for, or go on with the attempt under way; returns the exit code."""
    output: Output = JsonOutput() if as_json else TextOutput()
    return asyncio.run(_sit(request, output, yes=yes))


async def _sit(request: Request, output: Output, *, yes: bool) -> int:
    desk = Desk(paths.state(), MachineClock())
    try:
        attempt = await _attempt(desk, request, output, yes=yes)
        sitting = desk.open(attempt)
        left = await _run(sitting, output)
        if left:
            output.left(sitting.snapshot)
            return INTERRUPTED
        output.result(sitting.snapshot, desk.journal.receipt(attempt))
        return 0
    finally:
        await desk.close()


async def _attempt(desk: Desk, request: Request, output: Output, *, yes: bool) -> str:
    running = desk.running()
    if running is not None:
        if not request.empty:
            click.echo("An attempt is under way: it goes on, what else you asked for is left aside.", err=True)
        return running.attempt
    plan = await asyncio.to_thread(_plan, desk, request)
    for question in plan.left_out:
        click.echo(question, err=True)
    output.plan(plan)
    await desk.prepare(plan, ProgressLine())
    if not yes:
        await _confirm(plan)
    return desk.start(plan)


def _plan(desk: Desk, request: Request) -> Plan:
    if request.retry is not None:
        return desk.plan_retry(request.retry, request.workspace, ProgressLine())
    return desk.plan(request.exam, request.code, request.workspace, ProgressLine())


async def _confirm(plan: Plan) -> None:
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
    raise ToldError(
        f"The {policy.noun} was not started: {CONFIRM} was not typed.", where=str(plan.workspace), remedy=remedy
    )


def _before_start(plan: Plan) -> str:
    if plan.rules.duration is None:
        return "There is no time limit; the clock measures the time, and nothing else can be started until you finish."
    length = minutes_text(plan.rules.duration)
    return f"The clock will run for {length} without a pause, also while mockexam is closed."


async def _run(sitting: Sitting, output: Output) -> bool:
    """Run until the end, or until told to leave; returns whether it was left."""
    leave = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
        # Windows' loops have no signal handlers; there Ctrl+C ends the program, and the record stands all the same.
        with suppress(NotImplementedError):
            loop.add_signal_handler(name, leave.set)
    sitting.listen(output.event)
    sitting.subscribe(output.clock)
    output.opened(sitting.snapshot)
    run = asyncio.create_task(sitting.run())
    commands = asyncio.create_task(take_commands(sitting, leave, output))
    left = asyncio.create_task(leave.wait())
    try:
        await asyncio.wait({run, left}, return_when=asyncio.FIRST_COMPLETED)
        if left.done() and not run.done():
            await sitting.close()
        await run
        return left.done()
    finally:
        for task in (commands, left):
            task.cancel()
        await asyncio.gather(commands, left, return_exceptions=True)
