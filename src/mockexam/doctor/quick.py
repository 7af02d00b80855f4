"""The quick checks, with those of packs, questions and the detection of saves."""

from __future__ import annotations

import asyncio
import io
import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam import paths
from mockexam.doctor.machine import (
    Check,
    check_environment,
    check_memory,
    check_storage,
    check_terminal,
    check_versions,
    nearest_folder,
)
from mockexam.errors import UserError

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank

PACKS = "question packs"
QUESTIONS = "questions"
DOWNLOADS = "downloads"
SAVES = "save detection"
LIMIT_SECONDS = 8.0  # after this, a save counts as unnoticed
_LATE = 3.0
_SETTLE = 0.1
_FOLDER = "1-doctor"


def quick_checks(workspace: Path, environ: Mapping[str, str] = os.environ) -> list[Check]:
    """Check all but training and grading. Blocks for up to a second, or several if a save goes unnoticed."""
    return [
        *check_versions(),
        *check_environment(environ),
        check_memory(),
        check_storage("workspace", workspace),
        check_storage("records", paths.home()),
        check_terminal(environ),
        *check_packs(),
        asyncio.run(check_saves(workspace)),
    ]


def check_packs() -> list[Check]:
    """One result for all packs in use and one for each that is left out; none if no pack is installed."""
    from mockexam.bank.packs import find_packs

    found = find_packs()
    if not (found.packs or found.broken):
        return []
    from mockexam.bank.loader import load_bank

    try:
        bank = load_bank(found=found)
    except UserError as error:
        return [Check(PACKS, "fail", f"the bank can't be read: {error.message}", error.hint or error.location)]
    checks = [Check(PACKS, "warn", f"{b.name} is left out: {b.message} ({b.location})", b.hint) for b in bank.broken]
    if not bank.packs:
        return checks
    sizes = [(pack.name, sum(q.pack == pack.name for q in bank.questions.values())) for pack in bank.packs]
    text = ", ".join(f"{name} ({count} question{'' if count == 1 else 's'})" for name, count in sizes)
    return [Check(PACKS, "ok", text), *checks]


def check_questions(progress: Callable[[float, str], None] = lambda _fraction, _text: None) -> list[Check]:
    """One result for each question left out of papers, else one for all. A new or changed question takes seconds."""
    from mockexam.bank.loader import load_bank
    from mockexam.bank.screening import Screening

    try:
        bank = load_bank()
        faults = {
            **bank.unfit,
            **Screening(paths.state_paths().screening_cache).faults(bank.questions.values(), progress),
        }
    except UserError as error:
        return [Check(QUESTIONS, "fail", error.message, error.hint or error.location)]
    remedy = (
        "Papers use the other questions. If this one came with mockexam, reinstall mockexam. "
        "If it is your own, run `mockexam bank verify --static`."
    )
    found = [Check(QUESTIONS, "warn", f"{name} is left out of papers: {why}", remedy) for name, why in faults.items()]
    found = found or [Check(QUESTIONS, "ok", f"all {len(bank.questions)} can be used")]
    return [*found, *_check_downloads(bank)]


def _check_downloads(bank: Bank) -> Iterator[Check]:
    """Which questions can't be drawn offline, and why. No host is asked."""
    from mockexam.bank.downloads import lacking, left_to_fetch

    waiting = [question for question in bank.questions.values() if lacking(question)]
    if waiting:
        names = ", ".join(question.id for question in waiting)
        text = f"offline, {names} can't be drawn: their data ({left_to_fetch(waiting)}) are not on this computer yet"
        remedy = "Only an exam that names them, such as classics, asks for them: prepare it once while connected."
        yield Check(DOWNLOADS, "ok", text, remedy)


async def check_saves(workspace: Path, limit: float = LIMIT_SECONDS) -> Check:
    """Save a small model file beside the workspace, and wait until the watcher of an exam notices it."""
    nearest = nearest_folder(workspace)
    other = "Choose another folder with --workspace."
    try:
        folder = Path(tempfile.mkdtemp(dir=nearest, prefix=".mockexam-doctor-"))
    except OSError as error:
        return Check(SAVES, "fail", f"{nearest} can't be written: {error.strerror}", other)
    try:
        (folder / _FOLDER).mkdir()
        seconds = await _until_noticed(folder, limit)
        events = seconds is not None and await _has_events(folder / _FOLDER)
    except OSError as error:
        return Check(SAVES, "fail", f"a test file could not be saved: {error}", other)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return assess_saves(seconds, events=events)


def assess_saves(seconds: float | None, *, events: bool) -> Check:
    """What it means that a save was noticed after this time (None: not at all), with or without file events."""
    if seconds is None:
        remedy = "Choose a folder on another disk with --workspace."
        return Check(SAVES, "fail", "a model saved there is not noticed", remedy)
    text = f"a saved model is noticed after {seconds:.1f} s"
    if not events:
        text += " by looking once a second, since this disk sends no file events"
    if seconds > _LATE:
        return Check(SAVES, "warn", f"{text}; an exam works, but slowly", "A workspace on a local disk is faster.")
    return Check(SAVES, "ok", text)


async def _until_noticed(folder: Path, limit: float) -> float | None:
    """Seconds from the end of a save until it is noticed; includes the 0.5 s for which a file must not change."""
    from mockexam.exam.paper import Paper, PaperItem
    from mockexam.workspace.layout import Workspace
    from mockexam.workspace.watch import DetectedModel, Watcher

    item = PaperItem(
        number=1, question="simple_model/doctor", category="simple_model", title="", weight=1, minutes=1,
        fingerprint="", folder=_FOLDER,
    )  # fmt: skip
    watcher = Watcher(Workspace(folder), Paper(code="doctor", items=(item,)))
    saved = 0.0

    async def save() -> None:
        nonlocal saved
        await asyncio.sleep(_SETTLE)
        await asyncio.to_thread((folder / _FOLDER / "mymodel.keras").write_bytes, _small_keras_file())
        saved = time.monotonic()

    saving = asyncio.create_task(save())
    try:
        async with asyncio.timeout(limit):
            async for event in watcher.watch():
                if isinstance(event, DetectedModel):
                    return time.monotonic() - saved
    except TimeoutError:
        return None
    finally:
        await saving
        await watcher.close()
    return None


async def _has_events(folder: Path) -> bool:
    from mockexam.workspace.watch import FileEvents

    events = FileEvents()
    try:
        inode = (await asyncio.to_thread(folder.stat)).st_ino
        await events.watch(frozenset({(os.fspath(folder), inode)}))
        for attempt in range(5):
            # Listening starts a moment after the request, so the first change may come too early.
            await asyncio.to_thread((folder / f"try-{attempt}.keras").write_bytes, b"x")
            try:
                async with asyncio.timeout(0.3):
                    await events.rang.wait()
                return True
            except TimeoutError:
                continue
        return False
    finally:
        await events.close()


def _small_keras_file() -> bytes:
    """An archive with the structure of a model; it is never loaded."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("metadata.json", "config.json"):
            archive.writestr(name, "{}")
        archive.writestr("model.weights.h5", b"\x89HDF\r\n\x1a\n")
    return buffer.getvalue()
