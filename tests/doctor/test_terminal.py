"""Size and colours of the terminal."""

from __future__ import annotations

import os

import pytest

from mockexam.doctor.machine import assess_terminal


@pytest.mark.parametrize(
    ("size", "environ", "status", "text"),
    [
        ((80, 24), {"TERM": "xterm-256color"}, "ok", "80 x 24, 256 colours"),
        ((140, 40), {"TERM": "xterm", "COLORTERM": "truecolor"}, "ok", "140 x 40, true colours"),
        ((140, 40), {"NO_COLOR": "1", "COLORTERM": "truecolor"}, "ok", "no colours"),
        ((79, 24), {"TERM": "xterm"}, "warn", "small"),
        ((80, 23), {"TERM": "xterm"}, "warn", "small"),
        ((80, 24), {"TERM": "dumb"}, "warn", "can't show the app"),
        (None, {"TERM": "xterm"}, "warn", "none here"),
        (None, {"TERM": "xterm-256color", "TERM_PROGRAM": "textual"}, "ok", "browser"),
    ],
)
def test_the_terminal_is_judged(size: tuple[int, int] | None, environ: dict[str, str], status: str, text: str) -> None:
    """80 x 24 is enough; where the app can't be shown, `--plain` is named."""
    check = assess_terminal(os.terminal_size(size) if size else None, environ)

    assert check.status == status
    assert text in check.text
    assert ("--plain" in check.remedy) == (status != "ok")
