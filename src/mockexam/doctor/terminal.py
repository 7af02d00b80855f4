"""Whether the app fits on this terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from mockexam.doctor.check import Check

COLUMNS, LINES = 80, 24
_PLAIN = "`mockexam sit --plain` needs no full screen."


def check_terminal(environ: Mapping[str, str]) -> Check:
    """Size and colours of the terminal that this process is on."""
    return judge_terminal(_size(), environ)


def judge_terminal(size: os.terminal_size | None, environ: Mapping[str, str]) -> Check:
    """What a terminal of this size (None: there is none) and these variables means for the app."""
    if size is None:
        return Check("terminal", "warn", "there is none here", f"Start the app in a terminal. {_PLAIN}")
    text = f"{size.columns} x {size.lines}, {_colours(environ)}"
    if environ.get("TERM") == "dumb":
        return Check("terminal", "warn", f"{text}: it can't show the app", f"Use another terminal. {_PLAIN}")
    if size.columns < COLUMNS or size.lines < LINES:
        return Check("terminal", "warn", f"{text}: small", f"Enlarge it to {COLUMNS} x {LINES} or more. {_PLAIN}")
    return Check("terminal", "ok", text)


def _size() -> os.terminal_size | None:
    # The app paints on standard error; a pipe on one of the others says nothing about it.
    for stream in (sys.__stderr__, sys.__stdout__, sys.__stdin__):
        try:
            if stream is not None and stream.isatty():
                return os.get_terminal_size(stream.fileno())
        except (OSError, ValueError):
            continue
    return None


def _colours(environ: Mapping[str, str]) -> str:
    if environ.get("NO_COLOR"):
        return "no colours (NO_COLOR is set)"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return "true colours"
    return "256 colours" if "256color" in environ.get("TERM", "") else "few colours"
