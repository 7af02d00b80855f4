"""What a model's bytes are known by."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from mockexam.workspace.complete import MAX_BYTES
from mockexam.workspace.receive import hash_of
from mockexam.workspace.signature import Signature, sign

_TRIES = 5
_PAUSE = 0.2
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Content:
    """A model as it lay on the disk."""

    state: Signature
    sha256: str | None
    """None if no hash can stand for it: there are links or strange files in it, or too many, or it is too large."""


def look(path: Path) -> Content | None:
    """Hash a model that holds still; None if it is gone, can't be read, or is being written all the time."""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE)
        state = sign(path)
        if state is None:
            return None
        if not plain(state) or state.size > MAX_BYTES:  # a sparse file of terabytes is quickly made, and never read
            return Content(state, None)
        sha256 = hash_of(path)
        if sha256 is not None and sign(path) == state:
            return Content(state, sha256)
    return None


def plain(state: Signature) -> bool:
    """Whether a model consists of files and folders alone, and all of them were seen."""
    return not state.problem and all(entry.is_file or entry.is_folder for entry in state.entries)
