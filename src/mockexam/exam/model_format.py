"""The formats in which a model is submitted, and what is known of each.

To add one: its id in `events.ModelFormat`, an entry here, and a row in each table of what is done with it: is a file
whole (`workspace/complete.py`), may it be loaded (`grading/examiner/intake.py`, `grading/predictor/gate/check.py`), and
how (`grading/predictor/loaded_model.py`). A test holds that no row is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from mockexam.exam.events import ModelFormat


@dataclass(frozen=True, slots=True)
class FormatSpec:
    """A format."""

    id: ModelFormat
    """How records spell it."""
    name: str
    """Under which a model is received from a question's folder."""
    label: str
    how: str
    """The call that saves a model so."""
    ending: str = ""
    """Of a file's name; empty if a model is a folder."""
    also: tuple[str, ...] = ()
    """Other endings that such files have elsewhere."""

    @property
    def is_folder(self) -> bool:
        return not self.ending

    @property
    def shown(self) -> str:
        """The received name as people read it: a folder with a slash."""
        return f"{self.name}/" if self.is_folder else self.name


FORMATS: dict[ModelFormat, FormatSpec] = {
    spec.id: spec
    for spec in (
        FormatSpec("keras", "mymodel.keras", "Keras file (.keras)", 'model.save("mymodel.keras")', ".keras"),
        FormatSpec("h5", "mymodel.h5", "HDF5 file (.h5)", 'model.save("mymodel.h5")', ".h5", (".hdf5",)),
        FormatSpec("saved_model", "mymodel", "SavedModel folder", 'model.export("mymodel")'),
    )
}
"""By id."""


def format_of_file(name: str) -> FormatSpec | None:
    """The format of a file, from the ending of its name; None if it can be no model."""
    ending = PurePath(name).suffix.lower()
    return next((spec for spec in FORMATS.values() if ending and ending in (spec.ending, *spec.also)), None)


def listed(words: Iterable[str], last: str = "or") -> str:
    """`a, b or c`."""
    *most, end = words
    return f"{', '.join(most)} {last} {end}" if most else end


RECEIVED_NAMES = listed(spec.shown for spec in FORMATS.values())
"""For a sentence: `mymodel.keras, mymodel.h5 or mymodel/`."""


def file_endings(last: str = "or") -> str:
    """For a sentence: `.keras or .h5`."""
    return listed((spec.ending for spec in FORMATS.values() if not spec.is_folder), last)
