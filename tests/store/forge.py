"""Archives taken apart and put together again, well or badly."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockexam.store.journal import _FIRST, _hash

Change = Callable[["Forged"], None]


@dataclass
class Forged:
    """An archive of one attempt in pieces. What is changed is made consistent again when it is saved, unless asked."""

    manifest: dict[str, Any]
    record: dict[str, Any]
    files: dict[str, bytes]
    """By their names below the attempt's folder."""
    infos: dict[str, Callable[[zipfile.ZipInfo], None]] = field(default_factory=dict)
    """What is done to a member's header."""
    extra: list[tuple[str, bytes]] = field(default_factory=list)
    """Members that the manifest does not name."""
    chained: bool = True
    """Whether the events are chained anew."""
    listed: Callable[[dict[str, Any]], None] = lambda _: None
    """What is done to the manifest at the very end."""
    tail: bytes = b""

    @classmethod
    def open(cls, path: Path) -> Forged:
        """Take an archive apart."""
        with zipfile.ZipFile(path) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            (attempt,) = manifest["attempts"]
            top = f"attempts/{attempt['id']}"
            record = json.loads(archive.read(f"{top}/record.json"))
            files = {f["name"]: archive.read(f"{top}/files/{f['name']}") for f in attempt["files"]}
        return cls(manifest, record, files)

    @property
    def id(self) -> str:
        return str(self.manifest["attempts"][0]["id"])

    def body(self, kind: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the fields of the first event of a kind."""
        event = next(e for e in self.record["events"] if e["kind"] == kind)
        fields = json.loads(event["body"])
        change(fields)
        event["body"] = json.dumps(fields)

    def save(self, path: Path) -> Path:
        """Put it together."""
        if self.chained:
            self._chain()
        record = json.dumps(self.record).encode()
        attempt = self.manifest["attempts"][0]
        attempt["record"] = content("record.json", record)
        attempt["files"] = [content(name, text) for name, text in sorted(self.files.items())]
        top = f"attempts/{self.id}"
        self.listed(self.manifest)
        members = [
            ("manifest.json", json.dumps(self.manifest).encode()),
            (f"{top}/record.json", record),
            *((f"{top}/files/{name}", text) for name, text in sorted(self.files.items())),
            *self.extra,
        ]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in members:
                info = zipfile.ZipInfo(name)
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = (stat.S_IFREG | 0o600) << 16
                self.infos.get(name, self.infos.get("*", lambda _: None))(info)
                archive.writestr(info, text)
        with path.open("ab") as file:
            file.write(self.tail)
        return path

    def _chain(self) -> None:
        previous = _FIRST
        for seq, event in enumerate(self.record["events"], 1):
            event["seq"], event["previous"] = seq, previous
            previous = event["hash"] = _hash(previous, self.record["attempt"]["id"], seq, event["kind"], event["body"])


def content(name: str, text: bytes) -> dict[str, Any]:
    """A file as a manifest lists it."""
    return {"name": name, "size": len(text), "sha256": hashlib.sha256(text).hexdigest()}


def rename(old: str, new: str) -> Change:
    """A stored file under another name."""

    def change(forged: Forged) -> None:
        name = next(n for n in forged.files if n.endswith(old))
        forged.files[new] = forged.files.pop(name)

    return change


def event(kind: str, **values: Any) -> Change:
    """Another value in the first event of a kind; `a__b` goes into a nested object."""

    def change(forged: Forged) -> None:
        def set_all(fields: dict[str, Any]) -> None:
            for path, value in values.items():
                *above, last = path.split("__")
                target: Any = fields
                for key in above:
                    target = target[int(key)] if isinstance(target, list) else target[key]
                target[last] = value

        forged.body(kind, set_all)

    return change


def row(**values: Any) -> Change:
    """Another value in the attempt's row."""
    return lambda forged: forged.record["attempt"].update(values)


def listed(change: Callable[[dict[str, Any]], None]) -> Change:
    """Something in the manifest that is not made consistent again."""

    def do(forged: Forged) -> None:
        forged.listed = change

    return do


def header(change: Callable[[zipfile.ZipInfo], None], name: str = "*") -> Change:
    """Something in a member's header."""
    return lambda forged: forged.infos.update({name: change})


def extra(name: str, text: bytes = b"x") -> Change:
    """A member that the manifest does not name."""
    return lambda forged: forged.extra.append((name, text))
