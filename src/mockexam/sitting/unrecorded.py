"""Finds what was kept for an attempt and is not on record: the app was killed in between, or the record was lost."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS

if TYPE_CHECKING:
    from mockexam.workspace.receive import Store

_KEPT = re.compile(r"(q(\d+)-([0-9a-f]{12}))(\.\w+|)")
_FORMATS = {spec.ending: spec for spec in FORMATS.values()}


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
    spec = _FORMATS.get(fits[4]) if fits else None
    if fits is None or spec is None or fits[1] in known:
        return
    digest, signature = hash_of(path), sign(path)
    if signature is None or digest is None or not digest.startswith(fits[3]):
        return
    yield Unrecorded(
        submission=fits[1],
        number=int(fits[2]),
        name=spec.name,
        format=spec.id,
        size=signature.size,
        sha256=digest,
        stored=path.relative_to(store.root).as_posix(),
    )
