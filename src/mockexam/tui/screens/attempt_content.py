"""The texts of the attempt screen: pure functions from the detail to text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.review.detail import AttemptDetail, MissedFile, QuestionDetail
from mockexam.review.history_text import total_text
from mockexam.text import formats
from mockexam.text.units import metric_text, number_text, time_text
from mockexam.tui.labels import STATES, QuestionRow, State, Toned, category_word, result
from mockexam.tui.widgets.mark_charts import band_scale

if TYPE_CHECKING:
    from mockexam.session.regrade import RegradeChange


def header(detail: AttemptDetail) -> Content:
    """The result; time and integrity; receipt; clock jumps."""
    outcome = detail.outcome
    words, tone = result(outcome)
    first = [(f"{words.upper()} " if words else "", f"bold {tone}".strip()), (total_text(outcome), "bold")]
    if policy_of(outcome).has_verdict:
        first.append((f"  {outcome.earned} of {outcome.possible} weighted marks", "$muted"))
        first.append((f", pass mark {outcome.pass_mark} %", "$muted"))
    else:
        first.append((f" marks, {formats.plural(outcome.submissions, 'submission')}", "$muted"))
    limit = ", untimed" if outcome.duration is None else f" of {time_text(outcome.duration)}"
    chain: Toned = (f"✓ record intact ({formats.plural(detail.events, 'event')})", "$text-success")
    if detail.broken_at is not None:
        chain = (f"! altered at event {detail.broken_at}: {detail.broken_reason}", "bold $text-error")
    used = (f"{formats.at(outcome.time_used)} used{limit} · ", "$muted")
    lines = [Content.assemble(*first), Content.assemble(used, chain)]
    if outcome.receipt:
        lines.append(Content.styled(f"receipt {outcome.receipt}", "$muted"))
    if detail.not_received:
        names = (f"{'' if m.number is None else f'Q{m.number} '}{m.name}" for m in detail.not_received)
        lines.append(Content.styled(f"! not received: {', '.join(names)}", "$text-warning"))
    moved = [
        f"{formats.lasting(abs(jump.seconds))} {'forward' if jump.seconds > 0 else 'back'}" for jump in detail.jumps
    ]
    if moved:
        lines.append(Content.styled(f"! the computer's clock was moved {', '.join(moved)}", "$text-warning"))
    return Content("\n").join(lines)


def question_row(question: QuestionDetail) -> QuestionRow:
    """A row of the question table."""
    newest = question.submissions[-1] if question.submissions else None
    state = State.NONE
    if newest is not None:
        state = State.RECEIVED if newest.verdict is None else STATES[newest.verdict]
    item = question.item
    return QuestionRow(
        item.number, item.title, category_word(item.category), item.weight, question.marks,
        State.GRADED if question.marks is not None else state,
    )  # fmt: skip


def question_text(question: QuestionDetail, width: int, missed: Sequence[MissedFile] = ()) -> Content:
    """Marks and metric; the scale of the bands; what was not received; time and hints; skills."""
    best = question.counted
    share = f"{question.item.weight * (question.marks or 0)} of {question.item.weight * MARKS_PER_QUESTION}"
    lines = [Content.assemble((formats.marks(question.marks), "bold"), (f" marks, {share} weighted", "$muted"))]
    if best is not None and best.metric is not None and best.value is not None:
        lines.append(Content(metric_text(formats.metric(best.metric), best.value, best.next_at)))
    if question.bands:
        value = best.value if best else None
        lines += band_scale(value, question.bands, larger_is_better=question.larger_is_better, width=width)
        if not question.larger_is_better:
            lines.append(Content.styled(f"{formats.metric(question.metric)}: smaller is better", "$muted"))
    if question.closed:
        lines.append(Content.styled(question.closed, "$text-warning"))
    lines += [Content.styled(f"! not received: {m.name}: {m.reason}", "$text-warning") for m in missed]
    hints = f" · {formats.plural(question.hints, 'hint')} used" if question.hints else ""
    lines.append(Content.styled(f"time worked {formats.lasting(question.seconds)}{hints}", "$muted"))
    return Content("\n").join([*lines, *_skills(question)])


def _skills(question: QuestionDetail) -> list[Content]:
    tones = {"shown": ("✓", "$text-success"), "open": ("✗", "$text-warning")}
    lines = []
    for word, titles in question.skills_by_state:
        sign, tone = tones.get(word.partition(",")[0], ("·", "$muted"))
        lines.append(Content.assemble((f"{sign} skills {word}: ", tone), " · ".join(titles)))
    return lines


def regraded_text(changes: Sequence[RegradeChange]) -> Content:
    """How many changed, each submission before and after, and which versions differ."""
    graded = [change for change in changes if change.after is not None]
    changed = sum(change.changed for change in graded)
    words = "no verdict or marks changed" if not changed else f"{changed} changed verdict or marks"
    lines = [Content.styled(f"{formats.plural(len(graded), 'model')} graded again, {words}.", "bold")]
    if any(change.changed and not change.mended for change in graded):
        lines.append(Content("The first result still counts; the new one is stored beside it."))
    lines += map(_regraded, changes)
    versions = dict.fromkeys(f"{v.name} {v.before or '?'} → {v.after or '?'}" for c in graded for v in c.versions)
    if versions:
        lines.append(Content.styled(f"versions that differ: {', '.join(versions)}", "$muted"))
    return Content("\n").join(lines)


def _regraded(change: RegradeChange) -> Content:
    was = _result(change.before, change.marks_before, change.value_before)
    name = (f"Q{change.number} ", "bold")
    if change.after is None:
        return Content.assemble(name, f"{was}: ", (change.left_out, "$text-warning" if change.fault else "$muted"))
    now = _result(change.after, change.marks_after, change.value_after)
    note = ("  ! changed", "$text-warning") if change.changed else ("  = same", "$muted")
    return Content.assemble(
        name, f"{was} → {now}", note, ("  and counts now" if change.mended else "", "$text-success")
    )


def _result(verdict: Verdict | None, marks: int | None, value: float | None) -> str:
    if verdict is not Verdict.GRADED:
        return formats.verdict(verdict)
    return formats.marks(marks) + ("" if value is None else f" at {number_text(value)}")
