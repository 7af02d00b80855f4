"""A brief must leave nothing to guess: what is saved, how big it may be, by which metric it is graded."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mockexam.authoring.fault import Fault
from mockexam.bank.models import Question
from mockexam.bank.rubric import Metric

NAMES: Mapping[Metric, str] = {
    "accuracy": r"\baccuracy\b",
    "balanced_accuracy": r"\bbalanced[ _]accuracy\b",
    "f1": r"\bf1\b",
    "auc": r"\bauc\b|\barea under\b",
    "mae": r"\bmae\b|\bmean absolute error\b",
    "rmse": r"\brmse\b|\broot[ -]mean[ -]squared?[ -]error\b",
    "huber": r"\bhuber\b",
    "mape": r"\bmape\b|\bmean absolute percentage error\b",
}
"""How a brief may name a metric, as patterns over its text in small letters and single spaces."""


def check_brief(question: Question, metric: Metric) -> list[Fault]:
    """Metric by name, file name and size limit must stand in it; HTML must not."""
    path = question.folder / "brief.md"
    try:
        text = " ".join(path.read_text(encoding="utf-8").lower().replace("**", "").split())
    except (OSError, ValueError) as error:
        return [Fault(question.id, f"The brief can't be read: {error}.", str(path), "Save it as UTF-8.")]
    faults = []
    if not re.search(NAMES[metric], text):
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
