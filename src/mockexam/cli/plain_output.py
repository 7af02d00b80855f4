"""How `--plain` and `--json` tell a sitting: one line an event."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Protocol

import click

from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt
from mockexam.exam.policy import policy_of
from mockexam.session.ports import Activity, AttemptPlan, Hint, Snapshot
from mockexam.text.status import as_data, result_text, status_line
from mockexam.text.units import minutes_text, time_text

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelInspected

WARN_MINUTES = (60, 30, 10, 5, 1)
"""Minutes left at which the time is told."""


class SessionOutput(Protocol):
    """Who tells a sitting."""

    def plan(self, plan: AttemptPlan) -> None:
        """An attempt is about to be prepared."""

    def opened(self, snapshot: Snapshot) -> None:
        """The attempt is open."""

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """Something was recorded, or is worth a line."""

    def clock(self, snapshot: Snapshot) -> None:
        """A second has passed or something changed."""

    def status(self, snapshot: Snapshot) -> None:
        """The candidate asked where things stand."""

    def inspected(self, model: ModelInspected) -> None:
        """The candidate asked what a model is."""

    def hint(self, number: int, hint: Hint) -> None:
        """A hint that the candidate asked for, or sees again."""

    def left(self, snapshot: Snapshot) -> None:
        """The app lets go; the clock runs on."""

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        """All is marked."""


class Warnings:
    """Which warnings of the clock are due; each is given once, and none that was over when the sitting opened."""

    def __init__(self) -> None:
        self._last: float | None = None

    def due(self, remaining: float | None) -> int | None:
        """The minutes to be told now, if any."""
        before, self._last = self._last, remaining
        if before is None or remaining is None:
            return None
        crossed = [m for m in WARN_MINUTES if remaining <= m * 60 < before]
        return min(crossed) if crossed else None


class TextOutput:
    """Lines for people and screen readers."""

    def __init__(self) -> None:
        self._warnings = Warnings()

    def plan(self, plan: AttemptPlan) -> None:
        """Tell the paper and the rules on stderr."""
        questions = "1 question" if len(plan.paper.items) == 1 else f"{len(plan.paper.items)} questions"
        parts = [questions, minutes_text(plan.rules.duration)]
        if policy_of(plan).has_verdict:
            parts.append(f"pass at {plan.rules.pass_mark} %")
        click.echo(f"{plan.rules.title}, paper {plan.paper.code}: {', '.join(parts)}.", err=True)
        for item in plan.paper.items:
            click.echo(f"  {item.number}  {item.title} · {item.category} · weight {item.weight}", err=True)
        click.echo(f"Workspace: {plan.workspace}", err=True)

    def opened(self, snapshot: Snapshot) -> None:
        """Tell where the attempt stands."""
        attempt = snapshot.attempt
        click.echo(f"{attempt.rules.title} · paper {attempt.paper.code} · workspace {attempt.workspace}")
        click.echo(status_line(attempt, snapshot.now))

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """A line of activity."""
        del attempt, event
        if line is not None:
            question = f"Q{line.number} " if line.number else ""
            click.echo(f"{_clock(line.wall)}  {question}{line.text}")

    def clock(self, snapshot: Snapshot) -> None:
        """Tell the time when a warning is due."""
        minutes = self._warnings.due(snapshot.remaining)
        if minutes is not None:
            click.echo(f"{_clock(snapshot.now.wall)}  {minutes} minute{'s' if minutes > 1 else ''} left\a")

    def status(self, snapshot: Snapshot) -> None:
        """One line, then one a question."""
        click.echo(status_line(snapshot.attempt, snapshot.now))
        for q in snapshot.attempt.questions:
            marks = "–" if q.marks is None else q.marks
            waiting = f" · {q.waiting} waiting" if q.waiting else ""
            click.echo(f"  {q.item.number}  {marks}/5 ×{q.item.weight}  {q.item.title}{waiting}")

    def inspected(self, model: ModelInspected) -> None:
        """What a model is, as text."""
        from mockexam.cli.grade_commands import model_text

        click.echo(model_text(model))

    def hint(self, number: int, hint: Hint) -> None:
        """The hint under a line of its own."""
        click.echo(f"Q{number} hint {hint.step} of {hint.of}\n\n{hint.text}\n")

    def left(self, snapshot: Snapshot) -> None:
        """Say that the clock runs on."""
        untimed = snapshot.remaining is None
        state = "it stays under way" if untimed else f"the clock runs on: {time_text(snapshot.remaining)} left"
        click.echo(f"Left; {state}. Come back with `mockexam`.", err=True)

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        """The summary."""
        click.echo(result_text(snapshot.attempt, snapshot.now, receipt))


class JsonOutput:
    """One JSON object a line on stdout; `event` names what it is."""

    def __init__(self) -> None:
        self._warnings = Warnings()

    def plan(self, plan: AttemptPlan) -> None:
        """`planned`."""
        questions = [
            {"number": item.number, "question": item.question, "weight": item.weight, "folder": item.folder}
            for item in plan.paper.items
        ]
        self._line(
            "planned",
            mode=plan.mode.value,
            exam=plan.rules.exam,
            title=plan.rules.title,
            code=plan.paper.code,
            workspace=str(plan.workspace),
            duration_seconds=plan.rules.duration,
            pass_mark_percent=plan.rules.pass_mark,
            questions=questions,
        )

    def opened(self, snapshot: Snapshot) -> None:
        """`attempt`, with all that `mockexam status --json` tells."""
        self._line("attempt", **as_data(snapshot.attempt, snapshot.now))

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """An event of the record, or `activity`."""
        if event is not None:
            self._line(event.kind, **_fields(attempt, event))
        elif line is not None:
            self._line("activity", question=line.number, text=line.text, tone=line.tone.value)

    def clock(self, snapshot: Snapshot) -> None:
        """`time_left` when a warning is due."""
        if self._warnings.due(snapshot.remaining) is not None and snapshot.remaining is not None:
            self._line("time_left", seconds=round(snapshot.remaining))

    def status(self, snapshot: Snapshot) -> None:
        """`status`."""
        self._line("status", **as_data(snapshot.attempt, snapshot.now))

    def inspected(self, model: ModelInspected) -> None:
        """`inspected`."""
        self._line("inspected", **model.model_dump(exclude={"type", "job"}))

    def hint(self, number: int, hint: Hint) -> None:
        """`hint`."""
        self._line("hint", question=number, step=hint.step, of=hint.of, text=hint.text)

    def left(self, snapshot: Snapshot) -> None:
        """`left`."""
        self._line("left", remaining_seconds=snapshot.remaining)

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        """`result`."""
        self._line("result", **as_data(snapshot.attempt, snapshot.now, receipt))

    def _line(self, event: str, **fields: Any) -> None:
        click.echo(json.dumps({"event": event, **fields}, ensure_ascii=False))


_METRIC_FIELDS = ("metric", "value", "next_at")


def _fields(attempt: Attempt, event: ev.Event) -> dict[str, Any]:
    values = ev.to_fields(event)
    values.pop("paper", None)
    at = values.pop("at")
    submission = values.get("submission")
    if submission is not None and not isinstance(event, ev.Received):
        values["number"] = attempt.submission(submission).number
    if not policy_of(attempt).shows_metric_at_once:
        for name in _METRIC_FIELDS:
            values.pop(name, None)
    if "number" in values:
        values["question"] = values.pop("number")
    return {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at["wall"])), **values}


def _clock(wall: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(wall))
