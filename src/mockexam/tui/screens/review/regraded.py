"""What came of marking an attempt again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mockexam.exam.scoring import Verdict
from mockexam.text import formats
from mockexam.text.units import number_text
from mockexam.tui.screens.modal import Modal

if TYPE_CHECKING:
    from mockexam.session.regrade import RegradeChange


class RegradedScreen(Modal[None]):
    """A summary, then a line or two a submission."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q", "close", "Close", key_display="esc")]

    def __init__(self, changes: Sequence[RegradeChange]) -> None:
        super().__init__()
        self._changes = changes

    def compose(self) -> ComposeResult:
        """All of it, to scroll."""
        with VerticalScroll(id="box") as box:
            box.border_title = "Marked again"
            box.border_subtitle = "↑ ↓ scroll · esc Close"
            yield Static(regraded_text(self._changes))

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)


def regraded_text(changes: Sequence[RegradeChange]) -> Content:
    """How many changed, each submission before and after, and which versions are others than they were."""
    graded = [change for change in changes if change.after is not None]
    changed = sum(change.changed for change in graded)
    words = "none has another verdict or marks" if not changed else f"{changed} with another verdict or marks"
    lines = [Content.styled(f"{formats.plural(len(graded), 'model')} marked again, {words}.", "bold")]
    if any(change.changed and not change.mended for change in graded):
        lines.append(Content("What was told first stands; the new verdicts are on record beside it."))
    lines += map(_line, changes)
    versions = dict.fromkeys(f"{v.name} {v.before or '?'} → {v.after or '?'}" for c in graded for v in c.versions)
    if versions:
        lines.append(Content.styled(f"other versions: {', '.join(versions)}", "$muted"))
    return Content("\n").join(lines)


def _line(change: RegradeChange) -> Content:
    was = _judged(change.before, change.marks_before, change.value_before)
    name = (f"Q{change.number} ", "bold")
    if change.after is None:
        return Content.assemble(name, f"{was}: ", (change.left_out, "$text-warning" if change.fault else "$muted"))
    now = _judged(change.after, change.marks_after, change.value_after)
    told = ("  ! changed", "$text-warning") if change.changed else ("  = same", "$muted")
    return Content.assemble(
        name, f"{was} → {now}", told, ("  and counts now" if change.mended else "", "$text-success")
    )


def _judged(verdict: Verdict | None, marks: int | None, value: float | None) -> str:
    if verdict is not Verdict.GRADED:
        return formats.verdict(verdict)
    return formats.marks(marks) + ("" if value is None else f" at {number_text(value)}")
