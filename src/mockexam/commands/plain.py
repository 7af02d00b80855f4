"""`mockexam sit --plain` and `--json`: the same exam without the full-screen app, a line an event.

stdout is the story (text or JSON lines), stderr narrates, stdin takes commands.
"""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

import click

from mockexam import paths
from mockexam.commands.plain_input import CONFIRM, read_line, take_commands
from mockexam.commands.plain_output import JsonOutput, Output, TextOutput
from mockexam.commands.progress import ProgressLine
from mockexam.commands.sit import Request
from mockexam.errors import ToldError
from mockexam.machine_clock import MachineClock
from mockexam.sitting.desk import Desk
from mockexam.sitting.ports import Plan
from mockexam.sitting.sitting import Sitting

INTERRUPTED = 130


def sit_plainly(request: Request, *, as_json: bool, yes: bool) -> int:
    """Sit an exam, or go on with the one under way; returns the exit code."""
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
    plan = await asyncio.to_thread(desk.plan, request.exam, request.code, request.workspace)
    output.plan(plan)
    await desk.prepare(plan, ProgressLine())
    if not yes:
        await _confirm(plan)
    return desk.start(plan)


async def _confirm(plan: Plan) -> None:
    minutes = (plan.rules.duration or 0) / 60
    click.echo(
        f"The clock will run for {minutes:g} minutes without a pause, also while mockexam is closed.\n"
        f"Type {CONFIRM} and press Enter to start it.",
        err=True,
    )
    answer = await read_line()
    if answer is None or answer.strip().upper() != CONFIRM:
        raise ToldError(
            f"The exam was not started: {CONFIRM} was not typed.",
            where=str(plan.workspace),
            remedy="The workspace is ready; come back with the same command"
            f" and --code {plan.paper.code} --workspace {plan.workspace}, or add --yes.",
        )


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
