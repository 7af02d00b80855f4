"""Lets this process's own calls to the system fail, where they touch files below one folder."""

from __future__ import annotations

import builtins
import errno
import io
import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from tests.faults.points import POINTS

_BY_PATH = ("open", "rename", "replace", "mkdir", "chmod", "unlink", "rmdir", "link", "stat")
_BY_DESCRIPTOR = ("write", "fsync")
_stat = os.stat


def install(below: Path) -> None:
    """Put every call on a file below this folder through `POINTS`."""
    root = f"{below}{os.sep}"
    for name in _BY_PATH:
        setattr(os, name, _asking(f"os.{name}", getattr(os, name), lambda path: _is_below(path, root)))
    for name in _BY_DESCRIPTOR:
        setattr(os, name, _asking(f"os.{name}", getattr(os, name), lambda one: _is_below(_name_of(one), root)))
    opening = _asking("os.open", io.open, lambda path: _is_below(path, root))
    for module in (io, builtins):
        module.open = opening  # type: ignore[attr-defined]


def _is_below(path: object, root: str) -> bool:
    return isinstance(path, str | os.PathLike) and os.fspath(path).startswith(root)


def _name_of(descriptor: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115  # dear here
    except OSError:
        return ""


def _asking(name: str, really: Callable[..., Any], concerns: Callable[[Any], bool]) -> Callable[..., Any]:
    @wraps(really)
    def asking(first: Any, *rest: Any, **named: Any) -> Any:
        error = POINTS.pass_by(name) if concerns(first) else None
        if error is not None:
            code = getattr(errno, error)
            raise OSError(code, os.strerror(code), str(first))
        return really(first, *rest, **named)

    return asking
