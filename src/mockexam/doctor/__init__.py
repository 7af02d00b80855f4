"""Checks whether this machine is ready for an exam.

Nothing here imports TensorFlow: training runs in a process of its own, as a candidate's script does. The functions
import their modules when called, since screens import this package only for `Check`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockexam.doctor.machine import Check
    from mockexam.grading.client import Grader


def quick_checks(workspace: Path) -> list[Check]:
    """Check the versions, memory, disk, terminal and packs, and whether a save beside `workspace` is noticed.

    The workspace need not exist. Call it in a thread: it takes up to a second, several if a save goes unnoticed.
    """
    from mockexam.doctor.quick import quick_checks as check

    return check(workspace)


async def full_checks(
    workspace: Path, progress: Callable[[float, str], None], *, grader: Grader | None = None
) -> list[Check]:
    """Train, save and grade a small model; report isolation and speed. Takes half a minute to a minute.

    The model is saved in a temporary folder, in `workspace` if that exists. Without a `grader`, one is started and
    stopped. `progress` gets a fraction from 0 to 1 and the current step. An error becomes a failed check; cancelling
    stops all that was started.
    """
    from mockexam.doctor.full import full_checks as check

    return await check(workspace, progress, grader=grader)
