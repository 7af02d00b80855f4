"""Whether a model that is saved in the workspace's file system is noticed, by the very watcher that an exam uses."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import tempfile
import time
import zipfile
from pathlib import Path

from mockexam.doctor.machine import Check, nearest_folder

PATIENCE = 8.0
"""Seconds after which a save counts as unnoticed."""
_LATE = 3.0
_SETTLE = 0.1
_FOLDER = "1-doctor"


async def check_watching(workspace: Path, patience: float = PATIENCE) -> Check:
    """Save a small model file in a folder of its own beside the workspace, and wait until it is seen."""
    nearest = nearest_folder(workspace)
    try:
        folder = Path(tempfile.mkdtemp(dir=nearest, prefix=".mockexam-doctor-"))
    except OSError as error:
        return Check("watching", "fail", f"{nearest} can't be written: {error.strerror}", "Choose another workspace.")
    try:
        (folder / _FOLDER).mkdir()
        seconds = await _until_seen(folder, patience)
        events = seconds is not None and await _has_events(folder / _FOLDER)
    except OSError as error:
        return Check("watching", "fail", f"a save could not be tried: {error}", "Choose another workspace.")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return assess_watching(seconds, events=events)


def assess_watching(seconds: float | None, *, events: bool) -> Check:
    """What it means that a save was seen after so long (None: not at all), told by events or not."""
    if seconds is None:
        return Check(
            "watching",
            "fail",
            "a model that is saved there is not noticed",
            "Choose a workspace on another disk with --workspace.",
        )
    way = "told by the system" if events else "found by looking: this disk tells no changes"
    text = f"a saved model is seen after {seconds:.1f} s, {way}"
    if seconds > _LATE:
        return Check("watching", "warn", text, "A workspace on a local disk is quicker.")
    return Check("watching", "ok", text)


async def _until_seen(folder: Path, patience: float) -> float | None:
    """Seconds from the end of a save to its sighting, the 0.5 s included for which a file must be still."""
    from mockexam.exam.paper import Paper, PaperItem
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.watch import Sighting, Watcher

    item = PaperItem(
        number=1,
        question="simple_model/doctor",
        category="simple_model",
        title="",
        weight=1,
        minutes=1,
        fingerprint="",
        folder=_FOLDER,
    )
    watcher = Watcher(Workspace(folder), Paper(code="doctor", items=(item,)))
    saved = 0.0

    async def save() -> None:
        nonlocal saved
        await asyncio.sleep(_SETTLE)
        await asyncio.to_thread((folder / _FOLDER / "mymodel.keras").write_bytes, small_keras_file())
        saved = time.monotonic()

    saving = asyncio.create_task(save())
    try:
        async with asyncio.timeout(patience):
            async for seen in watcher.watch():
                if isinstance(seen, Sighting):
                    return time.monotonic() - saved
    except TimeoutError:
        return None
    finally:
        await saving
        await watcher.close()
    return None


async def _has_events(folder: Path) -> bool:
    """Whether the system tells of a change in this folder."""
    from mockexam.workspace.watch import FileEvents

    alarm = FileEvents()
    try:
        inode = (await asyncio.to_thread(folder.stat)).st_ino
        await alarm.watch(frozenset({(os.fspath(folder), inode)}))
        for attempt in range(5):
            # Listening begins some moments after it was asked for, so one change might come too early.
            await asyncio.to_thread((folder / f"try-{attempt}.keras").write_bytes, b"x")
            try:
                async with asyncio.timeout(0.3):
                    await alarm.rang.wait()
                return True
            except TimeoutError:
                continue
        return False
    finally:
        await alarm.close()


def small_keras_file() -> bytes:
    """An archive that is complete by structure; nobody loads it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("metadata.json", "config.json"):
            archive.writestr(name, "{}")
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")
    return buffer.getvalue()
