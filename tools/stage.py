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
    data_seed: World

    @property
    def session(self) -> FakeSitting:
        """The attempt under way."""
        assert self.data_seed.manager.session is not None
        return self.data_seed.manager.session


Scene = Callable[[Stage], Awaitable[None]]
