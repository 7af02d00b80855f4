"""What the home screen says of past attempts. Apart from it, since the first frame must not wait for its imports."""

from __future__ import annotations

import time

from textual.content import Content

from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.review.history_text import total_text
from mockexam.review.selection import Overview
from mockexam.text import formats
from mockexam.tui.labels import result

_DAY = 86400.0


def overview_content(overview: Overview) -> Content:
    """The last result, the weakest category and the next step, a line each."""
    rows = []
    if overview.last is not None:
        rows.append(("   ", "Last result", _last(overview)))
    if overview.weakest is not None and overview.next_step == "retry":
        mean = overview.weakest.mean
        known = "not tried yet" if mean is None else f"recent average {mean:.1f} of {MARKS_PER_QUESTION}"
        rows.append(("   ", "Weakest", Content(f"{formats.category(overview.weakest.category)} · {known}")))
    rows.append((" n ", "Next step", Content(_step(overview))))
    return Content("\n").join(
        Content.assemble((key, "bold $primary"), (f"{name:<17}", "bold" if key.strip() else "$muted"), text)
        for key, name, text in rows
    )


def _last(overview: Overview) -> Content:
    last = overview.last
    assert last is not None
    words, tone = result(last)
    title = f"retry of {last.questions[0].title}" if policy_of(last).single_question else last.title
    ago = formats.ago(max(0.0, time.time() - last.started) / _DAY)
    total = (total_text(last), "bold")
    return Content.assemble((f"{words} " if words else "", f"bold {tone}".strip()), total, f" · {title} · {ago}")


def _step(overview: Overview) -> str:
    match overview.next_step:
        case "retry" if overview.weakest is not None:
            return f"Retry {formats.category(overview.weakest.category)}"
        case "start":
            return "Start an exam: each category has 4 of 5 or more"
        case _:
            return "Check this machine, then start an exam"
