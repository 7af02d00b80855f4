"""What the screens of the review share; and the keys that change the record or leave it, each of which asks first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.screen import Screen

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.review.detail import AttemptDetail, QuestionDetail, SubmissionDetail
from mockexam.text import formats
from mockexam.text.units import size_text, time_text
from mockexam.tui.app_base import AppBase, worker
from mockexam.tui.labels import title
from mockexam.tui.screens.modal import AskPath, TypeWord, free_name
from mockexam.tui.widgets.status import Line, RunningClock, StatusLine

if TYPE_CHECKING:
    from mockexam.review.service import Review

T = TypeVar("T")
DELETE_WORD = "DELETE"
PRUNE_WORD = "PRUNE"
_NAMED = 5
"""So many attempts are named in a question."""
_RULE = "Of each question the best and the last model stay; all scripts, marks and events stay."


class ReviewScreen(Screen[bool]):
    """A screen of the review with a heading and the clock of a running attempt; its result: was the record changed?"""

    CSS_PATH = "review.tcss"
    app: AppBase

    def __init__(self, review: Review, heading: str) -> None:
        super().__init__()
        self.review = review
        self.changed = False
        self._heading = heading

    def head(self) -> ComposeResult:
        """The first line."""
        with Horizontal(id="review-head"):
            line = Line(id="review-title")
            line.text = self._heading
            yield line
            yield RunningClock()

    def entitle(self, heading: str) -> None:
        self.query_one("#review-title", Line).text = heading

    def action_back(self) -> None:
        self.dismiss(self.changed)


class StorageScreen(ReviewScreen):
    """A screen with a StatusLine, whose keys delete, prune, restore, export, import and write pages."""

    @dataclass
    class Progress(Message):
        """How far something slow is."""

        fraction: float
        text: str

    def progress(self, fraction: float, text: str) -> None:
        """Report how far something slow is, from any thread."""
        self.post_message(self.Progress(fraction, text))

    def on_storage_screen_progress(self, event: Progress) -> None:
        self.query_one(StatusLine).text = f"{event.fraction:.0%} {event.text}" if event.fraction < 1 else ""

    @property
    def meant(self) -> Sequence[Outcome]:
        """The attempts that are deleted or exported."""
        return ()

    @property
    def meant_bytes(self) -> int:
        """What they take on the disk; 0 if that is not known."""
        return 0

    def after_change(self, deleted: Sequence[str] = ()) -> None:
        """The record is another now; `deleted` attempts are gone."""

    def action_back(self) -> None:
        """Back to where it was opened from. Grading again stops; a deletion and its like is waited for."""
        if any(each.group == "storage" and each.is_running for each in self.workers):
            self.notify("One moment, until this is done.")
            return
        self.workers.cancel_node(self)
        super().action_back()

    @worker("storage", exclusive=False)
    async def action_delete(self) -> None:
        """Delete for good, after the typed word."""
        ended = self._ended()
        if not ended:
            return
        size = f": {size_text(self.meant_bytes)}." if self.meant_bytes else "."
        lines = [
            *_names(ended), "", f"Their events, models and scripts are deleted for good{size}",
            "The workspaces stay as they are. An archive (e) could be taken in again.",
        ]  # fmt: skip
        ids = [o.attempt for o in ended]
        count = formats.plural(len(ids), "attempt")
        if await self.app.push_screen_wait(
            TypeWord(f"Delete {count}?", lines, word=DELETE_WORD, does="Delete", no="Keep")
        ):
            delete = partial(self.review.delete, ids, progress=self.progress)
            freed = await self._in_thread(f"Deleting {count}", delete)
            deleted = f"Deleted {formats.plural(len(freed.attempts), 'attempt')}, {size_text(freed.size)}."
            self._done(" ".join([deleted, *freed.left]), ids)

    @worker("storage", exclusive=False)
    async def action_export(self) -> None:
        """Write the attempts into an archive, once a path is given."""
        ended = self._ended()
        if not ended:
            return
        count = formats.plural(len(ended), "attempt")
        name = ended[0].attempt if len(ended) == 1 else f"{len(ended)}-attempts"
        lines = [*_names(ended), "", "Take the archive in with i, here or on another machine. It is one zip file."]
        path = free_name(Path.cwd(), f"mockexam-{name}", ".zip")
        choice = "with the kept models (tab, then space)"
        answer = await self.app.push_screen_wait(
            AskPath(f"Export {count}", lines, path=path, does="Export", choice=choice)
        )
        if answer is not None:
            ids = [o.attempt for o in ended]
            write = partial(self.review.export, ids, answer.path, models=answer.ticked, progress=self.progress)
            await self._in_thread(f"Exporting {count}", write)
            self._say(f"Written: {answer.path}, {size_text(answer.path.stat().st_size)}.")

    @worker("storage", exclusive=False)
    async def action_import(self) -> None:
        """Take in an archive, once its path is given."""
        lines = ["An archive that mockexam wrote. It is checked as a whole before anything is taken in."]
        answer = await self.app.push_screen_wait(
            AskPath("Import an archive", lines, path=None, does="Import", kind="there")
        )
        if answer is not None:
            take_in = partial(self.review.import_, answer.path, progress=self.progress)
            imported = await self._in_thread(f"Reading {answer.path.name}", take_in)
            told = f"Taken in: {formats.plural(len(imported.new), 'attempt')}, {size_text(imported.size)}."
            known = len(imported.known)
            self._done(f"{told} {formats.plural(known, 'attempt')} stood on record already." if known else told)

    @worker("storage", exclusive=False)
    async def action_prune(self) -> None:
        """Say what pruning would free, then do it after the typed word."""
        could = await self._in_thread("Looking at what is kept", partial(self.review.prune, dry=True))
        if not could.models and not could.strays:
            self._say(f"Nothing can go. {_RULE}")
            return
        of = formats.plural(len(could.attempts), "attempt")
        lines = [f"{formats.plural(could.models, 'model')} of {of} would go and free {size_text(could.size)}.", _RULE]
        if could.strays:
            lines.append(f"{formats.plural(could.strays, 'folder')} of no attempt on record would go too.")
        modal = TypeWord("Free some room?", lines, word=PRUNE_WORD, does="Free it", no="Keep all")
        if await self.app.push_screen_wait(modal):
            freed = await self._in_thread("Removing models", partial(self.review.prune, progress=self.progress))
            told = f"Freed {size_text(freed.size)}: {formats.plural(freed.models, 'model')} went."
            self._done(" ".join([told, *freed.left]))

    @worker("storage", exclusive=False)
    async def write_page(self, outcome: Outcome | None, *, certificate: bool = False) -> None:
        """Write the HTML page of one attempt or of all, or a certificate, once a path (and a name) is given."""
        stem = "review" if outcome is None else outcome.attempt
        path = Path.cwd() / f"mockexam-{stem}{'-certificate' if certificate else ''}.html"
        if certificate:
            lines = ["A page to print that says it is a mock exam's. The name stands on it and is kept nowhere else."]
            name = "the name that stands on it"
            ask = AskPath("Write a certificate", lines, path=path, does="Write", kind="page", name=name)
        else:
            lines = ["One page that stands by itself, for a browser or to print."]
            ask = AskPath("Write an HTML page", lines, path=path, does="Write", kind="page")
        answer = await self.app.push_screen_wait(ask)
        if answer is not None:
            attempt = outcome.attempt if outcome else None
            write = partial(self.review.write_html, answer.path, attempt, answer.name or None)
            await self._in_thread("Writing the page", write)
            self._say(f"Written: {answer.path}")

    @worker("storage", exclusive=False)
    async def restore(self, detail: AttemptDetail, question: QuestionDetail, submission: SubmissionDetail) -> None:
        """Put a submission's model and scripts into a folder: by default the question's, in the attempt's workspace."""
        parts = ((submission.name, submission.model), ("its scripts", submission.scripts))
        what = " and ".join(part for part, kept in parts if kept)
        if not what:
            told = "Nothing of this submission is kept any more: neither its model nor its script."
            self.notify(told, severity="warning", markup=False)
            return
        lines = [
            f"Put back: {what}, as saved at {time_text(submission.elapsed)}.", "",
            "Nothing is overwritten: what lies there and differs is kept beside it as NAME.bak-1.",
        ]  # fmt: skip
        default = Path(detail.workspace) / question.item.folder
        answer = await self.app.push_screen_wait(
            AskPath("Restore a submission", lines, path=default, does="Put back", kind="folder")
        )
        if answer is not None:
            moved: list[str] = []
            restore = partial(self.review.restore, detail.outcome.attempt, submission.id, answer.path)
            done = await self._in_thread("Putting it back", partial(restore, tell=moved.append))
            folder = answer.path
            told = f"Put back into {folder}: {', '.join(done)}." if done else f"All of it lies in {folder} already."
            self._say(" ".join([told, *moved]))

    async def _in_thread(self, doing: str, call: Callable[[], T]) -> T:
        status = self.query_one(StatusLine)
        status.text = f"{doing} …"
        try:
            return await asyncio.to_thread(call)
        finally:
            status.text = ""

    def _say(self, text: str) -> None:
        self.notify(text, timeout=8, markup=False)

    def _done(self, text: str, deleted: Sequence[str] = ()) -> None:
        self.changed = True
        self._say(text)
        self.after_change(deleted)

    def _ended(self) -> list[Outcome]:
        """Those of the meant attempts that may be touched; that there are others is said."""
        ended = [o for o in self.meant if o.phase is Phase.ENDED]
        if len(ended) < len(self.meant):
            self.notify("The attempt that is under way stays out of this.", severity="warning", markup=False)
        return ended


def _names(outcomes: Sequence[Outcome]) -> list[str]:
    named = [title(o) for o in outcomes[:_NAMED]]
    return [*named, f"and {len(outcomes) - _NAMED:,} more"] if len(outcomes) > _NAMED else named
