"""The keys of a screen by name: as help, and as entries of the command palette."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.screen import Screen

Command = tuple[str, str, Callable[[], Any]]

_EVERYWHERE = (
    ("tab", "Next part of the screen; shift+tab goes back"),
    ("ctrl+p", "Command palette: all of this by name, and themes"),
    ("ctrl+t", "Light or dark"),
)


def help_content(screen: Screen[Any]) -> Content:
    """What the screen says of itself, then its keys."""
    keys: list[tuple[str, str]] = []
    for binding in screen.BINDINGS:
        assert isinstance(binding, Binding)
        told = binding.tooltip or binding.description
        key = binding.key_display or binding.key.partition(",")[0]
        if told and (key, told) not in keys:
            keys.append((key, told))
    keys += _EVERYWHERE
    width = max(len(key) for key, _ in keys)
    table = (Content.assemble((f"{key:>{width}}", "bold $primary"), f"  {told}") for key, told in keys)
    return Content("\n\n").join([Content(getattr(screen, "HELP_TEXT", "")), Content("\n").join(table)])


class ScreenCommands(Provider):
    """What the screen below the palette can do."""

    async def discover(self) -> Hits:
        """All of it, before anything is typed."""
        for name, told, run in self._commands():
            yield DiscoveryHit(name, run, help=told)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, told, run in self._commands():
            score = matcher.match(f"{name} {told}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, text=name, help=told)

    def _commands(self) -> Iterator[Command]:
        for binding in self.screen.BINDINGS:
            assert isinstance(binding, Binding)
            active = self.screen.active_bindings.get(binding.key.partition(",")[0])
            if binding.description and binding.tooltip and active is not None and active.enabled:
                yield binding.description, binding.tooltip, partial(self._run, binding.action)
        for name, told, action in getattr(self.screen, "palette_entries", tuple)():
            yield name, told, partial(self._run, action)
        # From an attempt's screen too, where the first screen is out of reach; not from within the review.
        if not any(hasattr(screen, "review") for screen in self.app.screen_stack):
            yield "Review past attempts", "Look back; esc leads back here", partial(self._run, "app.review")
        yield "Light or dark", "Change between the light and the dark look", partial(self._run, "app.look")
        yield "Theme", "Choose among all themes", self.app.action_change_theme

    async def _run(self, action: str) -> None:
        await self.screen.run_action(action)
