"""How another terminal asks the app that has an attempt open to finish it."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from mockexam.errors import UserError


class FinishRequest:
    """A request to finish one attempt: an empty file beside the lock, which is renamed when the app accepts it.

    Its name tells the attempt, so no other one is finished by it. To create, rename and delete a file is atomic on
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
        """Ask; harmless if it was asked before. Raises UserError if the folder can't be written."""
        try:
            self._sent.touch()
        except OSError as error:
            raise UserError(
                f"The open mockexam can't be asked to finish: {error.strerror or error}.",
                location=str(self._folder),
                hint="Make the folder writable, or finish in the open app.",
            ) from None

    def withdraw(self) -> bool:
        """Take it back; False if there was none or it was accepted before."""
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
        """Delete the requests for all attempts. For whoever has the lock: what lies there is answered or stale."""
        for left in self._folder.glob("finish-*"):
            with suppress(OSError):
                left.unlink()
