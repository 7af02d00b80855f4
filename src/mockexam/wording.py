"""Sizes and times as people read them."""

from __future__ import annotations


def size_text(size: int) -> str:
    """A number of bytes for people: `1.2 MB`, in powers of ten."""
    for unit, factor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def time_text(seconds: float | None) -> str:
    """Seconds left as `4:12:09`; a begun second counts as left. `untimed` for None."""
    if seconds is None:
        return "untimed"
    whole = int(-(-seconds // 1))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"
