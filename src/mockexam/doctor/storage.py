"""Whether there is room where the work and the record will lie, and whether it can be written."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from mockexam.doctor.check import Check
from mockexam.wording import size_text

ROOMY_BYTES = 2 * 10**9
"""Data of a paper, many saves, and a kept copy of each."""
SCARCE_BYTES = 300 * 10**6
"""The data of a paper and a few models."""


def check_storage(name: str, folder: Path) -> Check:
    """Whether this folder, or the one that it will be made in, can be written and has room."""
    nearest = nearest_folder(folder)
    try:
        with tempfile.NamedTemporaryFile(dir=nearest, prefix=".mockexam-doctor-") as file:
            file.write(b"\0" * 4096)
        free = shutil.disk_usage(nearest).free
    except OSError as error:
        way = "with --workspace" if name == "workspace" else "by the variable MOCKEXAM_HOME"
        return Check(name, "fail", f"{nearest} can't be written: {error.strerror}", f"Choose another folder {way}.")
    return judge_room(name, folder, free)


def judge_room(name: str, folder: Path, free: int) -> Check:
    """What so many free bytes mean for an exam."""
    text = f"{size_text(free)} free for {folder}"
    if free >= ROOMY_BYTES:
        return Check(name, "ok", text)
    return Check(name, "warn" if free >= SCARCE_BYTES else "fail", text, "Free some space on that disk.")


def nearest_folder(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next((place for place in (folder, *folder.parents) if place.is_dir()), Path(folder.anchor or "."))
