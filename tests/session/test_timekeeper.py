"""What the sitting records of the clocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockexam.exam import events as ev
from mockexam.exam.clock import Reading
from mockexam.session.event_log import Logbook, Timekeeper
from mockexam.store.journal import Journal
from tests.factories import FakeClock, started


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def logbook(tmp_path: Path, clock: FakeClock) -> Logbook:
    journal = Journal(tmp_path / "r.sqlite3")
    return Logbook(journal, journal.start(started(clock.now)))


def kinds(logbook: Logbook) -> list[str]:
    return [entry.event.kind for entry in logbook._journal.entries(logbook.id)]


def test_a_sign_of_life_each_minute(logbook: Logbook, clock: FakeClock) -> None:
    """Looking each second records one event a minute."""
    keeper = Timekeeper(clock, logbook)
    for _ in range(185):
        clock.advance(1)
        keeper.look()
    assert kinds(logbook) == ["started", "ticked", "ticked", "ticked"]


def test_a_jump_is_recorded_once(logbook: Logbook, clock: FakeClock) -> None:
    """A wall clock that is set back an hour is one event, and takes no time and gives none."""
    keeper = Timekeeper(clock, logbook)
    keeper.look()
    now = clock.advance(10)
    clock.now = Reading(now.wall - 3600, now.boot, now.boot_id)
    for _ in range(5):
        keeper.look()
        clock.advance(1)
    (jump,) = logbook.state.jumps
    assert jump.seconds == pytest.approx(-3600)
    assert logbook.state.clock.remaining(clock.now) == pytest.approx(18000 - 15)


def test_a_jump_while_the_app_was_closed_is_seen(logbook: Logbook, clock: FakeClock) -> None:
    """The first look compares with the newest reading on record."""
    now = clock.advance(100)
    clock.now = Reading(now.wall + 7200, now.boot, now.boot_id)
    Timekeeper(clock, logbook).look()
    assert logbook.state.jumps[0].seconds == pytest.approx(7200)


def test_suspend_is_no_jump(logbook: Logbook, clock: FakeClock) -> None:
    """Both clocks go on while the machine sleeps."""
    keeper = Timekeeper(clock, logbook)
    keeper.look()
    clock.advance(5400)
    keeper.look()
    assert logbook.state.jumps == ()
    assert logbook.state.clock.remaining(clock.now) == pytest.approx(18000 - 5400)


def test_a_new_boot_is_recorded_at_once(logbook: Logbook, clock: FakeClock) -> None:
    """So that the new boot's clock counts from its first moment."""
    now = clock.advance(30)
    clock.now = Reading(now.wall + 120, 15.0, "boot-2")
    Timekeeper(clock, logbook).look()
    assert logbook.state.clock.anchor.boot_id == "boot-2"
    # From here on the wall clock can be set back without gain.
    clock.now = Reading(now.wall - 9999, 75.0, "boot-2")
    assert logbook.state.clock.elapsed(clock.now) == pytest.approx(30 + 120 + 60)


def test_nothing_is_recorded_after_the_finish(logbook: Logbook, clock: FakeClock) -> None:
    """The clocks no longer matter."""
    logbook.append(ev.Finished(at=clock.now, reason="candidate"))
    keeper = Timekeeper(clock, logbook)
    clock.advance(500)
    keeper.look()
    assert kinds(logbook) == ["started", "finished"]
