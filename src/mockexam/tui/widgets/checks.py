"""What the doctor found, a line a check, with the remedy below."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.reactive import var
from textual.widgets import Static

from mockexam.doctor.machine import Check

_SIGNS = {"ok": ("✓ ok  ", "$text-success"), "warn": ("! warn", "$text-warning"), "fail": ("✗ fail", "$text-error")}


class Checks(Static):
    """Shows checks; `brief` leaves out what is in order."""

    checks: var[tuple[Check, ...] | None] = var(None)
    """None while they are being made."""

    def __init__(self, *, brief: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._brief = brief

    def watch_checks(self, checks: tuple[Check, ...] | None) -> None:
        """Draw."""
        if checks is None:
            self.update(Content.styled("Looking at this machine …", "$muted"))
            return
        told = [check for check in checks if check.status != "ok"] if self._brief else checks
        width = max((len(check.name) for check in told), default=0)
        blocks = [_line(check, width) for check in told]
        self.update(Content("\n").join([summary(checks), *blocks] if self._brief else blocks))


def summary(checks: Sequence[Check]) -> Content:
    """All in one line."""
    failed = sum(check.status == "fail" for check in checks)
    warned = sum(check.status == "warn" for check in checks)
    if failed:
        return Content.styled(f"✗ this machine: {failed} of {len(checks)} checks failed", "$text-error")
    if warned:
        return Content.styled(f"! this machine: {warned} of {len(checks)} checks to know about", "$text-warning")
    return Content.styled(f"✓ this machine: all {len(checks)} quick checks are in order", "$text-success")


def _line(check: Check, width: int) -> Content:
    sign, tone = _SIGNS[check.status]
    line = Content.assemble((sign, tone), "  ", (f"{check.name:<{width}}", "bold"), f"  {check.text}")
    if check.remedy and check.status != "ok":
        return Content.assemble(line, "\n" + " " * (width + 10), (check.remedy, "$muted"))
    return line
