"""Where a scene of a screenshot plays."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual.pilot import Pilot

from tests.tui.fakes import FakeSitting, World


@dataclass(frozen=True)
class Stage:
    """A made-up world, and the app in it."""

    pilot: Pilot[int]
    world: World

    @property
    def sitting(self) -> FakeSitting:
        """The attempt under way."""
        assert self.world.desk.sitting is not None
        return self.world.desk.sitting


Scene = Callable[[Stage], Awaitable[None]]
