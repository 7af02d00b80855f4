"""Scenes of the review: the history, an attempt, its scripts, a comparison, readiness, and what asks before it acts."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.histories import make_history
from tests.tui.fakes import FakeEnvironment
from tools.stage import Scene, Stage

ATTEMPTS = 40
_EMPTY = "review-empty"


def remember(env: FakeEnvironment, home: Path, name: str) -> None:
    """Give a world a past, unless the scene is about having none."""
    env.home = home
    if name != _EMPTY:
        make_history(home, ATTEMPTS, altered=ATTEMPTS - 5, running=name == "review-closed", seed=3, reach=0.75)


def keys(*pressed: str | float) -> Scene:
    """A scene in the review: keys one after the other, numbers are seconds to wait."""

    async def scene(stage: Stage) -> None:
        for key in ("3", 0.5, *pressed):
            if isinstance(key, float):
                await asyncio.sleep(key)
            else:
                await stage.pilot.press(key)
        await asyncio.sleep(0.3)

    return scene


_TO_EXAM = ("M", "down", "down", "enter", 0.5)

REVIEWING: dict[str, Scene] = {
    "review": keys(),
    _EMPTY: keys(),
    "review-filtered": keys("M", "S", "S", "slash", *"2026"),
    "review-delete": keys("space", "space", "x"),
    "review-disk": keys("D", 0.4),
    "review-export": keys("E"),
    "review-attempt": keys("enter", 0.5, "3", 0.2),
    "review-retry": keys("down", "enter", 0.5, "tab", "tab"),
    "review-altered": keys("down", "down", "down", "down", "enter", 0.5),
    "review-timeline": keys(*_TO_EXAM, "t"),
    "review-closed": keys("down", "down", "enter", 0.5),
    "review-script": keys("enter", 0.5, "enter", "enter", 0.5),
    "review-diff": keys("enter", 0.5, "enter", "enter", 0.5, "d", 0.5),
    "review-diff-other": keys("enter", 0.5, "enter", "enter", 0.5, "d", 0.3, "d", 0.5),
    "review-reference": keys("enter", 0.5, "w", 0.6),
    "review-restore": keys("enter", 0.5, "O"),
    "review-pick": keys("enter", 0.5, "c", 0.4),
    "review-compare": keys("M", "down", "space", "down", "down", "space", "c", 0.5),
    "review-readiness": keys("R", 0.8),
    "review-skills": keys("R", 0.8, "z"),
}
