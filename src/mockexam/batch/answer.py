"""What a worker answers is a text from elsewhere: here it becomes a verdict, or a fault."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import ValidationError

from mockexam.batch.item import Fault
from mockexam.batch.result import Verdicted, as_text
from mockexam.exam.marking import Verdict

MAX_ANSWER = 100_000


def read_answer(text: object, versions: Mapping[str, str]) -> Verdicted | Fault:
    """The verdict in an answer; a fault if it is none, or was reached by other libraries than these `versions`."""
    if not isinstance(text, str) or len(text) > MAX_ANSWER:
        return Fault("A worker answered what is no answer.")
    try:
        fields = json.loads(text)
        if "fault" in fields:
            return _fault(fields["fault"])
        verdict = Verdicted.model_validate(fields["marked"])
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        return Fault("A worker answered what is no answer.")
    if verdict.verdict is Verdict.GRADER_ERROR:
        return Fault(verdict.message or "The marker failed.", remedy=verdict.remedy)
    for name, here in versions.items():
        there = verdict.versions.get(name, here)
        if there != here:
            return Fault(
                f"A worker has {name} {as_text(there)[:40]}, this machine {here}: marks could differ.",
                remedy="Install the same versions on all machines.",
            )
    return verdict


def _fault(fields: Mapping[str, object]) -> Fault:
    what, where, remedy = (as_text(str(fields.get(part, "")))[:2000] for part in ("what", "where", "remedy"))
    return Fault(what or "The worker failed.", where, remedy)
