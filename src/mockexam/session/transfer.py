"""Training elsewhere: packs a question, and submits what comes back, which is offered and never taken by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from mockexam.errors import UserError
from mockexam.files import StoredSet
from mockexam.session.ports import Tone

if TYPE_CHECKING:
    from mockexam.session.event_log import EventLog
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.pack import Progress
    from mockexam.workspace.returned_model import ReturnedModel
    from mockexam.workspace.signature import Signature

LOOK_SECONDS = 2.0
"""Between two looks; a file must be unchanged for as long before it is offered."""
_ANSWERED = "answered.json"
"""The file with the contents that were offered and answered, so that nothing is asked twice."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model in a question's folder that is not under a received name, and may be meant."""

    number: int
    """The question's."""
    found: ReturnedModel
    sha256: str
    """Of the file or folder: the same content is offered once."""
    name: str
    """Of the file or folder as shown, relative to the question's folder."""


class Transfer:
    """Packs the questions of an attempt, and submits what comes back."""

    def __init__(
        self, event_log: EventLog, workspace: Workspace, folder: Path, *, is_running: Callable[[int], bool]
    ) -> None:
        """`folder` is the attempt's own, for what must be known after a restart.

        `is_running` says whether a question's script runs: what it writes meanwhile is not offered.
        """
        self._event_log = event_log
        self._workspace = workspace
        self._is_running = is_running
        self._seen: dict[Path, Signature] = {}
        self._settled: dict[Path, Signature] = {}
        """The states that were looked into."""
        self._answered = StoredSet(folder / _ANSWERED)
        self.offers: tuple[Offer, ...] = ()
        """What is offered and not answered yet, the oldest first."""
        self.on_offer: Callable[[Offer], None] = lambda _: None
        """Called with a new offer."""

    def pack_path(self, number: int) -> Path:
        """Where a question's pack goes if nothing else is named."""
        from mockexam.workspace.pack import pack_path

        return pack_path(self._workspace, self._event_log.state.paper.item(number))

    async def pack(
        self, number: int, target: Path, *, overwrite: bool = False, progress: Progress = lambda _, __: None
    ) -> None:
        """Write a question's pack, as `workspace.pack.pack_question`. Raises UserError."""
        from mockexam.workspace.pack import pack_question

        item = self._event_log.state.paper.item(number)
        await asyncio.to_thread(pack_question, self._workspace, item, target, overwrite=overwrite, progress=progress)
        self._event_log.report(number, f"packed as {target.name}")

    async def submit(self, number: int, path: Path) -> None:
        """Put a model into a question's folder, where it is received like any save. Raises UserError."""
        from mockexam.workspace.returned_model import find_model

        await self._take(number, await asyncio.to_thread(find_model, path))

    async def accept(self, offer: Offer) -> None:
        """Submit what was offered. Raises UserError."""
        self._answer(offer)
        await self._take(offer.number, offer.found)

    def decline(self, offer: Offer) -> None:
        """Offer it no more."""
        self._answer(offer)

    def offer_for(self, number: int) -> Offer | None:
        """The newest offer for a question."""
        return next((offer for offer in reversed(self.offers) if offer.number == number), None)

    async def run(self) -> None:
        """Look for what came back until the attempt is finished."""
        while self._event_log.state.finished is None:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)
        self.offers = ()

    async def look(self) -> None:
        """Look once, in a thread, and offer what is new, whole, and has not changed since the last look."""
        questions = {i.number: self._workspace.question(i.folder) for i in self._event_log.state.paper.items}
        watched = {number: folder for number, folder in questions.items() if not self._is_running(number)}
        found = await asyncio.to_thread(lambda: list(self._new_offers(watched)))
        self.offers = tuple(offer for offer in self.offers if offer.found.path.exists())
        for offer in found:
            received = {s.received.sha256 for s in self._event_log.state.submissions if s.number == offer.number}
            if offer.sha256 in {*received, *(o.sha256 for o in self.offers)} or offer.sha256 in self._answered:
                continue
            self.offers = (*(o for o in self.offers if o.found.path != offer.found.path), offer)
            self._event_log.report(offer.number, f"found {offer.name}: submit it?", Tone.WARN)
            self.on_offer(offer)

    def _new_offers(self, folders: dict[int, Path]) -> Iterator[Offer]:
        """What is in the folders and has a state that was not looked into."""
        from mockexam.workspace.receive import hash_of
        from mockexam.workspace.scripts import printable
        from mockexam.workspace.signature import sign

        seen: dict[Path, Signature] = {}
        for number, folder in folders.items():
            for path in _candidates(folder):
                signature = sign(path)
                if signature is None or signature.problem or self._settled.get(path) == signature:
                    continue
                seen[path] = signature
                if self._seen.get(path) != signature:
                    continue
                self._settled[path] = signature
                model = _submittable(path)
                if model is not None and (digest := hash_of(path)):
                    yield Offer(number, model, digest, printable(path.relative_to(folder).as_posix()))
        self._seen = seen

    async def _take(self, number: int, found: ReturnedModel) -> None:
        from mockexam.workspace.returned_model import take_model

        if self._event_log.state.finished is not None:
            raise UserError("The attempt is finished: no more models are received.", location=str(found.path))
        folder = self._workspace.question(self._event_log.state.paper.item(number).folder)
        await asyncio.to_thread(take_model, found, folder, tell=lambda text: self._event_log.report(number, text))

    def _answer(self, offer: Offer) -> None:
        self.offers = tuple(other for other in self.offers if other is not offer)
        self._answered.add(offer.sha256)


def _candidates(folder: Path) -> Iterator[Path]:
    """What in a question's folder may be a model under another name, by its name alone."""
    import os

    from mockexam.exam.model_format import FORMATS, GRAPH_FILE
    from mockexam.workspace.stray import classify, is_meant

    waiting = [PurePosixPath()]
    while waiting:
        below = waiting.pop()
        with suppress(OSError), os.scandir(folder / below) as entries:
            for entry in entries:
                path, is_folder = below / entry.name, entry.is_dir(follow_symlinks=False)
                if entry.name.startswith(".") or entry.is_symlink():
                    continue
                whole = is_folder and os.path.lexists(os.path.join(entry.path, GRAPH_FILE))
                stray = classify(path, folder=folder.name, is_folder=is_folder, is_saved_model=whole)
                if stray is not None and stray.can_be_offered:
                    yield Path(entry.path)
                elif is_folder and not whole and not below.parts and entry.name != FORMATS["saved_model"].name:
                    waiting += [path] if is_meant(entry.name.lower()) else []


def _submittable(path: Path) -> ReturnedModel | None:
    """The model in it, if it is whole and its own name or that of its archive says that it is meant."""
    from mockexam.workspace.completeness import completeness_of
    from mockexam.workspace.returned_model import find_model
    from mockexam.workspace.signature import sign
    from mockexam.workspace.stray import is_meant

    try:
        found = find_model(path)
    except UserError:
        return None
    if found.members:
        names = (path.name.lower(), found.own_name.lower())
        return found if any(is_meant(name.partition(".")[0]) for name in names) or not found.root else None
    signature = sign(found.path)
    if signature is None or not completeness_of(found.path, found.format, signature).complete:
        return None
    return found
