"""One attempt in an archive, checked before it is believed: its row, its events as recorded, its stored files."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from itertools import groupby
from pathlib import Path

from mockexam.exam import class_report, outcome, training_history
from mockexam.exam import events as ev
from mockexam.exam.attempt import Attempt, Phase, fold
from mockexam.exam.model_format import FORMATS
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.files import reason_of
from mockexam.store import strict_json
from mockexam.store.archive.archive_format import (
    CHUNK,
    FIRST_VERSION,
    SHA256,
    FileEntry,
    clash,
    is_attempt_id,
    is_safe_name,
    is_safe_part,
)
from mockexam.store.database import reading
from mockexam.store.journal import EventRow, Journal, first_break, to_json

_LAST_SECOND = 32_503_680_000
"""The year 3000; what is later is no time of an attempt."""
_SEED = re.compile(r"[0-9a-f]{32}")
_DIGITS = 12
"""So many digits of the hash name a folder of scripts."""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """The attempt in the table of attempts; its fields are the columns."""

    id: str
    created: str
    mode: str
    exam: str
    code: str
    secret: str
    """The hold-out seed."""


@dataclass(frozen=True, slots=True)
class ArchivedAttempt:
    """The record of one attempt; its fields are the keys of `record.json`."""

    attempt: AttemptRow
    events: tuple[EventRow, ...]


_FORMS: dict[type[ev.Event], int] = {ev.NotReceived: 2, ev.TrainingRecorded: 2}
"""The form of archive from which on there are such events; 1 for all others."""
_RECEIPTS = (ev.Received, ev.ReceivedAgain)
_ROW = tuple(field.name for field in fields(AttemptRow))


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """A record that is consistent."""

    created: str
    last_hash: str
    """Stands for the whole attempt."""
    models: Mapping[str, ev.Received]
    """The receipts by the names of their models in the attempt's folder."""
    scripts: frozenset[str]
    """The names of the folders of scripts."""
    form: int
    """The oldest form of an archive that can hold it."""


def record_text(journal: Journal, attempt: str) -> bytes:
    """The record of an attempt as it stands in an archive; empty if there is none. Raises UserError."""
    query = f"SELECT {', '.join(_ROW)} FROM attempts WHERE id = ?"  # noqa: S608  # names of ours
    with reading(journal.path):
        row = journal.connection.execute(query, (attempt,)).fetchone()
    if row is None:
        return b""
    events = [asdict(row) for row in journal.rows(attempt)]
    return to_json({"attempt": dict(zip(_ROW, row, strict=True)), "events": events}).encode()


def read_record(text: bytes) -> ArchivedAttempt:
    """A record as it stands in an archive, of the right types but not checked any further. Raises ValueError."""
    return strict_json.read(ArchivedAttempt, text)


def check_record(text: bytes, attempt: str) -> CheckedRecord:
    """The record of this attempt, checked: types, hashes, the order of events, and names. Raises ValueError."""
    record = read_record(text)
    if record.attempt.id != attempt or not is_attempt_id(attempt):
        raise ValueError("the record belongs to another attempt")
    broken = first_break(attempt, record.events)
    if broken is not None:
        raise ValueError(f"{broken.reason} (event {broken.seq})")
    events = [_event(line) for line in record.events]
    state = _fold(attempt, events)
    if state.phase is not Phase.ENDED:
        raise ValueError("the attempt has not ended")
    _check_start(record.attempt, events[0])
    for event in events:
        _check_event(state, event)
    models = {_own(attempt, s.received.stored, s.number): s.received for s in state.submissions}
    named = {(state.submission(e.submission).number, e.scripts) for e in events if isinstance(e, _RECEIPTS)}
    scripts = frozenset(_own(attempt, where, number) for number, where in named if where)
    if scripts & models.keys():
        raise ValueError("a model and scripts have the same name")
    form = max(map(_form, events))
    return CheckedRecord(record.attempt.created, record.events[-1].hash, models, scripts, form)


def _form(event: ev.Event) -> int:
    """The form of archive that an event needs."""
    return 2 if getattr(event, "class_report", None) else _FORMS.get(type(event), FIRST_VERSION)


def _event(line: EventRow) -> ev.Event:
    text = line.body.encode()
    values = strict_json.parse(text)
    if not isinstance(values, dict):
        raise ValueError(f"event {line.seq} is not an object")
    event = ev.from_fields(line.kind, values)
    if strict_json.read(type(event), text) != event:
        raise ValueError(f"event {line.seq} is ambiguous")
    return event


def _fold(attempt: str, events: list[ev.Event]) -> Attempt:
    """The state after all events, from which every report can be made."""
    try:
        state = fold(attempt, events)
        outcome.outcome_of(state, events[-1].at, None)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"the events are inconsistent: {error}") from None
    return state


def _check_start(row: AttemptRow, start: ev.Event) -> None:
    assert isinstance(start, ev.Started)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_moment(start)))
    if (created, start.mode, start.rules.exam, start.paper.code) != (row.created, row.mode, row.exam, row.code):
        raise ValueError("the attempt's row does not match its start")
    items, rules = start.paper.items, start.rules
    if not (
        _SEED.fullmatch(row.secret)
        and len({item.number for item in items}) == len(items)
        and all(item.weight >= 1 and item.number >= 1 for item in items)
        # What is restored in a question's folder goes nowhere else.
        and all(is_safe_part(item.folder) and item.folder.startswith(f"q{item.number}_") for item in items)
        and all(is_safe_part(part) for item in items for part in item.question.split("/"))
        and 0 <= rules.pass_mark <= 100
        and (rules.duration is None or rules.duration > 0)
    ):
        raise ValueError("its start is invalid")


def _check_event(state: Attempt, event: ev.Event) -> None:
    _moment(event)
    match event:
        case ev.Received():
            valid = event.size >= 0 and bool(SHA256.fullmatch(event.sha256)) and is_safe_part(event.name)
            valid = valid and any(item.number == event.number for item in state.paper.items)
        case ev.NotReceived():
            valid = event.number is None or any(item.number == event.number for item in state.paper.items)
        case ev.GradingResult():
            graded = event.verdict is Verdict.GRADED
            valid = (event.marks is not None) == graded and 0 <= (event.marks or 0) <= MARKS_PER_QUESTION
        case ev.TrainingRecorded():
            valid = training_history.is_sound(event.fits)
        case ev.Diagnosed():
            valid = event.class_report is None or class_report.is_sound(event.class_report)
        case ev.Settled():
            valid = 0 <= event.earned <= event.possible == state.possible
        case _:
            valid = True
    if not valid:
        raise ValueError(f"an event ({event.kind}) is invalid")


def _moment(event: ev.Event) -> float:
    if not 0 <= event.at.wall <= _LAST_SECOND:
        raise ValueError("an event has an invalid time")
    return event.at.wall


def _own(attempt: str, stored: str, number: int) -> str:
    """The name, in the attempt's own folder, of what is stored for a question."""
    folder, _, name = stored.partition("/")
    if folder != attempt or not is_safe_part(name) or not name.startswith(f"q{number}-"):
        raise ValueError("a stored file would lie outside the attempt's folder")
    return name


class ItemHash:
    """The hash of a stored model or folder of scripts, updated file by file in the order of their names.

    As in its receipt: a single file's is over its bytes; a folder's over the name, the size and the bytes of each file.
    """

    def __init__(self, name: str) -> None:
        """`name` is the item's in the attempt's folder."""
        self._name = name
        self._hashed = hashlib.sha256()
        self.size = 0

    def begin(self, name: str, size: int) -> None:
        """The next file begins."""
        self.size += size
        if name != self._name:
            self._hashed.update(f"{name[len(self._name) + 1 :]}\0{size}\0".encode())

    def update(self, chunk: bytes) -> None:
        """More bytes of the file."""
        self._hashed.update(chunk)

    def matches(self, record: CheckedRecord) -> bool:
        """Whether these are the bytes that were received."""
        digest = self._hashed.hexdigest()
        if self._name in record.scripts:
            return self._name.endswith(f"-code-{digest[:_DIGITS]}")
        model = record.models[self._name]
        return (digest, self.size) == (model.sha256, model.size)


def by_item(record: CheckedRecord, files: Iterable[FileEntry]) -> Iterator[tuple[str, list[FileEntry]]]:
    """Files by the model or scripts they are part of. Raises ValueError for one that is not in the record."""
    for item, group in groupby(files, key=lambda entry: entry.name.partition("/")[0]):
        entries = list(group)
        is_folder = item in record.scripts or (item in record.models and FORMATS[record.models[item].format].is_folder)
        expected = all("/" in e.name for e in entries) if is_folder else [e.name for e in entries] == [item]
        if not expected or not (is_folder or item in record.models):
            raise ValueError(f"the file {entries[0].name} is not in the record")
        yield item, entries


def hash_item(folder: Path, item: str, record: CheckedRecord) -> list[FileEntry]:
    """The files of a stored item with their hashes; empty if it is gone. Raises ValueError, saying what is wrong."""
    try:
        names = sorted(_names(folder / item, item))
        if not all(map(is_safe_name, names)) or clash(names):
            raise ValueError("it holds names that do not exist on every system")
        whole = ItemHash(item)
        entries = [_hash_file(folder, name, whole) for name in names]
    except OSError as error:
        raise ValueError(f"it can't be read ({reason_of(error)})") from None
    if entries and not whole.matches(record):
        raise ValueError("it was changed after it was received")
    return entries


def _hash_file(folder: Path, name: str, whole: ItemHash) -> FileEntry:
    path = folder / name
    size = path.stat().st_size
    whole.begin(name, size)
    hashed = hashlib.sha256()
    for chunk in chunks_of(path):
        hashed.update(chunk)
        whole.update(chunk)
    return FileEntry(name, size, hashed.hexdigest())


def chunks_of(path: Path) -> Iterator[bytes]:
    """The bytes of a stored file. Raises OSError."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _names(path: Path, name: str) -> Iterator[str]:
    """The files at or below a path, as names that begin with `name`. Raises OSError, for a link or a pipe too."""
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISREG(mode):
        yield name
    elif stat.S_ISDIR(mode):
        for below in os.listdir(path):  # noqa: PTH208  # names are wanted, not paths
            yield from _names(path / below, f"{name}/{below}")
    else:
        raise OSError("it is not a plain file")
