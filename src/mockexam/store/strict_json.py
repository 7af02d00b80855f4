"""Foreign JSON as our dataclasses: every field of its type, none missing, none more, no harmful text."""

from __future__ import annotations

import json
import math
import re
import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]
"""Converts a value of parsed JSON. Raises ValueError."""

_LARGEST = 2**53
"""Whole numbers beyond it are not the same in every program that reads JSON."""
_LONGEST = 1_000_000
"""Characters of a text."""
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and line end, which could move a terminal's cursor, and halves of characters."""


def parse(text: bytes) -> Any:
    """The value of a JSON text. Raises ValueError, also for NaN, a repeated key and too deep nesting."""

    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is not a number")

    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=_unique, parse_constant=refuse)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read(kind: type[T], value: object) -> T:
    """A dataclass, with all in it, from parsed JSON; defaults may be missing. Raises ValueError naming the field."""
    reader: Reader = _reader(kind)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    return reader(value)  # type: ignore[no-any-return]


@cache
def _reader(hint: Any) -> Reader:
    """What reads a value of this type."""
    if is_dataclass(hint):
        return _of_dataclass(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _of_any([_reader(one) for one in inner])
    if origin is Literal:
        return lambda value: _expect(value in inner, value)
    if origin is tuple and inner[1:] == (...,):
        one = _reader(inner[0])
        return lambda value: tuple(one(v) for v in _expect(isinstance(value, list), value))
    if origin is dict:
        key, each = _reader(inner[0]), _reader(inner[1])
        return lambda value: {key(k): each(v) for k, v in _expect(isinstance(value, dict), value).items()}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return lambda value: hint(_expect(isinstance(value, str), value))
    fits = _FITS[hint]
    return lambda value: _expect(fits(value), value)


def _of_dataclass(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}
    needed = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def of_dataclass(value: Any) -> Any:
        if not isinstance(value, dict) or not needed <= value.keys() <= readers.keys():
            raise ValueError(f"{kind.__name__} has missing or unknown fields")
        found = {}
        for name, one in value.items():
            try:
                found[name] = readers[name](one)
            except ValueError as error:
                raise ValueError(f"{kind.__name__}.{name}: {error}") from None
        return kind(**found)

    return of_dataclass


def _of_any(readers: list[Reader]) -> Reader:
    def of_any(value: Any) -> Any:
        for reader in readers:
            try:
                return reader(value)
            except ValueError:
                continue
        return _expect(False, value)

    return of_any


_FITS: dict[Any, Callable[[Any], bool]] = {
    int: lambda value: type(value) is int and abs(value) <= _LARGEST,
    # A whole number too: JSON that other programs write does not tell them apart.
    float: lambda value: (type(value) is float and math.isfinite(value)) or type(value) is int,
    str: lambda value: isinstance(value, str) and len(value) <= _LONGEST and not _HARMFUL.search(value),
    bool: lambda value: isinstance(value, bool),
    types.NoneType: lambda value: value is None,
}


def _expect(fits: bool, value: Any) -> Any:
    if not fits:
        raise ValueError(f"this does not fit: {str(value)[:60]!r}")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated")
    return found
