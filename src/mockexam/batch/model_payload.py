"""What a model's bytes are known by."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from mockexam.workspace.completeness import MAX_BYTES
from mockexam.workspace.receive import hash_of
from mockexam.workspace.signature import FileState, Signature, open_regular, sign

_TRIES = 5
_PAUSE = 0.2
"""Seconds."""


@dataclass(frozen=True, slots=True)
class ModelContent:
    """A model as it lay on the disk."""

    state: Signature
    sha256: str | None
    """None if no hash can stand for it: there are links or strange files in it, or too many, or it is too large."""


def look(path: Path) -> ModelContent | None:
    """Hash a model that holds still; None if it is gone, can't be read, or is being written all the time."""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE)
        state = sign(path)
        if state is None:
            return None
        if not plain(state) or state.size > MAX_BYTES:  # a sparse file of terabytes is quickly made, and never read
            return ModelContent(state, None)
        sha256 = hash_of(path)
        if sha256 is not None and sign(path) == state:
            return ModelContent(state, sha256)
    return None


def plain(state: Signature) -> bool:
    """Whether a model consists of files and folders alone, and all of them were seen."""
    return not state.problem and all(entry.is_file or entry.is_folder for entry in state.entries)


Kind = Literal["file", "folder", "link", "other"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One file or folder of a model; the model itself has the empty name."""

    name: str
    """Relative, with `/`."""
    kind: Kind
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class ModelPayload:
    """A whole model."""

    name: str
    """The file's or folder's own name, which refusals tell."""
    pieces: tuple[Piece, ...]


def pack(path: Path, state: Signature) -> ModelPayload:
    """The model at a path whose state is known. Raises OSError, ValueError if it is no whole model folder."""
    if state.problem:
        raise ValueError(f"{path.name} {state.problem}")
    if state.size > MAX_BYTES:
        raise ValueError(f"{path.name} is too large")
    return ModelPayload(path.name, tuple(_piece(path, entry) for entry in state.entries))


def _piece(path: Path, entry: FileState) -> Piece:
    if entry.is_folder:
        return Piece(entry.name, "folder")
    if not entry.is_file:
        return Piece(entry.name, "link" if stat.S_ISLNK(entry.mode) else "other")
    with open_regular(path / entry.name if entry.name else path) as file:
        return Piece(entry.name, "file", file.read(entry.size))


def unpack(payload: ModelPayload, folder: Path) -> Path:
    """Lay a parcel out below an existing folder; returns the model's path. Raises OSError, ValueError.

    A link is laid out as one that leads nowhere.
    """
    if payload.name in ("", ".", "..") or "/" in payload.name:
        raise ValueError(f"{payload.name!r} is no name for a model")
    top = folder / payload.name
    for piece in payload.pieces:
        relative = PurePosixPath(piece.name)
        if relative.is_absolute() or ".." in relative.parts:
            raise ValueError(f"{piece.name!r} leads out of the parcel")
        _lay(piece, top / relative if piece.name else top)
    return top


def _lay(piece: Piece, path: Path) -> None:
    match piece.kind:
        case "folder":
            path.mkdir()
        case "file":
            with path.open("xb") as file:
                file.write(piece.data)
        case "link":
            path.symlink_to("nowhere")
        case "other":
            os.mkfifo(path)
