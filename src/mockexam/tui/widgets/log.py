"""Bounded logs that follow the end unless scrolled away: the activity and a script's output.

Not Textual's RichLog, which wraps a line once, at the width it first had, and can't replace the last line.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from rich._wrap import divide_line  # as Textual itself does
from textual.content import Content
from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from mockexam.session.ports import Activity, Tone
from mockexam.tui.widgets.markdown import clean

if TYPE_CHECKING:
    from mockexam.session.script_runs import Printed
    from mockexam.workspace.training_log import ShownLine

MAX_ENTRIES = 2000
_NARROWEST = 8
"""A layout under way passes through widths of 0 and 1; wrapping all entries for them would take seconds."""
_TONES = {Tone.INFO: ("", " "), Tone.GOOD: ("$text-success", "✓"), Tone.WARN: ("$text-warning", "!"),
          Tone.ERROR: ("$text-error", "✗")}  # fmt: skip


class WrappedLog(ScrollView, can_focus=True):
    """A log whose last line can be replaced, for progress bars."""

    DEFAULT_CSS = """
    WrappedLog { scrollbar-gutter: stable; overflow-x: hidden; overflow-y: auto; }
    """

    empty = var("", init=False)
    """Shown while there are no lines."""

    def __init__(self, *, empty: str = "", id: str | None = None) -> None:
        super().__init__(id=id, classes="panel")
        self.set_reactive(WrappedLog.empty, empty)
        self._entries: deque[Content] = deque(maxlen=MAX_ENTRIES)
        self._drawn: deque[list[Strip] | int] = deque(maxlen=MAX_ENTRIES)
        """Each entry as drawn; only the number of its lines before it was in view."""
        self._rows: list[tuple[int, int]] | None = None
        """For each row the entry, and the line of it."""
        self._width = 0

    def watch_empty(self) -> None:
        self.refresh()

    @property
    def lines(self) -> list[str]:
        """The text of all entries, oldest first."""
        return [entry.plain for entry in self._entries]

    def add(self, *entries: Content, in_place: bool = False) -> None:
        """Append entries; with `in_place` they replace the last one."""
        if in_place and self._entries:
            self._entries.pop()
            if self._drawn:
                self._drawn.pop()
        self._entries.extend(entries)
        if self._width:
            self._drawn.extend(map(self._height, entries))
        self._measure()
        self.refresh()

    def show_entry(self, index: int) -> None:
        """Scroll to this entry and mark it, and no other."""
        self._redraw()
        self._drawn[index] = self._draw(self._entries[index].stylize("reverse"))
        self._measure()
        self.release_anchor()
        self.scroll_to(y=sum(map(_lines, [*self._drawn][:index])), animate=False, force=True)

    def clear(self) -> None:
        self._entries.clear()
        self._drawn.clear()
        self._measure()
        self.refresh()

    def on_mount(self) -> None:
        """Follow the end, until scrolled away from it."""
        self.anchor()

    def on_resize(self) -> None:
        if self.scrollable_content_region.width != self._width:
            self._redraw()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self._width:
            self._redraw()

    def _redraw(self) -> None:
        width = self.scrollable_content_region.width
        if width < _NARROWEST:
            return
        self._width = width
        self._drawn = deque(map(self._height, self._entries), maxlen=MAX_ENTRIES)
        self._measure()
        self.refresh()

    def _height(self, content: Content) -> int:
        """The number of lines that `_draw` makes, which is much slower: of a flood of lines few are ever seen."""
        if content.cell_length <= self._width and "\n" not in content.plain:
            return 1
        return sum(len(divide_line(line, self._width)) + 1 for line in content.plain.split("\n"))

    def _draw(self, content: Content) -> list[Strip]:
        return Visual.to_strips(self, content, max(1, self._width), None, self.visual_style) or [
            Strip.blank(self._width)
        ]

    def _measure(self) -> None:
        self._rows = None
        self.virtual_size = Size(self._width, sum(map(_lines, self._drawn)))

    def render_line(self, y: int) -> Strip:
        if self._rows is None:
            self._rows = [(at, line) for at, drawn in enumerate(self._drawn) for line in range(_lines(drawn))]
        row = y + self.scroll_offset.y
        if not self._rows and row < len(lines := self._draw(Content.styled(self.empty, "$muted"))):
            strip = lines[row]
        elif row < len(self._rows):
            at, line = self._rows[row]
            drawn = self._drawn[at]
            if isinstance(drawn, int):
                drawn = self._drawn[at] = self._draw(self._entries[at])
            strip = drawn[line]
        else:
            return Strip.blank(self.size.width, self.rich_style)
        return strip.adjust_cell_length(self.size.width, self.rich_style).apply_style(self.rich_style)


def _lines(drawn: list[Strip] | int) -> int:
    return drawn if isinstance(drawn, int) else len(drawn)


class ActivityLog(WrappedLog):
    """Follows the snapshot's activity and appends new lines."""

    activities: var[tuple[Activity, ...]] = var(())

    def __init__(self) -> None:
        super().__init__(empty="Nothing yet. Save a model and it appears here.", id="activity")
        self.border_title = "Activity"
        self._last: Activity | None = None

    def watch_activities(self, activities: tuple[Activity, ...]) -> None:
        """Append the lines after the last one shown; the oldest may be gone, since activities are bounded."""
        fresh: list[Activity] = []
        for line in reversed(activities):
            if line is self._last:
                break
            fresh.append(line)
        if fresh:
            self._last = fresh[0]
            self.add(*map(_line, reversed(fresh)))


def _line(line: Activity) -> Content:
    tone, sign = _TONES[line.tone]
    clock = time.strftime("%H:%M:%S", time.localtime(line.wall))
    number = f"Q{line.number} " if line.number is not None else ""
    return Content.assemble((clock, "$muted"), (f" {sign} ", tone), (number, "bold"), (line.text, tone))


NOTHING_RUN = "Press r to run the question's solution.py. Its output appears here."
QUEUED = "Queued: it starts when no other script runs. r takes it out of the queue."


class RunPane(WrappedLog):
    """The output of a question's script, an epoch a line; the line being written replaces the previous one."""

    status = var("")
    """What is running, or how it ended; shown in the title."""
    shows_all = var(False)
    """Every line as it was printed, nothing folded."""

    def __init__(self) -> None:
        super().__init__(empty=NOTHING_RUN, id="run")
        self._live = False
        self._kept = {shows_all: deque[Content](maxlen=MAX_ENTRIES) for shows_all in (False, True)}
        self._last: dict[bool, str] = {False: "", True: ""}
        """The lines being written."""

    def watch_status(self, status: str) -> None:
        self.border_title = f"Output · {status}" if status else "Output"

    def watch_shows_all(self, shows_all: bool) -> None:
        self.border_subtitle = "all lines" if shows_all else ""
        super().clear()
        self._live = False
        self._print([*self._kept[shows_all]])

    def clear(self) -> None:
        """Forget all output, before that of another question is shown."""
        super().clear()
        self._live = False
        for kept in self._kept.values():
            kept.clear()
        self._last = {False: "", True: ""}

    def print(self, printed: Printed) -> None:
        """Add the script's output, in place of the previous live line."""
        raw = [Content(clean(line)) for line in printed.raw.lines]
        if dropped := printed.raw.dropped:
            raw.insert(0, Content.styled(f"… {dropped:,} lines skipped: too fast to show", "$muted"))
        self._keep([*map(_shown_line, printed.shown.lines)], printed.shown.live, raw, printed.raw.live)

    def separate(self, text: str) -> None:
        """A run begins or has ended."""
        rule = Content.styled(f"── {text}", "$muted")
        self._keep([rule], "", [rule], "")

    def _keep(self, shown: list[Content], live: str, raw: list[Content], raw_live: str) -> None:
        self._kept[False].extend(shown)
        self._kept[True].extend(raw)
        self._last = {False: live, True: raw_live}
        self._print(raw if self.shows_all else shown)

    def _print(self, fresh: list[Content]) -> None:
        live = self._last[self.shows_all]
        if live:
            fresh = [*fresh, Content(clean(live))]
        if fresh or self._live:
            self.add(*fresh, in_place=self._live)
        self._live = bool(live)


def _shown_line(line: ShownLine) -> Content:
    text = clean(line.text) + (" (a shows all)" if line.folded else "")
    return Content.styled(text, "$muted") if line.quiet else Content(text)
