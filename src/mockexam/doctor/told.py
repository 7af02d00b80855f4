"""Checks as text and as JSON, for the command."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mockexam.doctor.check import Check

_SIGNS = {"ok": "ok  ", "warn": "WARN", "fail": "FAIL"}


def as_text(checks: Sequence[Check]) -> str:
    """A line a check, remedies below, and a last line that sums up."""
    width = max((len(check.name) for check in checks), default=0)
    lines: list[str] = []
    for check in checks:
        lines.append(f"{_SIGNS[check.status]}  {check.name:<{width}}  {check.text}")
        if check.remedy and check.status != "ok":
            lines.append(f"{'':6}{'':{width}}  what to do: {check.remedy}")
    return "\n".join([*lines, "", _summary(checks)])


def as_json(checks: Sequence[Check]) -> str:
    """One object: `ready`, and the checks in order."""
    fields = [{"name": c.name, "status": c.status, "text": c.text, "remedy": c.remedy} for c in checks]
    return json.dumps({"ready": not any(c.status == "fail" for c in checks), "checks": fields}, ensure_ascii=False)


def _summary(checks: Sequence[Check]) -> str:
    failed = sum(check.status == "fail" for check in checks)
    warned = sum(check.status == "warn" for check in checks)
    if failed:
        return f"Not ready: {failed} of {len(checks)} checks failed."
    if warned:
        return f"Ready, with {warned} of {len(checks)} checks to know about."
    return f"Ready: all {len(checks)} checks are in order."
