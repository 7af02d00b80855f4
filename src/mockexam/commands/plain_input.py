"""What a candidate can type in `--plain`."""

from __future__ import annotations

import asyncio
import sys
import threading
from typing import TYPE_CHECKING

import click

from mockexam.errors import ToldError

if TYPE_CHECKING:
    from mockexam.commands.plain_output import Output
    from mockexam.sitting.sitting import Sitting

CONFIRM = "START"
CONFIRM_FINISH = "FINISH"

HELP = """commands: status · brief N · inspect N · restore N · hint N · hints N · finish · quit · help
(N is a question's number. Edit and run the scripts in your own editor; what you save as mymodel.keras is received.
In a retry `hint N` gives the next hint, which is noted, and `hints N` those that you have seen; an exam has none.)"""


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


async def take_commands(sitting: Sitting, leave: asyncio.Event, output: Output) -> None:
    """Obey typed commands until the input ends."""
    while (line := await read_line()) is not None:
        words = line.split()
        if not words:
            continue
        try:
            await _obey(words, sitting, leave, output)
        except ToldError as error:
            click.echo(str(error), err=True)


async def _obey(words: list[str], sitting: Sitting, leave: asyncio.Event, output: Output) -> None:
    match words:
        case ["status"]:
            output.status(sitting.snapshot)
        case ["finish"]:
            click.echo(f"Type {CONFIRM_FINISH} to finish now; nothing more is received then.", err=True)
            answer = await read_line()
            if answer is not None and answer.strip().upper() == CONFIRM_FINISH:
                await sitting.finish()
            else:
                click.echo("Not finished.", err=True)
        case ["quit" | "exit"]:
            leave.set()
        case ["brief", number]:
            click.echo(sitting.brief(_number(number, sitting)), err=True)
        case ["inspect", number]:
            output.inspected(await sitting.inspect(_number(number, sitting)))
        case ["restore", number]:
            done = await sitting.restore(_number(number, sitting))
            click.echo(f"Restored: {', '.join(done)}." if done else "Nothing is missing.", err=True)
        case ["hint", number]:
            _next_hint(_number(number, sitting), sitting, output)
        case ["hints", number]:
            _seen_hints(_number(number, sitting), sitting, output)
        case _:
            click.echo(HELP, err=True)


def _next_hint(number: int, sitting: Sitting, output: Output) -> None:
    hint = sitting.next_hint(number)
    if hint is None:
        click.echo(f"You have seen all hints of question {number}; `hints {number}` shows them again.", err=True)
    else:
        output.hint(number, hint)


def _seen_hints(number: int, sitting: Sitting, output: Output) -> None:
    seen = sitting.hints(number)
    for hint in seen:
        output.hint(number, hint)
    if not seen:
        click.echo(f"You have seen no hints of question {number}.", err=True)


def _number(word: str, sitting: Sitting) -> int:
    numbers = [item.number for item in sitting.snapshot.attempt.paper.items]
    if not word.isdigit() or int(word) not in numbers:
        raise ToldError(f"There is no question {word!r}.", remedy=f"Use a number from 1 to {len(numbers)}.")
    return int(word)
