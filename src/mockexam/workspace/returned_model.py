"""A model that comes back from another machine, as people drop it: renamed, zipped, or in a folder of its own.

A zip is foreign: nothing of it is unpacked but the one model in it, within limits, and never outside its place.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mockexam.errors import UserError
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import ARCHIVES, FORMATS, GRAPH_FILE, WEIGHTS_ENDINGS, format_of_file
from mockexam.files import is_disk_full, reason_of, remove, zip_directory_size
from mockexam.workspace.completeness import MAX_BYTES, completeness_of
from mockexam.workspace.layout import DATA, SAVE
from mockexam.workspace.receive import SPARE_BYTES
from mockexam.workspace.restore_submission import put_model
from mockexam.workspace.signature import MAX_DEPTH, MAX_ENTRIES, open_regular, sign

_PARTIAL = ".unpack-"
"""The name of a folder with half-unpacked models begins so."""
_HDF5 = b"\x89HDF\r\n\x1a\n"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_MAX_DIRECTORY = 4_000_000
"""Bytes of a zip's list of members, which is read into memory."""
_MAX_RATIO = 200
"""A member that grows more than so when it is unpacked is a bomb."""
_SMALL = 1_000_000
"""Bytes below which the ratio says nothing."""
_CHUNK = 1 << 20
_UNSOUND = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OverflowError, RuntimeError, ValueError)
"""What the standard library raises for bytes that are no sound zip."""
_OF_SAVED_MODEL = frozenset({GRAPH_FILE, "fingerprint.pb", "keras_metadata.pb", "variables", "assets", "assets.extra"})
"""What a SavedModel folder holds; nothing else is unpacked."""
_OF_KERAS = frozenset({"config.json", "metadata.json"})
_JUNK = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class ReturnedModel:
    """A model that can be submitted."""

    path: Path
    """The model, or the zip that it is in."""
    format: ModelFormat
    members: tuple[str, ...] = ()
    """Of a zip: the names of the model's files in it, as they are written there. Empty: `path` is the model."""
    root: str = ""
    """Of a zip: the model's own place in it, with `/` instead of `\\`; a folder's ends with `/`."""

    @property
    def name(self) -> str:
        """The name under which it is received."""
        return FORMATS[self.format].name

    @property
    def own_name(self) -> str:
        """The name that it came with, in its zip if it is in one."""
        return PurePosixPath(self.root).name or self.path.name


def find_model(path: Path) -> ReturnedModel:
    """The one model that a file or folder is, or a zip holds. Reads the beginning of a file. Raises UserError."""
    signature = sign(path)
    if signature is None:
        raise UserError("There is no such file.", location=str(path), hint="Check the path.")
    if path.name.lower().endswith(WEIGHTS_ENDINGS):
        raise _refused(path, "it holds only weights, not a model", SAVE)
    if signature.top.is_folder:
        return _in_folder(path, [entry.name for entry in signature.entries])
    try:
        with open_regular(path) as file:
            start = file.read(8)
            if start == _HDF5:
                return ReturnedModel(path, "h5")
            if start.startswith(_ZIP):
                directory = zip_directory_size(file)
                if directory is None:
                    raise _refused(path, "its end is missing", "Copy or download it again.")
                if directory > _MAX_DIRECTORY:
                    raise ValueError("its list of contents is far too long")
                with zipfile.ZipFile(file) as archive:
                    return _in_zip(path, archive)
    except OSError as error:
        raise _refused(path, f"it can't be read: {reason_of(error)}", "Copy it again.") from None
    except _UNSOUND as error:
        raise _refused(path, f"it is damaged, or not safe to unpack: {error}", "Copy or download it again.") from None
    spec = format_of_file(path.name)
    if spec is not None:
        return ReturnedModel(path, spec.id)  # what is wrong with it is said when it is taken
    raise _refused(path, "it is not a Keras file, an HDF5 file, a SavedModel folder, or a zip with one", SAVE)


def may_hold_model(archive: Path) -> bool:
    """False only for a zip that certainly has no model in it, such as one that was handed out."""
    try:
        with open_regular(archive) as file:
            directory = zip_directory_size(file)
            if directory is None or directory > _MAX_DIRECTORY:
                return True
            with zipfile.ZipFile(file) as opened:
                names = _members(opened)
    except (OSError, *_UNSOUND):
        return True
    return any(
        format_of_file(name) or name.lower().endswith(ARCHIVES) or PurePosixPath(name).name == GRAPH_FILE
        for name in names
    )


def take_model(found: ReturnedModel, folder: Path, *, tell: Callable[[str], None] = lambda _: None) -> None:
    """Put the model into a question's folder under a received name, whole or not at all, as a save would.

    A different model of that name is moved aside to `<name>.bak-N`; `tell` receives what was, in the learner's words.
    The original stays. Blocks while it copies. Raises UserError.
    """
    if not folder.is_dir():
        raise UserError("The question's folder is missing.", location=str(folder), hint="Put it back from the app.")
    try:
        for left in folder.glob(f"{_PARTIAL}*"):
            remove(left)
        if not found.members:
            _put(found.path, found, folder, tell)
            return
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=folder))
        try:
            _put(_unpack(found, partial), found, folder, tell)
        finally:
            remove(partial)
    except OSError as error:
        hint = "Free some space and try again." if is_disk_full(error) else "Make the folder writable, and try again."
        raise _refused(found.path, reason_of(error), hint) from None
    except _UNSOUND as error:
        raise _refused(found.path, f"it is damaged: {error}", "Copy or download it again.") from None


def _put(model: Path, found: ReturnedModel, folder: Path, tell: Callable[[str], None]) -> None:
    signature = sign(model)
    if signature is None:
        raise _refused(found.path, "it is gone", "Copy it again.")
    whole = completeness_of(model, found.format, signature, thorough=True)
    if not whole.complete:
        reason, _, advice = whole.reason.partition(". ")
        raise _refused(found.path, reason.removesuffix("."), advice or SAVE)
    put_model(model, found.name, folder, tell=tell)


def _in_folder(path: Path, names: list[str]) -> ReturnedModel:
    """The SavedModel that a folder is or holds."""
    graphs = [PurePosixPath(name) for name in names if PurePosixPath(name).name == GRAPH_FILE]
    roots = {graph.parent for graph in graphs if not any(other.parent in graph.parent.parents for other in graphs)}
    if not roots:
        raise _refused(
            path, f"the folder has no {GRAPH_FILE}: it is no SavedModel", "Export with model.export('mymodel')."
        )
    if len(roots) > 1:
        raise _several(path, map(str, sorted(roots)))
    return ReturnedModel(path / roots.pop(), "saved_model")


def _in_zip(path: Path, archive: zipfile.ZipFile) -> ReturnedModel:
    """The one model in a zip. Raises ValueError for a zip that is not safe, UserError if it has not one model."""
    members = _members(archive)
    if members.keys() >= _OF_KERAS and any(name.startswith("model.weights.") for name in members):
        return ReturnedModel(path, "keras")
    roots = {name.removesuffix(GRAPH_FILE) for name in members if PurePosixPath(name).name == GRAPH_FILE}
    roots = {root for root in roots if not any(root != other and root.startswith(other) for other in roots)}
    files = {
        name: spec
        for name in members
        if (spec := format_of_file(name))
        and not name.lower().endswith(WEIGHTS_ENDINGS)
        and not any(name.startswith(root) for root in roots)
    }
    if len(roots) + len(files) > 1:
        raise _several(path, sorted([*(root or "a SavedModel" for root in roots), *files]))
    for name, spec in files.items():
        with archive.open(members[name]) as file:
            is_hdf5 = file.read(len(_HDF5)) == _HDF5
        form: ModelFormat = "h5" if is_hdf5 else spec.id
        return ReturnedModel(path, form, (members[name].filename,), name)
    for root in roots:
        own = {
            n: i for n, i in members.items() if n.startswith(root) and n[len(root) :].split("/")[0] in _OF_SAVED_MODEL
        }
        if len(own) > MAX_ENTRIES or any(name.count("/") - root.count("/") > MAX_DEPTH for name in own):
            raise ValueError("it has far too many files, or nests too many folders")
        return ReturnedModel(path, "saved_model", tuple(info.filename for info in own.values()), root)
    raise _refused(path, "there is no model in this archive", SAVE)


def _members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of a zip that may be a model's, by their names with `/`. Raises ValueError if it is not safe."""
    found: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = info.filename.replace("\\", "/")  # of zips that Windows made
        parts = PurePosixPath(name).parts
        if info.is_dir() or name.endswith("/") or _JUNK.intersection(parts) or parts[-1].startswith("._"):
            continue
        if name.startswith("/") or ".." in parts or ":" in name or "\0" in info.orig_filename:
            raise ValueError("a path in it leads outside")
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in {0, stat.S_IFREG}:
            raise ValueError(f"{name} in it is not a plain file")
        if DATA in parts[:-1]:  # training data, as in a pack: a model in it is none to submit
            continue
        if name in found:
            raise ValueError(f"it holds {name} twice")
        if info.flag_bits & 0x1 or info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ValueError(f"{name} is encrypted, or compressed in an unknown way")
        found[name] = info
    return found


def _unpack(found: ReturnedModel, place: Path) -> Path:
    """Unpack a model into an empty folder; returns its path. Raises OSError, UserError, and what zipfile raises."""
    with open_regular(found.path) as file, zipfile.ZipFile(file) as archive:
        infos = [archive.getinfo(name) for name in found.members]
        size = sum(info.file_size for info in infos)
        if size > MAX_BYTES:
            raise _refused(found.path, f"the model in it is too large: {size / 1e9:.1f} GB", SAVE)
        if any(info.file_size > max(_SMALL, info.compress_size * _MAX_RATIO) for info in infos):
            raise ValueError("it grows too much when it is unpacked")
        if shutil.disk_usage(place).free < size + SPARE_BYTES:
            raise _refused(found.path, "the disk is full", "Free some space and try again.")
        target = place / found.name
        # The graph last, as an export writes it.
        for info in sorted(infos, key=lambda info: info.filename.endswith((GRAPH_FILE, "fingerprint.pb"))):
            own = info.filename.replace("\\", "/").removeprefix(found.root)
            path = target / own if own else target
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as copy:
                for chunk in _chunks(archive, info):
                    copy.write(chunk)
    return target


def _chunks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a member, as many as its size says. Raises ValueError otherwise."""
    left = info.file_size
    with archive.open(info) as file:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                break
            yield chunk
    if left:
        raise ValueError("it does not hold as many bytes as it says")


def _several(path: Path, names: Iterator[str] | list[str]) -> UserError:
    listed = ", ".join(list(names)[:4])
    return _refused(path, f"it holds several models: {listed}", "Submit one of them.")


def _refused(path: Path, reason: str, hint: str) -> UserError:
    shown = os.fsencode(path.name).decode(errors="replace")
    name = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)
    return UserError(f"{name} was not submitted: {reason}.", location=str(path), hint=hint)
