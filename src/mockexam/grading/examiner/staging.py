"""Checks a model file before anything is loaded, and copies it to where the predictor can read it."""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from mockexam.errors import GraderFaultError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS, HEAD_BYTES, ForeignFile, foreign_archive, foreign_file
from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner.contract import Refusal
from mockexam.grading.examiner.error_messages import NO_WEIGHTS, SAVE_AGAIN, SMALLER
from mockexam.grading.examiner.prediction_job import printable

MEGABYTE = 10**6
MAX_FILES = 5000
MAX_FOLDERS = 1000
MAX_PATH = 1000
"""Bytes of a file's path inside the model's folder: the path of its copy must not be too long for the system."""
MAX_EXPANSION = 20  # how many times its size limit a `.keras` archive may unpack to; honest archives hardly compress
FILE_TIMES, FILE_SLACK = 6, 10 * MEGABYTE
"""How many times a question's limit the whole file may have, and so many bytes more. Adam saves three numbers a weight,
AMSGrad four, and models that were compiled before they were nested in a compiled one five or six; SavedModels hold the
graphs of training too. A submission of the largest question of the bank is kept in 160 MB at most."""
_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = b"PK\x03\x04"
_SAVE = 'Save with model.save("mymodel.keras")'
_NOT_RENAMED = f"{_SAVE}; renaming another file does not work."
_EXPORT = 'Save with model.export("mymodel").'
_FOLDER_ONLY = "Submit only the SavedModel folder."


class RefusedError(Exception):
    """The model is refused before it is loaded."""

    def __init__(self, message: str, remedy: str, verdict: Verdict = Verdict.INVALID_MODEL) -> None:
        super().__init__(message)
        self.refusal = Refusal(message, remedy, verdict)


@dataclass(frozen=True)
class ModelStaging:
    """A model on disk."""

    path: Path
    format: ModelFormat
    size: int  # bytes of all files together


def look(path: Path, kind: ModelFormat) -> ModelStaging:
    """Measure a model. Raises RefusedError for links and special files, GraderFaultError if it is missing."""
    try:
        size = _size(path, is_folder=FORMATS[kind].is_folder)
    except FileNotFoundError:
        raise GraderFaultError("The model is missing.", location=str(path), hint="Save it again.") from None
    except OSError as error:
        raise GraderFaultError(f"The model can't be read: {error.strerror}.", location=str(path)) from None
    staging = ModelStaging(path, kind, size)
    if kind == "keras" and size and _head(staging) == _HDF5:  # as TensorFlow saves .keras up to 2.12
        return replace(staging, format="h5")
    return staging


def check(staging: ModelStaging, max_megabytes: float | None) -> None:
    """Check size and structure. Raises RefusedError."""
    if max_megabytes is not None and staging.size > (most := file_limit(max_megabytes)):
        raise RefusedError(
            f"The model has {math.ceil(staging.size / 10**4) / 100:g} MB. This question allows {max_megabytes:g} MB of "
            f"weights and graph, and {most / MEGABYTE:g} MB with all else that is saved.",
            f'{SMALLER} If they are small enough, save with model.export("mymodel"), which leaves the optimizer out.',
            Verdict.LIMIT_EXCEEDED,
        )
    CHECKS[staging.format](staging, max_megabytes)


def file_limit(max_megabytes: float) -> int:
    """The most bytes that a whole model may take."""
    return int(FILE_TIMES * max_megabytes * MEGABYTE) + FILE_SLACK


def own_limit(staging: ModelStaging, max_megabytes: float) -> int:
    """The most bytes that its weights and graph may take; 0 if the whole model takes no more."""
    limit = int(max_megabytes * MEGABYTE)
    return limit if staging.size > limit else 0


def place(staging: ModelStaging, folder: Path, store: Path) -> Path:
    """Copy the model into `folder`, or link it from `store`, where files never change. Raises RefusedError, OSError."""
    spec = FORMATS[staging.format]
    target = folder / f"model{spec.ending}"
    link = store in staging.path.resolve().parents
    if not spec.is_folder:
        _copy(staging.path, target, link=link)
        return target
    for path in _walk(staging.path):
        copy = target / path.relative_to(staging.path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        _copy(path, copy, link=link)
    return target


def _copy(source: Path, target: Path, *, link: bool) -> None:
    if link and sys.platform != "win32":  # there the link would be read-only, as the stored file, and never removed
        with contextlib.suppress(OSError):
            os.link(source, target, follow_symlinks=False)
            return
    shutil.copyfile(source, target, follow_symlinks=False)


def _size(path: Path, *, is_folder: bool) -> int:
    info = path.lstat()
    if stat.S_ISLNK(info.st_mode):
        raise _link_refused(path)
    if is_folder:
        if not stat.S_ISDIR(info.st_mode):
            raise RefusedError(f"{_name(path)} is not a SavedModel folder.", _EXPORT)
        return sum(part.lstat().st_size for part in _walk(path))
    if not stat.S_ISREG(info.st_mode):
        kind = "a folder, not a file" if stat.S_ISDIR(info.st_mode) else "not a regular file"
        raise RefusedError(f"{_name(path)} is {kind}.", f"{_SAVE}.")
    return info.st_size


def _walk(folder: Path) -> list[Path]:
    """All files below a folder. Raises RefusedError for links, special files and too many files."""
    files: list[Path] = []
    for count, (root, folders, names) in enumerate(os.walk(folder)):
        if count > MAX_FOLDERS or len(os.fsencode(os.path.relpath(root, folder))) > MAX_PATH:
            raise RefusedError("The folder has too many or too deeply nested folders.", _FOLDER_ONLY)
        for name in [*folders, *names]:
            path = Path(root) / name
            mode = path.lstat().st_mode
            if stat.S_ISLNK(mode):
                raise _link_refused(path)
            if stat.S_ISREG(mode):
                files.append(path)
            elif not stat.S_ISDIR(mode):
                raise RefusedError(f"{_name(path)} is not a regular file.", _EXPORT)
        if len(files) > MAX_FILES:
            raise RefusedError(f"The folder has over {MAX_FILES} files.", _FOLDER_ONLY)
    return files


def _check_folder(staging: ModelStaging, _: float | None) -> None:
    if not any((staging.path / name).is_file() for name in ("saved_model.pb", "saved_model.pbtxt")):
        if inner := next((path.parent for path in _walk(staging.path) if path.name == "saved_model.pb"), None):
            where = printable(inner.relative_to(staging.path).as_posix(), 100)
            raise RefusedError("The SavedModel is in a folder inside this one.", f"Move what is in {where} up here.")
        raise RefusedError("The folder has no saved_model.pb: it is not a complete SavedModel.", _EXPORT)


def _check_keras(staging: ModelStaging, max_megabytes: float | None) -> None:
    head = _head(staging)
    try:
        with zipfile.ZipFile(staging.path) as archive:
            unpacked = {info.filename: info.file_size for info in archive.infolist()}
    # NotImplementedError: a version or a compression that zipfile does not know.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        if head.startswith(_ZIP):
            raise RefusedError("The file is incomplete: saving was interrupted.", SAVE_AGAIN) from None
        raise _foreign(
            foreign_file(_head(staging, HEAD_BYTES)), "The file is not a .keras model.", _NOT_RENAMED
        ) from None
    if "config.json" not in unpacked:
        raise _foreign(foreign_archive(unpacked), "The archive does not contain a Keras model.", f"{_SAVE}.")
    if not any(name.startswith("model.weights") for name in unpacked):
        raise RefusedError(*NO_WEIGHTS)
    if sum(unpacked.values()) > MAX_EXPANSION * max(staging.size, (max_megabytes or 1) * MEGABYTE):
        message = f"The archive unpacks to {sum(unpacked.values()) / MEGABYTE:.0f} MB, far more than its size."
        raise RefusedError(message, f"{_SAVE} and submit that file unchanged.", Verdict.LIMIT_EXCEEDED)


def _check_h5(staging: ModelStaging, _: float | None) -> None:
    head = _head(staging)
    if head.startswith(_ZIP):
        raise _foreign(
            _zip_kind(staging.path),
            "The file is named .h5 but has the newer Keras format.",
            "Rename it to mymodel.keras.",
        )
    if head != _HDF5:
        raise _foreign(foreign_file(_head(staging, HEAD_BYTES)), "The file is not an HDF5 model.", _NOT_RENAMED)


def _zip_kind(path: Path) -> ForeignFile | None:
    """What an archive that is named .h5 is besides a Keras file; None if it is one, or can't be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    # NotImplementedError: as above.
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None
    return None if "config.json" in names else foreign_archive(names)


def _foreign(found: ForeignFile | None, message: str, remedy: str) -> RefusedError:
    """The refusal of a file of another kind; `message` and `remedy` if its kind is unknown."""
    return (
        RefusedError(f"The file is {printable(found.what)}.", found.remedy) if found else RefusedError(message, remedy)
    )


CHECKS: dict[ModelFormat, Callable[[ModelStaging, float | None], None]] = {
    "keras": _check_keras, "h5": _check_h5, "saved_model": _check_folder,
}  # fmt: skip
"""Structure checks; the number is the question's limit in MB."""


def _head(staging: ModelStaging, length: int = len(_HDF5)) -> bytes:
    if staging.size == 0:
        raise RefusedError("The file is empty: saving was interrupted or the disk was full.", SAVE_AGAIN)
    try:
        with staging.path.open("rb") as file:
            return file.read(length)
    except OSError as error:
        raise GraderFaultError(f"The model can't be read: {error.strerror}.", location=str(staging.path)) from None


def _name(path: Path) -> str:
    return printable(path.name, 100)


def _link_refused(path: Path) -> RefusedError:
    return RefusedError(f"{_name(path)} is a link.", "Replace the link with the model itself.")
