"""How the start screen comes by its plan: an exam's paper, or a question to practise."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from mockexam.session.ports import AttemptPlan, RetryChoice, SessionManagerPort

_PREPARE = "Prepare makes the workspace and its data: the clock does not run yet, and existing files stay as they are. "
_START = "Then type START and Enter: from there the clock runs, without a pause."


class PlanSource(Protocol):
    """What plans are drawn from."""

    @property
    def heading(self) -> str:
        """What is about to be started, before there is a plan."""
        ...

    @property
    def help_text(self) -> str:
        """How the start screen works for it."""
        ...

    def plan(self, workspace: Path | None) -> AttemptPlan:
        """Draw. Slow at first: call it in a thread. Raises UserError."""
        ...

    def without_code(self) -> PlanSource:
        """What to draw from after a paper's code was refused."""
        ...


@dataclass(frozen=True, slots=True)
class ExamSource:
    """Papers of an exam: a new one each time, or the one that a code names."""

    manager: SessionManagerPort
    exam: str | None = None
    code: str = ""

    @property
    def heading(self) -> str:
        return "Start an exam"

    @property
    def help_text(self) -> str:
        codes = "A code replays the paper it names; without one a new paper is drawn, with the questions you have met "
        return f"{codes}least. {_PREPARE}{_START}"

    def plan(self, workspace: Path | None) -> AttemptPlan:
        return self.manager.plan(self.exam, self.code or None, workspace)

    def without_code(self) -> ExamSource:
        return replace(self, code="")


@dataclass(frozen=True, slots=True)
class RetrySource:
    """A question of what is to be practised, with new numbers each time."""

    manager: SessionManagerPort
    choice: RetryChoice

    @property
    def heading(self) -> str:
        return "Retry a category"

    @property
    def help_text(self) -> str:
        draw = "A question that you have not met comes first, then the one with the fewest marks, met longest ago. "
        if self.choice.question is not None:
            draw = "The question that you chose, with new numbers in its data each time. "
        start = _START if self.choice.timed else "Then type START and Enter: from there the attempt is on record."
        return f"{draw}{_PREPARE}{start}"

    def plan(self, workspace: Path | None) -> AttemptPlan:
        return self.manager.plan_retry(self.choice, workspace)

    def without_code(self) -> RetrySource:
        return self
