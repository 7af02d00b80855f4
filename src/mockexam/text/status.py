"""Where an attempt stands or how it ended, as JSON-ready data and as text."""

from __future__ import annotations

import os
from typing import Any

from mockexam.exam.attempt import Attempt, AttemptQuestion, Phase
from mockexam.exam.clock import Reading
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.text import formats
from mockexam.text.event_text import missed_text
from mockexam.text.units import metric_text, time_text


def percent(attempt: Attempt) -> float:
    """The weighted total in per cent, cut (not rounded up) to one decimal, so that 89.96 never reads as 90."""
    return int(attempt.total * 1000) / 10


def as_data(attempt: Attempt, now: Reading, receipt: str | None = None) -> dict[str, Any]:
    """The attempt as JSON-ready data; with metrics where the mode shows them at once."""
    remaining = attempt.clock.remaining(now) if attempt.phase is Phase.RUNNING else 0.0
    return {
        "attempt": attempt.id,
        "mode": attempt.mode.value,
        "exam": attempt.rules.exam,
        "title": attempt.rules.title,
        "code": attempt.paper.code,
        "repeat": attempt.repeat,
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
        "questions": [_question(attempt, q) for q in attempt.questions],
        "not_received": [
            {"number": missed.number, "name": missed.name, "reason": missed.reason} for missed in attempt.not_received
        ],
    }


def _question(attempt: Attempt, question: AttemptQuestion) -> dict[str, Any]:
    item = question.item
    data = {
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
    if policy_of(attempt).shows_metric_at_once:
        from mockexam.exam.outcome import time_spent  # slow to import, and the status of an exam shows no times

        grading = question.counted.grading if question.counted else None
        data |= {
            "metric": grading.metric if grading else None,
            "value": grading.value if grading else None,
            "next_at": grading.next_at if grading else None,
            "hints": attempt.hints(item.number),
            "seconds": round(time_spent(attempt.work_events).get(item.number, 0.0), 1),
        }
    return data


def status_line(attempt: Attempt, now: Reading) -> str:
    """One line for a prompt or a status bar."""
    parts = [_time_part(attempt, now)]
    if policy_of(attempt).has_verdict:
        graded = sum(q.marks is not None for q in attempt.questions)
        parts.append(f"{percent(attempt):g} % so far, pass at {attempt.rules.pass_mark} %")
        parts.append(f"{graded} of {len(attempt.questions)} questions graded")
    else:
        parts += [formats.marks(q.marks) for q in attempt.questions]
    if waiting := len(attempt.waiting):
        parts.append(f"{waiting} waiting to be graded")
    if hints := sum(attempt.hints(q.item.number) for q in attempt.questions):
        parts.append(f"{formats.plural(hints, 'hint')} used")
    return " · ".join(parts)


def title_text(attempt: Attempt, remaining: float | None) -> str:
    """The time left (`remaining`, in seconds) and the marks so far, for a title or a prompt: `4 h 12 min · 46 %`."""
    has_total = policy_of(attempt).has_verdict
    marks = f"{int(percent(attempt))} %" if has_total else formats.marks(attempt.questions[0].marks)
    match attempt.phase:
        case Phase.RUNNING if remaining is None:
            return marks
        case Phase.RUNNING:
            return f"{_time_left(remaining or 0.0)} · {marks}"
        case Phase.GRADING:
            return f"grading · {marks}"
        case _:
            return marks


def _time_left(seconds: float) -> str:
    """Whole minutes with their unit, rounded down as on a clock; with a colon alone they would read as seconds."""
    whole = int(-(-seconds // 1))
    hours, minutes = whole // 3600, whole // 60 % 60
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min" if minutes else f"{whole} s"


def folder_lines(attempt: Attempt) -> list[str]:
    """A line for each question with its folder's path; none once nothing is received any more."""
    if attempt.phase is not Phase.RUNNING:
        return []
    return [f"Q{item.number} {os.path.join(attempt.workspace, item.folder)}" for item in attempt.paper.items]


def _time_part(attempt: Attempt, now: Reading) -> str:
    match attempt.phase:
        case Phase.RUNNING if attempt.rules.duration is None:
            return "untimed"
        case Phase.RUNNING:
            return f"{time_text(attempt.clock.remaining(now))} left"
        case Phase.GRADING:
            return "finished, still grading"
        case _:
            return "ended"


def result_text(attempt: Attempt, now: Reading, receipt: str | None) -> str:
    """The summary at the end: result, time, receipt; after a retry also the next steps."""
    exam = policy_of(attempt).has_verdict
    lines = _exam_result(attempt) if exam else _retry_result(attempt)
    lines += [f"  not received: {missed_text(m.number, m.name, m.reason)}" for m in attempt.not_received]
    paper = formats.paper(attempt.paper.code, repeat=attempt.repeat)
    lines.append(f"  time used {formats.at(attempt.time_used(now))} · {paper} · attempt {attempt.id}")
    if receipt:
        lines.append(f"  receipt {receipt}")
    return "\n".join(lines if exam else [*lines, *_next_steps(attempt)])


def _exam_result(attempt: Attempt) -> list[str]:
    rows = [
        f"  {q.item.number:>2}  {q.item.title[:32]:<32}  {formats.marks(q.marks)}  ×{q.item.weight}  = "
        f"{q.item.weight * (q.marks or 0):>3} of {q.item.weight * MARKS_PER_QUESTION}"
        for q in attempt.questions
    ]
    verdict = "PASS" if attempt.passed else "FAIL"
    weighted = f"{attempt.earned} of {attempt.possible} weighted marks"
    return [f"{verdict}: {percent(attempt):g} % ({weighted}), pass mark {attempt.rules.pass_mark} %", *rows]


def _retry_result(attempt: Attempt) -> list[str]:
    """Marks, metric and effort; a single question has no pass mark."""
    from mockexam.exam.outcome import time_spent

    spent = time_spent(attempt.work_events)
    lines = [attempt.rules.title]
    for question in attempt.questions:
        item, grading = question.item, question.counted.grading if question.counted else None
        lines.append(f"  {item.number:>2}  {item.title}  {formats.marks(question.marks)}")
        if grading and grading.metric is not None and grading.value is not None:
            lines[-1] += f" · {metric_text(formats.metric(grading.metric), grading.value, grading.next_at)}"
        worked = formats.at(spent.get(item.number, 0.0))
        lines.append(
            f"      submissions {len(question.submissions)} · hints used {attempt.hints(item.number)} · worked {worked}"
        )
    return lines


def _next_steps(attempt: Attempt) -> list[str]:
    """The commands that show what to learn from a retry."""
    steps = [("mockexam review last", "bands, reference solution and all submissions")]
    shown = [q.counted or q.submissions[-1] for q in attempt.questions if q.submissions]
    steps += [(f"mockexam review diff last {s.id}", "your script compared with the reference") for s in shown]
    categories = [q.item.category for q in attempt.questions]
    steps += [(f"mockexam retry {category}", "again, with new data") for category in categories]
    width = max(len(command) for command, _ in steps)
    return ["next:", *(f"  {command:<{width}}  {what}" for command, what in steps)]
