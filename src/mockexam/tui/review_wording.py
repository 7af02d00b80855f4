"""What the review says about attempts: pure functions to words, signs and tones."""

from __future__ import annotations

from collections.abc import Sequence

from mockexam.exam.attempt import Phase
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.exam.standing import CategoryStanding
from mockexam.review.detail import AttemptDetail, SubmissionDetail
from mockexam.text import formats
from mockexam.text.units import time_text

Told = tuple[str, str]
"""Words and their tone."""

STEADY = 0.15
"""Marks gained or lost a meeting, below which a trend is none."""

_VERDICTS: dict[Verdict | None, Told] = {
    None: ("waits", "$text-secondary"),
    Verdict.GRADED: ("marked", "$text-success"),
    Verdict.INVALID_MODEL: ("refused", "$text-error"),
    Verdict.LIMIT_EXCEEDED: ("over limit", "$text-error"),
    Verdict.GRADER_ERROR: ("marker fault", "$text-warning"),
}


def result(outcome: Outcome) -> Told:
    """How an exam ended, or that an attempt has not; nothing for a retry, which neither passes nor fails."""
    if outcome.phase is not Phase.ENDED:
        return outcome.phase.value, "$text-secondary"
    if not policy_of(outcome).has_verdict:
        return "", ""
    return ("pass", "$text-success") if outcome.passed else ("fail", "$text-error")


def used(outcome: Outcome) -> str:
    """The time used, of the time there was."""
    limit = ", untimed" if outcome.duration is None else f" of {time_text(outcome.duration)}"
    return f"{time_text(outcome.time_used)} used{limit}"


def brief_marks(outcome: Outcome, category: str) -> str:
    """The marks in a category: `4`, `4,5` for two questions, `–` for one without marks; empty if it was not asked."""
    marks = [q.marks for q in outcome.questions if q.category == category]
    if len(marks) > 2:
        return f"~{sum(m or 0 for m in marks) / len(marks):.0f}"
    return ",".join("–" if m is None else str(m) for m in marks)


def trend(standing: CategoryStanding) -> Told:
    """Where the recent marks are heading."""
    slope = standing.trend
    if slope is None:
        return "too few", "$muted"
    if slope >= STEADY:
        return "↗ rising", "$text-success"
    return ("↘ falling", "$text-warning") if slope <= -STEADY else ("→ steady", "$muted")


def verdict(submission: SubmissionDetail) -> Told:
    """A submission's verdict; its marks, if it has some."""
    if submission.verdict is Verdict.GRADED:
        return formats.marks(submission.marks), "bold"
    return _VERDICTS[submission.verdict]


def title(outcome: Outcome) -> str:
    """An attempt in a few words."""
    kind = f"Retry of {outcome.questions[0].title}" if policy_of(outcome).single_question else outcome.title
    return f"{kind} · paper {outcome.code} · {formats.minute(outcome.started)}"


def chain(detail: AttemptDetail) -> Told:
    """Whether the record of an attempt is as it was written."""
    if detail.broken_at is None:
        return f"✓ chain of {formats.plural(detail.events, 'event')} intact", "$text-success"
    return f"! altered at event {detail.broken_at}: {detail.broken_reason}", "bold $text-error"


def jumps(detail: AttemptDetail) -> str:
    """How the computer's clock was moved; empty if it was not."""
    moved = [_jump(jump.seconds) for jump in detail.jumps]
    return f"the computer's clock was moved {', '.join(moved)}" if moved else ""


def _jump(seconds: float) -> str:
    return f"{formats.lasting(abs(seconds))} {'forward' if seconds > 0 else 'back'}"


def counts(outcomes: Sequence[Outcome]) -> str:
    """How many attempts there are, and how many exams were passed."""
    exams = [o for o in outcomes if policy_of(o).has_verdict]
    passed = sum(o.passed is True for o in exams)
    retries = len(outcomes) - len(exams)
    words = formats.plural(retries, "retry") if retries == 1 else f"{retries:,} retries"
    return f"{formats.plural(len(exams), 'exam')}, {passed} passed · {words}"
