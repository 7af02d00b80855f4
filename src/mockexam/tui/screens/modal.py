"""Dialogs: small screens over another one."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Checkbox, Input, Static

from mockexam.tui.widgets.line_list import MOVE_KEYS

Result = TypeVar("Result")
_STYLES = Path(__file__).with_name("modal.tcss")


class Modal(ModalScreen[Result]):
    """A box over the screen; Esc closes it and changes nothing."""

    HELP_TEXT = ""
    BINDINGS: ClassVar[list[BindingType]] = MOVE_KEYS
    text = Content()
    """What a dialog that asks says."""

    def __init__(self, title: str, keys: str, *, classes: str | None = None) -> None:
        """`keys` is the text in the lower border."""
        super().__init__(classes=classes)
        self.opened = math.inf
        """When it appeared, by the clock of events: what was typed before was not meant for it."""
        self._title, self._keys = title, keys
        # Textual reads the styles that a subclass names, beside the subclass's file, and no others.
        self.css_path = [_STYLES, *self.css_path]

    @on(events.Mount)
    def _entitle(self, event: events.Mount) -> None:
        self.opened = event.time
        box = self.query_one("#box")
        box.border_title = self._title
        box.border_subtitle = box.border_subtitle or self._keys

    def renew(self, other: Modal[Result]) -> None:
        """Say what another dialog of this kind would say now."""
        if other.text != self.text and self.is_mounted:
            self.text = other.text
            self.query_one("#box > Static", Static).update(self.text)

    def hint(self, text: str) -> None:
        """Show what is missing, in the dialog's `#hint`."""
        hint = self.query_one("#hint", Static)
        hint.update(Content(text))
        hint.add_class("-shown")


class TextModal(Modal[None]):
    """A text to read; Esc, Enter and the key that opened it close it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "dismiss", "Close", key_display="esc")]

    def __init__(self, title: str, text: Content, *, keys: str = "", symbols: str = "", wide: bool = False) -> None:
        """`keys` close it too; `symbols` explains its symbols; a `wide` text is not wrapped and scrolls both ways."""
        arrows = "↑ ↓ ← →" if wide else "↑ ↓"
        super().__init__(title, f"{symbols}{arrows} scroll · esc Close", classes="-wide-text" if wide else None)
        self._text = text
        for key in filter(None, keys.split(",")):
            self._bindings.bind(key, "dismiss", show=False)

    def compose(self) -> ComposeResult:
        with ScrollableContainer(id="box"):
            yield Static(self._text, markup=False)


class Ask(Modal[bool]):
    """Enter means yes, Esc means no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", "Yes"),
        Binding("escape", "dismiss(False)", "No"),
    ]

    def __init__(self, title: str, lines: Sequence[str | Content], *, yes: str, no: str = "Stay") -> None:
        super().__init__(title, f"enter {yes} · esc {no}", classes="-danger")
        self.text = Content("\n").join(map(Content, map(str, lines)))

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box"):
            yield Static(self.text)


class YesNo(Modal[bool]):
    """A question that comes by itself: Enter, which may have been meant for what it covers, does not answer it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes"),
        Binding("n,escape", "dismiss(False)", "No"),
    ]

    def __init__(self, title: str, lines: Sequence[str]) -> None:
        super().__init__(title, "y Yes · n No")
        self._lines = lines

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box"):
            yield Static("\n".join(self._lines), markup=False)


class Choose(Modal[str]):
    """Digits choose; Esc chooses nothing, and the result is None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Cancel")]

    def __init__(self, title: str, lines: Sequence[str], choices: Sequence[str]) -> None:
        """`choices`: what each digit does, from 1; the digit is the result."""
        keys = {str(number): text for number, text in enumerate(choices, 1)}
        super().__init__(title, " · ".join([*keys, "esc Cancel"]))
        options = [Content.assemble((key, "bold $primary"), f"  {text}") for key, text in keys.items()]
        self.text = Content("\n").join([*map(Content, lines), Content(""), *options])
        for key in keys:
            self._bindings.bind(key, f"dismiss({key!r})", show=False)

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box"):
            yield Static(self.text)


class TypeWord(Modal[bool]):
    """Confirms an irreversible action with a typed word."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(False)", "No")]
    DELIBERATE_SECONDS: ClassVar = 0.3
    """Nobody types the word sooner: it was pasted with the key that opened the dialog."""

    def __init__(self, title: str, lines: Sequence[str], *, word: str, does: str, no: str = "Keep working") -> None:
        super().__init__(title, f"enter {does} · esc {no}", classes="-danger")
        self.text = Content("\n".join(lines))
        self._word = word

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box", can_focus=False):
            yield Static(self.text)
            yield Input(placeholder=f"type {self._word}", compact=True, id="word")
            yield Static("", id="hint")

    def on_mount(self) -> None:
        self._mounted = time.monotonic()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if is_word(event.value, self._word):
            if time.monotonic() - self._mounted < self.DELIBERATE_SECONDS:
                self.hint("Press Enter once more.")
            else:
                self.dismiss(True)
        else:
            self.hint(f"Type the word {self._word} in full, or press Esc.")


def is_word(typed: str, word: str) -> bool:
    """True if the word was typed, in any case."""
    return typed.strip().upper() == word


Kind = Literal["new", "page", "existing", "folder"]
"""A new file, a page that may be replaced, an existing file, or a folder."""


class PathAnswer(NamedTuple):
    """The answer to AskPath."""

    path: Path
    name: str
    """What was typed above the path; empty if not asked."""
    ticked: bool
    """The checkbox; True if there is none."""


class AskPath(Modal[PathAnswer | None]):
    """Asks for a path: Enter accepts, Esc cancels. Replacing a file takes a second Enter."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "No")]

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        *,
        path: Path | None,
        does: str,
        kind: Kind = "new",
        choice: str = "",
        name: str = "",
    ) -> None:
        """`path` is the default. `choice` labels a ticked checkbox. `name`: what to type above the path."""
        super().__init__(title, f"enter {does} · esc Cancel")
        self._lines = lines
        self._path = path
        self._kind = kind
        self._choice = choice
        self._name_of = name
        self._warned: Path | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="box", can_focus=False):
            yield Static(Content("\n".join(self._lines)))
            if self._name_of:
                yield Input(placeholder=self._name_of, compact=True, id="name")
            yield Input(str(self._path or ""), placeholder="a path", compact=True, id="path", select_on_focus=False)
            if self._choice:
                yield Checkbox(self._choice, value=True, compact=True, id="choice")
            yield Static("", id="hint")

    def on_mount(self) -> None:
        """Scroll to the end of the path, where the name is."""
        field = self.query_one("#path", Input)
        self.call_after_refresh(lambda: field.scroll_to(x=len(field.value), animate=False, force=True))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        name = self.query_one("#name", Input).value.strip() if self._name_of else ""
        if self._name_of and not name:
            self.hint(f"Type {self._name_of}, or press Esc.")
            self.query_one("#name").focus()
            return
        if event.input.id == "name":
            self.query_one("#path").focus()
            return
        typed = event.value.strip()
        path = Path(typed).expanduser().absolute()
        problem = self._problem(path) if typed else "Type a path, or press Esc."
        if problem:
            self.hint(problem)
        else:
            ticked = self.query_one(Checkbox).value if self._choice else True
            self.dismiss(PathAnswer(path, name, ticked))

    def _problem(self, path: Path) -> str:
        """Why this path is not accepted, or not without another Enter; empty if it is."""
        if self._kind == "existing":
            return "" if path.is_file() else f"File not found: {path}"
        if self._kind == "folder":
            return "" if path.is_dir() or not path.exists() else f"{path} is a file, not a folder."
        if path.is_dir():
            return f"{path} is a folder. Add a file name."
        if not path.exists():
            return ""
        if self._kind == "new":
            return f"{path.name} already exists. Choose another name."
        if self._warned == path:
            return ""
        self._warned = path
        return f"{path.name} already exists. Press Enter again to replace it."


def free_name(folder: Path, stem: str, ending: str) -> Path:
    """An unused path in this folder: `stem.ending`, else `stem-2.ending`, and so on."""
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
    return next(
        (path for name in names if not (path := folder / f"{name}{ending}").exists()), folder / f"{stem}{ending}"
    )
