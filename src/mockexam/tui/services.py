"""Slow or external calls of the app, imported on first use; tests pass their own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockexam.doctor.machine import Check
    from mockexam.review.service import Review
    from mockexam.session.ports import ProgressCallback
    from mockexam.session.regrade import RegradeChange
    from mockexam.workspace.editor import Editor


def _quick_checks(workspace: Path) -> Sequence[Check]:
    from mockexam.doctor.quick import quick_checks

    return quick_checks(workspace)


async def _full_checks(workspace: Path, progress: ProgressCallback) -> Sequence[Check]:
    from mockexam.doctor.full import full_checks

    return await full_checks(workspace, progress)


def _editor(file: Path) -> Editor:
    from mockexam.workspace.editor import choose_editor

    return choose_editor(file)


def _review() -> Review:
    from mockexam import paths
    from mockexam.machine_clock import MachineClock
    from mockexam.review.service import Review

    return Review(paths.state_paths(), MachineClock())


async def _regrade(attempt: str, progress: ProgressCallback) -> Sequence[RegradeChange]:
    import asyncio
    from contextlib import closing

    from mockexam import paths
    from mockexam.bank.loader import load_bank
    from mockexam.grading.client import Grader
    from mockexam.machine_clock import MachineClock
    from mockexam.session.regrade import regrade
    from mockexam.store.journal import Journal

    state = paths.state_paths()
    bank = await asyncio.to_thread(load_bank)
    with closing(Journal(state.database)) as journal:
        async with Grader(state) as grader:
            return await regrade(journal, grader, bank, MachineClock(), attempt, state.submissions, progress)


async def _catch_up() -> None:
    from mockexam import paths

    state = paths.state_paths()
    if not any(state.locks.glob("diagnose-*")):  # spares the imports
        return
    from contextlib import closing

    from mockexam.grading.client import Grader
    from mockexam.machine_clock import MachineClock
    from mockexam.session.grading_queue import LateDiagnoses, catch_up
    from mockexam.store.attempt_lock import AttemptLock
    from mockexam.store.journal import Journal

    if AttemptLock(state.locks).holder() is None:
        with closing(Journal(state.database)) as journal:
            late = LateDiagnoses(state.locks)
            await catch_up(journal, lambda: Grader(state), MachineClock(), state.submissions, late)


def _no_receipt(attempt: str) -> str | None:  # noqa: ARG001  # the signature of the real one
    return None


@dataclass(frozen=True)
class Services:
    """Slow or external calls that screens make."""

    quick_checks: Callable[[Path], Sequence[Check]] = _quick_checks
    """Checks the machine for a workspace; called in a thread."""
    full_checks: Callable[[Path, ProgressCallback], Awaitable[Sequence[Check]]] = _full_checks
    """The training test, about a minute."""
    editor: Callable[[Path], Editor] = _editor
    """The editor for a file. Raises UserError if there is none."""
    receipt: Callable[[str], str | None] = _no_receipt
    """The receipt of an attempt with a final result."""
    review: Callable[[], Review] = _review
    """The review of past attempts."""
    regrade: Callable[[str, ProgressCallback], Awaitable[Sequence[RegradeChange]]] = _regrade
    """Grades an attempt's stored models again. Raises UserError."""
    catch_up: Callable[[], Awaitable[None]] = _catch_up
    """Makes the diagnoses that were left when the app was closed. Raises UserError."""
