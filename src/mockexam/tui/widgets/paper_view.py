"""The paper of a plan: which questions, how heavy, how long."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from mockexam.exam.paper import PaperItem
from mockexam.sitting.ports import Plan
from mockexam.tui.widgets.question_table import cut
from mockexam.tui.wording import category_word, minutes_text


class PaperView(Widget):
    """A line a question."""

    DEFAULT_CSS = "PaperView { height: auto; }"

    plan: reactive[Plan | None] = reactive(None, layout=True)

    def render(self) -> Content:
        """The lines."""
        if self.plan is None:
            return Content.styled("Drawing a paper …", "$muted")
        items = self.plan.paper.items
        lines = [_line(item, self.size.width) for item in items]
        working = sum(item.minutes for item in items)
        time = minutes_text(self.plan.rules.duration)
        need = f"Practised candidates need about {working} minutes"
        enough = self.plan.rules.duration is None or working * 60 <= self.plan.rules.duration
        last = f"{need} of the {time}." if enough else f"{need}; this exam gives {time}."
        return Content("\n").join([*lines, Content.styled(last, "$muted")])


def _line(item: PaperItem, width: int) -> Content:
    right = f"{item.minutes:>4} min"
    title = cut(item.title, max(8, width - 26 - len(right)))
    return Content.assemble(
        (f"{item.number:>2} ", "$text-primary"),
        (title, "bold"),
        (f" {category_word(item.category):<13}", "$muted"),
        f"×{item.weight:<3}",
        (right, "$muted"),
    )


def rules_text(plan: Plan) -> str:
    """The rules of a plan's exam in a few sentences."""
    rules = plan.rules
    best = "the best one counts" if rules.counts == "best" else "the last one counts"
    length = minutes_text(rules.duration).capitalize()
    pause = "" if rules.duration is None else ", no pause: the clock runs on when the app is closed"
    return (
        f"{length}{pause}.\n"
        f"Each save of a model is marked out of 5 at once; {best}.\n"
        f"Pass at {rules.pass_mark} % of the weighted marks. Use any editor, look up anything."
    )
