"""What one look at the machine found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "warn", "fail"]
"""`warn`: an exam can be sat, with something worth knowing. `fail`: it can't."""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding, in words for the candidate."""

    name: str
    """What was looked at, for example `memory`."""
    status: Status
    text: str
    """What was found."""
    remedy: str = ""
    """What to do about it; empty if nothing needs doing."""
