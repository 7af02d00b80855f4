"""Signals for a candidate who looks elsewhere: a toast, the terminal's title, its bell, a desktop notification."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from mockexam.errors import UserError
from mockexam.exam.policy import policy_of
from mockexam.exam.scoring import Verdict
from mockexam.paths import SIGNALS_VARIABLE
from mockexam.text.event_text import event_text
from mockexam.text.status import title_text

if TYPE_CHECKING:
    from mockexam.exam.attempt import Attempt, Submission
    from mockexam.session.ports import Snapshot
    from mockexam.tui.app_base import AppBase

SIGNALS = ("toast", "title", "bell", "notification")
ALL_SIGNALS = frozenset(SIGNALS)
_LONGEST = 160
"""Characters of a notification."""
_TOAST_SECONDS = 6.0


def chosen_signals() -> frozenset[str]:
    """The signals that the user wants: all unless the variable lists some, or says `none`.

    Raises UserError for any other word.
    """
    value = os.environ.get(SIGNALS_VARIABLE, "")
    words = value.lower().replace(",", " ").split()
    unknown = [word for word in words if word not in {*SIGNALS, "all", "none"}]
    if unknown:
        from difflib import get_close_matches

        near = get_close_matches(unknown[0], (*SIGNALS, "all", "none"), 1)
        raise UserError(
            f"{SIGNALS_VARIABLE} has an unknown word: {unknown[0]}.",
            location=f"{SIGNALS_VARIABLE}={value}",
            hint=f"{f'Did you mean {near[0]}? ' if near else ''}Use all, none, or some of {', '.join(SIGNALS)}.",
        )
    if not words or "all" in words:
        return ALL_SIGNALS
    return frozenset(word for word in words if word != "none")


def notification(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The sequence that makes this terminal show a desktop notification; empty if none would be understood.

    OSC 777 for terminals that know no other, else OSC 9; a terminal without either ignores it. The Linux console would
    print it, and GNU screen keeps it back. tmux passes it on if `allow-passthrough` is on, and ignores it otherwise.
    """
    term = environ.get("TERM", "")
    in_tmux = "TMUX" in environ
    if term.startswith("linux") or (term.startswith("screen") and not in_tmux):
        return ""
    plain = "".join(c if c.isprintable() else " " for c in text)[:_LONGEST]
    if "VTE_VERSION" in environ or term.startswith(("rxvt", "foot")):
        sequence = f"\x1b]777;notify;mockexam;{plain.replace(';', ',')}\x1b\\"
    else:
        # Not at its start: a digit and a semicolon would be a command of ConEmu's.
        sequence = f"\x1b]9;mockexam: {plain}\x1b\\"
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\" if in_tmux else sequence


class Signals:
    """Gives the chosen signals for one attempt, from its snapshots."""

    def __init__(self, app: AppBase, snapshot: Snapshot, chosen: frozenset[str] | None) -> None:
        """What `snapshot` shows already is no news. All signals are chosen by default."""
        self._app = app
        self._chosen = ALL_SIGNALS if chosen is None else chosen
        self._graded = _graded(snapshot.attempt)
        self._waiting: list[tuple[str, str, bool]] = []

    def follow(self, snapshot: Snapshot) -> None:
        """Signal what is new in this snapshot, and keep the title current."""
        attempt = snapshot.attempt
        if "title" in self._chosen:
            self._app.set_terminal_title(title_text(attempt, snapshot.remaining))
        for submission in attempt.submissions:
            if submission.id not in self._graded and submission.grading is not None:
                self._graded.add(submission.id)
                self._tell_verdict(attempt, submission)
        self._show_toasts()

    def _tell_verdict(self, attempt: Attempt, submission: Submission) -> None:
        assert submission.grading is not None
        shows_metric = policy_of(attempt).shows_metric_at_once
        text = event_text(attempt, submission.grading, shows_metric=shows_metric).partition("\n")[0]
        good = submission.grading.verdict is Verdict.GRADED
        self.tell(f"Question {submission.number}", text, warn=not good)

    def tell(self, title: str, text: str, *, warn: bool = False, toast: bool = True) -> None:
        """Say something by bell, notification and, unless not wanted, toast."""
        if "bell" in self._chosen:
            self._app.ring()
        if "notification" in self._chosen:
            self._app.send(notification(f"{title}: {text}"))
        if toast and "toast" in self._chosen:
            self._waiting.append((title, text, warn))
            self._show_toasts()

    def _show_toasts(self) -> None:
        """Show the toasts; while a dialog is open they wait, so that they do not cover its text."""
        if self._app.screen.is_modal:
            return
        for title, text, warn in self._waiting:
            severity = "warning" if warn else "information"
            self._app.notify(text, title=title, severity=severity, timeout=_TOAST_SECONDS, markup=False)  # type: ignore[arg-type]  # one of its words
        self._waiting.clear()


def _graded(attempt: Attempt) -> set[str]:
    return {submission.id for submission in attempt.submissions if submission.grading is not None}
