"""Real models, made once, and one real grader for all tests that only send it requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from mockexam.grading.client import Grader
from mockexam.paths import BANK_VARIABLE, StatePaths
from tests.shared import models_to_grade

HERE = Path(__file__).parent
BANK = HERE / "bank"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models that are graded; treat them as read-only."""
    return models_to_grade(tmp_path_factory)


@pytest.fixture
def new_grader(tmp_path: Path) -> Callable[..., Grader]:
    """Makes a separate grader on the tests' bank."""

    def make(**environment: str) -> Grader:
        return Grader(StatePaths(tmp_path / "home"), environment={BANK_VARIABLE: str(BANK), **environment})

    return make


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def grader(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Grader]:
    """A warm grader, shared."""
    home = tmp_path_factory.mktemp("home")
    async with Grader(StatePaths(home), environment={BANK_VARIABLE: str(BANK)}) as made:
        await wait_warm(made)
        yield made


async def wait_warm(grader: Grader) -> None:
    """Warm a grader up."""
    await grader.warm_up()
    async with asyncio.timeout(90):
        while grader.state != "warm":
            assert grader.state != "failed", grader.detail
            await asyncio.sleep(0.05)
