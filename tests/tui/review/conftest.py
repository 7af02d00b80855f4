"""A made-up record for the review, and the app beside it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from mockexam.review.service import Review
from mockexam.tui.app import MockexamApp
from mockexam.tui.screens.attempt_screen import AttemptScreen
from mockexam.tui.screens.history_screen import HistoryScreen
from mockexam.tui.widgets.status_lines import ErrorPanel
from tests.histories import make_history
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import name_of, text_of

Visit = Callable[..., AbstractAsyncContextManager[Pilot[int]]]
NUMBER = 12
ALTERED = 9
"""Index of the attempt whose record was changed by hand; oldest first, as all of them."""


@dataclass(frozen=True)
class Record:
    """A record on the disk."""

    home: Path
    ids: tuple[str, ...]
    """Oldest first: every third one is an exam, from the first on."""

    @property
    def exam(self) -> str:
        """The newest exam that is intact."""
        return self.ids[6]


async def wait(pilot: Pilot[int], true: Callable[[], object]) -> None:
    """Wait for what a thread brings about, seldom enough to leave it the processor."""
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.03)
    await pilot.pause()


async def shown(pilot: Pilot[int], *texts: str) -> str:
    """Wait until all of these stand on the screen; then the screen."""
    async with asyncio.timeout(10):
        while missing := [text for text in texts if text not in plain(pilot)]:
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                raise AssertionError(f"{missing} not in\n{plain(pilot)}") from None
    return plain(pilot)


def plain(pilot: Pilot[int]) -> str:
    """What the terminal shows, with spaces of one kind."""
    return text_of(pilot).replace("\u00a0", " ")


async def at(pilot: Pilot[int], screen: str) -> None:
    """Wait until this screen stands."""
    await wait(pilot, lambda: name_of(pilot) == screen)


def notices(pilot: Pilot[int]) -> str:
    """All notifications."""
    return " ".join(f"{note.title} {note.message}" for note in pilot.app._notifications)


async def told(pilot: Pilot[int], text: str) -> None:
    """Wait for this notification."""
    await wait(pilot, lambda: text in notices(pilot))


def fill(pilot: Pilot[int], text: str, where: str = "Input") -> None:
    """Type a text into a field."""
    pilot.app.screen.query_one(where, Input).value = text


def is_read(pilot: Pilot[int], kind: type[AttemptScreen | HistoryScreen]) -> bool:
    """Whether such a screen stands and shows what was read, or why it can't be."""
    screen = pilot.app.screen
    if not isinstance(screen, kind) or not screen.query(ErrorPanel):
        return False
    read = screen.loaded if isinstance(screen, HistoryScreen) else screen.detail
    return read is not None or screen.query_one(ErrorPanel).error is not None


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """Made once; not to be changed."""
    home = tmp_path_factory.mktemp("record")
    return Record(home, tuple(make_history(home, NUMBER, altered=ALTERED, submissions_each=5)))


@pytest.fixture
def record(made: Record, env: FakeEnvironment, tmp_path: Path) -> Record:
    """A copy of it, which the environment's app reads."""
    env.home = tmp_path / "home"
    shutil.copytree(made.home, env.home)
    return Record(env.home, made.ids)


@pytest.fixture
def review(record: Record, env: FakeEnvironment) -> Review:
    """That record, as the app sees it."""
    return env.review()


@pytest.fixture
def visit(env: FakeEnvironment) -> Visit:
    """Opens the review, or one attempt (by its id or a part of it), and waits until it is read."""

    @asynccontextmanager
    async def run(attempt: str | None = None, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[int]]:
        app = MockexamApp(env.manager, env.manager.clock, None, env.services())
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            app.action_review(attempt)
            await wait(pilot, lambda: is_read(pilot, AttemptScreen if attempt else HistoryScreen))
            yield pilot

    return run
