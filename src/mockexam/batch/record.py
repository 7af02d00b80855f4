"""Results as they come, a line each, in a file that a second run begins with."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from pydantic import ValidationError

from mockexam.batch.result import Result
from mockexam.errors import ToldError
from mockexam.exam.marking import Verdict

if TYPE_CHECKING:
    from filelock import BaseFileLock


class Record:
    """The file, open for appending by one run at a time. Use it as a context manager."""

    def __init__(self, path: Path, locks: Path, versions: Mapping[str, str]) -> None:
        """`versions` are the libraries of today: what others marked is marked again."""
        self.path = path
        self._locks = locks
        self._versions = versions
        self._known: dict[tuple[str, ...], Result] = {}
        self._file: BinaryIO | None = None
        self._lock: BaseFileLock | None = None

    def __enter__(self) -> Self:
        """Read what is there. Raises ToldError if it is another kind of file, in use, or can't be written."""
        try:
            self._take_lock()
            content = self.path.read_bytes() if self.path.exists() else b""
            self._read(content)
            self._file = self.path.open("ab", buffering=0)
            if content and not content.endswith(b"\n"):
                self._file.write(b"\n")  # a line that a crash cut off stays by itself, and is no result
        except OSError as error:
            self._close()
            raise self._told(error) from None
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def get(self, key: tuple[str, ...]) -> Result | None:
        """The last verdict on this, if there is one by today's versions."""
        return self._known.get(key)

    def add(self, result: Result) -> None:
        """Keep a result: it is on the disk when this returns. Raises ToldError."""
        assert self._file is not None  # within the context
        line = json.dumps(result.fields()).encode() + b"\n"
        try:
            view = memoryview(line)
            while view:
                view = view[self._file.write(view) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._told(error) from None
        self._remember(result)

    def _read(self, content: bytes) -> None:
        lines = [line for line in content.split(b"\n") if line.strip()]
        valid = 0
        for line in lines:
            try:
                result = Result.model_validate_json(line)
            except ValidationError:
                continue
            valid += 1
            self._remember(result)
        # One line may be what is left of a first run that was killed as it began to write.
        if lines and not valid and (len(lines) > 1 or not lines[0].startswith(b'{"name"')):
            raise ToldError(
                "This file holds no results of mockexam; nothing is added to it.",
                where=str(self.path),
                remedy="Name another file with --out.",
            )

    def _remember(self, result: Result) -> None:
        """A fault is tried again, and what no hash stands for is looked at again."""
        if result.sha256 is None or result.verdict is Verdict.GRADER_ERROR:
            return
        # What was refused before it was loaded names fewer libraries: it did not hang on the others.
        if all(result.versions.get(name, today) == today for name, today in self._versions.items()):
            self._known[result.key] = result

    def _take_lock(self) -> None:
        from filelock import FileLock, Timeout

        self._locks.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(os.fsencode(os.path.realpath(self.path))).hexdigest()[:16]
        lock = FileLock(self._locks / f"batch-{name}.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise ToldError(
                "Another mockexam is marking into this file.",
                where=str(self.path),
                remedy="Wait for it, or name another file with --out.",
            ) from None
        self._lock = lock

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
            with suppress(OSError):
                if self.path.stat().st_size == 0:
                    self.path.unlink()  # nothing came of this run
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _told(self, error: OSError) -> ToldError:
        return ToldError(
            f"The results can't be kept: {error.strerror or error}.",
            where=str(self.path),
            remedy="Name a file elsewhere with --out, or free some space.",
        )
