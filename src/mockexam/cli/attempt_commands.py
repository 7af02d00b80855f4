"""`mockexam sit`, `retry`, `status` and `finish`: starting an attempt, looking at it, ending it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam.cli.options import end, json_option, workspace_option, yes_option

if TYPE_CHECKING:
    from mockexam.cli.request import Request

_plain = click.option("--plain", is_flag=True, help="No full-screen app: one line per event, commands from stdin.")
_start = click.option("--yes", is_flag=True, help="With --plain or --json: start the clock without confirmation.")


@click.command()
@click.argument("exam", required=False)
@click.option("--code", help="Sit the paper with this code again, e.g. 7K3Q-F2XM.")
@workspace_option
@_plain
@json_option
@_start
def sit(exam: str | None, code: str | None, workspace: Path | None, **how: bool) -> None:
    """Sit a full exam.

    EXAM is a name from `mockexam bank list` or a .toml file; by default the exam that ships with mockexam.

    Example: mockexam sit --workspace ~/exam
    """
    from mockexam.cli.request import Request

    _open(Request(exam=exam, code=code, workspace=workspace), **how)


@click.command()
@click.argument("category", required=False)
@click.option("--question", metavar="ID", help="Retry this question: an id, or an unambiguous part of one.")
@click.option("--untimed", is_flag=True, help="No time limit.")
@click.option("--exam", metavar="NAME|FILE", help="Retry for this exam; by default for the exam that you took last.")
@workspace_option
@_plain
@json_option
@_start
def retry(
    category: str | None, question: str | None, untimed: bool, exam: str | None, workspace: Path | None, **how: bool
) -> None:
    """Retry one question with new data, full feedback and hints.

    CATEGORY is an unambiguous part of its name (`image`, `series`), or `weakest`, the default. Questions that you have
    not met come first, then the one with the fewest marks. You get the question's share of the exam's time.

    Example: mockexam retry image
    """
    from mockexam.cli.request import retry_request

    _open(retry_request(category, question=question, timed=not untimed, workspace=workspace, exam=exam), **how)


def _open(request: Request, *, plain: bool, as_json: bool, yes: bool) -> None:
    if plain or as_json:
        from mockexam.cli.plain import sit_plainly

        end(sit_plainly(request, as_json=as_json, yes=yes))
    if yes:
        raise click.UsageError("--yes needs --plain or --json.")
    from mockexam.cli.request import open_app

    end(open_app(request))


@click.command()
@json_option
def status(as_json: bool) -> None:
    """Show the time left and the marks so far.

    Fast enough for a prompt or a status bar. Example: mockexam status --json
    """
    from mockexam.cli.status import status as status_text

    click.echo(status_text(as_json=as_json))


@click.command()
@yes_option
@json_option
def finish(yes: bool, as_json: bool) -> None:
    """Finish the running attempt before its time is up.

    Example: mockexam finish
    """
    from mockexam.cli.finish import finish as finish_attempt

    end(finish_attempt(yes=yes, as_json=as_json))
