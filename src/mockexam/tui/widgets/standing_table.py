"""How somebody stands in each category, weakest first."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.exam.standing import CategoryStanding
from mockexam.tui.review_wording import trend
from mockexam.tui.widgets.question_table import cut
from mockexam.tui.wording import category_word

_BARS = " ▏▎▍▌▋▊▉█"


class StandingTable(Widget):
    """A line a category: recent mean as bar and number, best, trend."""

    DEFAULT_CSS = "StandingTable { height: auto; padding: 0 1; }"

    standings: reactive[tuple[CategoryStanding, ...] | None] = reactive(None, layout=True)
    """None while they are being read."""

    def render(self) -> Content:
        """The lines."""
        if self.standings is None:
            return Content.styled("Reading …", "$muted")
        lines = [Content.styled(f"{'':13}{'recent':>10}{'best':>6}  trend", "$muted")]
        return Content("\n").join([*lines, *map(_line, self.standings)])


def _line(standing: CategoryStanding) -> Content:
    name = (cut(category_word(standing.category), 12) + " ", "bold")
    if standing.mean is None:
        return Content.assemble(name, ("not met yet", "$muted"))
    words, tone = trend(standing)
    return Content.assemble(
        name, (bar(standing.mean / MARKS_PER_QUESTION, 5), "$primary"), f"{standing.mean:>5.1f}", f"{standing.best:>6}",
        (f"  {words}", tone),
    )  # fmt: skip


def bar(part: float, width: int) -> str:
    """A part from 0 to 1 as a bar of so many cells, in eighths of a cell; what is missing is dotted."""
    eighths = round(max(0.0, min(1.0, part)) * width * 8)
    full, rest = divmod(eighths, 8)
    text = "█" * full + (_BARS[rest] if rest else "")
    return text + "·" * (width - len(text))
