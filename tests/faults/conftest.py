"""Real models, made once, for the rounds with the whole grader."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shared import models_to_grade


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the end what the rounds came to."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, figures in getattr(report, "user_properties", []):
                if name == "figures":
                    terminalreporter.write_line(f"{report.nodeid}: {figures}")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models that are graded; treat them as read-only."""
    return models_to_grade(tmp_path_factory)
