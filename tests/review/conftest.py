"""Made-up records to review, read only: a test that changes one takes a copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from mockexam.paths import StatePaths
from mockexam.review.service import Review
from tests.factories import FakeClock
from tests.histories import make_history


@dataclass(frozen=True)
class Past:
    """A home with a record, and the review of it at the moment when the record ends."""

    home: Path
    ids: list[str]
    """Oldest first."""

    @property
    def review(self) -> Review:
        return Review(StatePaths(self.home), FakeClock())


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """Thirty attempts that have ended; the sixth was altered."""
    home = tmp_path_factory.mktemp("past")
    return Past(home, make_history(home, 30, altered=5))


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """Twelve attempts, the last a running exam."""
    home = tmp_path_factory.mktemp("running")
    return Past(home, make_history(home, 12, running=True))
