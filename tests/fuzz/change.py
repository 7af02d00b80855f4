"""What a mutation made of a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """Changed bytes."""

    data: bytes
    how: str
    never: bool = False
    """It asks for something that must not get marks, whatever Keras thinks of it."""
