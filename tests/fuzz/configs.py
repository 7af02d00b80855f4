"""Mutations of a model's configuration: JSON as Keras writes it, less and less like it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from tests.fuzz.material import CLASSES, JSON_VALUES, KEYS, MODULES, NEVER

_DEEP = re.compile('"@deep([0-9]+)"')
"""Stands for lists within lists until all else is done: Python could neither copy nor write them."""
Place = tuple[Any, Any]
"""A dict or list, and a key or index in it."""


def mutate(text: bytes | str, rng: Random) -> tuple[str, str, bool]:
    """The changed JSON, how, and whether it names a class that must never get marks."""
    tree = json.loads(text)
    how = [_once(tree, rng) for _ in range(rng.choice((1, 1, 2, 4)))]
    return _DEEP.sub(_nest, json.dumps(tree)), "; ".join(how), _names_never(tree)


def _nest(found: re.Match[str]) -> str:
    depth = int(found.group(1))
    return "[" * depth + "]" * depth


def _once(tree: Any, rng: Random) -> str:
    places = list(_places(tree))
    if not places:
        return "nothing left"
    way = rng.choice(
        ("value", "value", "drop", "type", "class", "class", "module", "key", "twice", "number", "deep", "copy")
    )
    if way in ("class", "module"):
        named = [(holder, key) for holder, key in places if key == ("class_name" if way == "class" else "module")]
        holder, key = rng.choice(named or places)
        return _put(holder, key, rng.choice(CLASSES if way == "class" else MODULES), way)
    if way == "number":
        numbers = [(h, k) for h, k in places if isinstance(h[k], int | float) and not isinstance(h[k], bool)]
        holder, key = rng.choice(numbers or places)
        return _put(holder, key, rng.choice([v for v in JSON_VALUES if isinstance(v, int | float)]), way)
    holder, key = rng.choice(places)
    if way == "drop":
        del holder[key]
        return f"dropped {key!r}"
    if way == "type":
        return _put(holder, key, _other_type(holder[key], rng), way)
    if way == "key" and isinstance(holder, dict):
        return _put(holder, rng.choice(KEYS), copy.deepcopy(rng.choice(JSON_VALUES)), way)
    if way == "twice" and isinstance(holder, list):
        holder.insert(rng.randrange(len(holder) + 1), copy.deepcopy(holder[key]))
        return f"twice entry {key}"
    if way == "deep":
        return _put(holder, key, f"@deep{rng.choice((3, 120, 900, 100_000))}", way)
    if way == "copy":
        other, at = rng.choice(places)
        return _put(holder, key, copy.deepcopy(other[at]), way)
    return _put(holder, key, copy.deepcopy(rng.choice(JSON_VALUES)), "value")


def _put(holder: Any, key: Any, value: Any, way: str) -> str:
    holder[key] = value
    return f"{way} {key!r} = {str(value)[:60]!r}"


def _other_type(value: Any, rng: Random) -> Any:
    return rng.choice((str(value), [value], {"value": value}, None, bool(value), 1.5))


def _places(tree: Any) -> Iterator[Place]:
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in list(inner):
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)


def _names_never(tree: Any) -> bool:
    """Whether a layer (not some setting, which may be unused) is of a class that must never get marks."""
    top = tree.get("config") if isinstance(tree, dict) else None
    found = top.get("layers") if isinstance(top, dict) else None
    for layer in found if isinstance(found, list) else ():
        if isinstance(layer, dict) and str(layer.get("class_name")) in NEVER:
            return True
        if isinstance(layer, dict) and _names_never(layer):
            return True
    return False
