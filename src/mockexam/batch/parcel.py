"""A model as bytes that can travel, and back; links and strange files stay what they are, so that they are refused."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from mockexam.workspace.complete import MAX_BYTES
from mockexam.workspace.safe_open import open_regular
from mockexam.workspace.signature import Entry, Signature

Kind = Literal["file", "folder", "link", "other"]


@dataclass(frozen=True, slots=True)
class Piece:
    """One file or folder of a model; the model itself has the empty name."""

    name: str
    """Relative, with `/`."""
    kind: Kind
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A whole model."""

    name: str
    """The file's or folder's own name, which refusals tell."""
    pieces: tuple[Piece, ...]


def pack(path: Path, state: Signature) -> Parcel:
    """The model at a path whose state is known. Raises OSError, ValueError if it is no whole model folder."""
    if state.problem:
        raise ValueError(f"{path.name} {state.problem}")
    if state.size > MAX_BYTES:
        raise ValueError(f"{path.name} is too large")
    return Parcel(path.name, tuple(_piece(path, entry) for entry in state.entries))


def _piece(path: Path, entry: Entry) -> Piece:
    if entry.is_folder:
        return Piece(entry.name, "folder")
    if not entry.is_file:
        return Piece(entry.name, "link" if stat.S_ISLNK(entry.mode) else "other")
    with open_regular(path / entry.name if entry.name else path) as file:
        return Piece(entry.name, "file", file.read(entry.size))


def unpack(parcel: Parcel, folder: Path) -> Path:
    """Lay a parcel out below an existing folder; returns the model's path. Raises OSError, ValueError.

    A link is laid out as one that leads nowhere.
    """
    if parcel.name in ("", ".", "..") or "/" in parcel.name:
        raise ValueError(f"{parcel.name!r} is no name for a model")
    top = folder / parcel.name
    for piece in parcel.pieces:
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
