"""What `mockexam status` prints. It is run often: no import here that is not needed."""

from __future__ import annotations

from contextlib import closing

from mockexam import paths


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
