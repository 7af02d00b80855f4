"""A real attempt under way in a home folder of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from mockexam.machine_clock import MachineClock
from mockexam.paths import HOME_VARIABLE, StatePaths
from mockexam.session.manager import SessionManager

ROOT = Path(__file__).resolve().parents[1]


def environment(home: Path) -> Mapping[str, str]:
    """Variables for a program that works on this home, from this checkout."""
    return {**os.environ, HOME_VARIABLE: str(home), "PYTHONPATH": str(ROOT / "src")}


def silent(fraction: float, text: str) -> None:  # the shape of a progress callback
    """Show no progress."""


async def start(manager: SessionManager, workspace: Path) -> str:
    """Make the workspace of a full exam and start its clock; the attempt's id."""
    plan = manager.plan(workspace=workspace)
    await manager.prepare(plan, silent)
    return manager.start(plan)


def under_way(home: Path, workspace: Path) -> None:
    """Leave a full exam under way in this home, opened by nobody."""

    async def begin() -> None:
        manager = SessionManager(StatePaths(home), MachineClock())
        try:
            await start(manager, workspace)
        finally:
            await manager.close()

    home.mkdir(parents=True, exist_ok=True)
    asyncio.run(begin())
