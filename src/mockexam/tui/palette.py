"""The command palette's entries: every key of the screen by name, the questions, and the look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider

Command = tuple[str, str, Callable[[], Any]]


class ScreenCommands(Provider):
    """What the screen below the palette can do."""

    async def discover(self) -> Hits:
        """All of it, before anything is typed."""
        for name, told, run in self._commands():
            yield DiscoveryHit(name, run, help=told)

    async def search(self, query: str) -> Hits:
        """What fits."""
        matcher = self.matcher(query)
        for name, told, run in self._commands():
            score = matcher.match(f"{name} {told}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, text=name, help=told)

    def _commands(self) -> Iterator[Command]:
        yield from self._keys()
        yield from self._questions()
        yield from self._review()
        yield "Light or dark", "Change between the light and the dark look", partial(self._run, "app.look")
        yield "Theme", "Choose among all themes", self.app.action_change_theme

    def _keys(self) -> Iterator[Command]:
        for binding in self.screen.BINDINGS:
            assert isinstance(binding, Binding)
            active = self.screen.active_bindings.get(binding.key.partition(",")[0])
            if binding.description and binding.tooltip and active is not None and active.enabled:
                yield binding.description, binding.tooltip, partial(self._run, binding.action)

    def _questions(self) -> Iterator[Command]:
        from mockexam.tui.screens.room_actions import RoomActions

        if isinstance(self.screen, RoomActions):
            for item in self.screen.snapshot.attempt.paper.items:
                choose = partial(self._run, f"choose({item.number})")
                yield f"Question {item.number}: {item.title}", f"Show its task (weight {item.weight})", choose

    def _review(self) -> Iterator[Command]:
        """From an attempt's room too, where the home screen is out of reach; not from within the review."""
        from mockexam.tui.screens.review.housekeeping import Housekeeping

        if not any(isinstance(screen, Housekeeping) for screen in self.app.screen_stack):
            yield "Review past attempts", "Look back; esc leads back here", partial(self._run, "app.review")

    async def _run(self, action: str) -> None:
        await self.screen.run_action(action)
