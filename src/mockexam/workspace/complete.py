"""Is this model all there? Told from its structure with the standard library, without loading it."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS
from mockexam.workspace import hdf5, keras_zip, savedmodel
from mockexam.workspace.judgement import Judgement, broken, not_yet
from mockexam.workspace.names import SAVE
from mockexam.workspace.safe_open import open_regular
from mockexam.workspace.signature import Signature

MAX_BYTES = 2 * 10**9
"""Larger things are not received. Every question's own limit is far below."""
FILE_JUDGES: dict[ModelFormat, Callable[[BinaryIO, int, int, bool], Judgement]] = {
    "keras": lambda file, size, _, thorough: keras_zip.judge(file, size, thorough=thorough),
    "h5": lambda file, size, inode, _: hdf5.judge(file, size, inode=inode),
}
"""Of an open file, its size in bytes and its inode; the last says whether to read the weights too."""
FOLDER_JUDGES: dict[ModelFormat, Callable[[Path, Signature], Judgement]] = {"saved_model": savedmodel.judge}


def judge(path: Path, form: ModelFormat, signature: Signature, *, thorough: bool = False) -> Judgement:
    """Whether the candidate whose state is `signature` is structurally complete.

    `thorough` also reads the weights of a `.keras` file to compare its checksums. Never raises, never waits: links are
    not followed and only regular files are opened.
    """
    wrong = _wrong_kind(form, signature)
    if wrong is not None:
        return wrong
    try:
        if FORMATS[form].is_folder:
            return FOLDER_JUDGES[form](path, signature)
        with open_regular(path) as file:
            return FILE_JUDGES[form](file, signature.size, signature.top.inode, thorough)
    except PermissionError:
        return broken("it can't be read: permission denied")
    except OSError as error:
        return not_yet(f"it can't be read: {error.strerror or error}")


def _wrong_kind(form: ModelFormat, signature: Signature) -> Judgement | None:
    top = signature.top
    if stat.S_ISLNK(top.mode):
        return broken("it is a link: copy the file itself")
    if FORMATS[form].is_folder and top.is_file:
        return broken(f"a name without an ending is for a SavedModel folder, but it is a file; {SAVE}")
    if not FORMATS[form].is_folder and top.is_folder:
        return broken(f"it is a folder, not a file; {SAVE}")
    if not top.is_folder and not top.is_file:
        return broken(f"it is not a regular file; {SAVE}")
    if signature.problem:
        return broken(f"it {signature.problem}")
    if signature.size > MAX_BYTES:
        return broken(f"it is too large: {signature.size / 1e9:.1f} GB; at most {MAX_BYTES / 1e9:.0f} GB are received")
    if top.is_file and top.size == 0:
        return not_yet("it is empty: the save was interrupted before it wrote anything")
    return None
