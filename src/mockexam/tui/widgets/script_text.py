"""Scripts and diffs as text: pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from textual.content import Content

from mockexam.review.script_diff import DiffLine
from mockexam.workspace.scripts import ScriptFile

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

MAX_LINES = 2000
"""Maximum number of lines shown of a file."""

_KINDS = {
    "same": (" ", ""),
    "old": ("−", "$text-error"),
    "new": ("+", "$text-success"),
    "gap": ("·", "$muted"),
}


def files_text(files: Sequence[ScriptFile]) -> Content:
    """Each file with line numbers; several files under their names."""
    blocks = []
    for file in files:
        if len(files) > 1:
            blocks.append(Content.styled(f"── {file.name}", "bold $primary"))
        blocks.append(_file(file))
    return Content("\n").join(blocks)


def _file(file: ScriptFile) -> Content:
    from textual.highlight import highlight  # brings the highlighter's library

    lines = clean_lines(file.text)
    shown = lines[:MAX_LINES]
    language = "python" if file.name.endswith(".py") else "json"
    code = highlight("\n".join(shown), language=language).split("\n", allow_blank=True)
    width = len(str(len(shown)))
    rows = [Content.assemble((f"{n:>{width}}  ", "$muted"), line) for n, line in enumerate(code[: len(shown)], 1)]
    more = len(lines) - len(shown)
    if more:
        rows.append(Content.styled(f"… and {more:,} more lines", "$muted"))
    return Content("\n").join(rows)


def clean_lines(text: str) -> list[str]:
    """The lines of a script without control sequences."""
    return [clean(line) for line in text.splitlines()]


def diff_text(lines: Sequence[DiffLine]) -> Content:
    """A diff with the line numbers of both sides and a symbol per line."""
    numbers = [n for line in lines for n in (line.old_line, line.new_line) if n is not None]
    width = len(str(max(numbers, default=1)))
    return Content("\n").join(_diff_line(line, width) for line in lines) if lines else Content("No differences.")


def _diff_line(line: DiffLine, width: int) -> Content:
    sign, tone = _KINDS[line.kind]
    if line.kind == "gap":
        return Content.styled(f"{'·' * width} {'·' * width} {sign} {line.text}", tone)
    numbers = " ".join(f"{'' if n is None else n:>{width}}" for n in (line.old_line, line.new_line))
    return Content.assemble((f"{numbers} ", "$muted"), (f"{sign} ", f"bold {tone}".strip()), (clean(line.text), tone))


def clean(text: str) -> str:
    """Text without terminal control sequences."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text.expandtabs(4)))
