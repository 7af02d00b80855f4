"""`mockexam pack` and `submit`, and the same typed during `--plain`: for training on another machine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockexam import paths
from mockexam.cli.options import complete_running, end
from mockexam.cli.progress_bar import DELAY_SECONDS, CommandProgress
from mockexam.cli.session_output import say
from mockexam.errors import UnknownNameError, UserError

if TYPE_CHECKING:
    from mockexam.exam.attempt import Attempt
    from mockexam.exam.paper import PaperItem
    from mockexam.session.exam_session import ExamSession
    from mockexam.store.journal import Journal

_RECEIVE_SECONDS = 10.0
"""How long to wait for the open app to receive; it takes about a second."""
_POLL_SECONDS = 0.2


@click.command()
@click.argument("question", shell_complete=complete_running)
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), help="The zip; by default in the workspace.")
@click.option("--force", is_flag=True, help="Replace the zip if there is one of this name.")
def pack(question: str, to: Path | None, force: bool) -> None:
    """Pack a question of the running attempt for Colab or another machine.

    QUESTION is its number, or an unambiguous part of its id. The zip has the brief, your script, the data, a notebook
    that trains and saves the model, and a README.txt that says how to go on.

    Example: mockexam pack 3
    """
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.pack import pack_path, pack_question

    with _attempt("`mockexam bank show ID --unpack DIR` gives you a question's files for practice.") as (_, state):
        item = _item(state, question)
        workspace = Workspace(Path(state.workspace))
        target = (to or pack_path(workspace, item)).expanduser().absolute()
        try:
            pack_question(workspace, item, target, overwrite=force, progress=CommandProgress(DELAY_SECONDS))
        except UserError as error:
            if target.exists() and not force:
                raise UserError(error.message, location=error.location, hint=f"{error.hint} Or add --force.") from None
            raise
    click.echo(target)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--question", metavar="N", shell_complete=complete_running, help="Its number, or an unambiguous part of its id."
)
def submit(file: Path, question: str | None) -> None:
    """Submit a model from anywhere to the running attempt.

    FILE is a .keras or .h5 file, a SavedModel folder, or a zip with one of them, whatever it is called. It is copied
    into the question's folder, where the app receives it like any other save.

    Example: mockexam submit "~/Downloads/mymodel (1).keras" --question 3
    """
    from mockexam.cli.fast_path import saved_since
    from mockexam.store.attempt_lock import AttemptLock
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.returned_model import find_model, take_model

    with _attempt("`mockexam grade FILE --question ID` grades a model outside an attempt.") as (journal, state):
        path = file.expanduser().resolve()
        item = _item(state, question) if question else _item_around(state, path)
        asked = time.time()
        closed = AttemptLock(paths.state_paths().locks).holder() is None
        if closed and item.number in saved_since(state):
            raise UserError(
                f"A saved model of question {item.number} waits for the app. This one would push it aside.",
                hint="Run `mockexam`, which receives it. Then submit this one.",
            )
        say(f"Copying {path.name} …", err=True)
        take_model(
            find_model(path),
            Workspace(Path(state.workspace)).question(item.folder),
            tell=lambda text: say(text, err=True),
        )
        if closed:
            say(f"Copied for question {item.number}. It is received when you open mockexam, before the time is up.")
        elif _is_received(journal, state.id, item.number, asked):
            say(f"Received for question {item.number}.")
        else:
            say(f"Copied for question {item.number}, but not received yet: look at the activity in the open app.")
            end(1)


def _is_received(journal: Journal, attempt: str, number: int, since: float) -> bool:
    """Wait for the open app."""
    give_up = time.monotonic() + _RECEIVE_SECONDS
    while time.monotonic() < give_up:
        if any(s.number == number and s.saved >= since for s in journal.attempt(attempt).submissions):
            return True
        time.sleep(_POLL_SECONDS)
    return False


@contextmanager
def _attempt(otherwise: str) -> Iterator[tuple[Journal, Attempt]]:
    """The running attempt; `otherwise` says what to do where there is none. Raises UserError."""
    from mockexam.machine_clock import MachineClock
    from mockexam.store.journal import Journal

    with closing(Journal(paths.state_paths().database)) as journal:
        running = journal.unsettled()
        if running is None:
            raise UserError("No attempt is under way, so nothing can be submitted.", hint=otherwise)
        state = journal.attempt(running)
        if state.finished is not None or state.clock.expired(MachineClock().read()):
            raise UserError("The attempt is over: no more models are received.", hint=otherwise)
        yield journal, state


def _item(state: Attempt, word: str) -> PaperItem:
    """A question of the attempt by its number, or an unambiguous part of its id. Raises UnknownNameError."""
    items = state.paper.items
    fits = [item for item in items if word in (str(item.number), item.question)]
    fits = fits or [item for item in items if word.lower() in item.question]
    if len(fits) != 1:
        known = [f"{item.number} ({item.question})" for item in fits or items]
        raise UnknownNameError("question", word, known, ambiguous=bool(fits))
    return fits[0]


def _item_around(state: Attempt, path: Path) -> PaperItem:
    """The only question, or the one in whose folder a file lies. Raises click.UsageError."""
    items = state.paper.items
    root = Path(state.workspace).resolve()
    fits = items if len(items) == 1 else [item for item in items if root / item.folder in path.parents]
    if len(fits) != 1:
        raise click.UsageError("Add --question N: the number of the question.")
    return fits[0]


async def transferred(session: ExamSession, verb: str, number: int, name: str) -> None:
    """Run `pack` or `submit`, as typed. Raises UserError."""
    transfer = session.transfer
    path = _as_typed(session.folder(number), name)
    if verb == "pack":
        target = path if name else transfer.pack_path(number)
        await transfer.pack(number, target)
        say(f"Packed: {target}", err=True)
        return
    offer = None if name else transfer.offer_for(number)
    if offer is not None:
        await transfer.accept(offer)
    elif name:
        await transfer.submit(number, path)
    else:
        raise UserError(
            f"No model was found to submit for question {number}.", hint=f"Name it: `submit {number} FILE`."
        )


def _as_typed(folder: Path, name: str) -> Path:
    """A path as typed; a bare name that is in the question's folder is that file."""
    return folder / name if (folder / name).exists() else Path(name).expanduser().absolute()
