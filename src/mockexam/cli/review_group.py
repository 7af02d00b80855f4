"""`mockexam review`: the group of its commands, its short forms, and the flags of earlier versions."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

import click
from click.shell_completion import CompletionItem

from mockexam.cli.options import complete_attempt, end, json_option, lazy_commands, open_review

_REPORTS, _STORAGE = "mockexam.cli.review_reports", "mockexam.cli.review_storage"
_COMMANDS = {
    "list": (f"{_REPORTS}:list_", "List your attempts and your results by category."),
    "show": (f"{_REPORTS}:show", "Show one attempt."),
    "compare": (f"{_REPORTS}:compare", "Show two attempts side by side."),
    "diff": (f"{_REPORTS}:diff", "Compare scripts with the reference solution."),
    "readiness": (f"{_REPORTS}:readiness", "Estimate whether you would pass today."),
    "html": (f"{_REPORTS}:html", "Write an HTML page to read or to print."),
    "certificate": (f"{_REPORTS}:certificate", "Write the certificate of a passed exam."),
    "regrade": (f"{_STORAGE}:regrade", "Grade stored models again with the installed versions."),
    "restore": (f"{_STORAGE}:restore", "Restore the files of a submission."),
    "export": (f"{_STORAGE}:export", "Write attempts to a zip archive."),
    "import": (f"{_STORAGE}:import_", "Add the attempts of an archive."),
    "delete": (f"{_STORAGE}:delete", "Permanently delete attempts."),
    "prune": (f"{_STORAGE}:prune", "Free disk space."),
}
_FLAGS = ("json", "plain", "passed", "failed", "no-models", "yes", "readiness", "regrade", "delete", "prune")
_OPTIONS = ("mode", "category", "sort", "exam", "against", "into", "name")
_VALUE_COMMANDS = ("compare", "diff", "restore", "html", "certificate", "export", "import")
"""Commands that used to be an option with a value."""
_SHORT_FORM = click.Command(
    "review",
    params=[
        click.Argument(["attempt"], required=False),
        *(click.Option([f"--{name}"], is_flag=True) for name in _FLAGS),
        *(click.Option([f"--{name}"]) for name in (*_OPTIONS, *_VALUE_COMMANDS)),
    ],
)
"""`mockexam review` without a command."""


class _ReviewGroup(click.Group):
    """Adds the command to a command line without one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        command = bool(args) and args[0] in self.commands
        if not (command or ctx.resilient_parsing or {"-h", "--help"}.intersection(args)):
            args = self._with_command(ctx, args)
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        attempts = complete_attempt(ctx, None, incomplete)
        return [*super().shell_complete(ctx, incomplete), *map(CompletionItem, attempts)]

    def _with_command(self, ctx: click.Context, args: Sequence[str]) -> list[str]:
        """The same command line with its command. Raises click.UsageError."""
        if args and not args[0].startswith("-"):
            self._check_command(ctx, args[0])
        with _SHORT_FORM.make_context("mockexam review", list(args)) as short:
            given = {name: value for name, value in short.params.items() if value not in {None, False}}
        if given.get("attempt") in self.commands:
            raise click.UsageError(f"Write {given['attempt']!r} before its options.", ctx)
        plain = bool(given.pop("plain", False))
        words = _new_form(given)
        if set(given) <= {"attempt"} and not plain and _on_terminal():
            return ["app", *words[1:]]
        command = self.get_command(ctx, words[0])
        assert command is not None
        command.make_context(words[0], words[1:], parent=ctx).close()  # reports wrong usage
        if set(given) - {"attempt", "json"}:
            click.echo(f"The new form is: mockexam review {shlex.join(words)}", err=True)
        return words

    def _check_command(self, ctx: click.Context, word: str) -> None:
        """Raise click.UsageError for a misspelt command, unless it names an attempt."""
        from mockexam.review.selection import LAST

        if word.lower() == LAST or not word.isalpha() or not (close := get_close_matches(word, [LAST, *_COMMANDS])):
            return
        if not any(word.lower() in name.lower() for name in open_review().attempts()):
            raise click.UsageError(f"No such command or attempt: {word!r}. Did you mean {' or '.join(close)}?", ctx)


def _new_form(given: dict[str, Any]) -> list[str]:
    """The command and arguments that the options stand for. Raises click.UsageError for two commands."""
    from mockexam.review.selection import LAST

    commands = [name for name in given if name in _COMMANDS]
    if len(commands) > 1:
        raise click.UsageError(f"--{commands[0]} and --{commands[1]} can't be combined.", click.get_current_context())
    attempt = given.get("attempt")
    command = commands[0] if commands else "show" if attempt else "list"
    words = [command]
    if command in {"compare", "diff", "restore"}:
        words += [attempt or LAST, given[command]]
    elif attempt:
        words.append(attempt)
    if command in {"html", "certificate", "export"}:
        words += ["--out", given[command]]
    if command == "import":
        words.append(given[command])
    for name, value in given.items():
        if name not in {"attempt", command} and not (name == "json" and command in {"html", "certificate"}):
            option = f"--{name.replace('_', '-')}"
            words += [option] if value is True else [option, value]
    return words


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


@click.group(
    cls=_ReviewGroup,
    commands=lazy_commands(_COMMANDS),
    invoke_without_command=True,
    subcommand_metavar="[ATTEMPT | COMMAND [ARGS]...]",
)
@json_option
@click.option("--plain", is_flag=True, help="Print text instead of opening the app.")
def review(**_: bool) -> None:
    """Look back at your attempts and see what to learn next.

    `mockexam review` opens the app at all attempts, `mockexam review ATTEMPT` at one. With --plain or --json, or
    without a terminal, they print the same as `list` and `show`.

    An ATTEMPT is an id, an unambiguous part of one, or `last`. A SUBMISSION is an id such as q1-2777d8505cee, or the
    start of one; `mockexam review show` lists them. Or its number in the app's list of models (`m`): 2, or q3-2 where
    several questions have a second one.

    Example: mockexam review last
    """


@review.command(hidden=True)
@click.argument("attempt", required=False)
def app(attempt: str | None) -> None:
    """Open the app at all attempts, or at one."""
    from mockexam.tui.launch import run_review

    end(run_review(attempt))
