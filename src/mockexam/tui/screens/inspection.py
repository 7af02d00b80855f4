"""What a model file is, and what the marker would refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from mockexam.exam.model_format import FORMATS
from mockexam.text.units import size_text
from mockexam.tui.screens.modal import Modal

if TYPE_CHECKING:
    from mockexam.grading.protocol import InspectionFinding, ModelInspected

_SEVERITIES = {
    "refused": ("✗ would be refused", "bold $text-error"),
    "warning": ("! warning", "bold $text-warning"),
    "note": ("· note", "bold $muted"),
}


class InspectionScreen(Modal[None]):
    """Facts first, then findings."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,q,i", "close", "Close", key_display="esc")]

    def __init__(self, number: int, found: ModelInspected) -> None:
        super().__init__()
        self._number = number
        self._found = found

    def compose(self) -> ComposeResult:
        """Facts, findings, layers."""
        with VerticalScroll(id="box") as box:
            box.border_title = f"Question {self._number}: the newest model"
            box.border_subtitle = "↑ ↓ scroll · esc Close"
            yield Static(facts(self._found))
            yield Static(findings(self._found.findings))
            if self._found.layers:
                yield Static(_layers(self._found.layers))

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)


def facts(found: ModelInspected) -> Content:
    """Format, size, versions and shapes."""
    parameters = "unknown" if found.parameters is None else f"{found.parameters:,}"
    rows = [
        ("format", FORMATS[found.format].label),
        ("size", size_text(found.size)),
        ("saved with", found.saved_with or "unknown"),
        ("input", "\n             ".join(found.inputs) or "unknown"),
        ("output", "\n             ".join(found.outputs) or "unknown"),
        ("parameters", parameters),
    ]
    return Content("\n").join(Content.assemble((f"{name:<11}", "$muted"), f"  {value}") for name, value in rows)


def findings(found: list[InspectionFinding]) -> Content:
    """What would be refused, and what is worth knowing."""
    if not found:
        return Content.styled("✓ nothing that the marker would refuse", "$text-success")
    return Content("\n").join(_finding(each) for each in found)


def _finding(finding: InspectionFinding) -> Content:
    sign, tone = _SEVERITIES[finding.severity]
    line = Content.assemble((sign, tone), f"  {finding.message}")
    return Content.assemble(line, "\n  ", (finding.remedy, "$muted")) if finding.remedy else line


def _layers(layers: list[str]) -> Content:
    lines = [Content.styled("layers", "$muted"), *(Content(f"  {layer}") for layer in layers)]
    return Content("\n").join(lines)
