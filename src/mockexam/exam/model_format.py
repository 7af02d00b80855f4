"""The formats in which a model is submitted.

To add one: its id in `events.ModelFormat`, an entry here, and a row in each table in `tests/test_registries.py`.
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
    """Its name in events."""
    name: str
    """The name of a model that is received from a question's folder."""
    label: str
    how: str
    """The call that saves such a model."""
    ending: str = ""
    """Of a file's name; empty if a model is a folder."""
    also: tuple[str, ...] = ()
    """Other endings that such files have elsewhere."""

    @property
    def is_folder(self) -> bool:
        return not self.ending

    @property
    def shown(self) -> str:
        """The name as shown: a folder with a slash."""
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
GRAPH_FILE = "saved_model.pb"
"""What makes a folder a SavedModel."""
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
"""Endings of files that may have a model in them."""
WEIGHTS_ENDINGS = (".weights.h5", ".weights.hdf5")
"""Of files with weights alone."""


def format_of_file(name: str) -> FormatSpec | None:
    """The format of a file by the ending of its name; None if it can't be a model."""
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


@dataclass(frozen=True, slots=True)
class ForeignFile:
    """What a file under a model's name really is."""

    what: str
    """To follow "it is"."""
    remedy: str


_SAVE = 'Save the model with model.save("mymodel.keras").'
_UNPACK = "Unpack it, and copy what is inside here."
_TEXT_BYTES = 64
_TAR_AT = 257
_SHOWN_NAME = 60
HEAD_BYTES = 512
"""How much of a file's beginning `foreign_file` wants."""


def foreign_file(head: bytes) -> ForeignFile | None:
    """What a file that begins so is, if it is a known kind that is no model; None if that is unknown."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:_TEXT_BYTES].lower()
    if start.startswith(b"version https://git-lfs"):
        return ForeignFile(
            "a Git LFS pointer: the model itself was not downloaded",
            "Run `git lfs pull` in the repository and copy the file again, or download the file itself.",
        )
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<head", b"<!--")):
        return ForeignFile(
            "a web page, not a model",
            "Download the file itself, with the page's button Download or Raw; sign in first if the page asks for it.",
        )
    if start.startswith((b"{", b"[")):
        return ForeignFile("a JSON text: at most a model's architecture, without its weights", _SAVE)
    if head[4:8] == b"TFL3":
        return ForeignFile("a TensorFlow Lite model", f"Save the Keras model that it was made from: {_SAVE[9:]}")
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return ForeignFile("a pickle (pickle, joblib or torch), which the grader never opens", _SAVE)
    if head.startswith(b"\x08\x01\x12"):
        whole = "Copy the whole folder with it, named mymodel: saved_model.pb and the folder variables."
        return ForeignFile("the graph of a SavedModel without its variables", whole)
    if head[:1] == b"\x08" and head[2:3] == b"\x12":
        return ForeignFile("an ONNX model", f"Save the Keras model that it was made from: {_SAVE[9:]}")
    packed = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"7z\xbc\xaf\x27\x1c", b"Rar!")
    if head.startswith(packed) or head[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return ForeignFile("a packed archive", _UNPACK)
    return None


def foreign_archive(names: Iterable[str]) -> ForeignFile | None:
    """What a zip archive with these members is, if it is not a `.keras` file; None if that is unknown."""
    found = [name for name in names if not name.startswith("__MACOSX/")]
    inside = next((n for n in found if format_of_file(n) and n != "model.weights.h5" and not n.endswith("/")), "")
    if any(PurePath(name).name == "data.pkl" for name in found):
        return ForeignFile("a PyTorch model", "This exam takes models of TensorFlow and Keras only.")
    if any(PurePath(name).name == GRAPH_FILE for name in found):
        return ForeignFile("a zip archive around a SavedModel folder", f"{_UNPACK[:-1]} as the folder mymodel.")
    if any(PurePath(name).name == "config.json" and "/" in name for name in found):
        how = "Zip its files without the folder, or save the model again."
        return ForeignFile("a Keras file that was unpacked and zipped again with a folder around it", how)
    if inside:
        name = PurePath(inside).name
        plain = name if name.isprintable() and len(name) <= _SHOWN_NAME else "a model"
        return ForeignFile(f"a zip archive around {plain}", _UNPACK)
    return None
