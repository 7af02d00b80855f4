"""The system's events are a hint: without them, or with a silent system, watching goes on."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import pytest

from mockexam.exam.paper import Paper
from mockexam.workspace import watch
from mockexam.workspace.layout import Workspace
from mockexam.workspace.scan import scan
from mockexam.workspace.watch import Watcher


async def test_it_rings_for_models_and_not_for_notes(
    samples: Path, workspace: Workspace, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A saved model rings, also inside an exported folder; a log that a script writes does not."""
    folder = workspace.question(paper.items[0].folder)
    shutil.copytree(samples / "mymodel", folder / "mymodel")
    events = watch.FileEvents()
    await events.watch(scan(workspace, paper.items).folders)
    await asyncio.sleep(0.8)
    (folder / "log.csv").write_text("1")
    await asyncio.sleep(0.6)
    assert not events.rang.is_set()
    for changed in (folder / "mymodel.keras", folder / "mymodel" / "saved_model.pb"):
        with changed.open("ab") as file:
            file.write(b"x")
        async with asyncio.timeout(3):
            await events.rang.wait()
        await asyncio.sleep(0.4)
        events.rang.clear()
    await events.close()
    assert not events.listening


def _missing() -> Any:
    raise ImportError("no watchfiles")


def _refusing() -> Any:
    async def awatch(*folders: str, **options: Any) -> AsyncIterator[set[tuple[int, str]]]:
        if folders:
            raise OSError(28, "OS file watch limit reached")
        yield set()

    return awatch


def _silent() -> Any:
    async def awatch(*folders: str, **options: Any) -> AsyncIterator[set[tuple[int, str]]]:
        await asyncio.sleep(3600)
        yield set()

    return awatch


SYSTEMS = {"no library": _missing, "no watches left": _refusing, "a silent drive": _silent}
SYSTEM: ContextVar[str] = ContextVar("SYSTEM")


async def test_without_events_saves_are_seen(
    samples: Path, tmp_path: Path, paper: Paper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No library, no watches left, or a drive that tells nothing: saves are seen, and soon in good time.

    All three wait at once, each for a workspace of its own.
    """
    asked: set[str] = set()

    def load() -> Any:
        asked.add(SYSTEM.get())
        return SYSTEMS[SYSTEM.get()]()

    monkeypatch.setattr(watch, "_load", load)

    all_took = await asyncio.gather(
        *(_seconds_until_seen(system, Workspace(tmp_path / system), paper, samples) for system in SYSTEMS)
    )

    assert asked == set(SYSTEMS)
    for system, took in zip(SYSTEMS, all_took, strict=True):
        assert max(took) < 2.2, system
        assert took[-1] < 1.2, f"{system}: it must be noticed, and looked at more often"


async def _seconds_until_seen(system: str, workspace: Workspace, paper: Paper, samples: Path) -> list[float]:
    """Of three saves in a workspace on such a system."""
    SYSTEM.set(system)
    target = workspace.question(paper.items[0].folder) / "mymodel.keras"
    target.parent.mkdir(parents=True)
    watcher = Watcher(workspace, paper)
    times: list[float] = []

    async def look() -> None:
        async for _ in watcher.watch():
            times.append(time.monotonic())  # noqa: PERF401  # each at its time, seen while it goes on

    task = asyncio.create_task(look())
    await asyncio.sleep(0.4)
    took = []
    for count in range(1, 4):
        await asyncio.sleep(1.2)
        shutil.copy(samples / "mymodel.keras", target)
        begun = time.monotonic()
        async with asyncio.timeout(4):
            while len(times) < count:
                await asyncio.sleep(0.01)
        took.append(times[-1] - begun)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await watcher.close()
    return took
