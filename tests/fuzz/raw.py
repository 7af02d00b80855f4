"""Mutations that know nothing of a format: they change bytes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.fuzz.material import NUMBERS


def flip(data: bytearray, rng: Random) -> str:
    """Turn one to eight bits over."""
    places = [rng.randrange(len(data) * 8) for _ in range(rng.choice((1, 1, 1, 2, 8)))]
    for place in places:
        data[place // 8] ^= 1 << place % 8
    return f"bits {places}"


def overwrite(data: bytearray, rng: Random) -> str:
    """Put chance, zeros or ones over a stretch."""
    start, length = rng.randrange(len(data)), rng.choice((1, 2, 4, 8, 64, 512))
    length = min(length, len(data) - start)
    fill = rng.choice((b"\x00" * length, b"\xff" * length, rng.randbytes(length)))
    data[start : start + length] = fill
    return f"{length} bytes at {start}"


def cut(data: bytearray, rng: Random) -> str:
    """Lose the end, the beginning or a stretch within."""
    start, length = rng.randrange(len(data)), rng.choice((1, 4, 100, len(data)))
    del data[start : start + length]
    return f"cut {length} at {start}"


def repeat(data: bytearray, rng: Random) -> str:
    """Have a stretch twice."""
    start, length = rng.randrange(len(data)), rng.choice((1, 8, 100, 1000))
    data[start:start] = data[start : start + length]
    return f"twice {length} at {start}"


def swap(data: bytearray, rng: Random) -> str:
    """Copy a stretch over another."""
    source, target, length = rng.randrange(len(data)), rng.randrange(len(data)), rng.choice((1, 8, 64, 512))
    length = min(length, len(data) - source, len(data) - target)
    data[target : target + length] = data[source : source + length]
    return f"{length} from {source} to {target}"


def number(data: bytearray, rng: Random) -> str:
    """Put a number of note where a length might stand: one to eight bytes, little-endian as in all three formats."""
    width = rng.choice((1, 2, 4, 8))
    start = rng.randrange(max(1, len(data) - width))
    value = rng.choice(NUMBERS) % (1 << 8 * width)
    data[start : start + width] = value.to_bytes(width, "little")
    return f"{value} of {width} bytes at {start}"


def longer(data: bytearray, rng: Random) -> str:
    """Add bytes before or behind."""
    more = rng.choice((b"\x00", b"PK\x05\x06", b"\x89HDF\r\n\x1a\n", rng.randbytes(100)))
    if rng.random() < 0.5:
        data.extend(more)
        return f"{len(more)} bytes behind"
    data[:0] = more
    return f"{len(more)} bytes before"


WAYS: tuple[Callable[[bytearray, Random], str], ...] = (
    flip,
    flip,
    overwrite,
    cut,
    repeat,
    swap,
    number,
    number,
    longer,
)


def mutate(data: bytes, rng: Random, *, within: tuple[int, int] | None = None) -> tuple[bytes, str]:
    """Changed bytes and how; `within` keeps the change to a stretch of them."""
    start, end = within or (0, len(data))
    part = bytearray(data[start:end]) or bytearray(1)
    way = rng.choice(WAYS)
    how = way(part, rng)
    return data[:start] + bytes(part) + data[end:], f"{way.__name__}: {how}" + (f" after {start}" if start else "")
