"""A made-up world, and an app in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from mockexam.tui.app import MockexamApp
from mockexam.tui.app_base import StartAt
from tests.tui.fakes import FakeDesk, World

Opened = AbstractAsyncContextManager[Pilot[int]]
Opener = Callable[..., Opened]


@pytest.fixture
def data_seed(tmp_path: Path) -> World:
    """A desk with an empty workspace."""
    return World(FakeDesk(tmp_path / "work"))


@pytest.fixture
def opened(data_seed: World) -> Opener:
    """Opens the app in that world, at a size, as asked for; the first screen stands when it is entered."""

    @asynccontextmanager
    async def run(size: tuple[int, int] = (80, 24), start_at: StartAt | None = None) -> AsyncIterator[Pilot[int]]:
        app = MockexamApp(data_seed.manager, data_seed.manager.clock, start_at or StartAt(), data_seed.services())
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            yield pilot

    return run
