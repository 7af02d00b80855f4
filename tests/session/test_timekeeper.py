"""What the sitting records of the clocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.exam import events as ev
from mockexam.exam.clock import Reading
from mockexam.session.event_log import EventLog, Timekeeper
from mockexam.store.journal import Journal
from tests.factories import FakeClock, started


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def event_log(tmp_path: Path, clock: FakeClock) -> EventLog:
    journal = Journal(tmp_path / "r.sqlite3")
    return EventLog(journal, journal.start(started(clock.now)))


def kinds(event_log: EventLog) -> list[str]:
    return [entry.event.kind for entry in event_log._journal.entries(event_log.id)]


def test_a_sign_of_life_each_minute(event_log: EventLog, clock: FakeClock) -> None:
    """Looking each second records one event a minute."""
    keeper = Timekeeper(clock, event_log)
    for _ in range(185):
        clock.advance(1)
        keeper.look()
    assert kinds(event_log) == ["started", "ticked", "ticked", "ticked"]


def test_a_jump_is_recorded_once(event_log: EventLog, clock: FakeClock) -> None:
    """A wall clock that is set back an hour is one event, and takes no time and gives none."""
    keeper = Timekeeper(clock, event_log)
    keeper.look()
    now = clock.advance(10)
    clock.now = Reading(now.wall - 3600, now.boot, now.boot_id)
    for _ in range(5):
        keeper.look()
        clock.advance(1)
    (jump,) = event_log.state.jumps
    assert jump.seconds == pytest.approx(-3600)
    assert event_log.state.clock.remaining(clock.now) == pytest.approx(18000 - 15)


def test_a_jump_while_the_app_was_closed_is_seen(event_log: EventLog, clock: FakeClock) -> None:
    """The first look compares with the newest reading on record."""
    now = clock.advance(100)
    clock.now = Reading(now.wall + 7200, now.boot, now.boot_id)
    Timekeeper(clock, event_log).look()
    assert event_log.state.jumps[0].seconds == pytest.approx(7200)


def test_suspend_is_no_jump(event_log: EventLog, clock: FakeClock) -> None:
    """Both clocks go on while the machine sleeps."""
    keeper = Timekeeper(clock, event_log)
    keeper.look()
    clock.advance(5400)
    keeper.look()
    assert event_log.state.jumps == ()
    assert event_log.state.clock.remaining(clock.now) == pytest.approx(18000 - 5400)


def test_a_new_boot_is_recorded_at_once(event_log: EventLog, clock: FakeClock) -> None:
    """So that the new boot's clock counts from its first moment."""
    now = clock.advance(30)
    clock.now = Reading(now.wall + 120, 15.0, "boot-2")
    Timekeeper(clock, event_log).look()
    assert event_log.state.clock.anchor.boot_id == "boot-2"
    # From here on the wall clock can be set back without gain.
    clock.now = Reading(now.wall - 9999, 75.0, "boot-2")
    assert event_log.state.clock.elapsed(clock.now) == pytest.approx(30 + 120 + 60)


def test_nothing_is_recorded_after_the_finish(event_log: EventLog, clock: FakeClock) -> None:
    """The clocks no longer matter."""
    event_log.append(ev.Finished(at=clock.now, reason="candidate"))
    keeper = Timekeeper(clock, event_log)
    clock.advance(500)
    keeper.look()
    assert kinds(event_log) == ["started", "finished"]
