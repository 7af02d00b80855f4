"""The root of the command line. A command's module is imported when the command runs, not to list it."""

from __future__ import annotations

import click

from mockexam import __version__
from mockexam.cli.options import end, lazy_commands

_ATTEMPT, _TRANSFER, _GRADE, _BANK = (
    f"mockexam.cli.{group}_commands" for group in ("attempt", "transfer", "grade", "bank")
)
_COMMANDS = {
    "sit": (f"{_ATTEMPT}:sit", "Sit a full exam."),
    "retry": (f"{_ATTEMPT}:retry", "Retry one question with new data, full feedback and hints."),
    "status": (f"{_ATTEMPT}:status", "Show the time left, the marks so far and the folders."),
    "finish": (f"{_ATTEMPT}:finish", "Finish the running attempt before its time is up."),
    "pack": (f"{_TRANSFER}:pack", "Pack a question of the running attempt for Colab or another machine."),
    "submit": (f"{_TRANSFER}:submit", "Submit a model from anywhere to the running attempt."),
    "review": ("mockexam.cli.review_group:review", "Look back at your attempts and see what to learn next."),
    "inspect": (f"{_GRADE}:inspect", "Show what a saved model is."),
    "grade": (f"{_GRADE}:grade", "Grade saved models outside an attempt."),
    "doctor": ("mockexam.cli.doctor_command:doctor", "Check that this machine is ready."),
    "serve": ("mockexam.cli.serve_command:serve", "Show the app in a browser on this machine."),
}
_BANK_COMMANDS = {
    "list": (f"{_BANK}:list_", "List the exams and the questions."),
    "show": (f"{_BANK}:show", "Show a question's task, contract and skills."),
    "handout": ("mockexam.cli.handout_command:handout", "Hand out questions to a class."),
    "new": (f"{_BANK}:new", "Create a question with blanks to fill in."),
    "verify": (f"{_BANK}:verify", "Verify what questions reward."),
}


@click.group(
    commands=lazy_commands(_COMMANDS),
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
        from mockexam.tui.launch import run_app

        end(run_app())


@cli.group(commands=lazy_commands(_BANK_COMMANDS))
def bank() -> None:
    """List, show, check and add questions."""


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
    """Run a command line and return its exit code. Reports usage errors, raises all others."""
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
