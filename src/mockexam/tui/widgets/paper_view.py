"""The paper of a plan: which questions, how heavy, how long."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from mockexam.exam.paper import PaperItem
from mockexam.exam.policy import policy_of
from mockexam.session.ports import AttemptPlan
from mockexam.tui.widgets.question_table import cut
from mockexam.tui.wording import category_word, minutes_text


class PaperView(Widget):
    """A line a question."""

    DEFAULT_CSS = "PaperView { height: auto; }"

    plan: reactive[AttemptPlan | None] = reactive(None, layout=True)

    def render(self) -> Content:
        """The lines."""
        if self.plan is None:
            return Content.styled("Drawing a paper …", "$muted")
        items = self.plan.paper.items
        weighted = policy_of(self.plan).shows_weights
        lines = [_line(item, self.size.width, weighted=weighted) for item in items]
        working = sum(item.minutes for item in items)
        return Content("\n").join([*lines, Content.styled(_need(working, self.plan.rules.duration), "$muted")])


def _need(minutes: int, duration: float | None) -> str:
    need = f"Practised candidates need about {minutes} minutes"
    if duration is None:
        return f"{need}."
    time = minutes_text(duration)
    return f"{need} of the {time}." if minutes * 60 <= duration else f"{need}; here there are {time}."


def _line(item: PaperItem, width: int, *, weighted: bool) -> Content:
    right = f"{item.minutes:>4} min"
    title = cut(item.title, max(8, width - 26 - len(right)))
    return Content.assemble(
        (f"{item.number:>2} ", "$text-primary"),
        (title, "bold"),
        (f" {category_word(item.category):<13}", "$muted"),
        f"×{item.weight:<3}" if weighted else "    ",
        (right, "$muted"),
    )


def rules_text(plan: AttemptPlan) -> str:
    """The rules of a plan in a few sentences."""
    rules = plan.rules
    best = "the best one counts" if rules.counts == "best" else "the last one counts"
    pause = "" if rules.duration is None else ", no pause: the clock runs on when the app is closed"
    if policy_of(plan).gives_hints:
        graded = f"Each saved model is marked at once, with its metric; {best}."
        last = "Hints open one by one, on record."
    else:
        graded = f"Each save of a model is marked out of 5 at once; {best}."
        last = f"Pass at {rules.pass_mark} % of the weighted marks."
    length = minutes_text(rules.duration).capitalize()
    return f"{length}{pause}.\n{graded}\n{last} Use any editor, look up anything."
