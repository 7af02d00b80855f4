"""Mutations of a protocol buffer by its wire format alone: no schema, yet every length comes out right.

https://protobuf.dev/programming-guides/encoding/
"""

from __future__ import annotations

import copy
import functools
import pickle
from dataclasses import dataclass
from random import Random

from tests.fuzz.material import NUMBERS, WORDS

_SMALL = [bytes((value,)) for value in range(0x80)]
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


@dataclass(slots=True)
class Field:
    """One field of a message: a number, bytes, or a message in it."""

    number: int
    kind: int
    value: int | bytes
    inner: list[Field] | None = None
    """What `value` means if it is a message itself."""


def parse(data: bytes, depth: int = 0) -> list[Field] | None:
    """The fields, messages in them taken apart; None if the bytes are no message."""
    fields: list[Field] = []
    at = 0
    while at < len(data):
        tag, at = _read(data, at)
        number, kind = tag >> 3, tag & 7
        value: int | bytes
        if at < 0 or not 0 < number < 10_000:
            return None
        if kind == _VARINT:
            value, at = _read(data, at)
        elif kind in (_FIXED64, _FIXED32):
            size = 8 if kind == _FIXED64 else 4
            value, at = data[at : at + size], at + size
        elif kind == _BYTES:
            size, at = _read(data, at)
            value, at = data[at : at + max(size, 0)], at + size
        else:
            return None
        if at < 0 or at > len(data):
            return None
        inner = (
            parse(value, depth + 1) if kind == _BYTES and isinstance(value, bytes) and value and depth < 14 else None
        )
        fields.append(Field(number, kind, value, inner))
    return fields


def pack(fields: list[Field]) -> bytes:
    """The bytes of a message."""
    parts: list[bytes] = []
    for field in fields:
        parts.append(_write(field.number << 3 | field.kind))
        if isinstance(field.value, int):
            parts.append(_write(field.value))
            continue
        value = field.value if field.inner is None else pack(field.inner)
        parts += [_write(len(value)), value] if field.kind == _BYTES else [value]
    return b"".join(parts)


def mutate(data: bytes, rng: Random) -> tuple[bytes, str]:
    """A message with some of its fields changed."""
    fields: list[Field] = pickle.loads(_parsed(data))
    how = [_once(fields, rng) for _ in range(rng.choice((1, 2, 4, 8)))]
    return pack(fields), "; ".join(how)[:300]


@functools.cache
def _parsed(data: bytes) -> bytes:
    """A whole message's fields, to be had again and again: taking it apart is slow."""
    fields = parse(data)
    assert fields is not None
    return pickle.dumps(fields)


def _once(top: list[Field], rng: Random) -> str:
    messages = list(_messages(top))
    fields = rng.choice(messages)
    if not fields:
        return "an empty message"
    way = rng.choice(("word", "word", "word", "number", "drop", "twice", "move", "flip"))
    if way in ("word", "number"):
        return _leaf(messages, way, rng)
    at = rng.randrange(len(fields))
    field = fields[at]
    if way == "drop":
        del fields[at]
    elif way == "twice":
        fields.insert(rng.randrange(len(fields) + 1), field)
    elif way == "move":
        rng.choice(messages).append(copy.deepcopy(field))
    elif isinstance(field.value, bytes) and field.value:
        place = rng.randrange(len(field.value))
        field.value = (
            field.value[:place] + bytes([field.value[place] ^ 1 << rng.randrange(8)]) + field.value[place + 1 :]
        )
        field.inner = None
    return f"{way} field {field.number}"


def _leaf(messages: list[list[Field]], way: str, rng: Random) -> str:
    """A name or a number replaced."""
    wanted = _BYTES if way == "word" else _VARINT
    leaves = [field for part in messages for field in part if field.kind == wanted and _is_leaf(field, way)]
    if not leaves:
        return "nothing left"
    field = rng.choice(leaves)
    old = field.value
    words = [leaf.value for leaf in leaves if isinstance(leaf.value, bytes)]
    # A word of the file itself as often as a foreign one: so names stay known but mean another thing.
    field.value = rng.choice(words if words and rng.random() < 0.5 else WORDS) if way == "word" else _number(old, rng)
    field.inner = None
    return f"{way} {_shown(old)} -> {_shown(field.value)}"


def _shown(value: int | bytes) -> str:
    return repr(value[:40]) if isinstance(value, bytes) else str(value)


def _is_leaf(field: Field, way: str) -> bool:
    """A name, or something short that may be one even if it could be read as a message."""
    return way == "number" or (isinstance(field.value, bytes) and 0 < len(field.value) < 200 and field.value.isascii()
                               and field.value.decode().isprintable())  # fmt: skip


def _number(old: int | bytes, rng: Random) -> int:
    return (rng.choice((rng.choice(NUMBERS), rng.randrange(30), int(old) + 1)) if isinstance(old, int) else 0) % (
        1 << 64
    )


def _messages(fields: list[Field]) -> list[list[Field]]:
    found = [fields]
    for field in fields:
        if field.inner is not None:
            found += _messages(field.inner)
    return found


def _read(data: bytes, at: int) -> tuple[int, int]:
    """A varint and what follows it; -1 if it does not end."""
    value = shift = 0
    while at < len(data) and shift < 70:
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value & (1 << 64) - 1, at
        shift += 7
    return 0, -1


def _write(value: int) -> bytes:
    if 0 <= value < 0x80:
        return _SMALL[value]
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
