"""The real client and the real examiner's loop, with faults at each message and at the start of the examiner."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil

from mockexam.grading import client, examiner_process
from mockexam.grading import protocol as p
from mockexam.grading.client import Grader
from mockexam.grading.examiner_process import ExaminerProcess
from mockexam.paths import HOME_VARIABLE
from tests.faults.points import POINTS
from tests.faults.story import Room

SITE = Path(__file__).parent / "site"
ROOT = Path(__file__).parents[2]
REPLIES = (
    "kill before", "kill after", "half and kill", "half and silence", "garbage", "binary", "endless", "wrong job",
    "twice", "another answer", "no marks", "too many marks", "failed", "silence",
)  # fmt: skip
REQUESTS = ("kill before", "lost", "hang", "stop")


@dataclass(frozen=True)
class MessageFault:
    """What the examiner does wrong."""

    at: str
    """`reply` or `request`: what is counted."""
    number: int
    """At which message of an examiner, from 1."""
    what: str
    """One of REPLIES or REQUESTS."""
    times: int = 1
    """In so many examiners, one after the other."""


def ask_at_messages() -> None:
    """Put each message and each start of an examiner through `POINTS`."""
    ExaminerProcess.send = _send  # type: ignore[method-assign]
    ExaminerProcess.receive = _receive  # type: ignore[method-assign]
    examiner_process.__dict__["asyncio"] = SimpleNamespace(**{**vars(asyncio), "create_subprocess_exec": _spawn})


def message_grader(room: Room, fault: MessageFault | None) -> Grader:
    """A client whose examiner marks by a model's bytes alone. To be made in the process that uses it."""
    client.FIRST_SECONDS, client.SLACK_SECONDS = 1.5, 0.7
    examiner_process.READY_SECONDS, examiner_process.GRACE_SECONDS = 8.0, 0.4
    ask_at_messages()
    environment = {
        "PYTHONPATH": os.pathsep.join(map(str, (SITE, ROOT / "src"))),
        "MOCKEXAM_ISOLATION": "limits",
        "MOCKEXAM_TEST_STRUCK": str(room.folder / "struck"),
        "MOCKEXAM_TEST_FAULT": json.dumps(asdict(fault) if fault else None),
    }
    return Grader(room.state, environment=environment)


def struck(room: Room) -> int:
    """How often the examiner did wrong."""
    log = room.folder / "struck"
    return log.stat().st_size if log.exists() else 0


def survivors(room: Room, seconds: float = 4.0) -> Iterator[str]:
    """Examiners of this room that are still there so long after their app."""
    alive = []
    for one in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if one.environ().get(HOME_VARIABLE) == str(room.state.root):
                alive.append(one)
    _, alive = psutil.wait_procs(alive, timeout=seconds)
    for one in alive:
        yield f"still there: {one}"
        one.kill()


_really_send, _really_receive = ExaminerProcess.send, ExaminerProcess.receive


async def _send(self: ExaminerProcess, message: p.Message) -> None:
    POINTS.pass_by("message.send")
    await _really_send(self, message)
    POINTS.pass_by("message.sent")


async def _receive(self: ExaminerProcess) -> p.Message:
    message = await _really_receive(self)
    POINTS.pass_by("message.got")
    return message


async def _spawn(*arguments: Any, **named: Any) -> asyncio.subprocess.Process:
    error = POINTS.pass_by("spawn")
    if error:
        code = getattr(errno, error)
        raise OSError(code, os.strerror(code))
    return await asyncio.create_subprocess_exec(*arguments, **named)
