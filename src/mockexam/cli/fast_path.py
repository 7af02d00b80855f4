"""What `mockexam status` prints. It is run often: no import here that is not needed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam import paths

if TYPE_CHECKING:
    from mockexam.exam.attempt import Attempt
    from mockexam.paths import StatePaths


def status_text(*, as_json: bool) -> str:
    """Time left, marks so far and the folders, as text or JSON. Raises UserError if the record can't be read."""
    import json

    from mockexam.machine_clock import MachineClock
    from mockexam.store.journal import Journal
    from mockexam.text.formats import questions
    from mockexam.text.status import as_data, folder_lines, status_line

    state = paths.state_paths()
    if state.database.exists():
        with closing(Journal(state.database)) as journal:
            if (running := journal.unsettled()) is not None:
                attempt, now = journal.attempt(running), MachineClock().read()
                left = _left_waiting(attempt, state)
                if as_json:
                    return json.dumps(as_data(attempt, now) | {"left_waiting": left})
                lines = [f"A saved model of {questions(left)} waits: run `mockexam`, which grades it."] if left else []
                return "\n".join([status_line(attempt, now), *lines, *folder_lines(attempt)])
    return json.dumps({"attempt": None}) if as_json else "No attempt is under way."


def saved_since(attempt: Attempt) -> set[int]:
    """The questions whose newest model came into its folder after the last one that was received."""
    from mockexam.workspace.layout import Workspace, newest_model
    from mockexam.workspace.signature import sign

    numbers = set()
    for question in attempt.questions:
        received = max((s.saved for s in question.submissions), default=attempt.clock.started.wall)
        found = newest_model(Workspace(Path(attempt.workspace)).question(question.item.folder))
        signature = sign(found[0]) if found else None
        if signature is not None and signature.newest > received:
            numbers.add(question.item.number)
    return numbers


def _left_waiting(attempt: Attempt, state: StatePaths) -> list[int]:
    """The questions whose models wait for an app that is not open."""
    numbers = {submission.number for submission in attempt.waiting}
    if attempt.finished is None:
        numbers |= saved_since(attempt)
    if not numbers:
        return []
    from mockexam.store.attempt_lock import AttemptLock  # brings its library, so only if there is something to say

    if AttemptLock(state.locks).holder() is not None:
        return []
    return sorted(numbers)
