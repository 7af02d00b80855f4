"""The submissions of a question with their verdicts and feedback."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.reactive import var
from textual.widgets.option_list import Option

from mockexam.review.detail import Regrade, SubmissionDetail
from mockexam.text import formats
from mockexam.text.units import metric_numbers, number_text, size_text, time_text
from mockexam.tui.labels import verdict, wrapped
from mockexam.tui.widgets.line_list import CursorList, LazyPrompt

_JOINT = "\u00a0· "
"""Between facts: a line ends with the dot."""


class SubmissionList(CursorList):
    """Several lines per submission, oldest first; a symbol marks the selected one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Script", tooltip="Show the script that made it")
    ]

    submissions: var[tuple[SubmissionDetail, ...]] = var(())

    def __init__(self) -> None:
        super().__init__(id="submissions", classes="list", markup=False)

    @property
    def chosen(self) -> SubmissionDetail | None:
        """The submission under the cursor."""
        return self.submissions[self.highlighted] if self.submissions and self.highlighted is not None else None

    def watch_submissions(self, submissions: tuple[SubmissionDetail, ...]) -> None:
        """Show these; select the one that counts, else the newest."""
        at = next((i for i, s in enumerate(submissions) if s.counts), len(submissions) - 1)
        self.set_options(Option(LazyPrompt(partial(self._prompt, i)), id=s.id) for i, s in enumerate(submissions))
        if submissions:
            self.highlighted = at
            self.call_after_refresh(self.scroll_to_highlight)

    def on_resize(self) -> None:
        self.call_after_refresh(self.scroll_to_highlight)

    def _prompt(self, index: int, width: int) -> Content:
        return prompt(self.submissions[index], width, chosen=index == self.highlighted)


def prompt(submission: SubmissionDetail, width: int, *, chosen: bool) -> Content:
    """Verdict and metric; time, file and size; the grader's message; findings."""
    words, tone = verdict(submission)
    head = Content.assemble(
        ("▸" if chosen else " ", "bold $primary"), (words, tone or "bold"),
        (", counts" if submission.counts else "", "$text-success"), (f"  {_value(submission)}", "bold"),
    )  # fmt: skip
    lines = [head, *wrapped(_JOINT.join(_facts(submission)), width, "$muted")]
    for text in _feedback(submission):
        lines += wrapped(text, width, "")
    for regrade in submission.regrades:
        lines += wrapped(regrade_text(regrade), width, "$text-secondary")
    return Content("\n").join(lines)


def _value(submission: SubmissionDetail) -> str:
    if submission.metric is None or submission.value is None:
        return ""
    return f"{formats.metric(submission.metric)} {metric_numbers(submission.value, submission.next_at)[0]}"


def _facts(submission: SubmissionDetail) -> list[str]:
    facts = []
    if submission.value is not None and submission.next_at is not None:
        _, missing, edge = metric_numbers(submission.value, submission.next_at)
        facts.append(f"{missing} to the next mark at {edge}")
    facts += [f"{time_text(submission.elapsed)}\u00a0({formats.clock(submission.wall)})", submission.name]
    facts += [size_text(submission.size), *([submission.isolation] if submission.isolation else [])]
    facts += ["saved before the end, found after it"] if submission.swept else []
    facts += [] if submission.model else ["model no longer stored"]
    return facts if submission.scripts else [*facts, "no script stored"]


def _feedback(submission: SubmissionDetail) -> list[str]:
    message = " ".join(part for part in (submission.message, submission.remedy) if part)
    lines = [message] if message else []
    if submission.train_value is not None:
        lines.append(f"on the training data: {number_text(submission.train_value)}")
    return [*lines, *(f"· {finding}" for finding in submission.findings)]


def regrade_text(regrade: Regrade) -> str:
    """A later verdict in one line."""
    value = "" if regrade.value is None else f", {number_text(regrade.value)}"
    versions = " ".join(f"{name} {version}" for name, version in sorted(regrade.versions.items()))
    outcome = formats.marks(regrade.marks) if regrade.marks is not None else formats.verdict(regrade.verdict)
    return f"graded again on {formats.minute(regrade.wall)}: {outcome}{value} ({versions})"
