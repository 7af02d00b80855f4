"""Checks `.keras` archives and `.h5` files, and makes copies without nested compile configs."""

from __future__ import annotations

import io
import json
import mmap
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Any

import h5py

from mockexam.grading.predictor.gate import GateRefusal, keras_config, keras_of
from mockexam.grading.predictor.gate.hdf5 import check_hdf5

CONFIG, METADATA, WEIGHTS, ASSETS = "config.json", "metadata.json", "model.weights.h5", "assets/"
OLD_PATHS, NEW_PATHS = "_layer_checkpoint_dependencies", "layers"
"""The group of a model's layers in its weights, up to TensorFlow 2.13 and from 2.14 on."""
MAX_MEMBERS = 1000
MAX_ASSET = 256 * 2**20
MAX_METADATA = 2**20
MAX_TIMES = 20  # how many times its stored bytes a member may unpack to; Keras does not compress
SLACK = 4 * 2**20
_COPY_CHUNK = 2**20
COPY_TIMES, COPY_SLACK = 2, 32 * 2**20
"""How large a copy may be compared to its archive: below the process's limit on file sizes."""
_ASSET = re.compile(r"assets/(?:[A-Za-z0-9_]+/)*(?:vocabulary\.txt)?")
"""Keras keeps only the words of lookup layers there."""
_LOCAL = struct.Struct("<4s22xHH")
"""A member's local header: the signature, and the lengths of its name and of its extra field."""


def check_keras(path: str, scratch: str) -> tuple[str, int]:
    """The archive to load, and the Keras to load it: `path`, or a copy in `scratch`.

    A copy has a configuration that `adapt` changed, slashes in the place of Windows' backslashes in weights' paths, and
    what TensorFlow 2.13 wrote where later versions look for it. Raises GateRefusal.
    """
    try:
        checked = _check_archive(path)
        changed = checked.must_adapt or checked.backslashes or checked.old_paths
        return (_changed_archive(path, checked, scratch) if changed else path), checked.keras
    # What zipfile raises for a broken archive, with zlib.error, RuntimeError and EOFError for broken members.
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError, struct.error, zlib.error):
        raise GateRefusal("damaged", "an archive that can't be read") from None


@dataclass(frozen=True)
class _Checked:
    """An archive that passes."""

    config: dict[str, Any]
    keras: int
    must_adapt: bool
    backslashes: bool
    """Whether the weights' paths are joined as Keras did on Windows until 3.0: no other system finds them."""
    old_paths: bool
    """Whether its weights are stored below `OLD_PATHS`."""


def _check_archive(path: str) -> _Checked:
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:  # noqa: PTH123  # a Path for each opening is slower
            members = _members(archive, os.fstat(file.fileno()).st_size)
            if CONFIG not in members:
                raise GateRefusal("damaged", "an archive without a model")
            config = keras_config.read(_bytes(archive, members[CONFIG], keras_config.MAX_BYTES))
            keras = _keras_of_archive(archive, members)
            must_adapt = keras_config.check_config(config, keras)
            if WEIGHTS not in members:
                raise GateRefusal("no_weights", "an archive without weights")
            stored, backslashes, old_paths = _check_weights(archive, file, members[WEIGHTS])
            keras_config.check_declared_weights(config, stored)
            return _Checked(config, keras, must_adapt, backslashes, old_paths and keras == 2)
    except OSError:  # for example a position before the file's beginning
        raise GateRefusal("damaged", "an archive that can't be read") from None


def _keras_of_archive(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> int:
    """The major version of the Keras to load an archive with; 3 if the archive does not say."""
    if METADATA not in members:
        return 3
    try:
        version = keras_config.read(_bytes(archive, members[METADATA], MAX_METADATA)).get("keras_version")
    except GateRefusal as refusal:
        if refusal.reason == "damaged":
            return 3
        raise
    return keras_of(f"Keras {version}")


def check_h5(path: str, scratch: str) -> tuple[str, int]:
    """The file to load (`path`, or a copy in `scratch` whose configuration `adapt` changed), and the Keras to load it.

    Raises GateRefusal.
    """
    try:
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:  # noqa: PTH123  # as above
            numbers, text, version = check_hdf5(path, whole, 0, len(whole))
    except (OSError, ValueError):  # it is empty
        raise GateRefusal("damaged", "an HDF5 file that can't be read", "the weights") from None
    keras = keras_of(f"Keras {version}")
    if text is None:
        return path, 3  # weights alone: the examiner knows Keras's own message
    config = keras_config.read(text)
    must_adapt = keras_config.check_config(config, keras)
    keras_config.check_declared_weights(config, numbers)
    return (_adapted_h5(path, config, keras, scratch) if must_adapt else path), keras


def _members(archive: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """The archive's members by name, each one checked. `size` is the whole file's."""
    found: dict[str, zipfile.ZipInfo] = {}
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise GateRefusal("too_big", f"{len(infos)} files in one archive")
    for info in infos:
        name = info.filename
        if name not in (CONFIG, METADATA, WEIGHTS) and not _ASSET.fullmatch(name):
            raise GateRefusal("member", name)
        if name in found:
            raise GateRefusal("archive", f"{name} is in it twice")
        _check_member(info)
        archive.open(info).close()  # compares the member's own header with the central directory
        found[name] = info
    if sum(info.compress_size for info in infos) > size:
        raise GateRefusal("archive", "its parts overlap")
    return found


def _check_member(info: zipfile.ZipInfo) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR) or info.orig_filename != info.filename:
        raise GateRefusal("archive", f"{info.filename} is no plain file")
    if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise GateRefusal("archive", f"{info.filename} is encrypted or compressed in an unusual way")
    allowed = {METADATA: MAX_METADATA, CONFIG: keras_config.MAX_BYTES}.get(info.filename, MAX_ASSET)
    if info.filename != WEIGHTS and info.file_size > allowed:
        raise GateRefusal("too_big", f"{info.filename} of {info.file_size >> 20} MB")
    if info.file_size > MAX_TIMES * info.compress_size + SLACK:
        raise GateRefusal("bomb", f"{info.filename}, {info.file_size >> 20} MB out of {info.compress_size} bytes")


def _bytes(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """A member's bytes; its declared length is not trusted."""
    with archive.open(info) as member:
        data = member.read(most + 1)
    if len(data) > most or len(data) > info.file_size:
        raise GateRefusal("bomb", info.filename)
    return data


def _check_weights(archive: zipfile.ZipFile, file: IO[bytes], info: zipfile.ZipInfo) -> tuple[int, bool, bool]:
    """Check the weights. Returns how many numbers they hold, and their `_oddities`."""
    if info.compress_type == zipfile.ZIP_DEFLATED:
        data = _bytes(archive, info, MAX_TIMES * info.compress_size + SLACK)
        return check_hdf5(io.BytesIO(data), data, 0, len(data))[0], *_oddities(io.BytesIO(data))
    file.seek(info.header_offset)
    signature, name, extra = _LOCAL.unpack(file.read(_LOCAL.size))
    if signature != b"PK\x03\x04" or info.compress_size != info.file_size:
        raise GateRefusal("archive", f"{info.filename} is not where it should be")
    start = info.header_offset + _LOCAL.size + name + extra
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        part = _FileSlice(file, start, info.file_size)
        return check_hdf5(part, whole, start, info.file_size)[0], *_oddities(part)


def _oddities(source: Any) -> tuple[bool, bool]:
    """Whether the paths of weights are joined by backslashes, and whether they begin with `OLD_PATHS`."""
    with h5py.File(source, "r") as file:
        return any("\\" in name for name in file), any(name.partition("\\")[0] == OLD_PATHS for name in file)


def _slashed(weights: str) -> str:
    """A copy of the weights with paths joined by slashes. Raises GateRefusal where two become one."""
    slashed = f"{weights}-slashed"
    with h5py.File(weights, "r") as old, h5py.File(slashed, "w") as new:
        names: list[str] = []
        old.visit(names.append)
        for name in names:
            path = name.replace("\\", "/")
            if isinstance(old[name], h5py.Group):
                new.require_group(path)
            elif path in new:
                raise GateRefusal("damaged", "two weights of one name", "the weights")
            else:
                old.copy(name, new, name=path)
    return slashed


def _changed_archive(path: str, checked: _Checked, scratch: str) -> str:
    keras_config.adapt(checked.config, checked.keras)
    folder = tempfile.mkdtemp(dir=scratch)
    target = os.path.join(folder, "model.keras")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(target, "w") as copy:
        unpacked = sum(info.file_size for info in archive.infolist())
        if unpacked > COPY_TIMES * os.path.getsize(path) + COPY_SLACK:  # noqa: PTH202
            raise GateRefusal("bomb", f"{unpacked >> 20} MB in all")
        names: dict[str, str] = {}
        odd_weights = checked.backslashes or checked.old_paths
        if odd_weights:
            weights = archive.extract(WEIGHTS, folder)
            weights = _slashed(weights) if checked.backslashes else weights
            names = _renamed_groups(weights) if checked.old_paths else {}
            copy.write(weights, WEIGHTS)
        for info in archive.infolist():
            if info.filename == CONFIG:
                copy.writestr(CONFIG, json.dumps(checked.config))
            elif not info.is_dir() and not (odd_weights and info.filename == WEIGHTS):
                folder, _, file = info.filename.removeprefix(ASSETS).rpartition("/")
                name = f"{ASSETS}{names[folder]}/{file}" if folder in names else info.filename
                with archive.open(info) as source, copy.open(name, "w", force_zip64=True) as into:
                    shutil.copyfileobj(source, into, _COPY_CHUNK)
    return target


def _renamed_groups(weights: str) -> dict[str, str]:
    """Store weights where TensorFlow 2.14 and newer do. Returns the new paths of groups by their old ones."""
    names: dict[str, str] = {}
    with h5py.File(weights, "r+") as file:
        _rename(file, "", "", names, numbered=False)
    return names


def _rename(group: Any, old: str, new: str, names: dict[str, str], *, numbered: bool) -> None:
    """Rename the groups in one whose path was `old` and is `new`, and all below it.

    TensorFlow 2.13 counts a layer with weights twice when it numbers those of one class: dense, dense_2, dense_4.
    """
    counts: dict[str, int] = {}
    for stem, _, name in sorted((*_numbered(name), name) for name in group):
        counts[stem] = counts.get(stem, -1) + 1
        later = f"{stem}_{counts[stem]}" if counts[stem] else stem
        later = later if numbered else NEW_PATHS if name == OLD_PATHS else name
        if later != name:
            group.move(name, later)
        names[f"{old}{name}"] = f"{new}{later}"
        if isinstance(group[later], h5py.Group):
            _rename(group[later], f"{old}{name}/", f"{new}{later}/", names, numbered=name == OLD_PATHS)


def _numbered(name: str) -> tuple[str, int]:
    """A group's name without its number, and that number."""
    stem, _, number = name.rpartition("_")
    return (stem, int(number)) if stem and number.isdecimal() else (name, 0)


def _adapted_h5(path: str, config: dict[str, Any], keras: int, scratch: str) -> str:
    keras_config.adapt(config, keras)
    target = os.path.join(tempfile.mkdtemp(dir=scratch), "model.h5")
    shutil.copyfile(path, target)
    with h5py.File(target, "r+") as file:
        del file.attrs["model_config"]
        file.attrs["model_config"] = json.dumps(config)
    return target


class _FileSlice(io.RawIOBase):
    """A part of an open file as a file of its own: reads a stored member of an archive without a copy."""

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(0, offset + (0, self._at, self._size)[whence])
        return self._at

    def readinto(self, buffer: Any) -> int:
        into = memoryview(buffer).cast("B")
        into = into[: max(0, self._size - self._at)]
        self._file.seek(self._start + self._at)
        count = self._file.readinto(into)  # type: ignore[attr-defined]  # every binary file on the disk has it
        self._at += count
        return int(count)
