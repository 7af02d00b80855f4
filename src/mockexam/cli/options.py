"""What commands share: options, lazy loading, shell completion, and confirmation by a typed word."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mockexam import paths
from mockexam.errors import UserError

if TYPE_CHECKING:
    from mockexam.grading.client import Grader
    from mockexam.review.documents import Document
    from mockexam.review.selection import Selection
    from mockexam.review.service import Review

_Command = TypeVar("_Command", bound=Callable[..., object])
_Result = TypeVar("_Result")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
workspace_option = click.option(
    "--workspace", type=click.Path(path_type=Path), help="Folder to work in; created if it does not exist."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask for confirmation.")


class LazyCommand(click.Command):
    """Stands for a command in its group's help; the command's module is imported when the command is used."""

    def __init__(self, name: str, target: str, short_help: str) -> None:
        """`target` is `module:object`."""
        super().__init__(name, short_help=short_help, add_help_option=False)
        self.target = target

    def load(self) -> click.Command:
        """The command itself."""
        module, _, attribute = self.target.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The context of the command itself, so that the command parses and runs."""
        return self.load().make_context(info_name, args, parent, **extra)


def lazy_commands(table: Mapping[str, tuple[str, str]]) -> dict[str, click.Command]:
    """Commands of a group, from `name: (module:object, one line of help)`."""
    return {name: LazyCommand(name, *row) for name, row in table.items()}


def end(code: int) -> None:
    """End the command with this exit code."""
    click.get_current_context().exit(code)


def run_with_grader(work: Callable[[Grader], Coroutine[Any, Any, _Result]]) -> _Result:
    """The result of this with a grader of its own, which ends with it."""
    from mockexam.grading.client import Grader

    async def run() -> _Result:
        async with Grader(paths.state_paths()) as grader:
            return await work(grader)

    import asyncio

    return asyncio.run(run())


def open_review() -> Review:
    """The review of this user's attempts."""
    from mockexam.machine_clock import MachineClock
    from mockexam.review.service import Review

    return Review(paths.state_paths(), MachineClock())


def print_json(found: Document) -> None:
    """Print what a command has found as a JSON document."""
    from mockexam.review.documents import document_of

    click.echo(document_of(found).model_dump_json())


def filter_options(command: _Command) -> _Command:
    """Add the options that select attempts."""
    about = click.option(
        "--category", help="Only attempts with a question of this category (an unambiguous part of its name)."
    )
    passed = click.option("--passed/--failed", default=None, help="Only passed exams, or only failed ones.")
    mode = click.option("--mode", type=click.Choice(["exam", "retry"]), help="Only exams, or only retries.")
    return mode(passed(about(command)))


def selection_of(mode: str | None, passed: bool | None, category: str | None, sort: str | None = None) -> Selection:
    """The attempts that these options select. Raises UnknownNameError for an unknown category."""
    from mockexam.bank.loader import find_category
    from mockexam.exam.paper import Mode
    from mockexam.review.selection import Order, Selection

    return Selection(
        mode=Mode(mode) if mode else None,
        passed=passed,
        category=find_category(category) if category else None,
        order=Order(sort) if sort else Order.DATE,
    )


def complete_attempt(_: click.Context, __: click.Parameter | None, incomplete: str) -> list[str]:
    """Ids of attempts for shell completion, newest first."""
    from mockexam.review.selection import LAST

    with suppress(UserError):
        return [name for name in [LAST, *reversed(open_review().attempts())] if name.startswith(incomplete)]
    return []


def complete_submission(context: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Ids of the attempt's submissions for shell completion."""
    with suppress(UserError):
        questions = open_review().detail(context.params.get("attempt") or "last").questions
        return [s.id for question in questions for s in question.submissions if s.id.startswith(incomplete)]
    return []


def confirm(word: str, refusal: str) -> None:
    """Wait for the typed word. Raises UserError with `refusal` for anything else, and without a terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UserError(f"{refusal} A confirmation needs a terminal.", hint="Add --yes.")
    click.echo(f"Type {word} to continue.", err=True)
    if sys.stdin.readline().strip().upper() != word:
        raise UserError(refusal, hint=f"Type {word}, or add --yes.")
