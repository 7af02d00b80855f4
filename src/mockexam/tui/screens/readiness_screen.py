"""Readiness: would I pass, which skills have I shown, what should I study?"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.review.detail import SHOWN_FROM
from mockexam.review.readiness import NO_ESTIMATE, PassEstimate, Readiness, SectionPlan, SkillEvidence
from mockexam.session.ports import RetryChoice
from mockexam.text import formats
from mockexam.tui.app_base import RetryRequested, worker
from mockexam.tui.labels import category_word, wrapped
from mockexam.tui.screens.storage import ReviewScreen
from mockexam.tui.widgets.line_list import CursorList, LazyPrompt
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar, Line

if TYPE_CHECKING:
    from mockexam.review.service import Review


class PlanLine(NamedTuple):
    """A line of the study plan, or text that can't be chosen."""

    draw: Callable[[int], Content]
    """Draws it in so many cells; may take several rows."""
    choice: RetryChoice | None = None
    """The retry that it starts."""
    words: str = ""
    """That retry in words."""


class PlanList(CursorList, inherit_bindings=False):
    """Estimate and study plan as one scrolling list; the cursor stops at the lines that start a retry."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Retry", tooltip="Open the start of the retry under the cursor"),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "end(1)", show=False),
        Binding("end", "end(-1)", show=False),
    ]

    def __init__(self) -> None:
        super().__init__(id="plan", classes="list panel", markup=False)
        self._plan: tuple[PlanLine, ...] = ()

    def show(self, lines: Sequence[PlanLine]) -> None:
        """Show these lines, the cursor on the first that can be chosen."""
        self._plan = tuple(lines)
        self.set_options(
            Option(LazyPrompt(partial(self._line, row)), disabled=line.choice is None)
            for row, line in enumerate(self._plan)
        )
        self.highlighted = next(iter(self._stops), None)
        self.scroll_home(animate=False, force=True)

    @property
    def chosen(self) -> PlanLine | None:
        return self._plan[self.highlighted] if self.highlighted is not None else None

    @property
    def _stops(self) -> list[int]:
        return [row for row, line in enumerate(self._plan) if line.choice is not None]

    def action_move(self, step: int) -> None:
        """Go to the next line that can be chosen; above the first one, show the text there."""
        beyond = [row for row in self._stops[::step] if (row - (self.highlighted or 0)) * step > 0]
        if beyond:
            self.highlighted = beyond[0]
        elif step < 0:
            self.scroll_home(animate=False)
        else:
            self.scroll_end(animate=False)

    def action_end(self, step: int) -> None:
        if self._stops:
            self.highlighted = self._stops[::step][0]
        self.scroll_home(animate=False) if step > 0 else self.scroll_end(animate=False)

    def _line(self, row: int, width: int) -> Content:
        line = self._plan[row]
        text = line.draw(max(10, width - 1))
        if line.choice is None:
            return text
        sign = Content.styled("▸" if row == self.highlighted else " ", "bold $primary")
        first, *rest = text.split("\n")
        return Content("\n").join([Content.assemble(sign, first), *(Content.assemble(" ", line) for line in rest)])


class ReadinessScreen(ReviewScreen):
    """Estimate and study plan; the skills beside them, or instead of them on a narrow terminal."""

    AUTO_FOCUS = "#plan"
    HELP_TEXT = (
        "The estimate uses only your marks on record and says how certain it is. A skill counts as shown (✓) with 4 or "
        "5 marks on a question that needs it; ~ means that the recent average is lower. "
        "The plan starts with the weakest section; Enter on one of its lines opens the start of that retry."
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
            yield PlanList()
            with VerticalScroll(id="skills-scroll", classes="panel"):
                yield Static("", id="skills")
        yield Line(id="leads-to")
        yield KeyBar()

    def on_mount(self) -> None:
        plan = self.query_one(PlanList)
        plan.border_title = "Would I pass?"
        plan.show([PlanLine(lambda _: Content("Loading …"))])
        self.query_one("#skills-scroll").border_title = "Skills in the candidate handbook"
        self._read()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    @worker("read")
    async def _read(self) -> None:
        try:
            self.found = await asyncio.to_thread(self.review.readiness, self._outcomes, self._exam)
        except UserError as error:
            self.query_one(PlanList).show([])
            self.query_one(ErrorPanel).error = error

    def watch_found(self) -> None:
        if self.found is not None:
            self.entitle(f"Readiness for the exam {self.found.title}")
            self.query_one(PlanList).show(list(plan_lines(self.found)))
        self._draw()

    def on_option_list_option_highlighted(self) -> None:
        chosen = self.query_one(PlanList).chosen
        self.query_one("#leads-to", Line).text = f"enter: {chosen.words}" if chosen is not None else ""

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        chosen = self.query_one(PlanList).chosen
        if chosen is not None and chosen.choice is not None:
            self.post_message(RetryRequested(chosen.choice))

    def _draw(self) -> None:
        if self.found is None:
            return
        readiness = self.found
        beside = self.query_one("#skills-scroll").scrollable_content_region.width or 76
        self.query_one("#skills", Static).update(skills_text(readiness, beside))

    def action_skills(self) -> None:
        """Show the other pane; on a wide terminal both are visible and the focus moves."""
        self.toggle_class("-skills")
        self.call_after_refresh(self._draw)
        self.query_one("#skills-scroll" if self.has_class("-skills") else "#plan").focus()


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


def plan_lines(readiness: Readiness) -> Iterator[PlanLine]:
    """The estimate, then the study plan, weakest section first: a line for its category, its advice, each skill."""
    yield PlanLine(lambda width: estimate_text(readiness.estimate, readiness.pass_mark, width))
    yield PlanLine(lambda _: Content("\n").join([Content(""), Content.styled("What to study", "bold $primary")]))
    if not readiness.plan:
        nothing = "Nothing is missing: you have shown every skill in full."
        yield PlanLine(lambda _: Content.styled(nothing, "$text-success"))
    for number, section in enumerate(readiness.plan, 1):
        category = section.question.partition("/")[0]
        about = RetryChoice(category=category, exam=readiness.exam)
        yield PlanLine(partial(_heading, number, section), about, f"retry {formats.category(category)}")
        yield PlanLine(partial(_advice, section), *_retry_of(readiness, section.question))
        for skill in section.weakest:
            draw = partial(_skill_text, skill)
            yield PlanLine(draw, *_retry_of(readiness, skill.next_question or section.question))
        yield PlanLine(lambda _: Content(""))


def _retry_of(readiness: Readiness, question: str) -> tuple[RetryChoice, str]:
    return RetryChoice(question=question, exam=readiness.exam), f"retry {question}"


def _heading(number: int, section: SectionPlan, width: int) -> Content:
    return Content.styled(f"{number} {section.title}", "bold").truncate(width, ellipsis=True)


def _advice(section: SectionPlan, width: int) -> Content:
    lines = wrapped(section.advice, width, "")
    lines += wrapped(f"read: {' · '.join(section.study)}", width, "$muted") if section.study else []
    return Content("\n").join(lines)


def _skill_text(skill: SkillEvidence, width: int) -> Content:
    return Content("\n").join(_skill(skill, width))


def skills_text(readiness: Readiness, width: int) -> Content:
    """Every skill with its evidence, by section; then the skills without a question."""
    lines: list[Content] = []
    for section, skills in groupby(readiness.skills, key=lambda skill: skill.section):
        known = list(skills)
        lines += [Content("")] if lines else []
        lines.append(Content.styled(readiness.sections.get(section, section), "bold"))
        lines += [line for skill in known if skill.questions for line in _skill(skill, width)]
        for words, by_model in (("not in this exam", True), ("can't be shown by a saved model", False)):
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
