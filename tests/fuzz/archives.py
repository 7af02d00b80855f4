"""Mutations of a `.keras` file: a zip archive with a configuration and an HDF5 file of weights in it."""

from __future__ import annotations

import warnings
import zipfile
from io import BytesIO
from random import Random

from tests.fuzz import configs, raw
from tests.fuzz.change import Change
from tests.fuzz.material import CANARY, NUMBERS

CONFIG, WEIGHTS = "config.json", "model.weights.h5"
NAMES = (
    "../x",
    CANARY,
    "assets/../../x",
    "model.weights.h5",
    "config.json",
    "a" * 300,
    "x.py",
    "assets/vocabulary.txt",
    "",
)
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_FIELDS = {
    _LOCAL: ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
    _CENTRAL: ((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (38, 4), (42, 4)),
    _END: ((8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}
"""Offset and width of version, flags, method, checksum, sizes, lengths, places (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16)."""


def mutate(data: bytes, rng: Random) -> Change:
    """One archive, changed."""
    way = rng.choices((_bytes, _directory, _config, _weights, _members), (2, 2, 5, 2, 1))[0]
    return way(data, rng)


def _bytes(data: bytes, rng: Random) -> Change:
    return Change(*raw.mutate(data, rng))


def _directory(data: bytes, rng: Random) -> Change:
    """A field of a local header, of the directory or of its end."""
    mark = rng.choice((_LOCAL, _CENTRAL, _CENTRAL, _END))
    places = [at for at in range(len(data)) if data.startswith(mark, at)]
    start = rng.choice(places)
    offset, width = rng.choice(_FIELDS[mark])
    old = int.from_bytes(data[start + offset : start + offset + width], "little")
    value = rng.choice((rng.choice(NUMBERS), old + 1, old - 1, old * 2, old ^ 1)) % (1 << 8 * width)
    changed = bytearray(data)
    changed[start + offset : start + offset + width] = value.to_bytes(width, "little")
    return Change(bytes(changed), f"zip field {mark!r}+{offset}: {old} -> {value}")


def _config(data: bytes, rng: Random) -> Change:
    """The configuration, in an archive that is sound otherwise."""
    members = unpack(data)
    text, how, never = configs.mutate(members[CONFIG], rng)
    return Change(pack({**members, CONFIG: text.encode("utf-8", "surrogatepass")}), f"config: {how}", never)


def _weights(data: bytes, rng: Random) -> Change:
    """The weights, with a checksum that fits them."""
    members = unpack(data)
    changed, how = raw.mutate(members[WEIGHTS], rng, within=_head_or_all(members[WEIGHTS], rng))
    return Change(pack({**members, WEIGHTS: changed}), f"weights: {how}")


def _head_or_all(data: bytes, rng: Random) -> tuple[int, int]:
    # Most of a small HDF5 file are groups and headers; the first bytes hold the superblock.
    return (0, min(len(data), 200)) if rng.random() < 0.2 else (0, len(data))


def _members(data: bytes, rng: Random) -> Change:
    """Members left out, renamed, doubled, added, packed; a link; text where weights were."""
    members = unpack(data)
    name = rng.choice(list(members))
    way = rng.choice(("drop", "rename", "add", "swap", "twice", "link", "deflate", "comment"))
    if way == "drop":
        del members[name]
    elif way == "rename":
        members[rng.choice(NAMES)] = members.pop(name)
    elif way == "add":
        members[rng.choice(NAMES)] = rng.choice((b"", b"x" * 100, rng.randbytes(500)))
    elif way == "swap":
        members[name] = members[rng.choice(list(members))]
    file = BytesIO(pack(members, zipfile.ZIP_DEFLATED if way == "deflate" else zipfile.ZIP_STORED))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a name that is there twice is meant
        _append(file, members, name, way, rng)
    return Change(file.getvalue(), f"members: {way} {name}")


def _append(file: BytesIO, members: dict[str, bytes], name: str, way: str, rng: Random) -> None:
    with zipfile.ZipFile(file, "a") as archive:
        if way == "twice":
            info = zipfile.ZipInfo(name)
            archive.writestr(info, rng.choice((members[name], b"{}")))
        elif way == "link":
            info = zipfile.ZipInfo("assets/link")
            info.external_attr = 0o120777 << 16
            archive.writestr(info, CANARY)
        elif way == "comment":
            archive.comment = rng.randbytes(rng.randrange(1, 300))


def unpack(data: bytes) -> dict[str, bytes]:
    """A sound archive's members."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """An archive of these members."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name or "none"), content, method)
    return file.getvalue()


def splice(data: bytes, other: bytes, rng: Random) -> Change:
    """Members of one archive beside those of another; or the front of one before the back of the other."""
    if rng.random() < 0.5:
        ours, theirs = unpack(data), unpack(other)
        taken = rng.choice([name for name in theirs if not name.endswith("/")])
        return Change(pack({**ours, taken: theirs[taken]}), f"splice: its {taken}")
    return cut_and_join(data, other, rng)


def cut_and_join(data: bytes, other: bytes, rng: Random) -> Change:
    """The front of one file before the back of another."""
    at, after = rng.randrange(len(data)), rng.randrange(len(other))
    return Change(data[:at] + other[after:], f"splice: {at} bytes, then from {after}")
