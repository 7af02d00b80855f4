"""`mockexam bank new`: a skeleton of a question, for authors."""

from __future__ import annotations

import json
from pathlib import Path

from mockexam import paths
from mockexam.errors import ToldError


def new(name: str, *, into: Path | None, as_json: bool) -> str:
    """Make the folders and tell where they are. Raises ToldError."""
    from mockexam.authoring.new import new_question

    bank = into.expanduser().absolute() if into else paths.exams_dir().parent
    if into is None and bank.name == "_bank":
        raise ToldError(
            "This mockexam is installed, and its bank would be lost with the next update.",
            where=str(bank),
            remedy="Name the folder of your own questions: --into FOLDER.",
        )
    exams, scoring = new_question(bank, name)
    if as_json:
        return json.dumps({"question": name, "exams": str(exams), "scoring": str(scoring)})
    prefix = f"{paths.BANK_VARIABLE}={bank} " if into else ""
    return "\n".join(
        [
            f"{exams}",
            f"{scoring}",
            "Fill in the blanks, <<like this>>; docs/questions.md says how. Then:",
            f"  {prefix}mockexam bank verify --static {name}",
            f"  {prefix}mockexam bank verify {name}",
        ]
    )
