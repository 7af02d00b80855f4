"""Foreign JSON as our dataclasses: every field of its type, none missing, none more, no harmful text."""

from __future__ import annotations

import json
import math
import re
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")

_LARGEST = 2**53
"""Whole numbers beyond it are not the same in every program that reads JSON."""
_LONGEST = 1_000_000
"""Characters of a text."""
_HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but tab and line end, which could move a terminal's cursor, and halves of characters."""


def parse(text: bytes) -> Any:
    """The value of a JSON text. Raises ValueError, also for a repeated key, too deep nesting, and what is harmful."""
    try:
        value = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
        _check(value)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    return value


def read(kind: type[T], text: bytes) -> T:
    """A dataclass, with all in it, from a JSON text; defaults may be missing. Raises ValueError naming the field."""
    from pydantic import ValidationError  # slow to import, and no part of the record itself

    parse(text)
    adapter: TypeAdapter[T] = _adapter(kind)  # type: ignore[arg-type]  # mypy takes a class for unhashable
    try:
        return adapter.validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise ValueError(f"{'.'.join((kind.__name__, *map(str, first['loc'])))}: {first['msg']}") from None


@cache
def _adapter(kind: type[T]) -> TypeAdapter[T]:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def _check(value: Any) -> None:
    """Raise ValueError for numbers that are none or too large, and for text that is too long or harmful."""
    match value:
        case str():
            fits = len(value) <= _LONGEST and not _HARMFUL.search(value)
        case int():
            fits = abs(value) <= _LARGEST
        case float():
            fits = math.isfinite(value)
        case _:
            fits = True
    if not fits:
        raise ValueError(f"this does not fit: {str(value)[:60]!r}")
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check(part)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is repeated")
    for key in found:
        _check(key)
    return found
