"""Kept models and scripts as files with hashes, and whether they are what the record says."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from mockexam.exam.model_format import FORMATS
from mockexam.store.archive.attempt_record import Checked
from mockexam.store.archive.manifest import MemberContent, clash, is_safe_name

_CHUNK = 1 << 20
_DIGITS = 12
"""So many digits of the hash name a folder of scripts."""


class KeptHash:
    """The hash of one kept thing, fed file by file in the order of their names.

    As at the receipt: a single file's is over its bytes; a folder's, of a model or of scripts, over the name, the size
    and the bytes of each file.
    """

    def __init__(self, top: str) -> None:
        """`top` is the kept thing's name in the attempt's folder."""
        self._top = top
        self._hashed = hashlib.sha256()
        self.size = 0

    def begin(self, content: MemberContent) -> None:
        """The next file begins."""
        self.size += content.size
        if content.name != self._top:
            self._hashed.update(f"{content.name[len(self._top) + 1 :]}\0{content.size}\0".encode())

    def update(self, chunk: bytes) -> None:
        """More bytes of the file."""
        self._hashed.update(chunk)

    def fits(self, record: Checked) -> bool:
        """Whether all that was fed is what the record names."""
        digest = self._hashed.hexdigest()
        if self._top in record.scripts:
            return self._top.endswith(f"-code-{digest[:_DIGITS]}")
        model = record.models[self._top]
        return (digest, self.size) == (model.sha256, model.size)


def grouped(record: Checked, files: Iterable[MemberContent]) -> Iterator[tuple[str, list[MemberContent]]]:
    """Files by the kept thing that they are of. Raises ValueError for one that the record does not name."""
    for top, group in groupby(files, key=lambda content: content.name.partition("/")[0]):
        contents = list(group)
        alone = len(contents) == 1 and contents[0].name == top
        folder = all("/" in content.name for content in contents)
        named = (
            folder
            if top in record.scripts
            else top in record.models and (folder if FORMATS[record.models[top].format].is_folder else alone)
        )
        if not named:
            raise ValueError(f"no event names the file {contents[0].name}")
        yield top, contents


def look_at(folder: Path, top: str, record: Checked) -> list[MemberContent] | str:
    """The files of a kept thing with their hashes, or why it is left out; empty if it is gone."""
    try:
        names = sorted(_names(folder / top, top))
        if any(not is_safe_name(name) for name in names) or clash(names):
            return "it holds names that do not exist on every system"
        kept = KeptHash(top)
        contents = [_look(folder, name, kept) for name in names]
    except OSError as error:
        return f"it can't be read ({error.strerror or error})"
    if contents and not kept.fits(record):
        return "it is not what was received: it was altered"
    return contents


def _look(folder: Path, name: str, kept: KeptHash) -> MemberContent:
    path = folder / name
    size = path.stat().st_size
    kept.begin(MemberContent(name, size, ""))
    hashed = hashlib.sha256()
    for chunk in chunks_of(path):
        hashed.update(chunk)
        kept.update(chunk)
    return MemberContent(name, size, hashed.hexdigest())


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a kept file. Raises OSError."""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _names(path: Path, name: str) -> Iterator[str]:
    """The files at or below a path, as names that begin with `name`. Raises OSError, for a link or a pipe too."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISREG(mode):
        yield name
    elif stat.S_ISDIR(mode):
        for below in os.listdir(path):  # noqa: PTH208  # names are wanted, not paths
            yield from _names(path / below, f"{name}/{below}")
    else:
        raise OSError("it is no plain file")
