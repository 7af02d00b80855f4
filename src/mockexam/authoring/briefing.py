"""A brief must leave nothing to guess: what is saved, how big it may be, by which metric it is graded."""

from __future__ import annotations

import re

from mockexam.authoring.fault import Fault
from mockexam.bank.metric import METRICS
from mockexam.bank.models import Question


def check_brief(question: Question, metric: str) -> list[Fault]:
    """Metric by name, file name and size limit must stand in it; HTML must not."""
    path = question.folder / "brief.md"
    try:
        text = " ".join(path.read_text(encoding="utf-8").lower().replace("**", "").split())
    except (OSError, ValueError) as error:
        return [Fault(question.id, f"The brief can't be read: {error}.", str(path), "Save it as UTF-8.")]
    faults = []
    if not re.search(METRICS[metric].in_brief, text):
        what = f"The brief does not name the metric, {metric}."
        faults.append(Fault(question.id, what, str(path), "Name it under 'How it is graded'."))
    if "mymodel.keras" not in text:
        what = "The brief does not name the file to save, mymodel.keras."
        faults.append(Fault(question.id, what, str(path), "Name it under 'Your model'."))
    limit = f"{question.contract.max_megabytes:g}"
    if not re.search(rf"(?<![\d.,]){re.escape(limit)}(\.0)? ?(mb|megabytes?)\b", text):
        what = f"The brief does not tell the size limit, {limit} MB."
        faults.append(Fault(question.id, what, f"{path}, key contract.max_megabytes", f"Write 'at most {limit} MB'."))
    return faults
