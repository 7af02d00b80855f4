"""What can be practised, line by line: pure functions from records to words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content

from mockexam.tui.widgets.question_table import cut
from mockexam.tui.wording import marks_text, minutes_text

if TYPE_CHECKING:
    from mockexam.session.ports import CategoryRecord, QuestionRecord, RetryChoice

STEADY = 0.15
"""Marks gained or lost a meeting; less than that is no trend."""

NARROW, TINY = 66, 46
"""With fewer columns the trend and how often a question was met are left out, then also when that was."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that can be chosen: the weakest category, a category, or one of its questions."""

    category: CategoryRecord
    question: QuestionRecord | None = None
    weakest: bool = False

    def choice(self, *, timed: bool) -> RetryChoice:
        """What to ask the desk for."""
        from mockexam.session.ports import RetryChoice

        if self.weakest:
            return RetryChoice(timed=timed)
        if self.question is not None:
            return RetryChoice(question=self.question.id, timed=timed)
        return RetryChoice(category=self.category.id, timed=timed)

    def about(self, *, timed: bool) -> tuple[str, str]:
        """What Enter leads to, and a sentence on it."""
        clock = f"{minutes_text(self.category.seconds)}, as in the exam" if timed else "untimed"
        if self.question is None:
            return f"{self.category.title} · {clock}", (
                "An unseen question comes first, then the one with the fewest marks, met longest ago."
            )
        needs = f"Practised candidates need about {self.question.minutes} minutes."
        return f"{self.question.title} · {clock}", f"{self.question.summary} {needs}"


def lines_of(records: tuple[CategoryRecord, ...]) -> Iterator[Line]:
    """All lines: the weakest, then each category with its questions."""
    if records:
        yield Line(records[0], weakest=True)
    for record in records:
        yield Line(record)
        yield from (Line(record, question) for question in record.questions)


def heading(width: int) -> Content:
    """What the columns are."""
    more = "" if width < TINY else "   last" if width < NARROW else f"   {'trend':<11}last"
    return Content.styled(f"{'':<{_name_width(width)}}{'best':>6}{'recent':>8}{more}", "$muted")


def prompt(line: Line, width: int, *, chosen: bool) -> Content:
    """A line as it is shown, a sign before the chosen one."""
    sign = ("▸ " if chosen else "  ", "bold $primary")
    name = _name_width(width)
    if line.weakest:
        return Content.assemble(sign, ("My weakest   ", "bold $primary"), (line.category.title, "bold"))
    if line.question is not None:
        title = cut(f"    {line.question.title}", name)
        told = met(line.question)[: 1 if width < TINY else 2 if width < NARROW else 3]
        return Content.assemble(sign, title, ("   " + " · ".join(told), "$muted"))
    return Content.assemble(sign, _category(line.category, name, width))


def _name_width(width: int) -> int:
    return max(10, width - (14 if width < TINY else 31 if width < NARROW else 42))


def _category(record: CategoryRecord, name: int, width: int) -> Content:
    title = (cut(record.title, name), "bold")
    if record.best is None or record.mean is None:
        return Content.assemble(title, ("   not met yet", "$muted"))
    words, tone = trend(record.trend)
    return Content.assemble(
        title,
        (f"{marks_text(record.best):>6}", "bold"),
        f"{record.mean:>8.1f}",
        ("" if width < NARROW else f"   {words:<8}", tone),
        ("" if width < TINY else f"   {_last(record)}", "$muted"),
    )


def _last(record: CategoryRecord) -> str:
    met_before = [q.days_ago for q in record.questions if q.days_ago is not None]
    return days_text(min(met_before)) if met_before else ""


def trend(slope: float | None) -> tuple[str, str]:
    """Where the recent marks are heading (`slope`: marks a meeting), and its tone."""
    if slope is None:
        return "", "$muted"
    if slope >= STEADY:
        return "↗ rising", "$text-success"
    return ("↘ falling", "$text-warning") if slope <= -STEADY else ("→ steady", "$muted")


def met(question: QuestionRecord) -> tuple[str, ...]:
    """How a question went: `2/5`, `3 days ago`, `met twice`; or `new`."""
    if not question.met or question.days_ago is None:
        return ("new",)
    marks = "no marks" if question.marks is None else marks_text(question.marks)
    times = {1: "once", 2: "twice"}.get(question.met, f"{question.met} times")
    return (marks, days_text(question.days_ago), f"met {times}")


def days_text(days: float) -> str:
    """How long ago that was, for reading."""
    if days < 1 / 24:
        return "just now"
    if days < 1:
        hours = int(days * 24)
        return f"{hours} hour{'s' if hours > 1 else ''} ago"
    if days < 60:
        return f"{int(days)} day{'s' if days >= 2 else ''} ago"
    return f"{int(days / 30.44)} months ago" if days < 730 else f"{int(days / 365.25)} years ago"
