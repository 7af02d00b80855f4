"""Readiness: would I pass, which skills have I shown, what should I study?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.review.detail import SHOWN_FROM
from mockexam.review.readiness import NO_ESTIMATE, PassEstimate, Readiness, SectionPlan, SkillEvidence
from mockexam.text import formats
from mockexam.tui.labels import category_word, wrapped
from mockexam.tui.screens.storage import ReviewScreen
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar

if TYPE_CHECKING:
    from mockexam.review.service import Review


class ReadinessScreen(ReviewScreen):
    """Estimate and study plan; the skills beside them, or instead of them on a narrow terminal."""

    AUTO_FOCUS = "#plan-scroll"
    HELP_TEXT = (
        "The estimate uses only your marks on record and says how certain it is. A skill counts as shown (✓) with 4 or "
        "5 marks on a question that needs it; ~ means that the recent average is lower. "
        "The plan starts with the weakest section."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("z", "skills", "Zoom", tooltip="Skills, or estimate and plan"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What this means"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
    ]

    found: var[Readiness | None] = var(None)

    def __init__(self, review: Review, outcomes: Sequence[Outcome], exam: str | None = None) -> None:
        super().__init__(review, f"Readiness · {exam}" if exam else "Readiness")
        self._outcomes = outcomes
        self._exam = exam

    def compose(self) -> ComposeResult:
        yield from self.head()
        yield ErrorPanel()
        with Horizontal(id="readiness"):
            with VerticalScroll(id="plan-scroll", classes="panel"):
                yield Static("Loading …", id="estimate")
                yield Static("", id="plan-heading", classes="heading")
                yield Static("", id="plan")
            with VerticalScroll(id="skills-scroll", classes="panel"):
                yield Static("", id="skills")
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one("#plan-scroll").border_title = "Would I pass?"
        self.query_one("#skills-scroll").border_title = "Skills in the candidate handbook"
        self._read()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    @work(group="read", exclusive=True)
    async def _read(self) -> None:
        try:
            self.found = await asyncio.to_thread(self.review.readiness, self._outcomes, self._exam)
        except UserError as error:
            self.query_one("#estimate", Static).update("")
            self.query_one(ErrorPanel).error = error

    def watch_found(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.found is None:
            return
        readiness = self.found
        width = self.query_one("#plan-scroll").scrollable_content_region.width or 76
        estimate = estimate_text(readiness.estimate, readiness.pass_mark, width)
        self.query_one("#estimate", Static).update(estimate)
        self.query_one("#plan-heading", Static).update(Content("What to study"))
        self.query_one("#plan", Static).update(plan_text(readiness.plan, width))
        beside = self.query_one("#skills-scroll").scrollable_content_region.width or width
        self.query_one("#skills", Static).update(skills_text(readiness, beside))

    def action_skills(self) -> None:
        """Show the other pane; on a wide terminal both are visible and the focus moves."""
        self.toggle_class("-skills")
        self.call_after_refresh(self._draw)
        self.query_one("#skills-scroll" if self.has_class("-skills") else "#plan-scroll").focus()


def estimate_text(estimate: PassEstimate, pass_mark: int, width: int) -> Content:
    """The chance of passing, the likely range of the total, what it is based on, and the method."""
    if not estimate.is_known:
        return Content.styled(NO_ESTIMATE, "bold")
    known = sum(number for _, number in estimate.evidence)
    chance, likely = formats.chance(estimate.probability), formats.likely_range(estimate.low, estimate.high)
    lines = [
        Content.assemble(("Chance of passing today: ", "bold"), (chance, "bold $primary")),
        Content(f"Likely range: {likely} of the marks (4 times in 5). Pass mark: {pass_mark} %."),
        *_scale(estimate, pass_mark, min(width, 64)),
        Content.assemble(("Based on ", "$muted"), f"{formats.plural(known, 'mark')}: ", ", ".join(
            f"{category_word(category)} {number}" for category, number in estimate.evidence)),
    ]  # fmt: skip
    return Content("\n").join([*lines, Content(""), Content.styled(estimate.method, "$muted")])


def _scale(estimate: PassEstimate, pass_mark: int, width: int) -> list[Content]:
    cells = max(20, width - 2)
    low, high, expected, mark = (
        min(cells - 1, int(value / 100 * cells))
        for value in (estimate.low, estimate.high, estimate.expected, pass_mark)
    )
    dashes = ["━" if low <= i <= high else "┄" for i in range(cells)]
    dashes[expected] = "●"
    dashes[mark] = "┃"
    bar = Content("".join(dashes)).stylize("$muted").stylize("$primary", low, high + 1)
    bar = bar.stylize("bold $text-success", mark, mark + 1)
    row = [" "] * (cells + 8)
    label = f"pass {pass_mark}"
    for at, text in ((0, "0"), (cells - 3, "100"), (max(0, mark - 2), label)):
        if text != "100" or mark - 2 + len(label) < at:
            row[at : at + len(text)] = text
    return [bar, Content.styled("".join(row).rstrip(), "$muted")]


def plan_text(plan: Sequence[SectionPlan], width: int) -> Content:
    """The study plan, weakest section first."""
    if not plan:
        return Content.styled("Nothing is missing: you have shown every skill in full.", "$text-success")
    lines: list[Content] = []
    for number, section in enumerate(plan, 1):
        lines.append(Content.styled(f"{number} {section.title}", "bold"))
        lines += wrapped(section.advice, width, "")
        lines += [line for skill in section.weakest for line in _skill(skill, width)]
        if section.study:
            lines += wrapped(f"read: {' · '.join(section.study)}", width, "$muted")
        lines.append(Content(""))
    return Content("\n").join(lines[:-1])


def skills_text(readiness: Readiness, width: int) -> Content:
    """Every skill with its evidence, by section; then the skills without a question."""
    lines: list[Content] = []
    for section, skills in groupby(readiness.skills, key=lambda skill: skill.section):
        known = list(skills)
        lines += [Content("")] if lines else []
        lines.append(Content.styled(readiness.sections.get(section, section), "bold"))
        lines += [line for skill in known if skill.questions for line in _skill(skill, width)]
        for words, by_model in (("not tested by any question", True), ("can't be shown by a saved model", False)):
            silent = [s.title for s in known if not s.questions and s.by_model is by_model]
            if silent:
                lines += wrapped(f"{words}: {' · '.join(silent)}", width, "$muted")
    return Content("\n").join(lines)


def _skill(skill: SkillEvidence, width: int) -> list[Content]:
    if skill.best is None:
        sign, tone, evidence = "○", "$text-warning", "not tried yet"
    else:
        slips = (skill.recent or 0) < SHOWN_FROM
        good = ("~", "$text-warning") if slips else ("✓", "$text-success")
        sign, tone = good if skill.best >= SHOWN_FROM else ("✗", "$text-error")
        recent = "" if skill.recent == skill.best else f", recent average {skill.recent:.1f}"
        evidence = f"{formats.marks(skill.best)}, {formats.ago(skill.days_ago)}{recent}"
    evidence = evidence.replace(" ", "\u00a0")  # stays on one line
    rows = wrap(f"{skill.title}: {evidence}", max(10, width - 4))
    first = Content.assemble("  ", (f"{sign} ", tone), rows[0])
    lines = [first, *(Content(f"    {row}") for row in rows[1:])]
    found = lines[-1].plain.rfind(evidence)
    if found >= 0:
        lines[-1] = lines[-1].stylize(tone, found, found + len(evidence))
    return lines
