"""Where files are: the bank in the checkout or the wheel, a user's state in one home folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

HOME_VARIABLE = "MOCKEXAM_HOME"
SIGNALS_VARIABLE = "MOCKEXAM_SIGNALS"
"""Which signals to give; see `tui.signals`."""
BANK_VARIABLE = "MOCKEXAM_BANK"
"""Another folder with `exams/` and `scoring/`: for authors and tests."""
DOWNLOADS_VARIABLE = "MOCKEXAM_DOWNLOADS"
"""The folder of downloaded data, as the app tells it to the grader, whose home may be another."""
PACK_FOLDERS = ("exams", "scoring")
"""The folders of a question pack, as of the shipped bank."""


def home() -> Path:
    """The folder of all state: `$MOCKEXAM_HOME`, else the user's data folder on this platform."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("mockexam", appauthor=False))


def downloads_dir() -> Path:
    """The folder of downloaded data: below `$MOCKEXAM_HOME`, else in the user's cache folder; it may be deleted."""
    if chosen := os.environ.get(DOWNLOADS_VARIABLE):
        return Path(chosen).absolute()
    if os.environ.get(HOME_VARIABLE):
        return home() / "downloads"
    import platformdirs

    return Path(platformdirs.user_cache_dir("mockexam", appauthor=False)) / "downloads"


@dataclass(frozen=True)
class StatePaths:
    """The files in the home folder."""

    root: Path

    @property
    def database(self) -> Path:
        return self.root / "records.sqlite3"

    @property
    def submissions(self) -> Path:
        """Copies of received models, in a folder for each attempt."""
        return self.root / "submissions"

    @property
    def runs(self) -> Path:
        """Running scripts and their output, in a folder for each question in one for each attempt under way."""
        return self.root / "runs"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    @property
    def results_key(self) -> Path:
        """The key that seals the results of batch grading."""
        return self.root / "results.key"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def scratch(self) -> Path:
        """The grader's temporary files; safe to delete when nothing runs."""
        return self.root / "scratch"

    @property
    def screening_cache(self) -> Path:
        """The cache of questions that passed the screening."""
        return self.scratch / "fit.json"


def state_paths() -> StatePaths:
    """The files of this user's state."""
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
    """The folder of rubrics and solutions. Only the examiner, reviews of ended attempts and authors may open it."""
    return _bundled("scoring")


def scoring_of(question: Path) -> Path:
    """The folder with a question's rubric and solutions, for `<pack>/exams/<category>/<question>`.

    Who may open it: see `scoring_dir`.
    """
    return question.parents[2] / "scoring" / question.parent.name / question.name


def default_workspace_parent() -> Path:
    """Where a workspace is created unless a folder is named."""
    return Path.home() / "mockexam"
