"""Asks for a path, and where it matters for a name above it and a choice below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Checkbox, Input, Static

from mockexam.tui.screens.modal import Modal

Kind = Literal["new", "page", "there", "folder"]
"""A file to write that is not there yet, a page that may replace its older self, a file to read, or a folder."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was answered."""

    path: Path
    name: str
    """What was typed above it; empty if nothing was asked for."""
    ticked: bool
    """The choice beside it; True if there was none."""


class AskPath(Modal[Asked | None]):
    """Enter takes the path, Esc closes with nothing done. A file that would be replaced is told before."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "No")]

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
        """`path` is proposed. `choice`: what can be left out, ticked at first. `name`: what to type above the path."""
        super().__init__()
        self._title = title
        self._lines = lines
        self._path = path
        self._does = does
        self._kind = kind
        self._choice = choice
        self._name_of = name
        self._warned: Path | None = None

    def compose(self) -> ComposeResult:
        """What it is for, and the field."""
        with VerticalScroll(id="box", can_focus=False) as box:
            box.border_title = self._title
            box.border_subtitle = f"enter {self._does} · esc Do nothing"
            yield Static(Content("\n".join(self._lines)))
            if self._name_of:
                yield Input(placeholder=self._name_of, compact=True, id="name")
            yield Input(str(self._path or ""), placeholder="a path", compact=True, id="path", select_on_focus=False)
            if self._choice:
                yield Checkbox(self._choice, value=True, compact=True, id="choice")
            yield Static("", id="hint")

    def on_mount(self) -> None:
        """The name at the path's end is what is looked at."""
        field = self.query_one("#path", Input)
        self.call_after_refresh(lambda: field.scroll_to(x=len(field.value), animate=False, force=True))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take it, unless that would be a surprise."""
        event.stop()
        name = self.query_one("#name", Input).value.strip() if self._name_of else ""
        if self._name_of and not name:
            self._hint(f"Type {self._name_of}, or press Esc.")
            self.query_one("#name").focus()
            return
        if event.input.id == "name":
            self.query_one("#path").focus()
            return
        typed = event.value.strip()
        path = Path(typed).expanduser().absolute()
        problem = self._problem(path) if typed else "Type a path, or press Esc."
        if problem:
            self._hint(problem)
        else:
            ticked = self.query_one(Checkbox).value if self._choice else True
            self.dismiss(Asked(path, name, ticked))

    def _problem(self, path: Path) -> str:
        """Why this path will not do, or not without another Enter; empty if it does."""
        if self._kind == "there":
            return "" if path.is_file() else f"There is no file {path}."
        if self._kind == "folder":
            return "" if path.is_dir() or not path.exists() else f"{path} is a file; a folder is needed."
        if path.is_dir():
            return f"{path} is a folder: add a file's name."
        if not path.exists():
            return ""
        if self._kind == "new":
            return f"{path.name} is there already: choose another name."
        if self._warned == path:
            return ""
        self._warned = path
        return f"{path.name} is there already. Press Enter again to replace it."

    def action_cancel(self) -> None:
        """Close with nothing done."""
        self.dismiss(None)

    def _hint(self, text: str) -> None:
        hint = self.query_one("#hint", Static)
        hint.update(Content(text))
        hint.add_class("-shown")


def free_name(folder: Path, stem: str, ending: str) -> Path:
    """A path in this folder that is not taken: `stem.ending`, else `stem-2.ending`, and so on."""
    names = (stem, *(f"{stem}-{n}" for n in range(2, 1000)))
    return next(
        (path for name in names if not (path := folder / f"{name}{ending}").exists()), folder / f"{stem}{ending}"
    )
