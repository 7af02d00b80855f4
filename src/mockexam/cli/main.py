"""The root of the command line. A command's module is imported when the command is used: none waits for another."""

from __future__ import annotations

import click

from mockexam import __version__
from mockexam.cli.options import LateCommands, end

_COMMANDS = {
    "sit": "mockexam.cli.attempt_commands:sit",
    "retry": "mockexam.cli.attempt_commands:retry",
    "status": "mockexam.cli.attempt_commands:status",
    "finish": "mockexam.cli.attempt_commands:finish",
    "review": "mockexam.cli.review_group:review",
    "inspect": "mockexam.cli.grade_commands:inspect",
    "grade": "mockexam.cli.grade_commands:grade",
    "doctor": "mockexam.cli.doctor_command:doctor",
    "bank": "mockexam.cli.bank_commands:bank",
}


@click.group(
    commands=LateCommands(_COMMANDS),
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Results go to stdout, progress to stderr. Exit codes: 0 done, 1 a reported error, 2 wrong usage, "
    "3 grader fault, 130 interrupted.",
)
@click.version_option(__version__, message="mockexam %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Sit a timed TensorFlow mock exam in your terminal.

    Without a command, the app opens. While an attempt is running, the app always opens that attempt.
    """
    if context.invoked_subcommand is None:
        from mockexam.cli.request import open_app

        end(open_app(None))


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a completion script for your shell.

    Example, for bash: eval "$(mockexam completion bash)"
    """
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(cli, {}, "mockexam", "_MOCKEXAM_COMPLETE").source())


def invoke(arguments: list[str]) -> int:
    """Run a command line and return its exit code. Usage errors are reported here; all others are raised."""
    try:
        result = cli.main(args=arguments, prog_name="mockexam", standalone_mode=False)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    return result if isinstance(result, int) else 0
