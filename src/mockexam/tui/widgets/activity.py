"""What happened, a line each with its time."""

from __future__ import annotations

import time

from textual.content import Content
from textual.reactive import var

from mockexam.session.ports import Activity, Tone
from mockexam.tui.widgets.wrapped_log import WrappedLog

_TONES = {Tone.INFO: ("", " "), Tone.GOOD: ("$text-success", "✓"), Tone.WARN: ("$text-warning", "!"),
          Tone.ERROR: ("$text-error", "✗")}  # fmt: skip


class ActivityLog(WrappedLog):
    """Follows the snapshot's activity: adds what is new at the end."""

    story: var[tuple[Activity, ...]] = var(())

    def __init__(self) -> None:
        super().__init__(empty="Nothing yet: save a model and it shows here.", id="activity")
        self._last: Activity | None = None

    def watch_story(self, story: tuple[Activity, ...]) -> None:
        """Add the lines after the last one shown; the story is bounded, so its beginning may have gone."""
        fresh: list[Activity] = []
        for line in reversed(story):
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
