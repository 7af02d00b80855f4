"""The submissions of a question, line by line: pure functions from the attempt to words."""

from __future__ import annotations

import time
from dataclasses import dataclass

from textual.content import Content

from mockexam.exam.attempt import AttemptQuestion, Submission
from mockexam.exam.model_format import FORMATS
from mockexam.exam.paper import Counts
from mockexam.exam.policy import Policy, policy_of
from mockexam.exam.scoring import Verdict
from mockexam.session.ports import Snapshot
from mockexam.text.units import metric_text, size_text, time_text
from mockexam.tui.widgets.question_table import cut
from mockexam.tui.wording import STATES, State, marks_text

_LAST = "The last model counts in this exam: received again, it will be this one."
_WIDE = 64
"""With fewer columns the time of day and the size are left out."""


@dataclass(frozen=True, slots=True)
class Row:
    """A submission as it is shown."""

    id: str
    place: int
    """From 1, in the order in which they were received first."""
    clock: str
    """Time of day when its bytes came in last."""
    elapsed: str
    """Time of the attempt when it was received first."""
    size: str
    name: str
    verdict: str
    counts: bool
    scripts: bool
    """Whether some were kept with it."""
    told: str
    """What the verdict said."""
    warning: tuple[str, ...] = ()
    """What putting it back would change."""


def rows_of(question: AttemptQuestion, snapshot: Snapshot) -> tuple[Row, ...]:
    """All submissions of a question, the one that came in last at the top."""
    mine = [s.id for s in snapshot.attempt.submissions if s.number == question.item.number]
    return tuple(_row(s, mine.index(s.id) + 1, question, snapshot) for s in reversed(question.submissions))


def _row(submission: Submission, place: int, question: AttemptQuestion, snapshot: Snapshot) -> Row:
    counts = submission is question.counted
    last_counts = snapshot.attempt.rules.counts is Counts.LAST and not counts
    return Row(
        id=submission.id,
        place=place,
        clock=time.strftime("%H:%M:%S", time.localtime(submission.saved)),
        elapsed=time_text(submission.elapsed),
        size=size_text(submission.received.size),
        name=submission.received.name + ("/" if FORMATS[submission.received.format].is_folder else ""),
        verdict=_verdict(submission, snapshot.grading),
        counts=counts,
        scripts=bool(submission.scripts),
        told=_told(submission, policy_of(snapshot.attempt)),
        warning=(_LAST,) if last_counts else (),
    )


def heading(width: int) -> Content:
    """What the columns are."""
    if width < _WIDE:
        return Content.styled("   # at       marks", "$muted")
    return Content.styled(f"   # {'saved':<10}{'at':<9}{'size':>10}  {'model':<15}marks", "$muted")


def prompt(row: Row, width: int, *, chosen: bool) -> Content:
    """A submission in one line, a sign before the chosen one."""
    facts = f"{row.elapsed:<9}"
    if width >= _WIDE:
        facts = f"{row.clock:<10}{facts}{row.size:>10}  {cut(row.name, 15)}"
    counts = ("  ✓ counts" if row.counts else "", "$text-success")
    sign = ("▸" if chosen else " ", "bold $primary")
    return Content.assemble(sign, (f"{row.place:>3} ", "bold"), (facts, "$muted"), (row.verdict, "bold"), counts)


def _verdict(submission: Submission, grading: str | None) -> str:
    if submission.grading is None:
        return State.GRADING if submission.id == grading else State.RECEIVED
    if submission.grading.verdict is Verdict.GRADED:
        return marks_text(submission.marks)
    return STATES[submission.grading.verdict]


def _told(submission: Submission, policy: Policy) -> str:
    grading = submission.grading
    parts = [] if submission.scripts else ["No script was kept with it."]
    if grading is not None:
        parts += [text for text in (grading.message, grading.remedy) if text]
        if policy.shows_metric_at_once and grading.metric is not None and grading.value is not None:
            parts.insert(0, metric_text(grading.metric, grading.value, grading.next_at) + ".")
    if policy.runs_diagnosis and submission.diagnosis is not None:
        parts += submission.diagnosis.findings
    return " ".join(parts)
