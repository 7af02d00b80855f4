"""The metrics of rubrics. To add one: an entry here, its formula in `grading/examiner/metrics.py`, and a test of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric, apart from its formula."""

    id: str  # its name in rubrics and records, and of the function that computes it
    compares: Literal["classes", "scores", "values"]
    """What of a prediction it compares: the class, the score of class 1, or the numbers themselves."""
    label: str  # for a table
    name: str = ""  # in full, if the label is an abbreviation
    pattern: str = ""  # a regular expression for other spellings in a brief, in lower case and single spaces
    larger_is_better: bool = True

    @property
    def in_full(self) -> str:
        """For a sentence: `accuracy`, `mean absolute error (MAE)`."""
        return f"{self.name} ({self.label})" if self.name else self.label

    @property
    def in_brief(self) -> str:
        """A regular expression that finds it in a brief, in lower case and single spaces."""
        return "|".join(rf"\b(?:{way})\b" for way in (self.label.lower(), self.pattern or self.name) if way)


METRICS: dict[str, Metric] = {
    metric.id: metric
    for metric in (
        Metric("accuracy", "classes", "accuracy"),
        Metric("balanced_accuracy", "classes", "balanced accuracy", pattern="balanced_accuracy"),
        Metric("f1", "classes", "F1"),
        Metric("auc", "scores", "AUC", pattern="area under"),
        Metric("mae", "values", "MAE", "mean absolute error", larger_is_better=False),
        Metric(
            "rmse", "values", "RMSE", "root mean squared error", "root[ -]mean[ -]squared?[ -]error",
            larger_is_better=False,
        ),
        Metric("huber", "values", "huber", larger_is_better=False),
        Metric("mape", "values", "MAPE", "mean absolute percentage error", larger_is_better=False),
    )
}  # fmt: skip
"""By id."""


def metric_of(name: str) -> Metric:
    """The metric of this id; for an unknown one, as in an old record, its id in words."""
    return METRICS.get(name) or Metric(name, "values", name.replace("_", " "))
