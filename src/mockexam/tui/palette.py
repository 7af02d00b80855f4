"""A screen's keys as help text and as entries of the command palette."""

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
    ("tab", "Next pane; shift+tab goes back"),
    ("ctrl+p", "Command palette: search all commands and themes"),
    ("ctrl+t", "Switch between light and dark"),
)


def help_content(screen: Screen[Any]) -> Content:
    """The screen's help text, then its keys."""
    keys: list[tuple[str, str]] = []
    for binding in screen.BINDINGS:
        assert isinstance(binding, Binding)
        text = binding.tooltip or binding.description
        key = binding.key_display or binding.key.partition(",")[0]
        if text and (key, text) not in keys:
            keys.append((key, text))
    keys += _EVERYWHERE
    width = max(len(key) for key, _ in keys)
    table = (Content.assemble((f"{key:>{width}}", "bold $primary"), f"  {text}") for key, text in keys)
    return Content("\n\n").join([Content(getattr(screen, "HELP_TEXT", "")), Content("\n").join(table)])


class ScreenCommands(Provider):
    """Commands of the screen below the palette."""

    async def discover(self) -> Hits:
        """All commands, before anything is typed."""
        for name, text, run in self._commands():
            yield DiscoveryHit(name, run, help=text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, text, run in self._commands():
            score = matcher.match(f"{name} {text}")
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, text=name, help=text)

    def _commands(self) -> Iterator[Command]:
        for binding in self.screen.BINDINGS:
            assert isinstance(binding, Binding)
            active = self.screen.active_bindings.get(binding.key.partition(",")[0])
            if binding.description and binding.tooltip and active is not None and active.enabled:
                yield binding.description, binding.tooltip, partial(self._run, binding.action)
        for name, text, action in getattr(self.screen, "palette_entries", tuple)():
            yield name, text, partial(self._run, action)
        # Also during an exam, where the home screen is out of reach; not within the review.
        if not any(hasattr(screen, "review") for screen in self.app.screen_stack):
            yield "Review past attempts", "Open the review; esc leads back here", partial(self._run, "app.review")
        yield "Light or dark", "Switch between light and dark", partial(self._run, "app.look")
        yield "Theme", "Choose a theme", self.app.action_change_theme

    async def _run(self, action: str) -> None:
        await self.screen.run_action(action)
