"""Where things live: the bank in the checkout or the wheel, and a user's state under one home folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "MOCKEXAM_HOME"
BANK_VARIABLE = "MOCKEXAM_BANK"
"""Names a folder that holds another `exams/` and `scoring/`: for authors and tests."""
PACK_FOLDERS = ("exams", "scoring")
"""What a pack of questions holds, as the shipped bank does."""


def home() -> Path:
    """The folder of all state: `$MOCKEXAM_HOME`, else the platform's data folder for this user."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("mockexam", appauthor=False))


@dataclass(frozen=True)
class StatePaths:
    """The files under the home folder."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "records.sqlite3"

    @property
    def submissions(self) -> Path:
        """Copies of received models, one folder an attempt."""
        return self.root / "submissions"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def results_key(self) -> Path:
        """What seals the results of many models that were marked here."""
        return self.root / "results.key"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def scratch(self) -> Path:
        """What the marker needs for a moment; safe to delete when nothing runs."""
        return self.root / "scratch"

    @property
    def fitness(self) -> Path:
        """Which questions were found without a fault."""
        return self.scratch / "fit.json"


def state_paths() -> StatePaths:
    """The state files of this user."""
    return StatePaths(home())


def _bundled(name: str) -> Path:
    chosen = os.environ.get(BANK_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute() / name
    package = Path(__file__).resolve().parent
    inside_wheel = package / "_bank" / name
    if inside_wheel.is_dir():
        return inside_wheel
    return package.parents[1] / name


def exams_dir() -> Path:
    """The folder of exams and questions: in the wheel, or the checkout's `exams/`."""
    return _bundled("exams")


def scoring_dir() -> Path:
    """The folder of rubrics and solutions. Only the examiner, ended attempts' reports and authors open it."""
    return _bundled("scoring")


def scoring_of(question: Path) -> Path:
    """The folder with a question's rubric and solutions, for `<pack>/exams/<category>/<question>`.

    For those alone who may open `scoring_dir`.
    """
    return question.parents[2] / "scoring" / question.parent.name / question.name


def default_workspace_parent() -> Path:
    """Where a workspace is made when none is named."""
    return Path.home() / "mockexam"
