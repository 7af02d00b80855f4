"""Is this machine ready for an exam? Looks at it, and trains, saves and marks a small model to see.

Nothing here imports TensorFlow: what trains is a process of its own, as a candidate's script is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mockexam.doctor.machine import Check
    from mockexam.grading.client import Grader


# What follows is imported when it is called: screens import this package for `Check` alone.


def quick_checks(workspace: Path) -> list[Check]:
    """Look at versions, memory, disk, terminal, and whether a save beside `workspace` is noticed.

    The workspace need not exist. Call it in a thread: it takes up to a second, several where a save goes unnoticed.
    """
    from mockexam.doctor.quick import quick_checks as look

    return look(workspace)


async def full_checks(
    workspace: Path, progress: Callable[[float, str], None], *, grader: Grader | None = None
) -> list[Check]:
    """Train, save and mark a small model; tell isolation and speed. Takes about half a minute to a minute.

    `workspace` is where the model is saved (in a folder of its own that is deleted) if it exists. Without a `grader`
    one is started and ended. `progress` is told a fraction from 0 to 1 and what is being done. Whatever goes wrong
    becomes a failed check; cancelling ends all that was started.
    """
    from mockexam.doctor.full import full_checks as examine

    return await examine(workspace, progress, grader=grader)
