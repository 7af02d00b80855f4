"""A fault at each call that the app makes to the disk: kills and errors, one after the other, over all of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.driver import Tally, Zygote, errors, kills, play_all


@pytest.mark.parametrize("story", ["attempt", "regrade"])
@pytest.mark.parametrize("full", [False, pytest.param(True, marks=[pytest.mark.slow, pytest.mark.timeout(3600)])])
def test_nothing_is_lost_at_any_call(
    full: bool, story: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """What was shown as received is on record and on the disk with its hash; each model is graded once and rightly."""
    tally = Tally()
    with Zygote(tmp_path) as zygote:
        calm = zygote.play(story)
        assert (calm["how"], calm["wrong"]) == ("ended", [])
        names = calm["names"]
        play_all(zygote, story, kills(names)[:: 1 if full else 32], tally)
        play_all(zygote, story, errors(names)[:: 1 if full else 80], tally)
        play_all(zygote, story, errors(names, 12)[:: 4 if full else 240], tally)
    tally.report(record_property)
