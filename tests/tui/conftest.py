"""A fake environment, and an app in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mockexam.session.ports import ReviewRequest, StartRequest
from mockexam.tui.app import MockexamApp
from tests.tui.fakes import FakeEnvironment, FakeManager

Opened = AbstractAsyncContextManager[Pilot[int]]
Opener = Callable[..., Opened]


@pytest.fixture
def env(tmp_path: Path) -> FakeEnvironment:
    """A session manager with an empty workspace."""
    return FakeEnvironment(FakeManager(tmp_path / "work"))


@pytest.fixture
def opened(env: FakeEnvironment) -> Opener:
    """Opens the app in that environment at a size; entered once the first screen is shown."""

    @asynccontextmanager
    async def run(
        size: tuple[int, int] = (80, 24), request: StartRequest | ReviewRequest | None = None
    ) -> AsyncIterator[Pilot[int]]:
        app = MockexamApp(env.manager, env.manager.clock, request, env.services())
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield pilot

    return run
