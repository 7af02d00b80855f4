"""The weighted total as it stands, against the pass mark."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from mockexam.exam.attempt import Attempt
from mockexam.text.status import percent


@dataclass(frozen=True, slots=True)
class Standing:
    """What the total says."""

    percent: float
    earned: int
    possible: int
    pass_mark: int
    passes: bool

    @classmethod
    def of(cls, attempt: Attempt) -> Standing:
        """The standing of an attempt."""
        return cls(percent(attempt), attempt.earned, attempt.possible, attempt.rules.pass_mark, attempt.passed)


class Score(Widget):
    """Three lines: the total, a bar with the pass mark in it, and whether it would pass now."""

    DEFAULT_CSS = "Score { height: 3; padding: 0 1; }"

    standing: reactive[Standing | None] = reactive(None)

    def render(self) -> Content:
        """The lines."""
        now = self.standing
        if now is None:
            return Content("")
        verdict, tone = ("would pass now", "$text-success") if now.passes else ("would not pass", "$text-warning")
        total = (f"{now.percent:g} %", "bold")
        parts = [("so far ", "$muted"), total, (f"  {now.earned} of {now.possible}", "$muted")]
        words = Content.assemble((verdict, tone), (f" · needs {now.pass_mark} %", "$muted"))
        return Content("\n").join([Content.assemble(*parts), self._bar(now), words])

    def _bar(self, now: Standing) -> Content:
        width = max(4, self.size.width)
        filled = min(width, int(now.percent / 100 * width))
        mark = min(width - 1, int(now.pass_mark / 100 * width))
        cells = ["━" if column < filled else "┄" for column in range(width)]
        cells[mark] = "┃"
        line = Content("".join(cells)).stylize("$muted").stylize("$success" if now.passes else "$primary", 0, filled)
        return line.stylize("bold $foreground", mark, mark + 1)
