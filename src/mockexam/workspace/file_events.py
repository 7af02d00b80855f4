"""A hint that something in the watched folders changed, where the system gives one. Never relied on."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
from pathlib import Path
from typing import Any

from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import format_of_file
from mockexam.workspace.completeness import FILE_JUDGES
from mockexam.workspace.layout import CANDIDATES
from mockexam.workspace.signature import entry_of, open_regular

_STEP_MS = 100
"""How often the library looks whether the system told something; each look costs a little."""
_RETRY_SECONDS = 30.0


class FileEvents:
    """Sets `rang` when a model-like name changes. Without events (network drives, no watches left) it stays silent."""

    def __init__(self) -> None:
        self.rang = asyncio.Event()
        self._watched: frozenset[tuple[str, int]] = frozenset()
        self._task: asyncio.Task[None] | None = None
        self._failed_at: float | None = None
        self._unavailable = False

    @property
    def listening(self) -> bool:
        """Whether the system was asked for events and did not refuse."""
        return self._task is not None and not self._task.done()

    async def watch(self, folders: frozenset[tuple[str, int]]) -> None:
        """Listen to these folders (path and inode), if they are others than before. Returns at once."""
        now = asyncio.get_running_loop().time()
        if self._unavailable or (folders == self._watched and self.listening):
            return
        if self._failed_at is not None and now - self._failed_at < _RETRY_SECONDS:
            return
        await self.close()
        self._watched = folders
        if folders:
            self._task = asyncio.create_task(self._listen(sorted({path for path, _ in folders})))  # noqa: RUF006

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _listen(self, folders: list[str]) -> None:
        try:
            awatch = await asyncio.to_thread(_load)
        except Exception:  # noqa: BLE001  # the library is optional, and its binary part may fail to load in many ways
            self._unavailable = True
            return
        try:
            changes = awatch(
                *folders, watch_filter=None, recursive=False, step=_STEP_MS, debounce=2 * _STEP_MS, rust_timeout=60_000
            )
            async for changed in changes:
                if any(_matters(path) for _, path in changed):
                    self.rang.set()
        # No watches left, a folder that vanished, a file system that can't: looking goes on without.
        except Exception:  # noqa: BLE001, S110
            pass
        self._failed_at = asyncio.get_running_loop().time()


def _load() -> Any:
    from watchfiles import awatch

    return awatch


def _matters(path: str) -> bool:
    folder, name = os.path.split(path)
    if name in CANDIDATES or name.endswith((".pb", ".index")) or format_of_file(name):
        return True
    return "." not in name or _inside_model(folder)


def _inside_model(folder: str) -> bool:
    return "mymodel" in Path(folder).parts[-2:]


MAX_BYTES = 64_000_000
"""Larger files take longer to read than a state lasts; they are copied in the usual way."""


def catch_file(path: Path, form: ModelFormat) -> bytes | None:
    """The content of a model file in one whole state; None if just now there is none.

    It is read twice, and the file must look the same before and after: file times move in steps of some milliseconds,
    so they alone would not tell a save that begins while reading. A `.keras` file's own checksums are compared too.
    """
    try:
        with open_regular(path) as file:
            before = entry_of("", os.fstat(file.fileno()))
            if not 0 < before.size <= MAX_BYTES:
                return None
            content = file.read(before.size + 1)
            if not FILE_JUDGES[form](io.BytesIO(content), len(content), before.inode, True).complete:
                return None
            file.seek(0)
            again = file.read(before.size + 1)
            after = entry_of("", os.fstat(file.fileno()))
    except OSError:
        return None
    return content if content == again and before == after and len(content) == before.size else None
