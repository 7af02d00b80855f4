"""What `mockexam` and `mockexam status` do. They are run often or waited for: no import here that is not needed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mockexam import paths

if TYPE_CHECKING:
    from mockexam.session.ports import RetryChoice


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    exam: str | None = None
    code: str | None = None
    workspace: Path | None = None
    retry: RetryChoice | None = None
    """What to retry, instead of an exam."""

    @property
    def empty(self) -> bool:
        """Whether nothing in particular is asked for."""
        return self == Request()


def open_app(request: Request | None = None) -> int:
    """Run the full-screen app, with a request at its start screen; returns the exit code."""
    from mockexam.tui.launch import run_app

    return run_app(request)


def status_text(*, as_json: bool) -> str:
    """Time left and marks so far, as text or JSON. Raises UserError if the record can't be read."""
    import json

    from mockexam.machine_clock import MachineClock
    from mockexam.store.journal import Journal
    from mockexam.text.status import as_data, status_line

    database = paths.state_paths().database
    if database.exists():
        with closing(Journal(database)) as journal:
            if (running := journal.unsettled()) is not None:
                attempt, now = journal.attempt(running), MachineClock().read()
                return json.dumps(as_data(attempt, now)) if as_json else status_line(attempt, now)
    return json.dumps({"attempt": None}) if as_json else "No attempt is under way."
