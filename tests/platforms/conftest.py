"""Interpreters that lack what macOS or Windows lack."""

from __future__ import annotations

import os
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

System = Literal["macos", "windows"]
SITE = Path(__file__).parent / "site"


@dataclass(frozen=True)
class ForeignPython:
    """An interpreter as on that system, for itself and for all that it starts."""

    system: System
    python: Path

    @property
    def environment(self) -> dict[str, str]:
        """To be added to the environment of its processes."""
        return {"MOCKEXAM_TEST_SYSTEM": self.system} | (
            {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"} if self.system == "windows" else {}
        )


@pytest.fixture(scope="session", params=["windows", "macos"])
def foreign(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ForeignPython:
    """A virtual environment whose interpreter changes itself at its start; our packages are those of the tests."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    lines = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n{SITE}\nimport foreign_system\n"
    (packages / "foreign.pth").write_text(lines)
    return ForeignPython(request.param, folder / ("Scripts" if os.name == "nt" else "bin") / "python")
