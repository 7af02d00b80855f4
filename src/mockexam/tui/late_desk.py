"""A desk that is made when it is first asked for something, so that the first frame need not wait for the record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from mockexam.session.manager import SessionManager
    from mockexam.session.ports import (
        AttemptPlan,
        CategoryRecord,
        ExamSessionPort,
        ProgressCallback,
        RetryChoice,
        Running,
    )


class LateSessionManager:
    """See `SessionManagerPort`. Each call may raise UserError, as making the manager does for a damaged record."""

    def __init__(self, make: Callable[[], SessionManager]) -> None:
        self._make = make
        self._manager: SessionManager | None = None

    def real(self) -> SessionManager:
        """The desk. The first call must come from the thread that the app runs in."""
        if self._manager is None:
            self._manager = self._make()
        return self._manager

    def running(self) -> Running | None:
        return self.real().running()

    def exams(self) -> tuple[tuple[str, str], ...]:
        return self.real().exams()

    def plan(self, exam: str | None, code: str | None, workspace: Path | None) -> AttemptPlan:
        return self.real().plan(exam, code, workspace)

    def practice(self) -> tuple[CategoryRecord, ...]:
        return self.real().practice()

    def plan_retry(self, choice: RetryChoice, workspace: Path | None) -> AttemptPlan:
        return self.real().plan_retry(choice, workspace)

    async def prepare(self, plan: AttemptPlan, progress: ProgressCallback) -> None:
        await self.real().prepare(plan, progress)

    def start(self, plan: AttemptPlan) -> str:
        return self.real().start(plan)

    def open(self, attempt: str) -> ExamSessionPort:
        return self.real().open(attempt)

    def receipt(self, attempt: str) -> str | None:
        """The receipt of an attempt whose result stands."""
        return self.real().journal.receipt(attempt)

    async def close(self) -> None:
        """End the marker's processes, if the desk was ever made."""
        if self._manager is not None:
            await self._manager.close()
