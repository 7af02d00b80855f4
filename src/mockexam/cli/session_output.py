"""What `--plain` and `--json` print of an attempt: a line per event."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt
from mockexam.exam.clock import TimeWarnings
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import MARKS_PER_QUESTION
from mockexam.session.grading_queue import undiagnosed
from mockexam.session.ports import Activity, AttemptPlan, Hint, Snapshot
from mockexam.session.script_runs import RunView, ScriptRuns, scripts_left
from mockexam.text.class_tables import class_lines
from mockexam.text.formats import paper, plural
from mockexam.text.status import as_data, result_text, status_line
from mockexam.text.units import minutes_text, time_text

if TYPE_CHECKING:
    from mockexam.grading.protocol import ModelInspected


_TABLE_WIDTH = 68


def say(text: str, *, err: bool = False) -> None:
    """Print lines; in a terminal wrapped at words to its width, indented as they begin."""
    if (sys.stderr if err else sys.stdout).isatty():
        text = "\n".join(map(_wrapped, text.split("\n")))
    click.echo(text, err=err)


def _wrapped(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(" "))]
    width = max(20, shutil.get_terminal_size().columns)
    if len(line) <= width:
        return line
    return textwrap.fill(line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


class TextOutput:
    """Lines for people and screen readers."""

    def __init__(self, *, bell: bool = True) -> None:
        self._warnings = TimeWarnings()
        self._bell = "\a" if bell else ""

    def plan(self, plan: AttemptPlan) -> None:
        """Paper and rules of an attempt that is about to be prepared, on stderr."""
        parts = [plural(len(plan.paper.items), "question"), minutes_text(plan.rules.duration)]
        if policy_of(plan).has_verdict:
            parts.append(f"pass at {plan.rules.pass_mark} %")
        say(f"{plan.rules.title}, {paper(plan.paper.code, repeat=plan.repeat)}: {', '.join(parts)}.", err=True)
        for item in plan.paper.items:
            say(f"  {item.number}  {item.title} · {item.category} · weight {item.weight}", err=True)
        if plan.to_download:
            say(f"Preparing downloads {plan.to_download}, once; the clock does not run.", err=True)
        say(f"Workspace: {plan.workspace}", err=True)

    def opened(self, snapshot: Snapshot) -> None:
        attempt = snapshot.attempt
        say(f"{attempt.rules.title} · paper {attempt.paper.code} · workspace {attempt.workspace}")
        say(status_line(attempt, snapshot.now))

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """Something was recorded, or is worth a line."""
        if line is not None:
            question = f"Q{line.number} " if line.number else ""
            say(f"{_clock(line.wall)}  {question}{line.text}")
        if isinstance(event, ev.Diagnosed) and event.class_report is not None:
            for row in class_lines(event.class_report, _TABLE_WIDTH):
                say(f"{'':10}{row}")
        if isinstance(event, ev.Settled) and (left := len(undiagnosed(attempt))):
            say(f"Diagnosing {plural(left, 'model')} …", err=True)

    def clock(self, snapshot: Snapshot) -> None:
        """A second has passed or something changed: announce the time if a warning is due."""
        minutes = self._warnings.crossed(snapshot.remaining)
        if minutes is not None:
            say(f"{_clock(snapshot.now.wall)}  {plural(minutes, 'minute')} left{self._bell}")

    def status(self, snapshot: Snapshot, runs: ScriptRuns) -> None:
        say(status_line(snapshot.attempt, snapshot.now))
        for question in snapshot.attempt.questions:
            marks = "–" if question.marks is None else question.marks
            waiting = f" · {question.waiting} waiting" if question.waiting else ""
            item = question.item
            say(f"  {item.number}  {marks}/{MARKS_PER_QUESTION} ×{item.weight}  {item.title}{waiting}")
        for view in filter(None, map(runs.view, runs.running)):
            say(f"  {view.status_text(snapshot.now.wall, snapshot.attempt)}")
        for number in runs.queued:
            say(f"  Q{number} · queued")

    def printed(self, number: int, lines: Sequence[str]) -> None:
        """A question's script printed these lines, which are not wrapped: they may be a table."""
        if lines:
            click.echo("\n".join(f"Q{number}  {line}".rstrip() for line in lines))

    def last_output(self, snapshot: Snapshot, view: RunView, lines: Sequence[str]) -> None:
        """The last lines of a question's newest run, and how it stands."""
        click.echo("\n".join(lines))
        say(view.status_text(snapshot.now.wall, snapshot.attempt))

    def runs(self, runs: ScriptRuns) -> None:
        """What runs or is queued has changed. The record's events say so already."""

    def inspected(self, model: ModelInspected, number: int) -> None:
        from mockexam.cli.grade_commands import model_text

        say(model_text(model, question=f"question {number}"))

    def hint(self, number: int, hint: Hint) -> None:
        say(f"Q{number} hint {hint.step} of {hint.of}\n\n{hint.text}\n")

    def left(self, snapshot: Snapshot, runs: ScriptRuns) -> None:
        """The user leaves; the clock keeps running, and so do the scripts."""
        running = "attempt" if snapshot.remaining is None else "clock"
        left = "" if snapshot.remaining is None else f": {time_text(snapshot.remaining)} left"
        say(f"The {running} is still running{left}. Run `mockexam` or this command again to continue.", err=True)
        for line in scripts_left(runs):
            say(line, err=True)

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        say(result_text(snapshot.attempt, snapshot.now, receipt))


class JsonOutput:
    """The same as JSON, one object per line on stdout; its key `event` names the kind."""

    def __init__(self) -> None:
        self._warnings = TimeWarnings()
        self._runs: tuple[tuple[int, ...], tuple[int, ...]] = ((), ())
        """Those that run and those that are queued, as told last."""

    def plan(self, plan: AttemptPlan) -> None:
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
        self._line("attempt", **as_data(snapshot.attempt, snapshot.now))

    def event(self, attempt: Attempt, event: ev.Event | None, line: Activity | None) -> None:
        """An event by its kind, or `activity`."""
        if event is not None:
            self._line(event.kind, **_fields(attempt, event))
        elif line is not None:
            self._line("activity", question=line.number, text=line.text, tone=line.tone.value)

    def clock(self, snapshot: Snapshot) -> None:
        if self._warnings.crossed(snapshot.remaining) is not None and snapshot.remaining is not None:
            self._line("time_left", seconds=round(snapshot.remaining))

    def status(self, snapshot: Snapshot, runs: ScriptRuns) -> None:
        self._line("status", **as_data(snapshot.attempt, snapshot.now))
        if runs.running or runs.queued:
            self._line("runs", running=runs.running, queued=runs.queued)

    def printed(self, number: int, lines: Sequence[str]) -> None:
        if lines:
            self._line("output", question=number, lines=lines)

    def last_output(self, snapshot: Snapshot, view: RunView, lines: Sequence[str]) -> None:
        del snapshot
        self._line("last_output", question=view.number, running=view.running, lines=lines)

    def runs(self, runs: ScriptRuns) -> None:
        now = (runs.running, runs.queued)
        if now != self._runs:
            self._runs = now
            self._line("runs", running=runs.running, queued=runs.queued)

    def inspected(self, model: ModelInspected, number: int) -> None:
        del number
        self._line("inspected", **model.model_dump(exclude={"type", "job"}))

    def hint(self, number: int, hint: Hint) -> None:
        self._line("hint", question=number, step=hint.step, of=hint.of, text=hint.text)

    def left(self, snapshot: Snapshot, runs: ScriptRuns) -> None:
        del runs
        self._line("left", remaining_seconds=snapshot.remaining)

    def result(self, snapshot: Snapshot, receipt: str | None) -> None:
        self._line("result", **as_data(snapshot.attempt, snapshot.now, receipt))

    def _line(self, event: str, **fields: Any) -> None:
        click.echo(json.dumps({"event": event, **fields}, ensure_ascii=False))


SessionOutput = TextOutput | JsonOutput


def _fields(attempt: Attempt, event: ev.Event) -> dict[str, Any]:
    values = ev.to_fields(event)
    values.pop("paper", None)
    at = values.pop("at")
    submission = values.get("submission")
    if submission is not None and not isinstance(event, ev.Received):
        values["number"] = attempt.submission(submission).number
    if not policy_of(attempt).shows_metric_at_once:
        for name in ("metric", "value", "next_at"):
            values.pop(name, None)
    if "number" in values:
        values["question"] = values.pop("number")
    return {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at["wall"])), **values}


def _clock(wall: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(wall))
