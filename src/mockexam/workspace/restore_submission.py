"""Restores an earlier submission's model and scripts into a folder. Nothing that lies there is ever lost."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from mockexam import paths
from mockexam.errors import UserError
from mockexam.files import is_disk_full, move_aside, reason_of, remove, rename, sync_folder
from mockexam.workspace.layout import SUBMISSION_NAMES
from mockexam.workspace.receive import ChangedError, copy_model, hash_of
from mockexam.workspace.scripts import find_scripts
from mockexam.workspace.signature import sign

_PARTIAL = ".put-back-"
"""The name of a folder with half-made copies begins so."""
_ELSEWHERE = "Name another folder, or make this one writable."

Report = Callable[[str], None]


def restore_submission(
    model: Path | None, scripts: Path | None, model_name: str, folder: Path, *, tell: Report = lambda _: None
) -> tuple[str, ...]:
    """Restore a stored model, as `model_name`, and stored scripts into a folder; returns the names of the new files.

    Everything is copied first and then moved into place, the model last. A different file in the way is moved aside to
    `<name>.bak-N`; an equal one stays, but an equal model gets a new time: a restored model always looks just saved.
    The restored files are writable. `tell` receives, in the learner's words, what was moved aside, and that the model
    no longer exists (`model` is None, or gone): then only the scripts are restored.

    Blocks while it copies. Raises UserError if there is nothing to restore, or the folder can't be written.
    """
    if model_name not in SUBMISSION_NAMES:
        raise UserError(f"Not a valid model name: {model_name!r}.", hint="The record was altered.")
    sources = {script.name: script.path for script in find_scripts(scripts)} if scripts else {}
    if model is not None and os.path.lexists(model):
        sources[model_name] = model
    elif sources:
        tell(f"The model {model_name} of this submission is no longer stored. Only its code is restored.")
    if not sources:
        raise UserError(
            "Neither the model nor the code of this submission is stored any more.",
            hint="Choose another submission.",
        )
    try:
        _make_folder(folder)
        return _put_all(sources, folder, model_name, tell)
    except ChangedError:
        raise UserError(
            "The stored copy can't be read, or it changed meanwhile.",
            location=str(model or scripts),
            hint="Try again.",
        ) from None
    except OSError as error:
        raise _user_error(error, folder) from None


def put_model(model: Path, model_name: str, folder: Path, *, tell: Report = lambda _: None) -> None:
    """Copy a model into an existing folder, as `model_name` and in the same way. Raises UserError and OSError."""
    try:
        _make_folder(folder)
        _put_all({model_name: model}, folder, model_name, tell)
    except ChangedError:
        raise UserError("The model changed while it was copied.", location=str(model), hint="Try again.") from None


def _make_folder(folder: Path) -> None:
    """Make the folder if it does not exist, and remove half-made copies of an earlier try."""
    try:
        home, real = paths.home().resolve(), folder.resolve()
    except (ValueError, RuntimeError):
        raise UserError("Not a valid folder path.", location=repr(str(folder)), hint=_ELSEWHERE) from None
    if home in (real, *real.parents):
        raise UserError(
            "This folder is inside the folder where mockexam keeps its records.",
            location=str(folder),
            hint="Name a folder elsewhere.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_PARTIAL}*"):
        remove(left)


def _put_all(sources: dict[str, Path], folder: Path, model_name: str, tell: Report) -> tuple[str, ...]:
    """Copy what differs, then move it into place, in the order of `sources`."""
    different = {name: source for name, source in sources.items() if not _is_equal(source, folder, name)}
    if model_name in sources and model_name not in different:
        with contextlib.suppress(OSError):
            os.utime(folder / model_name)
    if not different:
        return ()
    partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder))
    try:
        for number, source in enumerate(different.values()):
            signature = sign(source)
            if signature is None or signature.problem:
                raise ChangedError
            copy_model(source, signature, partial / str(number))
        for number, name in enumerate(different):
            for moved in _put(partial / str(number), folder, name):
                tell(f"The existing {moved.name.rpartition('.bak-')[0]} was renamed to {moved.name}.")
        sync_folder(folder)
    finally:
        remove(partial)
    return tuple(different)


def _is_equal(source: Path, folder: Path, name: str) -> bool:
    """Whether the same bytes are there already; a link, or a path through one, does not count."""
    place = folder
    for part in PurePosixPath(name).parts:
        place /= part
        if place.is_symlink() or not place.exists():
            return False
    digest = hash_of(source)
    return digest is not None and source.is_dir() == place.is_dir() and hash_of(place) == digest


def _put(copy: Path, folder: Path, name: str) -> Iterator[Path]:
    """Move a whole copy into place; yields the backup of whatever was in the way. Raises OSError."""
    *above, last = PurePosixPath(name).parts
    place = folder
    for part in above:
        place /= part
        if place.is_symlink() or not place.is_dir():
            backup = move_aside(place)
            place.mkdir()
            if backup is not None:
                yield backup
    place /= last
    backup = move_aside(place)
    try:
        rename(copy, place)
    except OSError:
        if backup is not None:
            rename(backup, place)
        raise
    if backup is not None:
        yield backup


def _user_error(error: OSError, folder: Path) -> UserError:
    full = is_disk_full(error)
    hint = "Free some space and try again. None of your files was lost." if full else _ELSEWHERE
    return UserError(f"The submission can't be restored: {reason_of(error)}.", location=str(folder), hint=hint)
