"""What the review screens share, and the actions that change the record or write files; each asks first."""

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
from mockexam.text.units import size_text
from mockexam.tui.app_base import AppBase, worker
from mockexam.tui.labels import title
from mockexam.tui.screens.modal import AskPath, TypeWord, free_name
from mockexam.tui.widgets.status_lines import Line, RunningClock, StatusLine

if TYPE_CHECKING:
    from mockexam.review.service import Review

T = TypeVar("T")
DELETE_WORD = "DELETE"
PRUNE_WORD = "PRUNE"
_NAMED = 5
"""A dialog names at most this many attempts."""
_PAGE = ("Write an HTML page", "One self-contained page for a browser or to print.", "")
_CERTIFICATE = (
    "Write a certificate",
    "A printable page that says it is from a mock exam. The name is printed on it and stored nowhere else.",
    "the name to print on it",
)
"""A dialog's title, its text, and the name that it asks for."""
_RULE = "The best and the last model of each question stay, with all scripts, marks and events."


class ReviewScreen(Screen[bool]):
    """A review screen with a heading and a running attempt's clock; returns True if the record changed."""

    CSS_PATH = "review.tcss"
    app: AppBase

    def __init__(self, review: Review, heading: str) -> None:
        super().__init__()
        self.review = review
        self.changed = False
        self._asks = False
        self._heading = heading

    def head(self) -> ComposeResult:
        """The heading line."""
        with Horizontal(id="review-head"):
            line = Line(id="review-title")
            line.text = self._heading
            yield line
            yield RunningClock()

    def entitle(self, heading: str) -> None:
        self.query_one("#review-title", Line).text = heading

    async def ask(self, screen: Screen[T]) -> T | None:
        """The answer of a screen; None if another one is there already, as after two keys at once."""
        if self._asks or not self.is_current:
            return None
        self._asks = True  # the other screen is there only after a moment
        try:
            answer: T = await self.app.push_screen_wait(screen)
        finally:
            self._asks = False
        return answer

    def action_back(self) -> None:
        self.dismiss(self.changed)


class StorageScreen(ReviewScreen):
    """A screen with a StatusLine `#status`, whose keys delete, prune, restore, export, import and write pages."""

    @dataclass
    class Progress(Message):
        """Progress of slow work."""

        fraction: float
        text: str

    def progress(self, fraction: float, text: str) -> None:
        """Report progress, from any thread."""
        self.post_message(self.Progress(fraction, text))

    def on_storage_screen_progress(self, event: Progress) -> None:
        self.query_one("#status", StatusLine).text = f"{event.fraction:.0%} {event.text}" if event.fraction < 1 else ""

    @property
    def targets(self) -> Sequence[Outcome]:
        """The attempts to delete or export."""
        return ()

    @property
    def target_bytes(self) -> int:
        """Their size on disk in bytes; 0 if unknown."""
        return 0

    def after_change(self, deleted: Sequence[str] = ()) -> None:
        """React to a changed record; `deleted` attempts are gone."""

    def action_back(self) -> None:
        """Go back. Regrading stops; any other storage action must finish first."""
        if any(each.group == "storage" and each.is_running and each.node is self for each in self.workers):
            self.notify("Please wait until this is done.")
            return
        self.workers.cancel_node(self)
        super().action_back()

    @worker("storage", exclusive=False)
    async def action_delete(self) -> None:
        ended = self._ended()
        if not ended:
            return
        size = f" ({size_text(self.target_bytes)})" if self.target_bytes else ""
        lines = [
            "This permanently deletes:", *_names(ended), "", f"All their events, models and scripts go{size}.",
            "The workspaces stay. To keep a copy, export an archive (E) first.",
        ]  # fmt: skip
        ids = [o.attempt for o in ended]
        count = formats.plural(len(ids), "attempt")
        if await self.ask(TypeWord(f"Delete {count}?", lines, word=DELETE_WORD, does="Delete", no="Keep")):
            delete = partial(self.review.delete, ids, progress=self.progress)
            freed = await self._in_thread(f"Deleting {count}", delete)
            deleted = f"Deleted {formats.plural(len(freed.attempts), 'attempt')}, {size_text(freed.size)}."
            self._done(" ".join([deleted, *freed.left]), ids)

    @worker("storage", exclusive=False)
    async def action_export(self) -> None:
        ended = self._ended()
        if not ended:
            return
        count = formats.plural(len(ended), "attempt")
        name = ended[0].attempt if len(ended) == 1 else f"{len(ended)}-attempts"
        lines = [*_names(ended), "", "The archive is one zip file. Import it with I, here or on another machine."]
        path = free_name(Path.cwd(), f"mockexam-{name}", ".zip")
        choice = "include the stored models (tab, then space)"
        answer = await self.ask(AskPath(f"Export {count}", lines, path=path, does="Export", choice=choice))
        if answer is not None:
            ids = [o.attempt for o in ended]
            write = partial(self.review.export, ids, answer.path, models=answer.ticked, progress=self.progress)
            await self._in_thread(f"Exporting {count}", write)
            self._say(f"Written: {answer.path}, {size_text(answer.path.stat().st_size)}.")

    @worker("storage", exclusive=False)
    async def action_import(self) -> None:
        lines = ["An archive that mockexam exported. It is checked completely before anything is imported."]
        answer = await self.ask(AskPath("Import an archive", lines, path=None, does="Import", kind="existing"))
        if answer is not None:
            take_in = partial(self.review.import_, answer.path, progress=self.progress)
            imported = await self._in_thread(f"Reading {answer.path.name}", take_in)
            message = f"Imported: {formats.plural(len(imported.new), 'attempt')}, {size_text(imported.size)}."
            known = len(imported.known)
            self._done(f"{message} {formats.plural(known, 'attempt')} already on record." if known else message)

    @worker("storage", exclusive=False)
    async def action_prune(self) -> None:
        could = await self._in_thread("Checking the stored models", partial(self.review.prune, dry=True))
        if not could.models and not could.strays:
            self._say(f"There is nothing to free. {_RULE}")
            return
        of = formats.plural(len(could.attempts), "attempt")
        models = formats.plural(could.models, "model")
        lines = [f"This permanently deletes {models} of {of} and frees {size_text(could.size)}.", _RULE]
        if could.strays:
            lines.append(f"It also deletes {formats.plural(could.strays, 'folder')} without an attempt on record.")
        modal = TypeWord("Free disk space?", lines, word=PRUNE_WORD, does="Free", no="Keep all")
        if await self.ask(modal):
            freed = await self._in_thread("Deleting models", partial(self.review.prune, progress=self.progress))
            message = f"Freed {size_text(freed.size)}: {formats.plural(freed.models, 'model')} deleted."
            self._done(" ".join([message, *freed.left]))

    @worker("storage", exclusive=False)
    async def write_page(self, outcome: Outcome | None, *, certificate: bool = False) -> None:
        """Write the HTML page of one attempt or of all, or a certificate; asks for the path (and a name)."""
        stem = "review" if outcome is None else outcome.attempt
        path = Path.cwd() / f"mockexam-{stem}{'-certificate' if certificate else ''}.html"
        title, about, name = _CERTIFICATE if certificate else _PAGE
        ask = AskPath(title, [about], path=path, does="Write", kind="page", name=name)
        answer = await self.ask(ask)
        if answer is not None:
            attempt = outcome.attempt if outcome else None
            write = partial(self.review.write_html, answer.path, attempt, answer.name or None)
            await self._in_thread("Writing the page", write)
            self._say(f"Written: {answer.path}")

    @worker("storage", exclusive=False)
    async def restore(self, detail: AttemptDetail, question: QuestionDetail, submission: SubmissionDetail) -> None:
        """Restore a submission's model and scripts to a folder: by default the question's in the workspace."""
        parts = ((submission.name, submission.model), ("its scripts", submission.scripts))
        what = " and ".join(part for part, stored in parts if stored)
        if not what:
            message = "Neither the model nor the script of this submission is stored any more."
            self.notify(message, severity="warning", markup=False)
            return
        lines = [
            f"This restores {what}, as saved at {formats.at(submission.elapsed)}.", "",
            "Nothing is overwritten: files that differ are first moved aside to NAME.bak-1, -2, …",
        ]  # fmt: skip
        default = Path(detail.workspace) / question.item.folder
        answer = await self.ask(AskPath("Restore a submission", lines, path=default, does="Restore", kind="folder"))
        if answer is not None:
            moved: list[str] = []
            restore = partial(self.review.restore, detail.outcome.attempt, submission.id, answer.path)
            done = await self._in_thread("Restoring", partial(restore, tell=moved.append))
            folder = answer.path
            message = f"Restored to {folder}: {', '.join(done)}." if done else f"Everything is already in {folder}."
            self._say(" ".join([message, *moved]))

    async def _in_thread(self, task: str, call: Callable[[], T]) -> T:
        status = self.query_one("#status", StatusLine)
        status.text = f"{task} …"
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
        """The targets that have ended; warns if one has not."""
        ended = [o for o in self.targets if o.phase is Phase.ENDED]
        if len(ended) < len(self.targets):
            self.notify("The running attempt is left out.", severity="warning", markup=False)
        return ended


def _names(outcomes: Sequence[Outcome]) -> list[str]:
    named = [title(o) for o in outcomes[:_NAMED]]
    return [*named, f"and {len(outcomes) - _NAMED:,} more"] if len(outcomes) > _NAMED else named
