"""The command palette's entries: every key of the screen by name, the questions, and the look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider

Command = tuple[str, str, Callable[[], object]]


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
                yield Hit(score, name, run, text=f"{name} {told}", help=told)

    def _commands(self) -> Iterator[Command]:
        seen: set[str] = set()
        for node, binding, enabled, tooltip in self.screen.active_bindings.values():
            if not enabled or not (tooltip or binding.description) or binding.action in seen or binding.system:
                continue
            if node is not self.screen or binding.action.startswith("choose("):
                continue
            seen.add(binding.action)
            yield binding.description or tooltip, tooltip, partial(self._run, binding.action)
        yield from self._questions()

    def _questions(self) -> Iterator[Command]:
        from mockexam.tui.screens.room_actions import RoomActions

        if isinstance(self.screen, RoomActions):
            for item in self.screen.snapshot.attempt.paper.items:
                choose = partial(self._run, f"choose({item.number})")
                yield f"Question {item.number}: {item.title}", f"Show its task (weight {item.weight})", choose

    async def _run(self, action: str) -> None:
        await self.screen.run_action(action)
