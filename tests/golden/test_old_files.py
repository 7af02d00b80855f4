"""The bytes of what is on record: events, their chain, an archive."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path

from mockexam.exam import events as ev
from mockexam.exam.clock import Reading
from mockexam.exam.paper import Counts, Mode, Paper, PaperItem, Rules
from mockexam.exam.scoring import Verdict
from mockexam.exam.training_history import FitHistory
from mockexam.store.journal import Journal
from tests.golden.conftest import Command
from tests.golden.golden import check_text
from tests.golden.old_record import RECORD, attempts, chained, first_of_each_kind, rows

AT = Reading(4e9, 1000.5, "a-boot")
ITEM = PaperItem(
    number=1, question="simple_model/made_up", category="simple_model", title="Naïve “title”", weight=5, minutes=20.5,
    fingerprint="f" * 64, folder="q1_simple_model",
)  # fmt: skip
RULES = Rules(exam="tf_developer", title="A title", duration=6000.0, pass_mark=80, counts=Counts.LAST)
VERDICT = {
    "at": AT, "submission": "q1-0123456789ab", "verdict": Verdict.INVALID_MODEL, "marks": None, "metric": None,
    "value": 0.25, "next_at": 1e-05, "message": "It is “none”.", "remedy": "Try again.", "isolation": "bubblewrap",
    "versions": {"tensorflow": "2.21.0", "keras": "3.15.1"}, "seconds": 0.4125,
}  # fmt: skip
EVENTS: tuple[ev.Event, ...] = (
    ev.Started(
        at=AT, mode=Mode.RETRY, rules=RULES, paper=Paper(code="7K3Q-F2XM", items=(ITEM,)), workspace="/home/ünï/x",
        bank_version="0123456789ab", app_version="0.1.0",
    ),
    ev.Opened(at=AT, pid=4242, app_version="0.1.0"),
    ev.Closed(at=AT),
    ev.Ticked(at=AT),
    ev.ClockJumped(at=AT, seconds=-3600.25),
    ev.Received(
        at=AT, submission="q1-0123456789ab", number=1, name="mymodel", format="saved_model", size=1234,
        sha256="0123456789ab" + "0" * 52, stored="a/q1-0123456789ab", swept=True, scripts="a/q1-code-0123456789ab",
    ),
    ev.ReceivedAgain(at=AT, submission="q1-0123456789ab", scripts="a/q1-code-0123456789ab"),
    ev.TrainingRecorded(
        at=AT, submission="q1-0123456789ab",
        fits=(FitHistory(9, epochs=(1, 3), seconds=(1.25, 0.5), series={"loss": (0.5, None), "val_loss": (1e-5, 2)}),),
    ),
    ev.Graded(**VERDICT),
    ev.Regraded(**{**VERDICT, "verdict": Verdict.GRADED, "marks": 4, "metric": "mae"}),
    ev.Diagnosed(at=AT, submission="q1-0123456789ab", train_value=None, findings=("One.", "Two.")),
    ev.GradingFailed(at=AT, submission="q1-0123456789ab", detail="It hangs.\n  where: there"),
    ev.Noted(at=AT, number=1, what="hint", detail="2"),
    ev.NotReceived(at=AT, number=1, name="mymodel.keras", reason="still being written when the time ended"),
    ev.NotReceived(at=AT, number=None, name="x.keras", reason="in the top folder of the workspace"),
    ev.Finished(at=AT, reason="time_up"),
    ev.Settled(at=AT, earned=20, possible=25, passed=True),
)  # fmt: skip
"""One of each kind, with all that a field can hold."""
LATER = {"not_received", "trained"}
"""Kinds that came after the old record was made."""


def test_the_bytes_of_every_kind_of_event(tmp_path: Path) -> None:
    """GIVEN an event of each kind WHEN it is recorded THEN its bytes are the golden ones, and reading gives it back."""
    with closing(Journal(tmp_path / RECORD)) as journal:
        attempt = journal.start(EVENTS[0])
        for event in EVENTS[1:]:
            journal.append(attempt, event)
        assert [entry.event for entry in journal.entries(attempt)] == list(EVENTS)
    recorded = rows(tmp_path / RECORD, attempt)
    check_text("events.txt", "\n".join(f"{kind} {body}" for _, kind, body, _, _ in recorded))
    assert {kind for _, kind, *_ in recorded} == set(ev._KINDS)


def test_old_events_are_read_and_written_alike(old: Path) -> None:
    """Every event of the old record; there is one of each kind that was known then."""
    record = old / RECORD
    assert set(first_of_each_kind(record)) == set(ev._KINDS) - LATER
    for attempt in attempts(record):
        for _, kind, body, _, _ in rows(record, attempt):
            event = ev.from_fields(kind, json.loads(body))
            assert json.dumps(ev.to_fields(event), ensure_ascii=False, separators=(",", ":")) == body


def test_the_chain(old: Path) -> None:
    """What hashes an event has not changed, and the one altered attempt is told."""
    record = old / RECORD
    with closing(Journal(record)) as journal:
        broken = {attempt: journal.verify(attempt) for attempt in attempts(record)}
    altered = [attempt for attempt, found in broken.items() if found is not None]
    assert altered == ["20961016-001NBX6R"]
    for attempt in attempts(record):
        found = rows(record, attempt)
        assert (chained(attempt, [row[1:3] for row in found]) == found) is (attempt not in altered)


def test_an_old_archive_brings_the_same_attempts(old: Path, taken_in: Path) -> None:
    """Event by event as they stand in the record that it was made of, and each file that was kept."""
    known = attempts(taken_in / RECORD)
    assert known == attempts(old / RECORD)[:6]  # not the altered one, nor the one under way
    for attempt in known:
        assert rows(taken_in / RECORD, attempt) == rows(old / RECORD, attempt)
        assert kept(taken_in, attempt) == kept(old, attempt)
        assert kept(old, attempt)


def test_looking_changes_no_event(command: Command, old: Path) -> None:
    """A record that was looked at by all means holds what it held."""
    before = {attempt: rows(old / RECORD, attempt) for attempt in attempts(old / RECORD)}
    for words in (["--plain"], ["--json"], ["--readiness"], ["last", "--json"]):
        assert command("review", *words, home=old).code == 0
    assert {attempt: rows(old / RECORD, attempt) for attempt in attempts(old / RECORD)} == before


def kept(home: Path, attempt: str) -> dict[str, bytes]:
    """Models and scripts of an attempt, by name."""
    folder = home / "submissions" / attempt
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
