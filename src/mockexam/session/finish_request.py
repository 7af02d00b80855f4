"""Finishes an attempt, also when another terminal asks for it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mockexam.errors import UserError
from mockexam.exam import events as ev

if TYPE_CHECKING:
    from mockexam.exam.clock import Clock
    from mockexam.session.event_log import EventLog
    from mockexam.session.receiver import Receiver

_SWEEP_AGAIN_SECONDS = 3.0
_POLL_SECONDS = 0.5
"""How often to check whether another terminal asks to finish."""


class FinishRequest:
    """A request to finish one attempt: an empty file beside the lock, which is renamed when the app accepts it.

    Its name contains the attempt, so it finishes no other one. Creating, renaming and deleting a file is atomic on
    every platform, and an empty one needs no room on a full disk.
    """

    def __init__(self, folder: Path, attempt: str) -> None:
        """The request for this attempt in the folder of locks; none is sent yet."""
        self._folder = folder
        self._sent = folder / f"finish-{attempt}.sent"
        self._accepted = folder / f"finish-{attempt}.accepted"

    @property
    def accepted(self) -> bool:
        """Whether the app is finishing the attempt."""
        return self._accepted.exists()

    def send(self) -> None:
        """Ask to finish; asking twice is harmless. Raises UserError if the folder can't be written."""
        try:
            self._sent.touch()
        except OSError as error:
            raise UserError(
                f"The other mockexam can't be asked to finish: {error.strerror or error}.",
                location=str(self._folder),
                hint="Make the folder writable, or finish in the other app.",
            ) from None

    def withdraw(self) -> bool:
        """Take the request back; False if there was none or it was accepted before."""
        with suppress(OSError):
            self._sent.unlink()
            return True
        return False

    def accept(self) -> bool:
        """For the app: promise to finish; False if nobody asks."""
        with suppress(OSError):
            os.replace(self._sent, self._accepted)
            return True
        return False

    def clear(self) -> None:
        """Delete all requests. Only for the holder of the lock: what is there is answered or stale."""
        with suppress(OSError):  # a folder that can't be listed must not keep the attempt from opening
            for left in self._folder.glob("finish-*"):
                left.unlink(missing_ok=True)


class Finisher:
    """Finishes an attempt once, whoever asks: it receives what is complete in the workspace, then records the end."""

    def __init__(
        self,
        event_log: EventLog,
        receiver: Receiver,
        clock: Clock,
        request: FinishRequest,
        *,
        stop_scripts: Callable[[], Awaitable[None]],
        flush: Callable[[], None],
        changed: Callable[[], None],
    ) -> None:
        """`stop_scripts` comes before an early end, and `flush` records what belongs before any end.

        `changed` is called at every visible change.
        """
        self._event_log = event_log
        self._receiver = receiver
        self._clock = clock
        self._request = request
        self._stop_scripts = stop_scripts
        self._flush = flush
        self._changed = changed
        self._lock = asyncio.Lock()

    async def finish(self, reason: Literal["candidate", "time_up"]) -> None:
        """Finish the attempt, if it is not finished already."""
        async with self._lock:
            if self._event_log.state.finished is not None:
                return
            if reason == "candidate":  # an interrupted script may still save; after the time is up, nothing counts
                await self._stop_scripts()
            asked = self._clock.read().wall
            while not await self._receiver.sweep():
                # A full disk must not cost a model that was saved in time.
                self._changed()
                await asyncio.sleep(_SWEEP_AGAIN_SECONDS)
            self._flush()
            if self._event_log.state.finished is None:
                await self._receiver.record_missed(asked, reason)
                await self._event_log.append_with_retry(ev.Finished(at=self._clock.read(), reason=reason))
        self._changed()

    async def finish_on_request(self) -> None:
        """Wait until another terminal asks to finish, and do so."""
        while not self._request.accept():  # noqa: ASYNC110  # no event comes from another process
            await asyncio.sleep(_POLL_SECONDS)
        await self.finish("candidate")
        self._request.clear()
