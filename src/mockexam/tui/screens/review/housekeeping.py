"""What changes the record or leaves it: deleting, pruning, archives and pages. Each asks first; threads do the work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.message import Message
from textual.screen import Screen

from mockexam.errors import UserError
from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.text import formats
from mockexam.text.units import size_text, time_text
from mockexam.tui.review_wording import title
from mockexam.tui.screens.modal import TypeWord
from mockexam.tui.screens.review.ask_path import Asked, AskPath, free_name
from mockexam.tui.widgets.doing import Doing

if TYPE_CHECKING:
    from mockexam.review.service import Review
    from mockexam.store.archive import Imported
    from mockexam.store.retention import Freed
    from mockexam.tui.app import MockexamApp

T = TypeVar("T")
DELETE_WORD = "DELETE"
PRUNE_WORD = "PRUNE"
_NAMED = 5
"""So many attempts are named in a question."""
_RULE = "Of each question the best and the last model stay; all scripts, marks and events stay."


class Housekeeping(Screen[bool]):
    """A screen of the review; it is left with whether the record was changed."""

    app: MockexamApp

    def __init__(self, review: Review) -> None:
        super().__init__()
        self.review = review
        self.changed = False

    class Step(Message):
        """How far something slow is."""

        def __init__(self, fraction: float, text: str) -> None:
            super().__init__()
            self.fraction = fraction
            self.text = text

    def progress(self, fraction: float, text: str) -> None:
        """Tell how far something slow is, from any thread."""
        self.post_message(self.Step(fraction, text))

    def on_housekeeping_step(self, event: Step) -> None:
        """Show it until it is done."""
        self.query_one(Doing).text = f"{event.fraction:.0%} {event.text}" if event.fraction < 1 else ""

    def after_change(self, deleted: Sequence[str] = ()) -> None:
        """The record is another now; `deleted` attempts are gone."""

    def action_back(self) -> None:
        """Back to where it was opened from. What is being marked again stops; a deletion and its like is waited for."""
        if any(worker.group == "housekeeping" and worker.is_running for worker in self.workers):
            self.notify("One moment, until this is done.")
            return
        self.workers.cancel_node(self)
        self.dismiss(self.changed)

    def ask_delete(self, outcomes: Sequence[Outcome], size: int) -> None:
        """Delete attempts of so many bytes, after the typed word; one that is under way is left out."""
        ended = _ended(self, outcomes)
        if not ended:
            return
        lines = [*_names(ended), "", "Their events, models and scripts are deleted for good"]
        lines[-1] += f": {size_text(size)}." if size else "."
        lines.append("The workspaces stay as they are. An archive (e) could be taken in again.")
        ids = [o.attempt for o in ended]
        modal = TypeWord(f"Delete {_count(ended)}?", lines, word=DELETE_WORD, does="Delete", no="Keep")
        self.app.push_screen(modal, lambda yes: self._go(self._delete(ids)) if yes else None)

    def ask_export(self, outcomes: Sequence[Outcome]) -> None:
        """Write attempts into an archive, once a path is given."""
        ended = _ended(self, outcomes)
        if not ended:
            return
        name = ended[0].attempt if len(ended) == 1 else f"{len(ended)}-attempts"
        lines = [*_names(ended), "", "Take the archive in with i, here or on another machine. It is one zip file."]
        path = free_name(Path.cwd(), f"mockexam-{name}", ".zip")
        choice = "with the kept models (tab, then space)"
        ask = AskPath(f"Export {_count(ended)}", lines, path=path, does="Export", choice=choice)
        ids = [o.attempt for o in ended]
        self.app.push_screen(ask, lambda asked: self._go(self._export(ids, asked)) if asked else None)

    def ask_import(self) -> None:
        """Take in an archive, once its path is given."""
        lines = ["An archive that mockexam wrote. It is checked as a whole before anything is taken in."]
        ask = AskPath("Import an archive", lines, path=None, does="Import", kind="there")
        self.app.push_screen(ask, lambda asked: self._go(self._import(asked.path)) if asked else None)

    def ask_page(self, outcome: Outcome | None) -> None:
        """Write the HTML page of one attempt, or of all, once a path is given."""
        name = "mockexam-review.html" if outcome is None else f"mockexam-{outcome.attempt}.html"
        lines = ["One page that stands by itself, for a browser or to print."]
        ask = AskPath("Write an HTML page", lines, path=Path.cwd() / name, does="Write", kind="page")
        attempt = outcome.attempt if outcome else None
        self.app.push_screen(ask, lambda asked: self._go(self._page(asked, attempt)) if asked else None)

    def ask_certificate(self, outcome: Outcome) -> None:
        """Write the certificate of a passed exam, once a name is given."""
        lines = ["A page to print that says it is a mock exam's. The name stands on it and is kept nowhere else."]
        ask = AskPath(
            "Write a certificate", lines, path=Path.cwd() / f"mockexam-{outcome.attempt}-certificate.html",
            does="Write", kind="page", name="the name that stands on it",
        )  # fmt: skip
        self.app.push_screen(ask, lambda asked: self._go(self._page(asked, outcome.attempt)) if asked else None)

    def ask_restore(self, detail: AttemptDetail, question: QuestionDetail, submission: SubmissionDetail) -> None:
        """Put a submission's model and scripts into a folder: by default the question's, in the attempt's workspace."""
        if submission.model is None and submission.scripts is None:
            told = "Nothing of this submission is kept any more: neither its model nor its script."
            self.notify(told, severity="warning", markup=False)
            return
        what = " and ".join(
            part for part, kept in ((submission.name, submission.model), ("its scripts", submission.scripts)) if kept
        )
        lines = [f"Put back: {what}, as saved at {time_text(submission.elapsed)}.", "",
                 "Nothing is overwritten: what lies there and differs is kept beside it as NAME.bak-1."]  # fmt: skip
        default = Path(detail.workspace) / question.item.folder
        ask = AskPath("Restore a submission", lines, path=default, does="Put back", kind="folder")
        call = partial(self.review.restore, detail.outcome.attempt, submission.id)
        self.app.push_screen(ask, lambda asked: self._go(self._restore(call, asked.path)) if asked else None)

    def ask_prune(self) -> None:
        """Tell what pruning would free, then do it after the typed word."""
        self._go(self._prune())

    def say(self, text: str) -> None:
        """Tell that something was done."""
        self.notify(text, timeout=8, markup=False)

    def _go(self, coroutine: object) -> None:
        self.run_worker(coroutine, group="housekeeping")  # type: ignore[arg-type]  # all of them are coroutines

    async def _in_thread(self, doing: str, call: Callable[[], T]) -> T | None:
        """Do something slow; None if it was refused, which is told."""
        self.query_one(Doing).text = f"{doing} …"
        try:
            return await asyncio.to_thread(call)
        except UserError as error:
            self.app.tell(error)
            return None
        finally:
            self.query_one(Doing).text = ""

    async def _delete(self, ids: list[str]) -> None:
        delete = partial(self.review.delete, ids, progress=self.progress)
        freed = await self._in_thread(f"Deleting {formats.plural(len(ids), 'attempt')}", delete)
        if freed is not None:
            self.changed = True
            self.say(" ".join([f"Deleted {formats.plural(len(freed.attempts), 'attempt')}, {size_text(freed.size)}.",
                               *freed.left]))  # fmt: skip
            self.after_change(ids)

    async def _export(self, ids: list[str], asked: Asked) -> None:
        def call() -> bool:
            self.review.export(ids, asked.path, models=asked.ticked, progress=self.progress)
            return True

        if await self._in_thread(f"Exporting {formats.plural(len(ids), 'attempt')}", call):
            self.say(f"Written: {asked.path}, {size_text(asked.path.stat().st_size)}.")

    async def _import(self, path: Path) -> None:
        take_in = partial(self.review.import_, path, progress=self.progress)
        imported: Imported | None = await self._in_thread(f"Reading {path.name}", take_in)
        if imported is not None:
            self.changed = True
            told = f"Taken in: {formats.plural(len(imported.new), 'attempt')}, {size_text(imported.size)}."
            known = len(imported.known)
            self.say(f"{told} {formats.plural(known, 'attempt')} stood on record already." if known else told)
            self.after_change()

    async def _page(self, asked: Asked, attempt: str | None) -> None:
        def call() -> bool:
            self.review.write_html(asked.path, attempt, asked.name or None)
            return True

        if await self._in_thread("Writing the page", call):
            self.say(f"Written: {asked.path}")

    async def _restore(self, restore: Callable[..., tuple[str, ...]], folder: Path) -> None:
        aside: list[str] = []
        done = await self._in_thread("Putting it back", lambda: restore(folder, tell=aside.append))
        if done is not None:
            told = f"Put back into {folder}: {', '.join(done)}." if done else f"All of it lies in {folder} already."
            self.say(" ".join([told, *aside]))

    async def _prune(self) -> None:
        could: Freed | None = await self._in_thread("Looking at what is kept", partial(self.review.prune, dry=True))
        if could is None:
            return
        if not could.models and not could.strays:
            self.say(f"Nothing can go. {_RULE}")
            return
        of = formats.plural(len(could.attempts), "attempt")
        lines = [
            f"{formats.plural(could.models, 'model')} of {of} would go and free {size_text(could.size)}.",
            _RULE,
        ]
        if could.strays:
            lines.append(f"{formats.plural(could.strays, 'folder')} of no attempt on record would go too.")
        modal = TypeWord("Free some room?", lines, word=PRUNE_WORD, does="Free it", no="Keep all")
        self.app.push_screen(modal, lambda yes: self._go(self._prune_now()) if yes else None)

    async def _prune_now(self) -> None:
        freed: Freed | None = await self._in_thread(
            "Removing models", partial(self.review.prune, progress=self.progress)
        )
        if freed is not None:
            self.changed = True
            told = f"Freed {size_text(freed.size)}: {formats.plural(freed.models, 'model')} went."
            self.say(" ".join([told, *freed.left]))
            self.after_change()


def _ended(screen: Housekeeping, outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Those that may be touched; the others are told."""
    ended = [o for o in outcomes if o.phase is Phase.ENDED]
    if len(ended) < len(outcomes):
        screen.notify("The attempt that is under way stays out of this.", severity="warning", markup=False)
    return ended


def _count(outcomes: Sequence[Outcome]) -> str:
    return formats.plural(len(outcomes), "attempt")


def _names(outcomes: Sequence[Outcome]) -> list[str]:
    named = [title(o) for o in outcomes[:_NAMED]]
    return [*named, f"and {len(outcomes) - _NAMED:,} more"] if len(outcomes) > _NAMED else named
