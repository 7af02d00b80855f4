"""What was kept with the submissions of this attempt: looked at, and put back into the workspace."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.errors import ToldError, UnknownNameError
from mockexam.exam import events as ev
from mockexam.exam.attempt import Submission
from mockexam.exam.clock import Clock
from mockexam.records.journal import TooLateError
from mockexam.sitting.edits import Edits
from mockexam.sitting.logbook import Logbook
from mockexam.sitting.snapshot import Activity

if TYPE_CHECKING:
    from mockexam.workspace.scripts import ScriptFile


class Earlier:
    """The kept models and scripts of an attempt."""

    def __init__(self, logbook: Logbook, clock: Clock, root: Path, edits: Edits) -> None:
        """`root` is the folder of submissions of all attempts."""
        self._logbook = logbook
        self._clock = clock
        self._root = root
        self._edits = edits

    async def put_back(self, number: int, identifier: str, folder: Path) -> tuple[str, ...]:
        """Put a submission's model and scripts into its question's folder; returns the names that were put back.

        See `workspace.kept.put_back`. Raises ToldError.
        """
        from mockexam.workspace.kept import put_back

        submission = self._submission(number, identifier)
        if self._logbook.state.finished is not None:
            raise ToldError(
                "The attempt is finished: nothing is put back into its workspace from here.",
                remedy="`mockexam review` restores what was kept, also into another folder.",
            )
        model = self._root / submission.received.stored
        scripts = self._root / submission.scripts if submission.scripts else None
        told: list[str] = []
        with self._edits.ignoring(number):
            try:
                names = await asyncio.to_thread(
                    put_back, model, scripts, submission.received.name, folder, tell=told.append
                )
            finally:
                for text in told:
                    self._logbook.tell(Activity(wall=time.time(), number=number, text=text))
        if names:
            detail = f"{', '.join(names)} of {self._which(submission)}"
            # The files are there; a finish in between takes nothing away.
            with suppress(TooLateError):
                await self._logbook.append_surely(
                    ev.Noted(at=self._clock.read(), number=number, what="restore", detail=detail)
                )
        return names

    def scripts(self, number: int, identifier: str) -> tuple[ScriptFile, ...]:
        """The scripts kept with a submission; empty if there are none. Raises ToldError."""
        from mockexam.workspace.scripts import read_scripts

        kept = self._submission(number, identifier).scripts
        return read_scripts(self._root / kept) if kept else ()

    def _submission(self, number: int, identifier: str) -> Submission:
        mine = [s for s in self._logbook.state.submissions if s.number == number]
        for submission in mine:
            if submission.id == identifier:
                return submission
        raise UnknownNameError("submission", identifier, [s.id for s in mine])

    def _which(self, submission: Submission) -> str:
        """A submission in words, by its place among the question's."""
        mine = [s for s in self._logbook.state.submissions if s.number == submission.number]
        return f"submission {mine.index(submission) + 1}"
