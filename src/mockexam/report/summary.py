"""Where an attempt stands or how it ended, as JSON-ready data and as text."""

from __future__ import annotations

from typing import Any

from mockexam.exam.attempt import Attempt, Phase, Question
from mockexam.exam.clock import Reading
from mockexam.exam.marking import MARKS_PER_QUESTION
from mockexam.wording import time_text


def percent(attempt: Attempt) -> float:
    """The weighted total in per cent, cut (not rounded up) to one decimal, so that 89.96 never reads as 90."""
    return int(attempt.total * 1000) / 10


def as_data(attempt: Attempt, now: Reading, receipt: str | None = None) -> dict[str, Any]:
    """The attempt as JSON-ready data. Metrics are left out: an exam does not tell them while it lasts."""
    remaining = attempt.clock.remaining(now) if attempt.phase is Phase.RUNNING else 0.0
    return {
        "attempt": attempt.id,
        "mode": attempt.mode.value,
        "exam": attempt.rules.exam,
        "title": attempt.rules.title,
        "code": attempt.paper.code,
        "phase": attempt.phase.value,
        "remaining_seconds": None if remaining is None else round(remaining, 1),
        "time_used_seconds": round(attempt.time_used(now), 1),
        "total_percent": percent(attempt),
        "earned": attempt.earned,
        "possible": attempt.possible,
        "pass_mark_percent": attempt.rules.pass_mark,
        "would_pass": attempt.passed,
        "passed": attempt.settled.passed if attempt.settled else None,
        "receipt": receipt,
        "workspace": attempt.workspace,
        "questions": [_question(q) for q in attempt.questions],
    }


def _question(question: Question) -> dict[str, Any]:
    item = question.item
    return {
        "number": item.number,
        "question": item.question,
        "category": item.category,
        "title": item.title,
        "weight": item.weight,
        "marks": question.marks,
        "submissions": len(question.submissions),
        "waiting": question.waiting,
        "folder": item.folder,
    }


def status_line(attempt: Attempt, now: Reading) -> str:
    """One line for a prompt or a status bar."""
    marked = sum(q.marks is not None for q in attempt.questions)
    waiting = len(attempt.waiting)
    parts = [_time_part(attempt, now), f"{percent(attempt):g} % so far, pass at {attempt.rules.pass_mark} %"]
    parts.append(f"{marked} of {len(attempt.questions)} questions marked")
    if waiting:
        parts.append(f"{waiting} waiting to be marked")
    return " · ".join(parts)


def _time_part(attempt: Attempt, now: Reading) -> str:
    match attempt.phase:
        case Phase.RUNNING if attempt.rules.duration is None:
            return "untimed"
        case Phase.RUNNING:
            return f"{time_text(attempt.clock.remaining(now))} left"
        case Phase.MARKING:
            return "finished, still marking"
        case _:
            return "ended"


def result_text(attempt: Attempt, now: Reading, receipt: str | None) -> str:
    """The summary at the end: pass or fail, total, marks and weights, receipt."""
    rows = [
        f"  {q.item.number:>2}  {q.item.title[:32]:<32}  {_marks(q)}  ×{q.item.weight}  = "
        f"{q.item.weight * (q.marks or 0):>3} of {q.item.weight * MARKS_PER_QUESTION}"
        for q in attempt.questions
    ]
    verdict = "PASS" if attempt.passed else "FAIL"
    weighted = f"{attempt.earned} of {attempt.possible} weighted marks"
    lines = [
        f"{verdict}: {percent(attempt):g} % ({weighted}), the pass mark is {attempt.rules.pass_mark} %",
        *rows,
        f"  time used {time_text(attempt.time_used(now))} · paper {attempt.paper.code} · attempt {attempt.id}",
    ]
    if receipt:
        lines.append(f"  receipt {receipt}")
    return "\n".join(lines)


def _marks(question: Question) -> str:
    return "–/5" if question.marks is None else f"{question.marks}/{MARKS_PER_QUESTION}"
