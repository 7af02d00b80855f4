"""The commands. Each imports what it needs when it runs, so that none waits for what another needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mockexam import __version__

_json = click.option("--json", "as_json", is_flag=True, help="Print data for programs instead of text.")
_plain = click.option("--plain", is_flag=True, help="No full-screen app: a line an event, commands on standard input.")
_workspace = click.option(
    "--workspace", type=click.Path(path_type=Path), help="Folder to work in; made if it is not there."
)


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="mockexam %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Sit a timed mock exam for TensorFlow developers, in your terminal.

    Without a command the app opens. While an attempt runs, the app leads into it.
    """
    if context.invoked_subcommand is None:
        _exit(_app())


@cli.command()
@click.argument("exam", required=False)
@click.option("--code", help="Replay the paper of this code, e.g. 7K3Q-F2XM.")
@_workspace
@_plain
@_json
@click.option("--yes", is_flag=True, help="Start the clock without asking for the typed word (with --plain or --json).")
def sit(exam: str | None, code: str | None, workspace: Path | None, plain: bool, as_json: bool, yes: bool) -> None:
    """Sit a full exam. EXAM is a name (`mockexam bank list`) or a .toml file; the shipped one if left out."""
    from mockexam.commands.sit import Request

    request = Request(exam=exam, code=code, workspace=workspace)
    if plain or as_json:
        from mockexam.commands.plain import sit_plainly

        _exit(sit_plainly(request, as_json=as_json, yes=yes))
    if yes:
        raise click.UsageError("--yes goes with --plain or --json.")
    _exit(_app(request))


@cli.command()
@click.argument("category", required=False)
@click.option("--question", metavar="ID", help="Practise this question: an id, or an unambiguous part of one.")
@click.option("--untimed", is_flag=True, help="Without a time limit.")
@click.option("--exam", metavar="NAME|FILE", help="Retry for this exam. Default: the exam you took last.")
@_workspace
@_plain
@_json
@click.option("--yes", is_flag=True, help="Start the clock without asking for the typed word (with --plain or --json).")
def retry(
    category: str | None,
    question: str | None,
    untimed: bool,
    exam: str | None,
    workspace: Path | None,
    plain: bool,
    as_json: bool,
    yes: bool,
) -> None:
    """Practise one question with new numbers, full feedback and hints, in its share of the exam's time.

    CATEGORY is any clear beginning or word of its name (`image`, `series`), or `weakest`, which is also what you get
    without one. A question that you have not met comes first, then the one with the fewest marks.
    """
    from mockexam.commands.retry import retry_request

    request = retry_request(category, question=question, timed=not untimed, workspace=workspace, exam=exam)
    if plain or as_json:
        from mockexam.commands.plain import sit_plainly

        _exit(sit_plainly(request, as_json=as_json, yes=yes))
    if yes:
        raise click.UsageError("--yes goes with --plain or --json.")
    _exit(_app(request))


@cli.command()
@click.argument("attempt", required=False)
@_json
@click.option("--plain", is_flag=True, help="As text, also on a terminal, where the app opens otherwise.")
@click.option("--mode", type=click.Choice(["exam", "retry"]), help="List exams or retries alone.")
@click.option("--passed/--failed", default=None, help="List exams that were passed, or that were not.")
@click.option("--category", help="List attempts with a question of this category: a clear beginning or word of it.")
@click.option("--sort", type=click.Choice(["date", "total", "time"]), help="Newest, best or longest first.")
@click.option("--exam", metavar="NAME|FILE", help="How you stand in this exam. Default: the exam you took last.")
@click.option("--compare", metavar="OTHER", help="Set another attempt beside this one.")
@click.option("--diff", metavar="SUBMISSION", help="A submission's scripts against the reference.")
@click.option("--against", metavar="SUBMISSION", help="With --diff: against another submission's in place of that.")
@click.option("--restore", metavar="SUBMISSION", help="Put a submission's model and scripts back into the workspace.")
@click.option("--into", type=click.Path(path_type=Path), help="With --restore: into this folder in place of that.")
@click.option("--readiness", is_flag=True, help="Would I pass, what have I shown, what should I study.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page of all attempts, or of ATTEMPT.")
@click.option("--certificate", type=click.Path(path_type=Path), help="Write the certificate of a passed exam.")
@click.option("--name", help="With --certificate: whom it names.")
@click.option("--regrade", is_flag=True, help="Mark the kept models again with today's versions; both results stay.")
@click.option("--delete", is_flag=True, help="Delete ATTEMPT, or all that fit --mode, --passed, --failed, --category.")
@click.option("--prune", is_flag=True, help="Drop kept models but the best and the last one of each question.")
@click.option("--export", type=click.Path(path_type=Path), help="Write ATTEMPT, or all that fit, into an archive.")
@click.option("--no-models", is_flag=True, help="With --export: leave the kept models out.")
@click.option("--import", "import_", type=click.Path(path_type=Path), help="Take in the attempts of an archive.")
@click.option("--yes", is_flag=True, help="Do not ask before something is deleted, pruned or replaced.")
def review(**asked: Any) -> None:
    """Look back: all attempts, or one ATTEMPT, and what to learn next.

    ATTEMPT is an id, any clear part of one, or `last`; a SUBMISSION likewise. Where one is needed and none is named, it
    is the last attempt. On a terminal and without options the app opens; otherwise it is text, or data with --json.
    """
    from mockexam.commands.review import Asked
    from mockexam.commands.review import review as look

    _exit(look(Asked(**asked)))


@cli.command()
@_json
def status(as_json: bool) -> None:
    """Show the time left and the marks so far. Quick: fit for a prompt or a status bar."""
    from mockexam.commands.status import status as told

    click.echo(told(as_json=as_json))


@cli.command()
@click.option("--yes", is_flag=True, help="Do not ask for the typed word.")
@_json
def finish(yes: bool, as_json: bool) -> None:
    """Finish the attempt under way before its time is up."""
    from mockexam.commands.finish import finish as end

    _exit(end(yes=yes, as_json=as_json))


@cli.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--question", help="Also say what this question's marking would refuse: an id, or an unambiguous part.")
@_json
def inspect(model: Path, question: str | None, as_json: bool) -> None:
    """Tell what a saved MODEL is: format, size, shapes, versions, and what marking would refuse. No marks."""
    from mockexam.commands.inspect import inspect as look

    _exit(look(model, question=question, as_json=as_json))


@cli.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option("--question", help="The question's id, or an unambiguous part; not needed inside a workspace.")
@click.option("--seed", type=click.IntRange(min=0), help="Mark on the data of this seed (see `bank show --unpack`).")
@click.option("--secret", metavar="TEXT", help="Draw the hold-out from this, which nobody else knows.")
@_json
@click.option("--jobs", type=click.IntRange(1, 256), help="Of many: so many at a time; else one a core.")
@click.option("--scheduler", metavar="ADDRESS", help="Of many: on the Dask cluster of this scheduler, tcp://HOST:PORT.")
@click.option("--out", type=click.Path(path_type=Path), help="Of many: keep the results in this file, not beside them.")
@click.option("--csv", type=click.Path(path_type=Path), help="Of many: also write a table for a spreadsheet.")
@click.option("--fresh", is_flag=True, help="Of many: mark again what was marked before.")
def grade(model: Path, question: str | None, seed: int | None, secret: str | None, as_json: bool, **many: Any) -> None:
    """Mark a saved MODEL outside an attempt, by the very path an attempt uses.

    MODEL may also be a folder with many models, or a list of them: a .csv or .json file with `model`, `question` and
    `name`. Each is a line then, and so it is with --json. Results are kept as they come: the same command goes on where
    it was interrupted.
    """
    from mockexam.commands.grade import grade as mark
    from mockexam.commands.grade_many import Asked

    _exit(mark(model, question=question, seed=seed, secret=secret, as_json=as_json, many=Asked(**many)))


@cli.command()
@_json
@click.option("--quick", is_flag=True, help="Leave out the training test (about a minute).")
@_workspace
def doctor(as_json: bool, quick: bool, workspace: Path | None) -> None:
    """Check whether this machine is ready: versions, memory, disk, watching, isolation, training speed."""
    from mockexam.commands.doctor import doctor as examine

    _exit(examine(as_json=as_json, quick=quick, workspace=workspace))


@cli.group()
def bank() -> None:
    """Look at the question bank."""


@bank.command("list")
@_json
def bank_list(as_json: bool) -> None:
    """List the exams and the questions."""
    from mockexam.commands.bank import list_bank

    click.echo(list_bank(as_json=as_json))


@bank.command("show")
@click.argument("question")
@click.option(
    "--unpack",
    type=click.Path(path_type=Path),
    help="Also make brief, stub and data in this new folder, to practise or to hand out.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which numbers --unpack makes.")
@_json
def bank_show(question: str, unpack: Path | None, seed: int, as_json: bool) -> None:
    """Show a QUESTION: its task, contract and skills."""
    from mockexam.commands.bank import show_question

    click.echo(show_question(question, unpack=unpack, seed=seed, as_json=as_json))


@bank.command("verify")
@click.argument("questions", nargs=-1)
@click.option("--static", is_flag=True, help="Everything but training, in seconds.")
@click.option("--seeds", default="1,2,3", show_default=True, help="Which numbers to train and mark on.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Solutions at a time.")
@click.option("--fresh", is_flag=True, help="Train again what was trained before.")
@_json
def bank_verify(questions: tuple[str, ...], static: bool, seeds: str, jobs: int, fresh: bool, as_json: bool) -> None:
    """Prove what QUESTIONS test, or all: train every shipped solution and mark it as an attempt would.

    A QUESTION is an id, a clear part of one, or a category. What was trained already is not trained again unless the
    solution, the data or the libraries have changed, so it can be interrupted at any time. Results go beside the
    question (calibration.json) and, from a checkout, into docs/calibration.md and docs/coverage.md.
    """
    from mockexam.commands.bank_verify import verify, verify_static

    if static:
        _exit(verify_static(questions, jobs=jobs, as_json=as_json))
    _exit(verify(questions, seeds=seeds, jobs=jobs, fresh=fresh, as_json=as_json))


@bank.command("new")
@click.argument("name", metavar="CATEGORY/NAME")
@click.option("--into", type=click.Path(path_type=Path), help="Folder with exams/ and scoring/ of your own questions.")
@_json
def bank_new(name: str, into: Path | None, as_json: bool) -> None:
    """Make a new question with blanks to fill in, in a checkout or in a folder of your own."""
    from mockexam.commands.bank_new import new

    click.echo(new(name, into=into, as_json=as_json))


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the shell's completion script, e.g. for bash: eval "$(mockexam completion bash)"."""
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None
    click.echo(script(cli, {}, "mockexam", "_MOCKEXAM_COMPLETE").source())


def _app(request: Any = None) -> int:
    from mockexam.commands.sit import open_app

    return open_app(request)


def _exit(code: int) -> None:
    click.get_current_context().exit(code)


def invoke(arguments: list[str]) -> int:
    """Run a command line; returns its exit code. Usage errors are told here, all others are raised."""
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
