"""What the keys of the screen below do."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from mockexam.tui.screens.modal import Modal

_EVERYWHERE = (
    ("tab", "Next part of the screen; shift+tab goes back"),
    ("ctrl+p", "Command palette: all of this by name, and themes"),
    ("ctrl+t", "Light or dark"),
)


class HelpScreen(Modal[None]):
    """Keys and a few sentences; any of its keys closes it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,f1,q,enter", "dismiss", "Close", key_display="esc")
    ]

    def __init__(self, about: str, keys: list[tuple[str, str]]) -> None:
        super().__init__()
        self._about = about
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Sentences, then keys."""
        with VerticalScroll(id="box") as box:
            box.border_title = "Help"
            box.border_subtitle = "↑ ↓ scroll · esc Close"
            yield Static(Content("\n\n").join([Content(self._about), _table([*self._keys, *_EVERYWHERE])]))

    async def action_dismiss(self, result: None = None) -> None:
        """Close."""
        self.dismiss(result)


def keys_of(screen: Screen[object]) -> list[tuple[str, str]]:
    """The keys that a screen binds itself, as shown, with what they do."""
    keys: list[tuple[str, str]] = []
    for binding in screen.BINDINGS:
        assert isinstance(binding, Binding)
        told = binding.tooltip or binding.description
        key = binding.key_display or binding.key.partition(",")[0]
        if told and (key, told) not in keys:
            keys.append((key, told))
    return keys


def _table(keys: list[tuple[str, str]]) -> Content:
    width = max(len(key) for key, _ in keys)
    return Content("\n").join(Content.assemble((f"{key:>{width}}", "bold $primary"), f"  {told}") for key, told in keys)
