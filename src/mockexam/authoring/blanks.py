"""Blanks of a skeleton: `<<what belongs here>>`. A question with one left is not finished."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mockexam.authoring.fault import Fault
from mockexam.authoring.finding import identifier
from mockexam.authoring.places import question_files

BLANK = re.compile(r"<<([^<>]+)>>")
_TEXT = {".toml", ".md", ".py"}


def check_blanks(folder: Path) -> Iterator[Fault]:
    """One fault for each file that still has a blank, at its first."""
    for _, path in question_files(folder):
        if path.suffix not in _TEXT:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        blanks = list(BLANK.finditer(text))
        if blanks:
            line = text.count("\n", 0, blanks[0].start()) + 1
            asked = " ".join(blanks[0][1].split())
            what = f"{len(blanks)} blank{'s are' if len(blanks) > 1 else ' is'} left to fill in."
            yield Fault(identifier(folder), what, f"{path}, line {line}", f"Write there: {asked}")
