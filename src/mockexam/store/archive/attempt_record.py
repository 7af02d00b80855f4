"""One attempt's record in an archive: its row and its events exactly as recorded, checked before they are believed."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields

from mockexam.exam import events as ev
from mockexam.exam import outcome
from mockexam.exam.attempt import Attempt, Phase, fold
from mockexam.exam.paper import PaperItem
from mockexam.exam.scoring import MARKS_PER_QUESTION, Verdict
from mockexam.store import strict_json
from mockexam.store.archive.manifest import as_json, is_attempt_id, is_safe_part
from mockexam.store.database import reading
from mockexam.store.journal import EventRow, Journal, first_break

_LAST_SECOND = 32_503_680_000
"""The year 3000; what is later is no time of an attempt."""
_SECRET = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """The attempt in the table of attempts."""

    id: str
    created: str
    mode: str
    exam: str
    code: str
    secret: str


@dataclass(frozen=True, slots=True)
class EventLine:
    """An event in the table of events."""

    seq: int
    kind: str
    body: str
    """JSON, exactly as hashed."""
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class ArchivedAttempt:
    """All that is on record of one attempt."""

    attempt: AttemptRow
    events: tuple[EventLine, ...]


_RECEIPTS = (ev.Received, ev.ReceivedAgain)
_ROW = tuple(field.name for field in fields(AttemptRow))
_LINE = tuple(field.name for field in fields(EventLine))


@dataclass(frozen=True, slots=True)
class Checked:
    """A record that holds together."""

    row: AttemptRow
    events: tuple[EventRow, ...]
    models: Mapping[str, ev.Received]
    """The receipts by the names under which their models are kept in the attempt's folder."""
    scripts: frozenset[str]
    """The names of the folders of scripts."""

    @property
    def last_hash(self) -> str:
        """What the whole attempt comes to."""
        return self.events[-1][4]


def record_text(journal: Journal, attempt: str) -> bytes:
    """The record of an attempt as it stands in an archive; empty if there is none. Raises UserError."""
    query = f"SELECT {', '.join(_ROW)} FROM attempts WHERE id = ?"  # noqa: S608  # names of ours
    with reading(journal.path):
        row = journal.connection.execute(query, (attempt,)).fetchone()
    if row is None:
        return b""
    events = [dict(zip(_LINE, line, strict=True)) for line in journal.rows(attempt)]
    return as_json({"attempt": dict(zip(_ROW, row, strict=True)), "events": events})


def read_record(text: bytes) -> ArchivedAttempt:
    """A record as it stands in an archive, of the right types but not checked any further. Raises ValueError."""
    return strict_json.read(ArchivedAttempt, strict_json.parse(text))


def check_record(text: bytes, attempt: str) -> Checked:
    """The record of this attempt, checked whole: types, chain, story and names. Raises ValueError."""
    record = read_record(text)
    events = tuple((e.seq, e.kind, e.body, e.previous, e.hash) for e in record.events)
    if record.attempt.id != attempt or not is_attempt_id(attempt):
        raise ValueError("the record is another attempt's")
    broken = first_break(attempt, events)
    if broken is not None:
        raise ValueError(f"{broken.reason} (event {broken.seq})")
    story = [_event(line) for line in record.events]
    state = _fold(attempt, story)
    if state.phase is not Phase.ENDED:
        raise ValueError("the attempt has not ended")
    _check_start(record.attempt, story[0])
    for event in story:
        _check_event(state, event)
    models = {_own(attempt, s.received.stored, s.number): s.received for s in state.submissions}
    noted = {(state.submission(e.submission).number, e.scripts) for e in story if isinstance(e, _RECEIPTS)}
    scripts = frozenset(_own(attempt, where, number) for number, where in noted if where)
    if scripts & models.keys():
        raise ValueError("a model is kept where scripts are")
    return Checked(record.attempt, events, models, scripts)


def _event(line: EventLine) -> ev.Event:
    values = strict_json.parse(line.body.encode())
    if not isinstance(values, dict):
        raise ValueError(f"event {line.seq} is no object")
    event = ev.from_fields(line.kind, values)
    if strict_json.read(type(event), values) != event:
        raise ValueError(f"event {line.seq} reads in two ways")
    return event


def _fold(attempt: str, story: list[ev.Event]) -> Attempt:
    """The state after all events, which every report can be made of."""
    try:
        state = fold(attempt, story)
        outcome.outcome_of(state, story[-1].at, None)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"the events make no sense: {error}") from None
    return state


def _check_start(row: AttemptRow, start: ev.Event) -> None:
    assert isinstance(start, ev.Started)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(_moment(start)))
    if (created, start.mode, start.rules.exam, start.paper.code) != (row.created, row.mode, row.exam, row.code):
        raise ValueError("the attempt's row is not that of its start")
    numbers = [item.number for item in start.paper.items]
    plain = all(item.weight >= 1 and item.number >= 1 and _is_own_folder(item) for item in start.paper.items)
    questions = all(is_safe_part(part) for item in start.paper.items for part in item.question.split("/"))
    limits = 0 <= start.rules.pass_mark <= 100 and (start.rules.duration is None or start.rules.duration > 0)
    if not _SECRET.fullmatch(row.secret) or len(set(numbers)) < len(numbers) or not (plain and questions and limits):
        raise ValueError("its start makes no sense")


def _is_own_folder(item: PaperItem) -> bool:
    """Whether this is a name of a question's folder: what is restored there goes nowhere else."""
    return is_safe_part(item.folder) and item.folder.startswith(f"q{item.number}_")


def _check_event(state: Attempt, event: ev.Event) -> None:
    _moment(event)
    match event:
        case ev.Received():
            fits = event.size >= 0 and bool(_SHA256.fullmatch(event.sha256)) and is_safe_part(event.name)
            fits = fits and any(item.number == event.number for item in state.paper.items)
        case ev.GradingResult():
            graded = event.verdict is Verdict.GRADED
            fits = (event.marks is not None) == graded and 0 <= (event.marks or 0) <= MARKS_PER_QUESTION
        case ev.Settled():
            fits = 0 <= event.earned <= event.possible == state.possible
        case _:
            fits = True
    if not fits:
        raise ValueError(f"an event ({event.kind}) makes no sense")


def _moment(event: ev.Event) -> float:
    if not 0 <= event.at.wall <= _LAST_SECOND:
        raise ValueError("an event is at no time")
    return event.at.wall


def _own(attempt: str, stored: str, number: int) -> str:
    """The name in the attempt's own folder of what is kept for a question."""
    folder, _, name = stored.partition("/")
    if folder != attempt or not is_safe_part(name) or not name.startswith(f"q{number}-"):
        raise ValueError("what it keeps would not lie in its own folder")
    return name
