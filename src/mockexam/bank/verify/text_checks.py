"""Blanks of a skeleton: `<<what belongs here>>`. A question with one left is not finished."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mockexam.bank.metric import METRICS
from mockexam.bank.models import Question
from mockexam.bank.verify.locate import QuestionFault, identifier, question_files

BLANK = re.compile(r"<<([^<>]+)>>")
_TEXT = {".toml", ".md", ".py"}


def check_blanks(folder: Path) -> Iterator[QuestionFault]:
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
            yield QuestionFault(identifier(folder), what, f"{path}, line {line}", f"Write there: {asked}")


def check_brief(question: Question, metric: str) -> list[QuestionFault]:
    """Metric by name, file name and size limit must stand in it; HTML must not."""
    path = question.folder / "brief.md"
    try:
        text = " ".join(path.read_text(encoding="utf-8").lower().replace("**", "").split())
    except (OSError, ValueError) as error:
        return [QuestionFault(question.id, f"The brief can't be read: {error}.", str(path), "Save it as UTF-8.")]
    faults = []
    if not re.search(METRICS[metric].in_brief, text):
        what = f"The brief does not name the metric, {metric}."
        faults.append(QuestionFault(question.id, what, str(path), "Name it under 'How it is graded'."))
    if "mymodel.keras" not in text:
        what = "The brief does not name the file to save, mymodel.keras."
        faults.append(QuestionFault(question.id, what, str(path), "Name it under 'Your model'."))
    limit = f"{question.contract.max_megabytes:g}"
    if not re.search(rf"(?<![\d.,]){re.escape(limit)}(\.0)? ?(mb|megabytes?)\b", text):
        what = f"The brief does not tell the size limit, {limit} MB."
        faults.append(
            QuestionFault(question.id, what, f"{path}, key contract.max_megabytes", f"Write 'at most {limit} MB'.")
        )
    return faults
