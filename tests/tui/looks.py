"""Reading an app's screen as text."""

from __future__ import annotations

import asyncio
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


async def until(pilot: Pilot[int], true: Callable[[], object], seconds: float = 120.0) -> None:
    """Wait for something that a worker, a thread or a process brings about. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)  # not the pilot's pause, which asks every widget each time
    await pilot.pause()
