"""One at a time: two commands given at once must not both build the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from devtools.told import TellError, tell


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """Hold the lock on this file; waits, and says so, while another process holds it. The system frees it itself.

    Programs that are started with `close_fds=False` hold it too, and outlive a killed `tools/dev.py`.
    """
    try:
        file = path.open("a+b")
    except OSError as error:
        raise TellError(
            f"{path} can't be written: {error.strerror}.", remedy="Use a checkout that you may write to."
        ) from None
    with file:
        os.set_inheritable(file.fileno(), True)
        if not _try(file):
            tell("another tools/dev.py prepares the environment: waiting for it")
            _wait(file)
        yield


if os.name == "nt":
    import msvcrt
    import time

    def _try(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _wait(file: IO[bytes]) -> None:
        while not _try(file):
            time.sleep(0.5)

else:
    import fcntl

    def _try(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
