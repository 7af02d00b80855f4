"""The setting of a screenshot scene."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from textual.pilot import Pilot

from tests.tui.fakes import FakeEnvironment, FakeSession


@dataclass(frozen=True)
class Stage:
    """A fake environment and the app in it."""

    pilot: Pilot[int]
    env: FakeEnvironment

    @property
    def session(self) -> FakeSession:
        """The running attempt."""
        assert self.env.manager.session is not None
        return self.env.manager.session


Scene = Callable[[Stage], Awaitable[None]]
