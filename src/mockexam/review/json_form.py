"""The JSON form of a dataclass: a pydantic model made of its fields, their types and what is written below them."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from functools import cache, partial, reduce
from itertools import pairwise
from operator import or_
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import AliasPath, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, create_model

VERSION = 1
"""Of all documents. Fields may be added; none changes its meaning while this stays."""

_NAMES = {
    "wall": "at",
    "elapsed": "elapsed_seconds",
    "duration": "duration_seconds",
    "time_used": "time_used_seconds",
    "size": "bytes",
    "percent": "total_percent",
    "pass_mark": "pass_mark_percent",
    "low": "low_percent",
    "high": "high_percent",
    "expected": "expected_percent",
    "outcome": "summary",
}
"""Keys that tell the unit, which in a dataclass its docstring tells."""
_MOMENTS = {"wall", "started", "made"}
"""Seconds since 1970 UTC; in JSON a date and time."""
_TYPES: dict[Any, Any] = {Path: Annotated[str, BeforeValidator(str)]}
"""How a type is written; dataclasses join as their forms are made."""


class Form(BaseModel):
    """A JSON object that is read from the attributes of what it tells of."""

    model_config = ConfigDict(
        from_attributes=True, frozen=True, extra="forbid", json_schema_serialization_defaults_required=True
    )


def form(
    title: str,
    source: type,
    *,
    kind: str = "",
    names: Mapping[str, str] | None = None,
    instead: Mapping[str, Sequence[str]] | None = None,
    types: Mapping[str, Any] | None = None,
) -> type[Form]:
    """The form of a dataclass, and from now on of all that have one in a field.

    `kind` makes it a document of its own. `names` are keys other than the attributes' names. `instead` are the
    attributes told in the place of one, such as `item.number`; none to leave it out. `types` are the types of
    attributes where they differ from the dataclass'.
    """
    made: dict[str, Any] = {"kind": (Literal[kind], kind), "version": (Literal[VERSION], VERSION)} if kind else {}
    keys, instead, types = {**_NAMES, **(names or {})}, instead or {}, types or {}
    for attribute in _hints(source):
        for path in instead.get(attribute, [attribute]):
            owner, name = _owner(source, path)
            hint = types.get(path) or (AwareDatetime if name in _MOMENTS else _written(_hint(owner, name)))
            describe = partial(_describe, owner, name)
            made[keys.get(name, name)] = (
                hint,
                Field(validation_alias=AliasPath(*path.split(".")), json_schema_extra=describe),
            )
    model = create_model(title, __base__=Form, __doc__=source.__doc__, **made)
    _TYPES[source] = model
    return model


_hints = cache(get_type_hints)


def _owner(source: type, path: str) -> tuple[type, str]:
    """The class that an attribute belongs to, and its name there."""
    *way, name = path.split(".")
    for step in way:
        source = _hints(source)[step]
    return source, name


def _hint(owner: type, name: str) -> Any:
    """The type of an attribute."""
    value = getattr(owner, name, None)
    return _hints(value.fget)["return"] if isinstance(value, property) else _hints(owner)[name]


def _written(hint: Any) -> Any:
    """The type with every dataclass in it replaced by its form."""
    if hint in _TYPES:
        return _TYPES[hint]
    assert not is_dataclass(hint), f"{hint} is told before its form is made"
    origin, args = get_origin(hint), get_args(hint)
    if not args or origin is Literal:
        return hint
    parts = [_written(arg) for arg in args]
    return reduce(or_, parts) if origin in {UnionType, Union} else origin[tuple(parts)]


def _describe(owner: type, name: str, schema: dict[str, Any]) -> None:
    """Add what the docstring says of an attribute. It is looked for when a schema is made: it takes the source."""
    value = getattr(owner, name, None)
    doc = (inspect.getdoc(value) if isinstance(value, property) else _docstrings(owner).get(name)) or ""
    doc = re.sub(r"[Ss]econds since 1970 UTC\.?", "", re.sub(r"^None\b", "Null", doc)).replace("None", "null")
    if words := doc.strip(" :"):
        schema["description"] = words


@cache
def _docstrings(source: type) -> dict[str, str]:
    """The docstrings below a dataclass' fields."""
    (tree,) = ast.parse(inspect.getsource(source)).body
    assert isinstance(tree, ast.ClassDef)
    inherited = _docstrings(source.__base__) if is_dataclass(source.__base__) else {}
    return inherited | {
        field.target.id: " ".join(doc.value.value.split())
        for field, doc in pairwise(tree.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant) and isinstance(doc.value.value, str)
    }
