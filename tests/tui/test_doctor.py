"""The doctor's screen."""

from __future__ import annotations

from mockexam.doctor.machine import Check
from tests.tui.conftest import Opener
from tests.tui.fakes import FakeEnvironment
from tests.tui.looks import text_of, until


async def test_quick_checks_come_by_themselves_with_their_remedies(opened: Opener) -> None:
    """Each with a sign and a word."""
    async with opened() as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "! warn" in text_of(pilot))
        shown = text_of(pilot)
        assert "✓ ok" in shown
        assert "3.11.7" in shown
        assert "Close what you do not need" in shown


async def test_the_training_test_runs_on_request(opened: Opener) -> None:
    """And tells what it found."""
    async with opened() as pilot:
        await pilot.press("4", "T")
        await until(pilot, lambda: "about 6 minutes here" in text_of(pilot))


async def test_checks_can_be_made_again(opened: Opener, env: FakeEnvironment) -> None:
    """After something was put right."""
    async with opened() as pilot:
        await pilot.press("4")
        await until(pilot, lambda: "! warn" in text_of(pilot))
        env.checks = (Check("memory", "ok", "9 GB free"),)
        await pilot.press("A")
        await until(pilot, lambda: "9 GB free" in text_of(pilot))
        assert "! warn" not in text_of(pilot)
