"""`mockexam status`: time left and marks so far, from the record alone."""

from __future__ import annotations

import json
from contextlib import closing

from mockexam import paths
from mockexam.machine_clock import MachineClock


def status(*, as_json: bool) -> str:
    """What to print. Raises UserError if the record can't be read."""
    from mockexam.store.journal import Journal
    from mockexam.text.status import as_data, status_line

    database = paths.state_paths().database
    if not database.exists():
        return _none(as_json)
    with closing(Journal(database)) as journal:
        running = journal.unsettled()
        if running is None:
            return _none(as_json)
        attempt = journal.attempt(running)
    now = MachineClock().read()
    return json.dumps(as_data(attempt, now)) if as_json else status_line(attempt, now)


def _none(as_json: bool) -> str:
    return json.dumps({"attempt": None}) if as_json else "No attempt is under way."
