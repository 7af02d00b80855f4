"""A part of an open file as a file of its own."""

from __future__ import annotations

import io
from typing import IO, Any


class Window(io.RawIOBase):
    """Reads a stored member of a zip where it lies, without copying it."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """As any file's."""
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def tell(self) -> int:
        """As any file's."""
        return self._at

    def readinto(self, buffer: Any) -> int:
        """As any file's; never beyond the window."""
        into = memoryview(buffer).cast("B")
        into = into[: max(0, self._size - self._at)]
        self._file.seek(self._start + self._at)
        count = self._file.readinto(into)  # type: ignore[attr-defined]  # every binary file on the disk has it
        self._at += count
        return int(count)
