"""One model to grade: the item, its content, and the job that a worker receives."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import time
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath
from pickle import PickleBuffer
from typing import Literal

import mockexam
from mockexam.exam.events import ModelFormat
from mockexam.workspace.completeness import MAX_BYTES
from mockexam.workspace.receive import hash_of
from mockexam.workspace.signature import FileState, Signature, open_regular, sign

_TRIES = 5
_PAUSE_SECONDS = 0.2
_LIBRARIES = ("tensorflow", "keras", "tf-keras", "numpy")
_OTHER_KERAS = " (tf-keras)"
"""Ends the version of the Keras that graded a file of Keras 2."""


def grade_data_seed(seed: int) -> str:
    """The data seed for `--seed`; it never equals a paper's code."""
    return f"seed-{seed}"


_OWN_SEEDS = 10**9
"""So many own seeds are there: a spreadsheet shows and saves nine digits as they are."""


def own_seed(seed: int, name: str) -> int:
    """A student's own seed, 0 to 999,999,999: the same for the same `--seed` and name, however it is composed."""
    plain = unicodedata.normalize("NFC", " ".join(name.split()))
    digest = hashlib.sha256(f"{seed}\0{plain}".encode(errors="replace")).digest()
    return int.from_bytes(digest, "big") % _OWN_SEEDS


def grade_holdout_seed(seed: int, chosen: str | None) -> str:
    """The hold-out seed of `mockexam grade`: from `--seed`, and from `--holdout-seed` if it is given."""
    return f"grade-{seed}-{chosen}" if chosen else f"grade-{seed}"


def holdout_id(holdout_seed: str) -> str:
    """A hash that identifies a hold-out in the results without revealing its seed."""
    return hashlib.sha256(holdout_seed.encode(errors="replace")).hexdigest()[:16]


def versions() -> dict[str, str]:
    """Versions of mockexam and the libraries by name; a library installed under another name is left out."""
    found = {"mockexam": mockexam.__version__}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def differing(used: Mapping[str, str], here: Mapping[str, str]) -> tuple[str, str] | None:
    """The library that a verdict was reached with in another version than that `here`, and its version there, if any.

    A model that was refused before it was loaded names fewer libraries: the others had no part in it.
    """
    for name, version in used.items():
        library, there = ("tf-keras" if version.endswith(_OTHER_KERAS) else name), version.removesuffix(_OTHER_KERAS)
        if here.get(library, there) != there:
            return library, there
    return None


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One model to grade for one question."""

    name: str
    """Its path below the folder, or its name in the list. Printable."""
    path: Path
    format: ModelFormat
    question: str
    """Id."""
    fingerprint: str
    """Of the question, see `Question.fingerprint`."""
    edition: str
    """Changes with any file of the question on this machine, including its rubric."""
    data_seed: str
    seed: int
    holdout_seed: str
    problem: str = ""
    """Why it can't be graded at all; empty if it can."""
    student: str = ""
    """Who handed it in: a folder at the top, or the list's `name`. Printable."""
    note: str = ""
    """A sentence for whoever reads the marks, such as which of several models this is. Printable."""


@dataclass(frozen=True, slots=True)
class ModelContent:
    """A model as it was on disk."""

    state: Signature
    sha256: str | None
    """None if the content can't be hashed: it has links or special files, or is too large."""


def read_content(path: Path) -> ModelContent | None:
    """Hash a model that does not change meanwhile; None if it is missing, unreadable or still being written."""
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_SECONDS)
        state = sign(path)
        if state is None:
            return None
        if not is_regular(state) or state.size > MAX_BYTES:  # a sparse file of terabytes must never be read
            return ModelContent(state, None)
        sha256 = hash_of(path)
        if sha256 is not None and sign(path) == state:
            return ModelContent(state, sha256)
    return None


def is_regular(state: Signature) -> bool:
    """Whether a model consists of regular files and folders, and all of them were read."""
    return not state.problem and all(entry.is_file or entry.is_folder for entry in state.entries)


@dataclass(frozen=True, slots=True)
class PayloadEntry:
    """One file or folder of a model; the model itself has the empty name."""

    name: str
    """Relative, with `/`."""
    kind: Literal["file", "folder", "link", "other"]
    data: bytes | memoryview | PickleBuffer = b""
    """As a `PickleBuffer` it is sent without being copied first."""


@dataclass(frozen=True, slots=True)
class ModelPayload:
    """A whole model as bytes."""

    name: str
    """Of the file or folder; messages show it."""
    entries: tuple[PayloadEntry, ...]


def pack(path: Path, state: Signature) -> ModelPayload:
    """Read the model at a path. Raises OSError, or ValueError if it is too large or was not read completely."""
    if state.problem:
        raise ValueError(f"{path.name} {state.problem}")
    if state.size > MAX_BYTES:
        raise ValueError(f"{path.name} is too large")
    return ModelPayload(path.name, tuple(_pack_entry(path, entry) for entry in state.entries))


def _pack_entry(path: Path, entry: FileState) -> PayloadEntry:
    if entry.is_folder:
        return PayloadEntry(entry.name, "folder")
    if not entry.is_file:
        return PayloadEntry(entry.name, "link" if stat.S_ISLNK(entry.mode) else "other")
    with open_regular(path / entry.name if entry.name else path) as file:
        return PayloadEntry(entry.name, "file", PickleBuffer(file.read(entry.size)))


def unpack(payload: ModelPayload, folder: Path) -> Path:
    """Write a payload, links as dead ones, into a folder; returns the model's path. Raises OSError, ValueError."""
    if payload.name in ("", ".", "..") or "/" in payload.name:
        raise ValueError(f"{payload.name!r} is not a model's name")
    top = folder / payload.name
    for entry in payload.entries:
        relative = PurePosixPath(entry.name)
        if relative.is_absolute() or ".." in relative.parts:
            raise ValueError(f"{entry.name!r} leads out of the model")
        _unpack_entry(entry, top / relative if entry.name else top)
    return top


def _unpack_entry(entry: PayloadEntry, path: Path) -> None:
    match entry.kind:
        case "folder":
            path.mkdir()
        case "file":
            with path.open("xb") as file:
                file.write(entry.data)
        case "link":
            path.symlink_to("nowhere")
        case "other":
            if sys.platform == "win32":
                raise ValueError(f"{entry.name!r} is neither a file nor a folder; Windows can't hold it")
            os.mkfifo(path)


@dataclass(frozen=True, slots=True)
class GradingJob:
    """What a worker needs to grade one model. Plain data, to be pickled."""

    item: BatchItem
    """Its path is on the machine of the command."""
    content: ModelContent
    payload: ModelPayload | None = None
    """The model itself, for a worker that may be on another machine."""
    environment: tuple[tuple[str, str], ...] = ()
    """Extra environment variables for the grader's processes."""
