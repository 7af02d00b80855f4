"""Choosing another attempt, and two attempts side by side. Each change has a word and a symbol."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.errors import UserError
from mockexam.exam.outcome import Outcome
from mockexam.exam.policy import policy_of
from mockexam.review.compare import CategoryPair, Comparison, QuestionPair
from mockexam.review.detail import QuestionDetail
from mockexam.review.history_text import total_text
from mockexam.text import formats
from mockexam.text.units import number_text
from mockexam.tui.app_base import worker
from mockexam.tui.labels import Toned, category_word, cut, result
from mockexam.tui.screens.modal import Modal
from mockexam.tui.screens.storage import ReviewScreen
from mockexam.tui.widgets.attempt_list import AttemptHeading, AttemptList
from mockexam.tui.widgets.status_lines import ErrorPanel, KeyBar

if TYPE_CHECKING:
    from mockexam.review.service import Review

_PICK_KEYS = "↑ ↓ choose · enter Compare · esc Back"
_NAME = 13
_WITH_PAPER = len("retry, paper 7K3Q-F2XM")


class CompareScreen(ReviewScreen):
    """Changes go from the left attempt to the right one."""

    AUTO_FOCUS = "#comparison-scroll"
    HELP_TEXT = (
        "What changed from the left attempt to the right one. Each question is next to the same question, or else to "
        "one of its category. A metric is compared only if both attempts had the same question."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("C", "by", "Category or question", tooltip="Question by question, or category by category"),
        Binding("X", "swap", "Swap sides", tooltip="Swap left and right"),
        Binding("question_mark,f1", "app.help", "Help", key_display="?", tooltip="What the keys do"),
        Binding("escape,q", "back", "Back", key_display="esc", tooltip="Back"),
    ]

    found: var[Comparison | None] = var(None)
    by_category = var(False, init=False)

    def __init__(self, review: Review, left: str, right: str) -> None:
        super().__init__(review, "Compare two attempts")
        self._pair = (left, right)

    def compose(self) -> ComposeResult:
        yield from self.head()
        yield ErrorPanel()
        with VerticalScroll(id="comparison-scroll"):
            yield Static("Loading …", id="comparison")
        yield KeyBar()

    def on_mount(self) -> None:
        self._read()

    def on_resize(self) -> None:
        self._draw()

    @worker("read")
    async def _read(self) -> None:
        try:
            self.found = await asyncio.to_thread(self.review.compare, *self._pair)
        except UserError as error:
            self.query_one("#comparison", Static).update("")
            self.query_one(ErrorPanel).error = error

    def watch_found(self) -> None:
        self._draw()

    def watch_by_category(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if self.found is not None:
            width = self.query_one("#comparison-scroll").scrollable_content_region.width or 76
            text = comparison_text(self.found, width, by_category=self.by_category)
            self.query_one("#comparison", Static).update(text)

    def action_by(self) -> None:
        self.by_category = not self.by_category

    def action_swap(self) -> None:
        self._pair = (self._pair[1], self._pair[0])
        self._read()


class _Widths(NamedTuple):
    """Cells of the columns: what is compared, left, right, the change."""

    side: int
    change: int
    narrow: bool
    """True if changes are shown without their unit."""

    def row(self, name: str, left_right: Sequence[str], tone: str, note: Toned = ("", "")) -> Content:
        sides = [(cut(text, self.side) + " ", tone) for text in left_right]
        return Content.assemble((cut(name, _NAME), "bold"), *sides, (cut(note[0], self.change).rstrip(), note[1]))


def comparison_text(found: Comparison, width: int, *, by_category: bool) -> Content:
    """Totals and times, then question by question or category by category, then other differences."""
    narrow = width < 70
    widths = _Widths(max(10, min(34, (width - _NAME - (15 if narrow else 23)) // 2 - 1)), 15 if narrow else 23, narrow)
    if by_category:
        body = [_category(pair, widths) for pair in found.categories]
    else:
        body = [line for pair in found.questions for line in _question(pair, widths)]
    return Content("\n").join([*_heads(found, widths), Content(""), *body, *_notes(found)])


def _heads(found: Comparison, widths: _Widths) -> list[Content]:
    one, other = found.left, found.right
    both = (one, other)
    moment = formats.day if widths.narrow else formats.minute
    kind = "{1}" if widths.narrow else "{0}, paper {1}" if widths.side > _WITH_PAPER else "{0} {1}"
    spent = _seconds(found.seconds_change, narrow=widths.narrow)
    note: Toned = ("not comparable", "$muted")
    if found.percent_change is not None:
        note = change(found.percent_change, "" if widths.narrow else "points", digits=1)
    return [
        widths.row("", [moment(o.started) for o in both], "bold"),
        widths.row("", [kind.format(o.mode.value, o.code) for o in both], "$muted"),
        widths.row("total", [f"{total_text(o)} {result(o)[0]}" for o in both], "bold", note),
        widths.row("time used", [formats.at(o.time_used) for o in both], "", (spent, "$muted")),
    ]


def _question(pair: QuestionPair, widths: _Widths) -> list[Content]:
    note: Toned = ("only in one", "$muted")
    if pair.marks_change is not None:
        note = change(pair.marks_change, "" if widths.narrow else "marks")
    spent = "" if pair.seconds_change is None else _seconds(pair.seconds_change, narrow=widths.narrow)
    values = [_value(question, narrow=widths.narrow) for question in (pair.left, pair.right)]
    return [
        widths.row(category_word(pair.category), [_marks(pair.left), _marks(pair.right)], "bold", note),
        widths.row("", _titles(pair), "$muted", ("" if pair.same_edition else _edition(pair), "$muted")),
        *([widths.row("", values, "", _value_change(pair))] if any(values) else []),
        widths.row("", [_work(pair.left), _work(pair.right)], "$muted", (spent, "$muted")),
    ]


def _titles(pair: QuestionPair) -> tuple[str, str]:
    left, right = (q.item.title if q else "–" for q in (pair.left, pair.right))
    return left, "the same question" if pair.same_edition else right


def _edition(pair: QuestionPair) -> str:
    if pair.same_question:
        return "changed in between"
    return "another question" if pair.left and pair.right else ""


def _marks(question: QuestionDetail | None) -> str:
    return "not asked" if question is None else formats.marks(question.marks)


def _value(question: QuestionDetail | None, *, narrow: bool) -> str:
    best = question.counted if question else None
    if best is None or best.value is None:
        return ""
    return number_text(best.value) if narrow else f"{formats.metric(best.metric)} {number_text(best.value)}"


def _work(question: QuestionDetail | None) -> str:
    if question is None:
        return ""
    hints = f", {formats.plural(question.hints, 'hint')}" if question.hints else ""
    return f"{formats.lasting(question.seconds)}, {formats.plural(len(question.submissions), 'save')}{hints}"


def _value_change(pair: QuestionPair) -> Toned:
    if pair.value_change is None:
        return "", ""
    if pair.value_better is None:
        return "= same", "$muted"
    sign = "+" if pair.value_change > 0 else "−"
    amount = f"{sign}{number_text(abs(pair.value_change), 2)}"
    return (f"▲ better {amount}", "$text-success") if pair.value_better else (f"▼ worse {amount}", "$text-error")


def _category(pair: CategoryPair, widths: _Widths) -> Content:
    sides = ((pair.left, pair.left_of), (pair.right, pair.right_of))
    marks = ["not asked" if got is None else f"{got}/{of}" for got, of in sides]
    note: Toned = ("only in one", "$muted")
    if pair.left is not None and pair.right is not None:
        points = pair.right / pair.right_of * 100 - pair.left / pair.left_of * 100
        note = change(points, "" if widths.narrow else "points")
    return widths.row(category_word(pair.category), marks, "bold", note)


def change(amount: float, unit: str, *, digits: int = 0) -> Toned:
    """A change for the better or worse: a symbol, a word and the amount."""
    text = f"{abs(amount):.{digits}f}"
    if not float(text):
        return "= same", "$muted"
    word = f" {unit[:-1] if text == '1' else unit}" if unit else ""
    return (f"▲ better +{text}{word}", "$text-success") if amount > 0 else (f"▼ worse −{text}{word}", "$text-error")


def _seconds(amount: float, *, narrow: bool) -> str:
    if abs(amount) < 0.5:
        return "= same"
    if narrow:
        return f"{'+' if amount > 0 else '−'}{formats.lasting(abs(amount))}"
    return f"{formats.lasting(abs(amount))} {'longer' if amount > 0 else 'shorter'}"


def _notes(found: Comparison) -> list[Content]:
    lines = [Content.styled(f"! {remark}", "$text-warning") for remark in found.remarks]
    lines += [
        Content.styled(f"{v.name}: {v.left or 'not on record'} → {v.right or 'not on record'}", "$muted")
        for v in found.versions
    ]
    return [Content(""), *lines] if lines else []


class PickAttempt(Modal[str | None]):
    """All other attempts, newest first; the cursor starts on the previous one of the same kind."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Choose"),
        Binding("escape,q", "dismiss", "Back", key_display="esc"),
    ]

    def __init__(self, review: Review, outcome: Outcome) -> None:
        super().__init__("Compare with …", _PICK_KEYS)
        self._review = review
        self._outcome = outcome

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            attempts = AttemptList()
            yield AttemptHeading(attempts)
            yield attempts
            yield ErrorPanel()

    def on_mount(self) -> None:
        self.query_one(AttemptList).show(0, empty="Loading …")
        self._read()

    @worker("read")
    async def _read(self) -> None:
        try:
            outcomes = await asyncio.to_thread(self._review.outcomes)
        except UserError as error:
            self.query_one(ErrorPanel).error = error
            return
        mine = self._outcome
        others = tuple(o for o in reversed(outcomes) if o.attempt != mine.attempt)
        attempts = self.query_one(AttemptList)
        attempts.show_attempts(others, (), "There is no other attempt yet.")
        alike = [i for i, o in enumerate(others) if _alike(o, mine)]
        if alike:
            attempts.highlighted = next((i for i in alike if others[i].started < mine.started), alike[0])
        self.query_one(AttemptHeading).refresh()

    def action_take(self) -> None:
        chosen = self.query_one(AttemptList).chosen
        if chosen is not None:
            self.dismiss(chosen.attempt)


def _alike(one: Outcome, other: Outcome) -> bool:
    """Whether two attempts are worth comparing: both exams, or retries of one category."""
    return policy_of(one) == policy_of(other) and one.questions[0].category == other.questions[0].category
