"""An error in place: what happened, where, and what to do."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.errors import UserError


class Told(Static):
    """Hidden while there is nothing to tell."""

    DEFAULT_CSS = """
    Told { display: none; height: auto; padding: 0 1; border-left: outer $error; background: $error 12%; }
    Told.-shown { display: block; }
    """

    error: var[UserError | None] = var(None)

    def watch_error(self, error: UserError | None) -> None:
        """Show or hide."""
        self.set_class(error is not None, "-shown")
        if error is not None:
            self.update(told_content(error))


def told_content(error: UserError) -> Content:
    """An error as text."""
    lines = [
        Content.assemble((text, "bold")) if not head else Content.assemble((f"{head}: ", "$muted"), text)
        for head, text in told_lines(error)
    ]
    return Content("\n").join(lines)


def told_lines(error: UserError) -> tuple[tuple[str, str], ...]:
    """An error as pairs of heading and text."""
    pairs = (("", error.message), ("where", error.location), ("what to do", error.hint))
    return tuple((head, text) for head, text in pairs if text)
