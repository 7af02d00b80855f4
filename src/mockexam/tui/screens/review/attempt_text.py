"""What the attempt's screen says: pure functions from the detail to text."""

from __future__ import annotations

from textual.content import Content

from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.review.detail import AttemptDetail, QuestionDetail
from mockexam.review.history_text import total_text
from mockexam.text import formats
from mockexam.text.units import metric_text
from mockexam.tui.review_wording import chain, jumps, result, used
from mockexam.tui.widgets.band_scale import band_scale
from mockexam.tui.wording import STATES, QuestionView, State, category_word


def header(detail: AttemptDetail) -> Content:
    """How it ended; time and chain; receipt; clock jumps."""
    outcome = detail.outcome
    words, tone = result(outcome)
    first = [(f"{words.upper()} " if words else "", f"bold {tone}".strip()), (total_text(outcome), "bold")]
    if policy_of(outcome).has_verdict:
        first.append((f"  {outcome.earned} of {outcome.possible} weighted marks", "$muted"))
        first.append((f", pass mark {outcome.pass_mark} %", "$muted"))
    else:
        first.append((f" marks, {formats.plural(outcome.submissions, 'submission')}", "$muted"))
    lines = [Content.assemble(*first), Content.assemble((f"{used(outcome)} · ", "$muted"), chain(detail))]
    if outcome.receipt:
        lines.append(Content.styled(f"receipt {outcome.receipt}", "$muted"))
    moved = jumps(detail)
    if moved:
        lines.append(Content.styled(f"! {moved}", "$text-warning"))
    return Content("\n").join(lines)


def question_view(question: QuestionDetail) -> QuestionView:
    """A row of the question table."""
    newest = question.submissions[-1] if question.submissions else None
    state = State.NONE
    if newest is not None:
        state = State.RECEIVED if newest.verdict is None else STATES[newest.verdict]
    item = question.item
    return QuestionView(
        item.number, item.title, category_word(item.category), item.weight, question.marks,
        State.GRADED if question.marks is not None else state,
    )  # fmt: skip


def question_text(question: QuestionDetail, width: int) -> Content:
    """Marks and metric; the scale of the bands; time and hints; skills shown and missing."""
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
    hints = f" · {formats.plural(question.hints, 'hint')} seen" if question.hints else ""
    lines.append(Content.styled(f"worked on it {formats.lasting(question.seconds)}{hints}", "$muted"))
    return Content("\n").join([*lines, *_skills(question)])


def _skills(question: QuestionDetail) -> list[Content]:
    shown = [s.title for s in question.skills if s.shown]
    missing = [s.title for s in question.skills if not s.shown]
    lines = []
    if shown:
        lines.append(Content.assemble(("✓ skills shown: ", "$text-success"), " · ".join(shown)))
    if missing:
        lines.append(Content.assemble(("✗ skills missing: ", "$text-warning"), " · ".join(missing)))
    return lines
