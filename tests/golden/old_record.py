"""The record as it lies on the disk, read without any of the app's code: what a later version has to get along with."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

RECORD = "records.sqlite3"
FIRST = "0" * 64
"""Stands for the hash before the first event."""
Row = tuple[int, str, str, str, str]
"""seq, kind, body, the hash before, its own hash."""


def rows(record: Path, attempt: str) -> list[Row]:
    """The events of an attempt in order."""
    with closing(sqlite3.connect(record)) as database:
        query = "SELECT seq, kind, body, previous, hash FROM events WHERE attempt = ? ORDER BY seq"
        return database.execute(query, (attempt,)).fetchall()


def attempts(record: Path) -> list[str]:
    """All ids, in the order in which they were recorded."""
    with closing(sqlite3.connect(record)) as database:
        return [row[0] for row in database.execute("SELECT id FROM attempts ORDER BY number")]


def first_of_each_kind(record: Path) -> dict[str, str]:
    """Bodies by kind."""
    found: dict[str, str] = {}
    for attempt in attempts(record):
        for _, kind, body, _, _ in rows(record, attempt):
            found.setdefault(kind, body)
    return dict(sorted(found.items()))


def last_reading(record: Path) -> dict[str, Any]:
    """What the clocks said at the newest event. Leaves no file beside the record: it is for one that nobody changes."""
    with closing(sqlite3.connect(f"{record.absolute().as_uri()}?immutable=1", uri=True)) as database:
        query = "SELECT json_extract(body, '$.at') AS at FROM events ORDER BY json_extract(at, '$.wall') DESC LIMIT 1"
        at: dict[str, Any] = json.loads(database.execute(query).fetchone()[0])
        return at


def chained(attempt: str, events: list[tuple[str, str]]) -> list[Row]:
    """Events (kind, body) as they stand in the record, each with the hash of the one before."""
    chain: list[Row] = []
    previous = FIRST
    for seq, (kind, body) in enumerate(events, 1):
        hashed = hashlib.sha256(json.dumps([previous, attempt, seq, kind, body]).encode()).hexdigest()
        chain.append((seq, kind, body, previous, hashed))
        previous = hashed
    return chain


def move_workspace(record: Path, attempt: str, workspace: Path) -> None:
    """Let an attempt have been started in this folder."""
    events = []
    for _, kind, body, _, _ in rows(record, attempt):
        fields = json.loads(body)
        if kind == "started":
            fields["workspace"] = str(workspace)
        events.append((kind, json.dumps(fields, ensure_ascii=False, separators=(",", ":"))))
    with closing(sqlite3.connect(record)) as database, database:
        guards = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            database.execute(f"DROP TRIGGER {name}")
        database.execute("DELETE FROM events WHERE attempt = ?", (attempt,))
        values = [(attempt, *row) for row in chained(attempt, events)]
        columns = "attempt, seq, kind, body, previous, hash"
        database.executemany(f"INSERT INTO events ({columns}) VALUES (?, ?, ?, ?, ?, ?)", values)
        for _, sql in guards:
            database.execute(sql)
