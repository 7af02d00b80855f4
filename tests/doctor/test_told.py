"""Checks as text and as JSON."""

from __future__ import annotations

import json

import pytest

from mockexam.doctor.check import Check, Status
from mockexam.doctor.told import as_json, as_text

CHECKS = [Check("Python", "ok", "3.11.7", "not shown"), Check("terminal", "warn", "small", "Enlarge it.")]


def test_the_text_has_a_line_a_check_and_the_remedies() -> None:
    """What is in order needs no remedy."""
    assert as_text(CHECKS).splitlines() == [
        "ok    Python    3.11.7",
        "WARN  terminal  small",
        "                what to do: Enlarge it.",
        "",
        "Ready, with 1 of 2 checks to know about.",
    ]


@pytest.mark.parametrize(
    ("status", "ready", "last"), [("ok", True, "Ready: all"), ("fail", False, "Not ready: 1 of 3")]
)
def test_the_answer_is_ready_or_not(status: Status, ready: bool, last: str) -> None:
    """A warning does not keep anybody from an exam, a failed check does."""
    checks = [Check("a", "ok", "fine"), Check("b", "ok", "fine"), Check("c", status, "so")]

    assert as_text(checks).splitlines()[-1].startswith(last)
    assert json.loads(as_json(checks))["ready"] is ready


def test_the_json_holds_every_field() -> None:
    """In order, for programs."""
    assert json.loads(as_json(CHECKS))["checks"][1] == {
        "name": "terminal",
        "status": "warn",
        "text": "small",
        "remedy": "Enlarge it.",
    }
