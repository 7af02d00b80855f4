"""Whether a saved model is whole, judged by its structure alone; nothing is loaded."""

from __future__ import annotations

import stat
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from mockexam import leveldb_table
from mockexam.exam.events import ModelFormat
from mockexam.exam.model_format import FORMATS, GRAPH_FILE, HEAD_BYTES, ForeignFile, foreign_archive, foreign_file
from mockexam.files import zip_directory_size
from mockexam.leveldb_table import CompressedTableError, TableError, varint
from mockexam.workspace.layout import SAVE
from mockexam.workspace.signature import FileState, Signature, open_regular

STILL_SECONDS = 0.5
"""A model must be unchanged for this long before it is received."""
UNORDERED_STILL_SECONDS = 3.0
"""The same if its file times look like the middle of a save; those of a copied folder do too."""
MAX_BYTES = 2 * 10**9
"""Larger models are not received. Every question's own limit is far below."""


class SaveState(StrEnum):
    """Whether a saved model is whole."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    """The save seems to be under way; if nothing changes, it was interrupted."""
    BROKEN = "broken"
    """Waiting can't help."""


@dataclass(frozen=True, slots=True)
class Completeness:
    """A state and its reason, which is shown to the learner (empty when complete)."""

    state: SaveState
    reason: str = ""
    still_seconds: float = STILL_SECONDS
    """The model must be unchanged for this long before it counts as complete."""

    @property
    def fault(self) -> str:
        """The reason without the advice after it."""
        return self.reason.partition(". ")[0].removesuffix(".")

    @property
    def complete(self) -> bool:
        return self.state is SaveState.COMPLETE


COMPLETE = Completeness(SaveState.COMPLETE)
COMPLETE_UNORDERED = Completeness(SaveState.COMPLETE, still_seconds=UNORDERED_STILL_SECONDS)


def incomplete(reason: str) -> Completeness:
    """A save that seems to be under way."""
    return Completeness(SaveState.INCOMPLETE, reason)


def broken(reason: str) -> Completeness:
    """A model that waiting does not make whole."""
    return Completeness(SaveState.BROKEN, reason)


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(HEAD_BYTES)


def _foreign(found: ForeignFile | None, otherwise: str) -> Completeness:
    """A file of another kind under a model's name; `otherwise` if its kind is unknown."""
    return broken(f"it is {found.what}. {found.remedy}" if found else otherwise)


_HDF5 = b"\x89HDF\r\n\x1a\n"
_LOCKS = Path("/proc/locks")
_ADDRESSES_AT = {0: 24, 1: 28, 2: 12, 3: 12}
"""Where the superblock's four addresses begin, by its version. The third is the end-of-file address."""
_WIDTH_AT = {0: 13, 1: 13, 2: 9, 3: 9}
"""Where the superblock gives the width of an address, by its version."""


def hdf5_state(file: BinaryIO, size: int, *, inode: int) -> Completeness:
    """Whether this open file of `size` bytes is a whole HDF5 file that nobody is writing. Raises OSError."""
    file.seek(0)
    start = file.read(96)
    if start.startswith(_ZIP):
        return _foreign(_zip_kind(file), "it is a .keras file with the wrong name. Rename it to mymodel.keras.")
    if not start[:8].strip(b"\0") or (len(start) < 8 and _HDF5.startswith(start)):
        return incomplete("the save is incomplete: the file begins with zeros. Save it again.")
    if not start.startswith(_HDF5):
        return _foreign(foreign_file(_head(file)), f"it is not an HDF5 file. {SAVE}")
    end = _end_address(start)
    if end is None:
        return broken("it is damaged: its first bytes make no sense. Save it again.")
    if end > size:
        return incomplete(f"the save is incomplete: it has {size} of {end} bytes. Save it again.")
    if _is_being_written(inode):
        return incomplete("another program still has it open for writing. Close it there.")
    return COMPLETE


def _end_address(start: bytes) -> int | None:
    """The end-of-file address in bytes; None if the superblock is not understood."""
    version = start[8] if len(start) > 8 else 255
    if version not in _ADDRESSES_AT or len(start) <= _WIDTH_AT[version]:
        return None
    width = start[_WIDTH_AT[version]]
    at = _ADDRESSES_AT[version] + 2 * width
    if width not in (4, 8) or len(start) < at + width:
        return None
    return int.from_bytes(start[at : at + width], "little")


def _is_being_written(inode: int) -> bool:
    """Whether the kernel lists a writer's lock on this file (Linux; False elsewhere).

    Taking the lock would make a save fail. Some file systems number devices in two ways: only inodes are compared.
    """
    if sys.platform != "linux":
        return False
    try:
        lines = _LOCKS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return False
    ending = f":{inode}"
    return any(" WRITE " in line and any(word.endswith(ending) for word in line.split()) for line in lines)


_ZIP = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
_MAX_DIRECTORY = 4_000_000
"""Bytes of a sane archive's directory, which is read into memory."""
_SMALL_MEMBERS = ("metadata.json", "config.json")
_MAX_SMALL = 64_000_000
_WEIGHTS = ("model.weights.h5", "model.weights.npz")
_CHUNK = 1 << 20


def keras_state(file: BinaryIO, size: int, *, inode: int, thorough: bool) -> Completeness:
    """Whether this open file of `size` bytes is a whole Keras archive. Raises OSError."""
    file.seek(0)
    start = file.read(8)
    if start == _HDF5:  # as TensorFlow saves .keras up to 2.12
        return hdf5_state(file, size, inode=inode)
    if not start.strip(b"\0"):
        return incomplete("the save is incomplete: the file begins with zeros. Save it again.")
    if not (start.startswith((_ZIP, _ZIP_END)) or _ZIP.startswith(start)):
        return _foreign(foreign_file(_head(file)), f"it is not a Keras file. {SAVE}")
    directory = zip_directory_size(file)
    if directory is None:
        return incomplete("the save is incomplete: the end of the file is missing. Save it again.")
    if directory > _MAX_DIRECTORY:
        return broken("it is damaged: its table of contents is far too long. Save it again.")
    try:
        with zipfile.ZipFile(file) as archive:
            return _check_members(archive, size, thorough=thorough)
    except OSError:
        raise
    except Exception:  # noqa: BLE001  # foreign bytes: zipfile, zlib, lzma and struct each raise their own errors
        return broken("it is damaged and can't be unpacked. Save it again.")


def _zip_kind(file: BinaryIO) -> ForeignFile | None:
    """What an archive that is named .h5 is; None if it is a Keras file or can't be read. Raises OSError."""
    directory = zip_directory_size(file)
    if directory is None or directory > _MAX_DIRECTORY:
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except OSError:
        raise
    except Exception:  # noqa: BLE001  # foreign bytes, as below
        return None
    return None if "config.json" in names else foreign_archive(names)


def _check_members(archive: zipfile.ZipFile, size: int, *, thorough: bool) -> Completeness:
    members = {info.filename: info for info in archive.infolist()}
    if not any(weights in members for weights in _WEIGHTS):
        if not any(small in members for small in _SMALL_MEMBERS):
            return _foreign(foreign_archive(members), f"it is a zip archive, but not a Keras file. {SAVE}")
        return broken("the save is incomplete: the archive has no weights. Save it again.")
    missing = [small for small in _SMALL_MEMBERS if small not in members]
    if missing:
        return broken(f"the archive has no {missing[0]}. {SAVE}")
    if any(info.header_offset + info.compress_size > size for info in members.values()):
        return broken("it is damaged: it is shorter than its table of contents says. Save it again.")
    checked = [members[small] for small in _SMALL_MEMBERS]
    if any(info.file_size > _MAX_SMALL for info in checked):
        return broken("it is damaged: its configuration is far too long. Save it again.")
    # A declared size far above the file's own is left to the grader's limits: unpacking it here could take hours.
    if thorough and sum(info.file_size for info in members.values()) <= 4 * size + _MAX_SMALL:
        checked = list(members.values())
    for info in checked:
        with archive.open(info) as member:
            while member.read(_CHUNK):  # compares the checksum at the end
                pass
    return COMPLETE


_INDEX = "variables/variables.index"
_EXPORT = "Export the model with model.export('mymodel')."
_EXPORT_AGAIN = "Export or copy it again."


def saved_model_state(folder: Path, signature: Signature) -> Completeness:
    """Whether the folder in this state is a whole SavedModel. Raises OSError."""
    for entry in signature.entries:
        if stat.S_ISLNK(entry.mode):
            return broken(f"{entry.name} in it is a link. Copy the file itself.")
        if not entry.is_file and not entry.is_folder:
            return broken(f"{entry.name} in it is not a regular file. {_EXPORT}")
    graph = signature.entry(GRAPH_FILE)
    if graph is None or not graph.is_file:
        if signature.entry("config.json") and signature.entry("metadata.json"):
            return broken(f"it is an unpacked .keras file. {SAVE}")
        if inner := next((e.name for e in signature.entries if e.is_file and e.name.endswith(f"/{GRAPH_FILE}")), ""):
            return broken(
                f"the SavedModel is in a folder inside it. Move what is in {inner[: -len(GRAPH_FILE) - 1]} up here."
            )
        return incomplete(
            f"the folder has no {GRAPH_FILE}: it is not a SavedModel, or the export is incomplete. {_EXPORT}"
        )
    if any(part.endswith("_temp") for entry in signature.entries for part in entry.name.split("/")):
        return incomplete(f"the export is incomplete: it stopped while it wrote the variables. {_EXPORT_AGAIN}")
    if not _is_whole_graph(folder / GRAPH_FILE, graph.size):
        return incomplete(f"the export is incomplete: {GRAPH_FILE} is cut short. {_EXPORT_AGAIN}")
    return _check_variables(folder, signature) or _check_order(signature, graph)


def _check_variables(folder: Path, signature: Signature) -> Completeness | None:
    """What is wrong with the variables; None if they are whole."""
    index = signature.entry(_INDEX)
    if index is None or not index.is_file:
        return incomplete(f"the export is incomplete: {_INDEX} is missing. {_EXPORT_AGAIN}")
    try:
        shards = _shard_sizes(folder / _INDEX, index.size)
    except TableError:
        return incomplete(f"the export is incomplete: {_INDEX} is cut short. {_EXPORT_AGAIN}")
    for name, size in shards.items():
        shard = signature.entry(f"variables/{name}")
        if shard is None or not shard.is_file:
            return incomplete(f"the export is incomplete: variables/{name} is missing. {_EXPORT_AGAIN}")
        if shard.size < size:
            return incomplete(f"the export is incomplete: variables/{name} is cut short. {_EXPORT_AGAIN}")
    return None


def _check_order(signature: Signature, graph: FileState) -> Completeness:
    """Complete at once if the files were written in an export's order, else only after a longer wait."""
    variables = [e.modified_ns for e in signature.entries if e.is_file and e.name.startswith("variables/")]
    fingerprint = signature.entry("fingerprint.pb")
    if max(variables) > graph.modified_ns or (fingerprint and fingerprint.modified_ns < graph.modified_ns):
        return COMPLETE_UNORDERED
    return COMPLETE


FILE_CHECKS: dict[ModelFormat, Callable[[BinaryIO, int, int, bool], Completeness]] = {
    "keras": lambda file, size, inode, thorough: keras_state(file, size, inode=inode, thorough=thorough),
    "h5": lambda file, size, inode, _: hdf5_state(file, size, inode=inode),
}
"""The arguments: an open file, its size in bytes, its inode, and whether to read the weights too."""
FOLDER_CHECKS: dict[ModelFormat, Callable[[Path, Signature], Completeness]] = {"saved_model": saved_model_state}


def completeness_of(path: Path, form: ModelFormat, signature: Signature, *, thorough: bool = False) -> Completeness:
    """Whether the model in the state `signature` is structurally complete. Never raises, never waits.

    `thorough` also compares the checksums of a `.keras` file's weights. Links are not followed; only regular files are
    opened.
    """
    wrong = _wrong_kind(form, signature)
    if wrong is not None:
        return wrong
    try:
        if FORMATS[form].is_folder:
            return FOLDER_CHECKS[form](path, signature)
        with open_regular(path) as file:
            return FILE_CHECKS[form](file, signature.size, signature.top.inode, thorough)
    except PermissionError:
        return broken("it can't be read: permission denied. Make it readable.")
    except OSError as error:
        return incomplete(f"it can't be read: {error.strerror or error}. Save it again.")


def _wrong_kind(form: ModelFormat, signature: Signature) -> Completeness | None:
    top = signature.top
    if stat.S_ISLNK(top.mode):
        return broken("it is a link. Copy the file itself.")
    if FORMATS[form].is_folder and top.is_file:
        return broken(f"it is a file, but a name without an ending is for a SavedModel folder. {SAVE}")
    if not FORMATS[form].is_folder and top.is_folder:
        return broken(f"it is a folder, not a file. {SAVE}")
    if not top.is_folder and not top.is_file:
        return broken(f"it is not a regular file. {SAVE}")
    if signature.problem:
        return broken(f"it {signature.problem}. {SAVE}")
    if signature.size > MAX_BYTES:
        return broken(f"it is too large: {signature.size / 1e9:.1f} GB, and the limit is {MAX_BYTES / 1e9:.0f} GB.")
    if top.is_file and top.size == 0:
        return incomplete("the file is empty: the save stopped before it wrote anything. Save it again.")
    return None


_HEADER_SHARDS = 1
_ENTRY_SHARD, _ENTRY_OFFSET, _ENTRY_SIZE = 3, 4, 5
_VARINT = 0
_META_GRAPHS = 0x12
"""The first byte of `meta_graphs` in tensorflow/core/protobuf/saved_model.proto: field 2, with a length."""


def _shard_sizes(path: Path, size: int) -> dict[str, int]:
    """The least bytes of each data file, by name; empty if the index does not say. Raises TableError, OSError."""
    if size > leveldb_table.MAX_BYTES:
        raise TableError
    with open_regular(path) as file:
        table = file.read(leveldb_table.MAX_BYTES)
    sizes: dict[int, int] = {}
    shards = 1
    try:
        for key, value in leveldb_table.entries(table):
            fields = _varint_fields(value)
            if key == b"":
                shards = fields.get(_HEADER_SHARDS, 1)
            else:
                shard = fields.get(_ENTRY_SHARD, 0)
                end = fields.get(_ENTRY_OFFSET, 0) + fields.get(_ENTRY_SIZE, 0)
                sizes[shard] = max(end, sizes.get(shard, 0))
    except CompressedTableError:
        return {}
    if not 0 < shards < 100_000:
        raise TableError
    return {f"variables.data-{i:05d}-of-{shards:05d}": sizes.get(i, 0) for i in {*range(min(shards, 1000)), *sizes}}


def _is_whole_graph(path: Path, size: int) -> bool:
    """Whether a SavedModel message holds a graph and its last field ends where the file ends. Raises OSError.

    The content of the fields is skipped. Wire format: https://protobuf.dev/programming-guides/encoding/
    """
    with open_regular(path) as file:
        at, graphs = 0, 0
        for _ in range(10_000):
            if at == size:
                return graphs > 0
            file.seek(at)
            start = file.read(20)
            try:
                key, after_key = varint(start, 0)
                at += _skip(start, key & 7, after_key)
            except TableError:
                return False
            if key >> 3 == 0 or at > size:
                return False
            graphs += start[0] == _META_GRAPHS
    return False


def _varint_fields(message: bytes) -> dict[int, int]:
    """The varint fields of a protocol buffer message, by number. Raises TableError."""
    found: dict[int, int] = {}
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        if key & 7 == _VARINT:
            found[key >> 3], at = varint(message, at)
        else:
            at = _skip(message, key & 7, at)
    return found


def _skip(message: bytes, wire_type: int, at: int) -> int:
    """Where the value that begins at `at` ends. Raises TableError."""
    match wire_type:
        case 0:  # varint
            return varint(message, at)[1]
        case 1:  # 64 bits
            return at + 8
        case 5:  # 32 bits
            return at + 4
        case 2:  # with a length
            length, at = varint(message, at)
            return at + length
    raise TableError
