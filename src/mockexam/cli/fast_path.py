"""What `mockexam status` prints. It is run often: no import here that is not needed."""

from __future__ import annotations

from contextlib import closing

from mockexam import paths


def status_text(*, as_json: bool) -> str:
    """Time left, marks so far and the folders, as text or JSON. Raises UserError if the record can't be read."""
    import json

    from mockexam.machine_clock import MachineClock
    from mockexam.store.journal import Journal
    from mockexam.text.status import as_data, folder_lines, status_line

    database = paths.state_paths().database
    if database.exists():
        with closing(Journal(database)) as journal:
            if (running := journal.unsettled()) is not None:
                attempt, now = journal.attempt(running), MachineClock().read()
                text = "\n".join([status_line(attempt, now), *folder_lines(attempt)])
                return json.dumps(as_data(attempt, now)) if as_json else text
    return json.dumps({"attempt": None}) if as_json else "No attempt is under way."
