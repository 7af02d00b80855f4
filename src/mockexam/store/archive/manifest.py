"""What an archive of attempts looks like: a zip of `manifest.json` and, for each attempt, its record and kept files."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from mockexam.errors import UserError
from mockexam.store import strict_json

FORM = 1
"""Version of this form."""
MANIFEST = "manifest.json"
RECORD = "record.json"
MAX_MEMBERS = 300_000
MAX_MANIFEST = 64_000_000
MAX_RECORD = 64_000_000
"""Bytes of one attempt's record: a tick a minute for months."""
MAX_TOTAL = 500_000_000_000
"""Bytes of all members."""

_ATTEMPT = re.compile(r"[0-9]{8}-[0-9A-Z]{1,40}(-[0-9]{1,6})?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAX_PARTS = 12
_MAX_PART = 200
"""Bytes of one part of a name; the usual file systems take 255."""
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that are no files on Windows."""


class ArchiveError(UserError):
    """The archive is damaged, or holds what no archive of ours holds. Nothing of it was taken."""

    def __init__(self, why: str, path: object) -> None:
        super().__init__(
            f"This archive can't be imported: {why}. Nothing was imported.",
            location=str(path),
            hint="Export it again with `mockexam review export`, and copy it as a whole.",
        )


@dataclass(frozen=True, slots=True)
class MemberContent:
    """A member of the archive: what its bytes come to."""

    name: str
    """Below the attempt's folder, with `/`."""
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ArchiveContents:
    """What there is of one attempt."""

    id: str
    record: MemberContent
    files: tuple[MemberContent, ...]
    """Sorted by name."""

    def member(self, content: MemberContent) -> str:
        """The name of a kept file in the archive."""
        return f"attempts/{self.id}/files/{content.name}"

    @property
    def record_member(self) -> str:
        """The name of the attempt's record in the archive."""
        return f"attempts/{self.id}/{RECORD}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself."""

    form: int
    app_version: str
    models: bool
    """Whether the kept models were taken along; scripts always are."""
    attempts: tuple[ArchiveContents, ...]
    """Sorted by id."""

    def members(self) -> dict[str, MemberContent]:
        """All members but the manifest itself, by their names in the archive."""
        found = {}
        for one in self.attempts:
            found[one.record_member] = one.record
            found.update({one.member(content): content for content in one.files})
        return found


def manifest_text(manifest: Manifest) -> bytes:
    """The manifest as it stands in the archive."""
    return as_json(asdict(manifest))


def read_manifest(text: bytes) -> Manifest:
    """The manifest of a foreign archive. Raises ValueError."""
    values = strict_json.parse(text)
    if isinstance(values, dict) and isinstance(values.get("form"), int) and values["form"] > FORM:
        raise ValueError(f"it was made by a newer mockexam (form {values['form']}, this one knows {FORM})")
    manifest = strict_json.read(Manifest, values)
    if manifest.form != FORM or not manifest.attempts:
        raise ValueError("its manifest is of no known form, or names no attempt")
    _check_names(manifest)
    return manifest


def _check_names(manifest: Manifest) -> None:
    ids = [one.id for one in manifest.attempts]
    if not all(map(_ATTEMPT.fullmatch, ids)) or ids != sorted(set(ids)):
        raise ValueError("its manifest names an attempt that none can have, or twice")
    for one in manifest.attempts:
        names = [content.name for content in one.files]
        if names != sorted(names) or one.record.name != RECORD:
            raise ValueError("its manifest is out of order")
        if any(not is_safe_name(name) for name in names):
            raise ValueError("it names a file that would not lie in its folder")
        if clash(names):
            raise ValueError("it names a file twice, or as a folder too")
    contents = manifest.members().values()
    if any(not _SHA256.fullmatch(c.sha256) or c.size < 0 for c in contents):
        raise ValueError("its manifest has a size or a hash that is none")
    if any(one.record.size > MAX_RECORD for one in manifest.attempts) or sum(c.size for c in contents) > MAX_TOTAL:
        raise ValueError("it is far too large")


def is_attempt_id(name: str) -> bool:
    """Whether an attempt can have this id."""
    return bool(_ATTEMPT.fullmatch(name))


def is_safe_part(part: str) -> bool:
    """Whether this is a plain name of a file or folder on every system: no path, no trick, nothing hidden from view."""
    try:
        size = len(part.encode())
    except UnicodeEncodeError:
        return False
    return (
        0 < size <= _MAX_PART
        and part.isprintable()
        and part not in {".", ".."}
        and not set(part) & set('/\\:*?"<>|')
        and part[-1] not in ". "
        and not _DEVICES.fullmatch(part)
    )


def is_safe_name(name: str) -> bool:
    """Whether this is a relative path of plain names."""
    parts = name.split("/")
    return len(parts) <= _MAX_PARTS and all(map(is_safe_part, parts))


def clash(names: Iterable[str]) -> bool:
    """Whether two names are one to a system that ignores case or accents' spelling, or one is another's folder."""
    folded = [unicodedata.normalize("NFC", name).casefold() for name in names]
    above = {name[:at] for name in folded for at, char in enumerate(name) if char == "/"}
    return len(set(folded)) < len(folded) or not above.isdisjoint(folded)


def content_of(name: str, text: bytes) -> MemberContent:
    """What a text comes to as a member."""
    return MemberContent(name, len(text), hashlib.sha256(text).hexdigest())


def as_json(value: Any) -> bytes:
    """The value as a JSON text, the same each time."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
