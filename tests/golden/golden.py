"""Compares what is shown with the golden files in `expected/`, or rewrites them where that is asked for."""

from __future__ import annotations

import difflib
import json
import os
import re
from pathlib import Path
from typing import Any

import mockexam

HERE = Path(__file__).parent
EXPECTED = HERE / "expected"
UPDATE = "MOCKEXAM_UPDATE_GOLDENS"
"""Environment variable; with any value the golden files are rewritten in place of being compared."""
_LONG_VALUE = re.compile(r'"([^"\n]{400,})"')
_RECORD_SIZE = re.compile(r"\brecord [\d.]+ [kM]B")
"""Of the database, which may get another layout."""
_SHOWN = 200
"""Lines of a difference."""


def check_text(name: str, text: str) -> None:
    """`text` is, line by line, what `expected/<name>` holds."""
    _check(name, text if text.endswith("\n") else text + "\n")


def check_json(name: str, values: Any) -> None:
    """The values and the order of their keys are those of `expected/<name>`."""
    _check(name, json.dumps(_rounded(values), indent=1, ensure_ascii=False) + "\n")


def check_html(name: str, page: str, style: str) -> None:
    """As text, the style by itself; of a drawing's long path only the beginning and the length count."""
    before, opened, rest = page.partition("<style>")
    css, closed, after = rest.partition("</style>")
    assert "<style>" not in after
    check_text(style, css)
    shown = f"{before}{opened}{style}{closed}{after}"
    check_text(name, _LONG_VALUE.sub(lambda m: f'"{m[1][:120]}… ({len(m[1])} characters)"', shown))


def _rounded(values: Any) -> Any:
    """Floats to nine digits: the last ones depend on the machine's mathematics."""
    if isinstance(values, dict):
        return {key: _rounded(value) for key, value in values.items()}
    if isinstance(values, list):
        return [_rounded(value) for value in values]
    return float(f"{values:.9g}") if isinstance(values, float) else values


def _check(name: str, shown: str) -> None:
    path = EXPECTED / name
    if os.environ.get(UPDATE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(shown, encoding="utf-8")
        return
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    if shown == expected:
        return
    lines = list(
        difflib.unified_diff(expected.splitlines(), shown.splitlines(), f"expected/{name}", "shown now", lineterm="")
    )
    more = [f"… and {len(lines) - _SHOWN} more lines"] if len(lines) > _SHOWN else []
    difference = "\n".join([*lines[:_SHOWN], *more])
    raise AssertionError(f"{difference}\n\nIf this is meant: {UPDATE}=1 python -m pytest tests/golden, and commit it.")


def normal(text: str, **places: Path | str) -> str:
    """`text` without what differs from machine to machine; `places` are paths or words by what stands for them."""
    for word, place in sorted(places.items(), key=lambda pair: -len(str(pair[1]))):
        text = text.replace(str(place), f"<{word}>")
    text = text.replace(f"mockexam {mockexam.__version__}", "mockexam <version>")
    return _RECORD_SIZE.sub("record <size>", text)
