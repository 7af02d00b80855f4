"""A fake environment, and an app in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from mockexam.session.ports import ReviewRequest, StartRequest
from mockexam.tui.app import MockexamApp
from mockexam.tui.screens.modal import TypeWord
from tests.tui.fakes import FakeEnvironment, FakeManager

Opened = AbstractAsyncContextManager[Pilot[int]]
Opener = Callable[..., Opened]


@pytest.fixture(autouse=True, scope="session")
def styles_parsed_once() -> Iterator[None]:
    """Each app parses the same styles anew, and these tests start hundreds of apps: a sixth of their work."""
    parse, parsed = Stylesheet._parse_rules, dict[Any, Any]()

    def parse_once(sheet: Stylesheet, *arguments: Any, **named: Any) -> Any:
        key = (arguments, tuple(named.items()), tuple(sheet._variables.items()))
        if key not in parsed:
            parsed[key] = parse(sheet, *arguments, **named)
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", parse_once)
        yield


@pytest.fixture(autouse=True)
def answers_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests type faster than people."""
    monkeypatch.setattr(TypeWord, "DELIBERATE_SECONDS", 0.0)


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
