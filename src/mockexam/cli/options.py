"""What commands share: options, lazy loading, shell completion, and confirmation by a typed word."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from mockexam import paths
from mockexam.errors import UserError

if TYPE_CHECKING:
    from mockexam.bank.models import Question
    from mockexam.grading.client import Grader
    from mockexam.review.documents import Document
    from mockexam.review.selection import Selection
    from mockexam.review.service import Review

_Command = TypeVar("_Command", bound=Callable[..., object])
_Result = TypeVar("_Result")

WEAKEST = "weakest"
"""Stands for the category with the weakest results."""

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


def fetch_data(questions: Iterable[Question]) -> None:
    """Fetch what the data of these questions are made from, if it is not on this computer. Raises UserError."""
    from mockexam.bank.downloads import downloads_of, fetch
    from mockexam.cli.progress_bar import delayed_progress

    if wanted := downloads_of(questions):
        progress = delayed_progress()
        fetch(wanted, progress)
        progress.stop()


def open_review() -> Review:
    """The review of this user's attempts."""
    from mockexam.machine_clock import MachineClock
    from mockexam.review.service import Review

    return Review(paths.state_paths(), MachineClock())


def print_json(found: Document) -> None:
    """Print what a command has found as a JSON document."""
    from mockexam.review.documents import document_of

    click.echo(document_of(found).model_dump_json())


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


def completed(names: Callable[[click.Context], Iterable[str]]) -> Callable[..., list[str]]:
    """A `shell_complete` that offers the names beginning with what was typed; nothing if they can't be read."""

    def complete(context: click.Context, _: click.Parameter | None, incomplete: str) -> list[str]:
        with suppress(Exception):  # a Tab is no place for a report: the command itself will make it
            return [name for name in names(context) if name.startswith(incomplete)]
        return []

    return complete


def _attempts(_: click.Context) -> Iterable[str]:
    """Newest first."""
    from mockexam.review.selection import LAST
    from mockexam.store.database import names_on_record

    return [LAST, *reversed(names_on_record(paths.state_paths().database))]


def _submissions(context: click.Context) -> Iterable[str]:
    """Those of the attempt on the command line."""
    from mockexam.review.selection import LAST, find_attempt
    from mockexam.store.database import names_on_record

    database = paths.state_paths().database
    attempt = find_attempt(context.params.get("attempt") or LAST, names_on_record(database))
    return names_on_record(database, attempt)


def _categories(_: click.Context) -> Iterable[str]:
    from mockexam.bank.category import CATEGORIES

    return CATEGORIES


def _to_retry(context: click.Context) -> Iterable[str]:
    return [WEAKEST, *_categories(context)]


def _questions(_: click.Context) -> Iterable[str]:
    """All ids; the files are not read."""
    from mockexam.bank.loader import identifier, question_folders
    from mockexam.bank.packs import find_packs

    roots = [paths.exams_dir(), *(pack.exams for pack in find_packs().packs)]
    return [identifier(folder) for root in roots for folder in question_folders(root)]


def _question_names(context: click.Context) -> Iterable[str]:
    """The ids without their category, an unambiguous part of most."""
    return (name.partition("/")[2] for name in _questions(context))


def _exams(_: click.Context) -> Iterable[str]:
    """All names; those of packs without the pack, since a shell splits words at colons."""
    from mockexam.bank.packs import find_packs

    roots = [paths.exams_dir(), *(pack.exams for pack in find_packs().packs)]
    return [path.stem for root in roots for path in sorted(root.glob("*.toml"))]


def _running(_: click.Context) -> Iterable[str]:
    from mockexam.store.database import questions_under_way

    return questions_under_way(paths.state_paths().database)


complete_running = completed(_running)
complete_attempt = completed(_attempts)
complete_submission = completed(_submissions)
complete_category = completed(_categories)
complete_retry = completed(_to_retry)


def complete_question(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Questions by id, or else by the name in it."""
    by_id = completed(_questions)(context, parameter, incomplete)
    return by_id or completed(_question_names)(context, parameter, incomplete)


def complete_exam(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Exams by name; else the shell completes the path of a file."""
    names = completed(_exams)(context, parameter, incomplete)
    return [*map(CompletionItem, names)] or [CompletionItem(incomplete, type="file")]


def filter_options(command: _Command) -> _Command:
    """Add the options that select attempts."""
    about = click.option(
        "--category",
        help="Only attempts with a question of this category (an unambiguous part of its name).",
        shell_complete=complete_category,
    )
    passed = click.option("--passed/--failed", default=None, help="Only passed exams, or only failed ones.")
    mode = click.option("--mode", type=click.Choice(["exam", "retry"]), help="Only exams, or only retries.")
    return mode(passed(about(command)))


def confirm(word: str, refusal: str) -> None:
    """Wait for the typed word. Raises UserError with `refusal` for anything else, and without a terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise UserError(f"{refusal} A confirmation needs a terminal.", hint="Add --yes.")
    click.echo(f"Type {word} to continue.", err=True)
    if sys.stdin.readline().strip().upper() != word:
        raise UserError(refusal, hint=f"Type {word}, or add --yes.")
