"""The locked clock gives no time back, whatever is done to the machine's clocks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockexam.exam.clock import LockedClock, Reading, jump_between

HOUR = 3600.0
START = Reading(wall=1_800_000_000.0, boot=5000.0, boot_id="a")


def later(seconds: float, *, wall_moved: float = 0.0, boot_id: str = "a", boot: float | None = None) -> Reading:
    """A reading so many seconds of true time after START."""
    return Reading(
        wall=START.wall + seconds + wall_moved,
        boot=START.boot + seconds if boot is None else boot,
        boot_id=boot_id,
    )


def clock(duration: float | None = 5 * HOUR) -> LockedClock:
    """A clock that starts at START."""
    return LockedClock.start(START, duration)


def test_counts_down() -> None:
    """Remaining time is the duration less what has passed."""
    assert clock().remaining(later(HOUR)) == 4 * HOUR
    assert clock().remaining(later(6 * HOUR)) == 0.0
    assert clock().expired(later(5 * HOUR))
    assert not clock().expired(later(5 * HOUR - 1))


def test_untimed_never_expires() -> None:
    """Without a duration there is neither remaining time nor an end."""
    assert clock(None).remaining(later(100 * HOUR)) is None
    assert not clock(None).expired(later(100 * HOUR))
    assert clock(None).wall_deadline(later(1)) is None


def test_setting_the_wall_clock_back_gives_nothing() -> None:
    """In one boot the boot clock rules when the wall clock is behind."""
    assert clock().remaining(later(2 * HOUR, wall_moved=-HOUR)) == 3 * HOUR


def test_setting_the_wall_clock_forward_takes_time_only_while_it_is_forward() -> None:
    """The smaller remaining time counts; a corrected clock gives back what a wrong one showed."""
    assert clock().remaining(later(HOUR, wall_moved=HOUR)) == 3 * HOUR
    assert clock().remaining(later(HOUR)) == 4 * HOUR


def test_suspend_counts() -> None:
    """The boot clock goes on while the machine sleeps, so sleep is time."""
    asleep = later(3 * HOUR)
    assert clock().remaining(asleep) == 2 * HOUR


def test_reboot_goes_on_by_the_wall_clock() -> None:
    """After a reboot the time between counts, by the wall clock."""
    running = clock().observe(later(HOUR))
    rebooted = later(2 * HOUR, boot_id="b", boot=30.0)
    assert running.remaining(rebooted) == 3 * HOUR


def test_reboot_and_clock_set_back_gives_no_time_back() -> None:
    """What had elapsed at the last record before the reboot stays elapsed."""
    running = clock().observe(later(2 * HOUR))
    cheated = later(2 * HOUR, wall_moved=-2 * HOUR, boot_id="b", boot=20.0)
    assert running.remaining(cheated) == 3 * HOUR
    # And from there on the new boot's clock counts.
    opened = running.observe(cheated)
    assert opened.remaining(Reading(cheated.wall + 600, 620.0, "b")) == 3 * HOUR - 600


def test_wall_deadline_agrees_with_remaining() -> None:
    """The wall time of the end, as the wall clock stands, whatever was done to it."""
    now = later(HOUR, wall_moved=-HOUR)
    assert clock().wall_deadline(now) == now.wall + 4 * HOUR


steps = st.lists(
    st.tuples(
        st.floats(0, 2 * HOUR),  # true time that passes
        st.floats(-12 * HOUR, 12 * HOUR),  # by how much the wall clock stands wrong after it
        st.booleans(),  # whether the machine was rebooted
    ),
    min_size=1,
    max_size=12,
)


@given(steps)
def test_recorded_history_never_gives_time_back(history: list[tuple[float, float, bool]]) -> None:
    """However the wall clock is moved and the machine rebooted, recorded elapsed boot time is never taken back."""
    running, truth, boot, boot_number = clock(), 0.0, START.boot, 0
    known = 0.0
    for passed, wrong, reboot in history:
        truth += passed
        if reboot:
            boot_number += 1
            boot = 0.0
        else:
            boot += passed
            known += passed  # the boot clock saw it
        reading = Reading(START.wall + truth + wrong, boot, f"boot{boot_number}" if boot_number else "a")
        elapsed = running.elapsed(reading)
        assert elapsed >= known - 1e-3
        running = running.observe(reading)
        assert running.elapsed(reading) == pytest.approx(elapsed)


@given(st.floats(0, 10 * HOUR), st.floats(0, 10 * HOUR), st.floats(-12 * HOUR, 12 * HOUR))
def test_remaining_never_rises_within_a_boot(first: float, second: float, wrong: float) -> None:
    """With a wall clock that is right or wrong by a constant, time only runs down."""
    early, late = sorted((first, second))
    running = clock()
    before, after = running.remaining(later(early, wall_moved=wrong)), running.remaining(later(late, wall_moved=wrong))
    assert before is not None
    assert after is not None
    assert after <= before


def test_jumps() -> None:
    """A move of the wall clock over five seconds against the boot clock is a jump; suspend and drift are none."""
    assert jump_between(later(0), later(60)) is None
    assert jump_between(later(0), later(60, wall_moved=4.0)) is None
    assert jump_between(later(0), later(60, wall_moved=-3600)) == pytest.approx(-3600)
    assert jump_between(later(0), later(60, wall_moved=90)) == pytest.approx(90)


def test_jump_across_a_reboot_is_only_known_backwards() -> None:
    """A wall clock before the last record was set back; one after it may just have been off."""
    before = later(HOUR)
    assert jump_between(before, later(2 * HOUR, boot_id="b", boot=9.0)) is None
    assert jump_between(before, later(-HOUR, boot_id="b", boot=9.0)) == pytest.approx(-2 * HOUR)
