"""Real models, made once, for the rounds with the whole grader."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import made_once


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what the rounds came to."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, figures in getattr(report, "user_properties", []):
                if name == "figures":
                    terminalreporter.write_line(f"{report.nodeid}: {figures}")


MAKE = Path(__file__).parents[1] / "grading" / "make_models.py"


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every model of `make_models.py`; treat it as read-only."""

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, MAKE, folder], check=True, capture_output=True)

    return made_once(tmp_path_factory, "models-to-mark", make)
