"""Looks at a model file before anything is loaded, and puts a copy where the predictor can read it."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mockexam.errors import GraderFaultError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS
from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.model_facts import text

MEGABYTE = 10**6
MAX_FILES = 5000
MAX_FOLDERS = 1000
MAX_PATH = 1000
"""Bytes of a file's path inside the model's folder: a copy of it must have a path that the system takes."""
UNPACKED_TIMES = 20
"""How many times its own size limit a `.keras` archive may unpack to; honest ones hardly compress."""
_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = b"PK\x03\x04"
_SAVE = 'Save it with model.save("mymodel.keras")'
_AGAIN = f"{_SAVE} and wait until it has ended."


class RefusedError(Exception):
    """A model that is not even loaded."""

    def __init__(self, verdict: Verdict, message: str, remedy: str) -> None:
        super().__init__(message)
        self.verdict = verdict
        self.refusal = Refusal(message, remedy)


@dataclass(frozen=True)
class ModelStaging:
    """A model as it lies on the disk."""

    path: Path
    format: ModelFormat
    size: int
    """Bytes, all files together."""


def look(path: Path, kind: ModelFormat) -> ModelStaging:
    """Measure a model. Raises RefusedError for links and strange files, GraderFaultError if it is not there."""
    try:
        size = _folder_size(path) if FORMATS[kind].is_folder else _file_size(path)
    except FileNotFoundError:
        raise GraderFaultError("The model is gone.", location=str(path), hint="Save it again.") from None
    except OSError as error:
        raise GraderFaultError(f"The model can't be read: {error.strerror}.", location=str(path)) from None
    return ModelStaging(path, kind, size)


def check(staging: ModelStaging, max_megabytes: float | None) -> None:
    """Check size and structure. Raises RefusedError."""
    if max_megabytes is not None and staging.size > max_megabytes * MEGABYTE:
        raise RefusedError(
            Verdict.LIMIT_EXCEEDED,
            f"The model is {staging.size / MEGABYTE:.1f} MB; this question allows {max_megabytes:g} MB.",
            "Use fewer or smaller layers: most weights sit in a Dense layer after Flatten, or in a large Embedding.",
        )
    CHECKS[staging.format](staging, max_megabytes)


def place(staging: ModelStaging, folder: Path, store: Path) -> Path:
    """A copy of the model in `folder`; a hard link if it lies in `store`, where nothing is ever changed.

    Raises RefusedError if it has turned into something else meanwhile, OSError if the disk is full.
    """
    spec = FORMATS[staging.format]
    target = folder / f"model{spec.ending}"
    link = store in staging.path.resolve().parents
    if not spec.is_folder:
        _copy(staging.path, target, link=link)
        return target
    for found in _walk(staging.path):
        into = target / found.relative_to(staging.path)
        into.parent.mkdir(parents=True, exist_ok=True)
        _copy(found, into, link=link)
    return target


def _copy(source: Path, target: Path, *, link: bool) -> None:
    if link:
        with contextlib.suppress(OSError):
            os.link(source, target, follow_symlinks=False)
            return
    shutil.copyfile(source, target, follow_symlinks=False)


def _file_size(path: Path) -> int:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise _linked(path)
    if stat.S_ISDIR(found.st_mode):
        raise _invalid(f"{_name(path)} is a folder, not a file.", f"{_SAVE}.")
    if not stat.S_ISREG(found.st_mode):
        raise _invalid(f"{_name(path)} is no regular file.", f"{_SAVE}.")
    return found.st_size


def _folder_size(path: Path) -> int:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise _linked(path)
    if not stat.S_ISDIR(found.st_mode):
        raise _invalid(f"{_name(path)} is no SavedModel folder.", 'Save it with model.export("mymodel").')
    return sum(part.lstat().st_size for part in _walk(path))


def _walk(folder: Path) -> list[Path]:
    """All files below a folder. Raises RefusedError for links, strange files and too many files."""
    files: list[Path] = []
    for count, (root, folders, names) in enumerate(os.walk(folder)):
        if count > MAX_FOLDERS or len(os.fsencode(os.path.relpath(root, folder))) > MAX_PATH:
            raise _invalid("The folder holds folders in folders without end.", "Submit the SavedModel folder alone.")
        for name in [*folders, *names]:
            path = Path(root) / name
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise _linked(path)
            if stat.S_ISREG(mode):
                files.append(path)
            elif not stat.S_ISDIR(mode):
                raise _invalid(f"{_name(path)} is no regular file.", 'Save it with model.export("mymodel").')
        if len(files) > MAX_FILES:
            raise _invalid(f"The folder holds over {MAX_FILES} files.", "Submit the SavedModel folder alone.")
    return files


def _check_folder(staging: ModelStaging, _: float | None) -> None:
    if not any((staging.path / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt")):
        raise _invalid("The folder holds no saved_model.pb: it is no complete SavedModel.",
                       'Save it with model.export("mymodel").')  # fmt: skip


def _check_keras(staging: ModelStaging, max_megabytes: float | None) -> None:
    head = _head(staging)
    if head == _HDF5:
        raise _invalid("The file is called .keras but holds the older HDF5 format.", "Rename it to mymodel.h5.")
    try:
        with zipfile.ZipFile(staging.path) as archive:
            unpacked = {info.filename: info.file_size for info in archive.infolist()}
    # zipfile raises NotImplementedError for a version or a compression it does not know.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        if head.startswith(_ZIP):
            raise _invalid("The file is incomplete: the save was interrupted.", _AGAIN) from None
        raise _invalid("The file is no .keras model.", f"{_SAVE}; renaming another file does not help.") from None
    if "config.json" not in unpacked:
        raise _invalid("The archive holds no Keras model.", f"{_SAVE}.")
    if not any(name.startswith("model.weights") for name in unpacked):
        raise _invalid("The file lacks the model's weights: the save was interrupted or the disk was full.", _AGAIN)
    if sum(unpacked.values()) > UNPACKED_TIMES * max(staging.size, (max_megabytes or 1) * MEGABYTE):
        raise RefusedError(
            Verdict.LIMIT_EXCEEDED,
            f"The archive unpacks to {sum(unpacked.values()) / MEGABYTE:.0f} MB, far more than its size.",
            f"{_SAVE}, and submit that file unchanged.",
        )


def _check_h5(staging: ModelStaging, _: float | None) -> None:
    head = _head(staging)
    if head.startswith(_ZIP):
        raise _invalid("The file is called .h5 but holds the newer Keras format.", "Rename it to mymodel.keras.")
    if head != _HDF5:
        raise _invalid("The file is no HDF5 model.", f"{_SAVE}; renaming another file does not help.")


CHECKS: dict[ModelFormat, Callable[[ModelStaging, float | None], None]] = {
    "keras": _check_keras, "h5": _check_h5, "saved_model": _check_folder,
}  # fmt: skip
"""Of the structure; the number is the question's limit in MB."""


def _head(staging: ModelStaging) -> bytes:
    if staging.size == 0:
        raise _invalid("The file is empty: the save was interrupted or the disk was full.", _AGAIN)
    try:
        with staging.path.open("rb") as file:
            return file.read(len(_HDF5))
    except OSError as error:
        raise GraderFaultError(f"The model can't be read: {error.strerror}.", location=str(staging.path)) from None


def _name(path: Path) -> str:
    """A foreign name, to be told: it may hold anything but a slash, bytes that are no text included."""
    return text(path.name, 100)


def _linked(path: Path) -> RefusedError:
    return _invalid(f"{_name(path)} is a link.", "Submit the model itself: copy it, or save it there.")


def _invalid(message: str, remedy: str) -> RefusedError:
    return RefusedError(Verdict.INVALID_MODEL, message, remedy)
