"""What is done and told when the record's file is damaged or gone: nothing is overwritten, and the spare is named."""

from __future__ import annotations

import time
from pathlib import Path

from mockexam.errors import UserError
from mockexam.paths import StatePaths


class DamagedRecordError(UserError):
    """The record's file is no sound database any more."""


class LostRecordError(UserError):
    """The record's file is gone, or another one lies in its place."""


def identity(path: Path) -> tuple[int, int] | None:
    """Device and inode of a file, zeros if there is none; None if that can't be told."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return 0, 0
    except OSError:
        return None
    return found.st_dev, found.st_ino


def check_not_lost(path: Path) -> None:
    """Raise LostRecordError where there was a record: an empty one must not silently take its place.

    That there was one is told by its spare copy, its write-ahead log and the models received under it. Raises OSError
    where the folder can't be looked into.
    """
    if path.exists() and path.stat().st_size > 0:
        return
    spare, log, kept = spare_of(path), path.with_name(path.name + "-wal"), StatePaths(path.parent).submissions
    left = [found.name for found in (spare, log) if _holds(found)] + ([kept.name] if _has_entries(kept) else [])
    if not left:
        return
    anew = f"Or move {' and '.join(left)} away to begin with an empty record."
    if named := _named_spare(path):
        first = f"move {log.name} away, then " if log.exists() else ""
        raise LostRecordError(
            "The record of attempts is gone; only its spare copy is there.",
            location=str(path),
            hint=f"Put it back. Or {first}rename {named} to {path.name}. {anew} Received models are kept "
            "beside it in any case.",
        )
    raise LostRecordError(
        f"The record of attempts is gone; only {' and '.join(left)} is left of it.",
        location=str(path),
        hint=f"Put it back. {anew}",
    )


def _holds(file: Path) -> bool:
    return file.exists() and file.stat().st_size > 0


def _has_entries(folder: Path) -> bool:
    return folder.is_dir() and any(folder.iterdir())


def spare_of(path: Path) -> Path:
    """Where the copy of the whole record lies."""
    return path.with_name(path.name + ".backup")


def _named_spare(path: Path) -> str:
    """The spare copy's name and age; empty if there is none, or none that can be reached."""
    spare = spare_of(path)
    try:
        day = time.strftime("%Y-%m-%d %H:%M", time.localtime(spare.stat().st_mtime))
    except OSError:
        return ""
    return f"{spare.name} (the record as of {day})"


def damaged(path: Path, detail: str) -> DamagedRecordError:
    """What to tell of a damaged file, of which a copy is made. `detail` is what SQLite says."""
    try:
        copied = f"A copy is kept as {_copy_aside(path).name}; the file itself was not touched."
    except OSError as error:
        copied = f"It was not touched (no copy could be made: {error.strerror})."
    spare = _named_spare(path)
    remedy = f"Move {path.name} and its -wal and -shm files away"
    if spare:
        remedy += f", then rename {spare} to {path.name}, or move that away too to begin with an empty record."
    else:
        remedy += " to begin with an empty record."
    return DamagedRecordError(
        f"The record of attempts is damaged ({detail}). {copied}", location=str(path), hint=remedy
    )


def _copy_aside(path: Path) -> Path:
    """A copy of a damaged file beside it. One of the same state will do: an open app meets the damage each second."""
    import shutil  # reading the record needs no copying, and `status` only reads

    state = path.stat()
    for kept in path.parent.glob(f"{path.name}.damaged-*"):
        found = kept.stat()
        if (found.st_size, int(found.st_mtime)) == (state.st_size, int(state.st_mtime)):
            return kept
    kept = path.with_name(f"{path.name}.damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    try:
        shutil.copy2(path, kept)
    except OSError:
        kept.unlink(missing_ok=True)
        raise
    return kept
