"""Reading an app's screen as text."""

from __future__ import annotations

from collections.abc import Callable

from textual.pilot import Pilot
from textual.screen import Screen


def text_of(pilot: Pilot[int]) -> str:
    """What the terminal shows, row by row."""
    screen: Screen[object] = pilot.app.screen
    strips = screen._compositor.render_strips(screen.size)
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


def name_of(pilot: Pilot[int]) -> str:
    """The class of the screen shown."""
    return type(pilot.app.screen).__name__


async def until(pilot: Pilot[int], true: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait for something that a worker or a thread brings about. Raises TimeoutError.

    Counted in rounds of a hundredth of a second: beside a busy machine each takes longer, and there are as many.
    """
    for _ in range(round(seconds * 100)):
        if true():
            await pilot.pause()
            return
        await pilot.pause(0.01)
    raise TimeoutError
