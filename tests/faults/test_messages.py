"""Faults between the app and the examiner: at each message, in both directions, and at the examiner's start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.driver import Tally, Zygote, errors, kills
from tests.faults.messages import REPLIES, REQUESTS, MessageFault

SOME = [
    MessageFault("reply", 5, "half and silence"),
    MessageFault("reply", 5, "too many marks", times=9),
    MessageFault("request", 3, "kill before"),
]
"""For every run: a hang, a fault that does not pass, and an examiner that is killed."""


def every() -> list[MessageFault]:
    """Each thing that can go wrong at each message; some of them in one examiner after the other."""
    once = [MessageFault("reply", number, what) for number in range(1, 10) for what in REPLIES]
    once += [MessageFault("request", number, what) for number in range(1, 6) for what in REQUESTS]
    lasting = [MessageFault("reply", 5, what, times=99) for what in REPLIES]
    lasting += [MessageFault("reply", 1, what, times=99) for what in ("kill before", "garbage", "failed")]
    lasting += [MessageFault("request", 3, what, times=99) for what in REQUESTS]
    return once + lasting


@pytest.mark.parametrize("full", [False, pytest.param(True, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_no_message_can_cost_a_mark(full: bool, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Whatever is lost, garbled or never said: each model is graded once and rightly, or stands as the grader's fault
    until it is graded again; and no examiner outlives its app."""
    tally = Tally()
    with Zygote(tmp_path) as zygote:
        calm = zygote.play("messages")
        assert (calm["how"], calm["wrong"]) == ("ended", [])
        for message in every() if full else SOME:
            tally.add("message", message, zygote.play("messages", message=message))
        names = calm["names"]
        for fault in kills(names) + errors(names) + errors(names, 3) if full else kills(names)[6:7]:
            tally.add(f"messages {fault.what}", fault, zygote.play("messages", fault=fault))
    tally.report(record_property)
