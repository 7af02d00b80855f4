"""Finds what was kept for an attempt and is not on record: the app was killed in between, or the record was lost."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.exam.events import ModelFormat

if TYPE_CHECKING:
    from mockexam.workspace.receive import Store

_KEPT = re.compile(r"(q(\d+)-([0-9a-f]{12}))(\.keras|\.h5|)")
_FORMATS: dict[str, ModelFormat] = {".keras": "keras", ".h5": "h5", "": "saved_model"}


@dataclass(frozen=True, slots=True)
class Unrecorded:
    """A whole copy in the store that has no receipt."""

    submission: str
    """The id that it would have had."""
    number: int
    """The question's."""
    name: str
    format: ModelFormat
    size: int
    """Bytes."""
    sha256: str
    stored: str
    """Relative to the store's root."""


def unrecorded(store: Store, known: Container[str], since: float) -> list[Unrecorded]:
    """What lies in the store and is not among the known submissions, the oldest first. Reads whole files.

    What was kept before `since` (seconds since 1970) is another attempt's: one with the same paper on the same day, of
    a record that is gone. What is not what its name says is left alone.
    """
    try:
        kept = [(path.lstat().st_ctime, path) for path in store.folder.iterdir()]
    except OSError:
        return []
    return [one for at, path in sorted(kept) if at >= since for one in _look(store, path, known)]


def _look(store: Store, path: Path, known: Container[str]) -> Iterator[Unrecorded]:
    from mockexam.workspace.receive import hash_of
    from mockexam.workspace.signature import sign

    fits = _KEPT.fullmatch(path.name)
    if fits is None or fits[1] in known:
        return
    digest, signature = hash_of(path), sign(path)
    if signature is None or digest is None or not digest.startswith(fits[3]):
        return
    yield Unrecorded(
        submission=fits[1],
        number=int(fits[2]),
        name=f"mymodel{fits[4]}",
        format=_FORMATS[fits[4]],
        size=signature.size,
        sha256=digest,
        stored=path.relative_to(store.root).as_posix(),
    )
