"""Finds the models to grade: all models below a folder, or the rows of a list."""

from __future__ import annotations

import os
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.hand_in import LeftOut
from mockexam.exam.model_format import (
    ARCHIVES,
    FORMATS,
    RECEIVED_NAMES,
    WEIGHTS_ENDINGS,
    file_endings,
    format_of_file,
)
from mockexam.workspace.layout import (
    DATA,
    SUBMISSION_NAMES,
    WORKSPACE_FILE,
    dated_file,
    model_format,
    newest_model,
)
from mockexam.workspace.returned_model import may_hold_model
from mockexam.workspace.scripts import printable

MAX_DEPTH = 50
"""Folder levels to search; one submission must not stop the search of all."""
SUFFIXES = (".csv", ".json")
_MAX_SHOWN_NAME = 200
_LOOKED_AT, _IN_ALL = 20_000, 1_000_000
"""So many names of a folder that has no model, and of all folders, are looked at."""
HANDOUT_LIST = "list.csv"
HANDOUT_STATE = ".mockexam-handout.json"
"""Says what is handed out in a folder, so that the same command can continue it."""
_ENDINGS = [re.escape(ending) for spec in FORMATS.values() for ending in (spec.ending, *spec.also) if ending]
_MODEL_NAME = re.compile(f"({'|'.join(_ENDINGS)})(?![a-z0-9])")
"""Also in `mymodel.keras.txt` and `mymodel.h5 - Copy`, as browsers and file managers write it."""
UNREADABLE = "The folder can't be read: change its permissions."
"""Not a folder without a model: whoever handed it in may have marks."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A model below the folder."""

    relative: str
    """Its path below the folder."""
    path: Path
    format: ModelFormat
    problem: str = ""
    """Why nobody can tell what it is."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What is below a folder."""

    models: tuple[FoundModel, ...]
    """Sorted by path."""
    left_out: tuple[LeftOut, ...]
    """Files that look like models but are none, and student folders without a model."""


def search(folder: Path) -> SearchResult:
    """Find all models below a folder, at any depth. Raises UserError if there is none.

    Hidden folders are skipped, links to folders are not followed. In a workspace only submission names count.
    """
    models: list[FoundModel] = []
    left_out: list[LeftOut] = []
    misnamed: set[str] = set()
    archives = 0

    def note_unreadable(path: Path) -> None:
        if path != folder:
            models.append(FoundModel(path.relative_to(folder).as_posix(), path, "keras", UNREADABLE))

    for root, folders, files in os.walk(folder, onerror=lambda error: note_unreadable(Path(error.filename))):
        here = Path(root)
        if len(here.parts) - len(folder.parts) >= MAX_DEPTH:
            left_out.append(
                LeftOut(here.relative_to(folder).parts[0], "has too many levels of folders", misplaced=True)
            )
            folders.clear()
            continue
        in_workspace = _in_workspace(here, folder)
        enter: list[str] = []
        for name in filter(is_visible, sorted([*folders, *files])):
            path = here / name
            try:
                form = model_format(path)
            except PermissionError:
                note_unreadable(path)
                continue
            archives += name.lower().endswith(ARCHIVES)
            if form is None:
                enter.append(name)
            elif in_workspace and name not in SUBMISSION_NAMES:
                misnamed.add(path.relative_to(folder).parts[0])
            elif reason := _not_a_model(path, form):
                left_out.append(LeftOut(path.relative_to(folder).as_posix(), reason, misplaced=True))
            else:
                models.append(FoundModel(path.relative_to(folder).as_posix(), path, form))
        folders[:] = [name for name in enter if name in folders]
    if not models:
        raise _no_models(folder, archives, left_out)
    if not _in_workspace(folder, folder):
        paths = [*(model.relative for model in models), *(one.relative for one in left_out)]
        reported = {Path(relative).parts[0] for relative in paths}
        left_out += _without_model(folder, reported, misnamed)
    return SearchResult(tuple(sorted(models, key=lambda model: model.relative)), tuple(left_out))


def _without_model(folder: Path, reported: set[str], misnamed: set[str]) -> Iterator[LeftOut]:
    """Folders and archives without a model, which nobody would notice. `misnamed` are workspaces with other names."""
    for path in sorted(folder.iterdir()):
        if path.name in reported or not is_visible(path.name):
            continue
        if path.name in misnamed:
            names = ", ".join(sorted(SUBMISSION_NAMES))
            yield LeftOut(path.name, f"has models, but none is named {names}", misplaced=True)
        elif path.name.lower().endswith(ARCHIVES):
            yield LeftOut(path.name, "is an archive: unpack it", misplaced=True)
        elif path.is_dir():
            packed = any(name.lower().endswith(ARCHIVES) for _, _, names in os.walk(path) for name in names)
            reason = f"has no saved model{', only an archive: unpack it' if packed else ''}"
            yield LeftOut(path.name, reason, misplaced=packed)


def is_visible(name: str) -> bool:
    """Not a leftover of an editor, an archive or version control."""
    return not name.startswith((".", "__"))


def _not_a_model(path: Path, form: ModelFormat) -> str:
    """Why a file or folder is not a model although it looks like one; empty if it may be one."""
    if path.name.lower().endswith(WEIGHTS_ENDINGS):
        return "has only weights, not a whole model"
    if FORMATS[form].is_folder and path.is_symlink():
        return "is a link to a folder: put the folder itself there"
    return ""


def _in_workspace(here: Path, top: Path) -> bool:
    """Whether a folder is or lies in a workspace; folders above `top` do not count."""
    return any((folder / WORKSPACE_FILE).is_file() for folder in (here, *here.parents) if folder.is_relative_to(top))


def _no_models(folder: Path, archives: int, left_out: list[LeftOut]) -> UserError:
    hint = f"Models are {file_endings('and')} files and SavedModel folders (model.export(...)), at any depth."
    if archives:
        hint = f"Unpack the archive{'s' * (archives > 1)} first. {hint}"
    message = " ".join(["There is no saved model in this folder.", *map(str, left_out[:3])])
    return UserError(message, location=str(folder), hint=hint)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The model of a row."""

    path: Path
    format: ModelFormat
    others: bool = False
    """Whether the folder holds more than this one."""
    newer: str = ""
    """What else is there, was saved later, and is not under a name that is received; continues a sentence."""
    problem: str = ""
    """Why nobody can tell what is there."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """That a row has no model where it should be."""

    reason: str
    """Continues the sentence that starts with the student's name."""
    misplaced: bool = False
    """See `LeftOut`."""


class HandInFinder:
    """Finds the models of a list's rows; where there is none, what lies elsewhere and may be the hand-in."""

    def __init__(self, top: Path, places: Iterable[tuple[Path, str]]) -> None:
        """`top`: the list's folder; `places`: the path in each row, and whose it is."""
        self._top = top
        self._places: set[str] = set()
        self._students: dict[str, set[str]] = {}
        """By folder, the names of those whose places are in it."""
        self._names: set[str] = set()
        """Of all students and their folders, as they are compared."""
        for place, student in places:
            self._places.add(_composed(place))
            self._students.setdefault(_composed(place.parent), set()).add(student)
            self._names |= {_compared(name) for name in (student, place.parent.name, place.name, place.stem)}
        self._entries: dict[Path, list[tuple[str, Path]]] = {}
        """By folder, what is below it, each with its name as it is compared; sorted, for a class may be large."""
        self._attributed: set[Path] = set()
        """What was told as what may be somebody's hand-in."""

    def find(self, place: Path, student: str) -> HandedIn | NotFound:
        """The model at a row's path, or the newest in the folder there under a name that is received; else why not."""
        try:
            place = _spelt_as_there(place)
            if form := model_format(place):
                return HandedIn(place, form)
            if not place.is_dir():
                there = NotFound("handed in no saved model", misplaced=True)
                return there if place.exists() else self._elsewhere(place, student)
            if newest := newest_model(place, by_date=True):
                count = sum(model_format(place / name) is not None for name in SUBMISSION_NAMES)
                return HandedIn(*newest, others=count > 1, newer=self._newer(place, newest[0]))
            return self._misnamed_in(place) or self._elsewhere(place, student)
        except PermissionError:
            return HandedIn(place, "keras", problem=UNREADABLE)
        except (OSError, ValueError):  # a name that is too long, or is no name
            return NotFound("handed in nothing")

    def unnamed(self) -> list[str]:
        """What lies beside the list and in no row's path: names of folders, models and archives with models.

        What `find` has told as somebody's is not among them.
        """
        top = Path(_composed(self._top))
        known = [*self._places, *map(_composed, self._attributed)]
        named = {str(Path(top, *Path(os.path.relpath(path, top)).parts[:1])) for path in known}
        there = sorted(path for path in self._top.iterdir() if is_visible(path.name))
        others = [path for path in there if named.isdisjoint(map(_composed, (path, path.with_name(path.stem))))]
        return [path.name for path in others if path.is_dir() or _may_be_handed_in(path)]

    def _newer(self, place: Path, model: Path) -> str:
        """What in the folder of a model was saved after it and may be a later hand-in, such as `mymodel (1).keras`."""
        since = _saved_at(model)
        for path in islice(sorted(place.iterdir()), _LOOKED_AT):
            if not is_visible(path.name) or path.name in (*SUBMISSION_NAMES, DATA):
                continue
            if path.name.lower().endswith(WEIGHTS_ENDINGS):  # a checkpoint of the training
                continue
            with suppress(OSError):  # what can't be read takes nothing from the model that counts
                found = path if _may_be_handed_in(path) else (self._first_below(path) if path.is_dir() else None)
                if found and _saved_at(found) > since:
                    return _shown(found, place)
        return ""

    def _misnamed_in(self, place: Path) -> NotFound | None:
        """What looks like a model in the right folder, and is none or has another name."""
        for path in islice(sorted(place.iterdir()), _LOOKED_AT):
            if path.name in SUBMISSION_NAMES:
                what = "is a link" if path.is_symlink() else "is not a saved model"
                return NotFound(f"handed in {path.name}, which {what}", misplaced=True)
            if _may_be_handed_in(path):
                there = _shown(path, place)
                return NotFound(f"handed in nothing named {RECEIVED_NAMES}; there is {there}", misplaced=True)
        return None

    def _elsewhere(self, place: Path, student: str) -> NotFound:
        """What lies deeper, or elsewhere in the student's folder, or beside it under a name that begins like it."""
        alone = len(self._students.get(_composed(place.parent), ())) == 1 and place.parent != self._top
        own = place.parent if alone else place
        below = self._first_below(place) or (self._first_below(own) if alone else None)
        if there := below or self._beside(own, student):
            self._attributed.add(there)
            shown = _shown(there, own.parent)
            return NotFound(f"handed in nothing in the right place; there is {shown}", misplaced=True)
        # Nobody hands in to a folder that is not there: the list, or who moved the folder, is wrong.
        if not place.parent.is_dir():
            return NotFound(f"handed in nothing; there is no folder {printable(place.parent.name)}", misplaced=True)
        return NotFound("handed in nothing")

    def _first_below(self, folder: Path) -> Path | None:
        """The first that may be a hand-in, at any depth, without the places of rows; the folder if it has too much."""
        looked_at = 0
        for root, folders, files in os.walk(folder, onerror=_raise):
            here = Path(root)
            paths = [here / name for name in sorted([*folders, *files]) if is_visible(name)]
            looked_at += len(paths)
            if looked_at > _LOOKED_AT:
                return folder
            others = [path for path in paths if _composed(path) not in self._places]
            in_data = DATA in here.relative_to(folder.parent).parts  # they may have other models
            for path in others:
                if _may_be_handed_in(path) and (path.name in SUBMISSION_NAMES or not in_data):
                    return path
            folders[:] = [path.name for path in others if path.name in folders]
        return None

    def _beside(self, own: Path, student: str) -> Path | None:
        """`Ann (1).zip`, `Ann_1234_file/` or `Ann.keras` for Ann, unless a row names it, or it is that of Ann Lee.

        Also in somebody else's folder.
        """
        folder = own.parent
        if folder not in self._entries:
            self._entries[folder] = sorted((_compared(path.name), path) for path in islice(_all_below(folder), _IN_ALL))
        entries = self._entries[folder]
        names = (_compared(own.stem if format_of_file(own.name) else own.name), _compared(student))
        for name in names:
            for entry, path in entries[bisect_left(entries, (name,)) :]:
                if not entry.startswith(name):
                    break
                if path == own or self._owner(entry) not in names or self._is_named(path):
                    continue
                if _may_be_handed_in(path) or (path.is_dir() and self._first_below(path)):
                    return path
        return None

    def _owner(self, entry: str) -> str:
        """The longest name of a student with which a name begins, as whole words; empty if there is none."""
        ends = (end for end in range(len(entry), 0, -1) if not entry[end : end + 1].isalnum())
        return next((entry[:end] for end in ends if entry[:end] in self._names), "")

    def _is_named(self, path: Path) -> bool:
        return _composed(path) in self._places or _composed(path) in self._students


def _may_be_handed_in(path: Path) -> bool:
    """Whether it is a model, or an archive that may hold one."""
    if path.suffix.lower() in ARCHIVES and path.is_file():
        return may_hold_model(path)
    return model_format(path) is not None or (_MODEL_NAME.search(path.name.lower()) is not None and path.is_file())


def _shown(path: Path, top: Path) -> str:
    """A path below a folder for a sentence; of an archive with what to do."""
    shown = printable(path.relative_to(top).as_posix()[:_MAX_SHOWN_NAME])
    if path.suffix.lower() in ARCHIVES:
        return f"{shown}, an archive: unpack it"
    return f"{shown}, only weights: a whole model is needed" if path.name.lower().endswith(WEIGHTS_ENDINGS) else shown


def _all_below(folder: Path) -> Iterator[Path]:
    """What is below a folder, without the questions' data."""
    for root, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if is_visible(name) and name != DATA]
        yield from (Path(root, name) for name in (*folders, *files))


def _saved_at(model: Path) -> int:
    """When a model was saved, by its own date: nanoseconds."""
    with suppress(OSError):
        return dated_file(model).stat().st_mtime_ns
    return 0


def _composed(path: Path) -> str:
    """The same for each way to write it and in which accents are encoded."""
    return unicodedata.normalize("NFC", os.path.normpath(path))


def _compared(name: str) -> str:
    """The same for each way in which accents are encoded, and with or without capitals."""
    return unicodedata.normalize("NFC", name).casefold()


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _spelt_as_there(place: Path) -> Path:
    """The path, or the one there whose names differ only in how accents are encoded, as those from a Mac do."""
    if os.path.lexists(place) or place == place.parent:
        return place
    parent, wanted = _spelt_as_there(place.parent), unicodedata.normalize("NFC", place.name)
    there = parent.iterdir() if parent.is_dir() and not place.name.isascii() else ()
    return next((path for path in there if unicodedata.normalize("NFC", path.name) == wanted), parent / place.name)
