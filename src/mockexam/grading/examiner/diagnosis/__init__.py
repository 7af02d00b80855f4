"""Why a graded model has no more marks, from its answers alone. Pure NumPy; nothing here gives or takes marks.

A finding is two or three sentences in a learner's words: what was seen, with its figures, and where to look. It does
not say how the question is solved. What it asserts holds for the very answers at hand, and most findings are weighed in
marks, so that a good model with a blemish is left in peace.
"""

from __future__ import annotations

import numpy as np

from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.grading.examiner.diagnosis import class_findings, fit_findings, value_findings
from mockexam.grading.examiner.diagnosis.case import Case, Part

__all__ = ["MOST", "Case", "Part", "findings"]

MOST = 3
"""Findings told at once: more would not be read."""
_FINE = (
    fit_findings.overfitting,
    class_findings.undecided,
    class_findings.never_answered,
    value_findings.fine,
    fit_findings.underfitting,
    class_findings.oversure,
)
"""The weightiest first."""


def findings(case: Case) -> tuple[str, ...]:
    """At most three findings, the weightiest first; with full marks one sentence that says how they were reached."""
    with np.errstate(all="ignore"):  # a wild model's answers may overflow; then no comparison holds
        if case.marks(case.held.value) == MARKS_PER_QUESTION:
            return (fit_findings.full_marks(case),)
        # Answers that are plainly wrong spoil every other figure: then nothing else is said.
        plain = class_findings.plain(case) if case.classifies else value_findings.plain(case)
        found = plain or [told for finder in _FINE if (told := finder(case))]
    return tuple(found[:MOST])
