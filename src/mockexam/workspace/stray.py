"""Model-like files and folders that are not received: what each is, why it is not taken, and how to submit it."""

from __future__ import annotations

import os
import re
import time
from collections import deque
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path, PurePosixPath

from mockexam.exam.model_format import FORMATS, GRAPH_FILE, RECEIVED_NAMES, WEIGHTS_ENDINGS, format_of_file
from mockexam.files import is_set_aside
from mockexam.workspace.layout import DATA, SAVE

_UNFINISHED = (".crdownload", ".part", ".partial", ".download")
_TEXT = (".txt",)
_PACKED = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
_FOREIGN = (".tflite", ".onnx", ".pt", ".pth", ".pkl", ".pickle", ".joblib", ".safetensors", ".mlmodel")
_ANY_PICKLE = frozenset({".pkl", ".pickle", ".joblib"})
"""Scripts keep much else in these, e.g. a tokenizer."""
_WEIGHTS = (*WEIGHTS_ENDINGS, ".ckpt.index", ".ckpt")
_BY_SCRIPTS = re.compile(
    r"\.?(checkpoints?|ckpts?|logs?|runs|tensorboard|tb_logs|wandb|mlruns|backups?|tuner|.*_dir|\..*)", re.IGNORECASE
)
"""Names of folders into which training scripts write what is not meant as the answer."""
_NEVER_MODELS = frozenset({"__pycache__", "assets", "variables", "venv", "env", "node_modules"})
_MAX_FOLDERS = 50
"""So many folders below a question's folder, or the workspace's, are looked into, those at the top first."""
_MAX_DEPTH = 3
_MAX_LISTED = 2000
"""So many entries of a subfolder are looked at: it may hold a data set."""
_MAX_KEPT = 1000
_SETTLED_SECONDS = 2.0
"""A folder's time moves in steps: only after so long without a change does the same time mean the same content."""
_DECORATION = re.compile(r"\(\d*\)|- copy|-\d{8}t\d{6}z.*|[\s_.-]|copy$")
"""What browsers, file managers and people add to a name, in lower case."""


class StrayKind(StrEnum):
    """What is passed over."""

    WRONG_NAME = "wrong_name"
    """A model by its ending or content, not under a name that is received."""
    WRONG_PLACE = "wrong_place"
    """A model in a subfolder, or in the workspace outside the questions' folders."""
    ARCHIVE = "archive"
    OTHER_FORMAT = "other_format"
    WEIGHTS = "weights"
    """Weights only, or a checkpoint."""
    UNFINISHED = "unfinished"
    """A download under way."""


@dataclass(frozen=True, slots=True)
class Stray:
    """A model-like file or folder that is not received."""

    kind: StrayKind
    path: PurePosixPath
    """Relative to the question's folder, or to the workspace for what lies in none."""
    reason: str
    """Why it is not taken, to follow a colon."""
    remedy: str
    """How to submit it: one or two sentences, without a capital at first."""
    name: str = ""
    """The received name that it can have as it is, e.g. `mymodel.keras`; empty if it must be unpacked or saved anew."""
    meant: bool = True
    """Its name says that it is to be submitted. Scripts write the others too, on purpose."""
    only_at_end: bool = False
    """It lies where scripts keep what is not the answer: no word of it unless nothing else was received."""

    @property
    def on_purpose(self) -> bool:
        """Scripts write it on purpose and do not mean it as the answer: worth a word only if there is no answer."""
        return self.only_at_end or self.kind is StrayKind.WEIGHTS

    @property
    def can_be_offered(self) -> bool:
        """Whether it may hold a model as it is, and lies in the question's folder or in one unpacked or copied there.

        That is a folder with a name like `mymodel 3`.
        """
        *above, _ = self.path.parts
        if len(above) == 1 and is_meant(above[0].lower()):
            return bool(self.name) and self.meant
        return not above and (self.kind is StrayKind.ARCHIVE or (bool(self.name) and self.meant))

    @property
    def text(self) -> str:
        """The one line on it."""
        return f"{self.path}{'/' if self.name == FORMATS['saved_model'].name else ''} isn't graded: {self.remedy}"


def classify(
    path: PurePosixPath, *, folder: str | None, is_folder: bool = False, is_saved_model: bool = False
) -> Stray | None:
    """What a file or folder is that is not received; None for what is no model, and for what is received.

    `path` is relative to the question's folder, whose name is `folder`; or to the workspace, and `folder` is None, for
    what lies in none of them. Of a folder, `is_saved_model` says whether it holds a `saved_model.pb`. Reads no file.
    """
    if (is_folder and not is_saved_model) or is_set_aside(path.name):
        return None
    below = path.parts[:-1]
    known = _by_name(path, is_folder=is_folder)
    if known is None:
        return None
    inside_data = below[:1] == (DATA,)
    only_at_end = any(_BY_SCRIPTS.fullmatch(part) for part in below)
    if folder is not None and not below and path.name == known.name:
        return None
    if (inside_data or not (known.name or (folder and not below))) and not known.meant:
        return None
    kind, reason, remedy = known.kind, known.reason, known.remedy
    if known.name and (below or folder is None):
        kind = StrayKind.WRONG_PLACE
        if folder is None:
            reason = "outside the questions' folders"
            remedy = f"save it in its question's folder, as {_shown(known.name)}."
        else:
            reason = f"in the subfolder {'/'.join(below)}"
            remedy = f"save it as {folder}/{_shown(known.name)}."
    return Stray(kind, path, reason, remedy, known.name, known.meant and not only_at_end, only_at_end)


class StrayFinder:
    """Finds the strays below a watched folder. A subfolder is listed again only when it has changed."""

    def __init__(self) -> None:
        self._listed: dict[str, tuple[tuple[int, ...], Mapping[str, bool]]] = {}

    def find(
        self,
        top: Path,
        entries: Mapping[str, bool],
        folder: str | None,
        *,
        skip: Container[str] = (),
        whole: bool = False,
    ) -> list[Stray]:
        """The strays in a question's folder, or in the workspace's: then `folder` is None, else the folder's name.

        `entries` is what `list_folder` gave for it; the folders named in `skip` are not looked into, and those that
        scripts fill only if `whole`.
        """
        found = [stray for name, is_folder in entries.items() if not is_folder and (stray := _of_file(name, folder))]
        waiting = deque(name for name, is_folder in entries.items() if is_folder and name not in skip)
        left = _MAX_FOLDERS
        while waiting and left:
            path = waiting.popleft()
            if not _may_hold_strays(path, folder, whole=whole):
                continue
            left -= 1
            listed = self._list(f"{top}/{path}")
            if GRAPH_FILE in listed:
                stray = classify(PurePosixPath(path), folder=folder, is_folder=True, is_saved_model=True)
                found += [stray] if stray else []
                continue
            for name, is_folder in listed.items():
                if is_folder:
                    waiting.append(f"{path}/{name}")
                elif stray := _of_file(f"{path}/{name}", folder):
                    found.append(stray)
        return found

    def _list(self, path: str) -> Mapping[str, bool]:
        """The folders and the model-like files in a folder."""
        try:
            now = os.lstat(path)
        except (OSError, ValueError):
            return {}
        state = now.st_ino, now.st_mtime_ns, now.st_ctime_ns
        known = self._listed.get(path)
        if known is not None and known[0] == state:
            return known[1]
        listed = {
            name: is_folder
            for name, is_folder in list_folder(path, _MAX_LISTED).items()
            if is_folder or name == GRAPH_FILE or _by_name(PurePosixPath(name), is_folder=False)
        }
        if time.time() - max(now.st_mtime, now.st_ctime) > _SETTLED_SECONDS:
            if len(self._listed) >= _MAX_KEPT:
                self._listed.clear()
            self._listed[path] = state, listed
        return listed


@lru_cache(maxsize=_MAX_KEPT)
def _of_file(path: str, folder: str | None) -> Stray | None:
    return classify(PurePosixPath(path), folder=folder)


@lru_cache(maxsize=_MAX_KEPT)
def _may_hold_strays(path: str, folder: str | None, *, whole: bool) -> bool:
    """Whether to look into this folder, whose path is relative as in `classify`; `whole` as in `StrayFinder.find`."""
    *above, name = path.split("/")
    if name.startswith(".") or name in _NEVER_MODELS or len(above) >= _MAX_DEPTH:
        return False
    if not above and folder is not None and name == FORMATS["saved_model"].name:
        return False  # it is received, and reported if there is no model in it
    if above[:1] == [DATA] and not is_meant(name.lower()):
        return False
    return whole or not _BY_SCRIPTS.fullmatch(name)


def list_folder(folder: str | Path, most: int = 1 << 30) -> dict[str, bool]:
    """The first entries of a folder, and whether each is a folder itself; empty if there is none."""
    found: dict[str, bool] = {}
    with suppress(OSError, ValueError), os.scandir(folder) as entries:
        for entry in entries:
            if len(found) >= most:
                break
            found[entry.name] = entry.is_dir(follow_symlinks=False)
    return found  # where it is missing, no folder, or not readable: what was found until then


def _by_name(path: PurePosixPath, *, is_folder: bool) -> Stray | None:
    """What its name says, wherever it lies."""
    name, lower = path.name, path.name.lower()
    stem, ending, around = _peel(lower)
    meant = is_meant(stem)
    if is_folder:
        return _renamed(path, FORMATS["saved_model"].name, meant=meant)
    if lower == "checkpoint" or lower.endswith(_WEIGHTS):
        words = "only weights, not a model"
        return Stray(StrayKind.WEIGHTS, path, words, f"it holds only weights. {SAVE}", meant=False)
    spec = format_of_file(f"x{ending}")
    if around in _UNFINISHED and spec:
        remedy = f"its download isn't finished. It must become {spec.name}."
        return Stray(StrayKind.UNFINISHED, path, "its download was not finished", remedy, meant=meant)
    if around in _PACKED:
        inner = spec.name if spec else RECEIVED_NAMES
        return Stray(StrayKind.ARCHIVE, path, "packed in an archive", f"unpack it to get {inner}.", meant=meant)
    if ending in _FOREIGN:
        if ending in _ANY_PICKLE and not meant:
            return None
        words = f"a {ending} file, not a Keras model or SavedModel"
        return Stray(StrayKind.OTHER_FORMAT, path, words, f"a {ending} file can't be graded. {SAVE}", meant=meant)
    return _renamed(path, spec.name, meant=meant or name.lower() == spec.name) if spec else None


def _renamed(path: PurePosixPath, name: str, *, meant: bool) -> Stray:
    verb = "rename" if meant else "to submit it, copy"
    reason = f"wrong name, it should be {_shown(name)}"
    return Stray(StrayKind.WRONG_NAME, path, reason, f"{verb} it to {_shown(name)}.", name, meant=meant)


def _shown(name: str) -> str:
    return next(spec.shown for spec in FORMATS.values() if spec.name == name)


def _peel(lower: str) -> tuple[str, str, str]:
    """The name's stem, its format's ending, and the ending around it: `mymodel`, `.h5`, `.zip`."""
    rest, around = lower, ""
    while (at := rest.rfind(".")) > 0:
        ending = rest[at:]
        if ending not in (*_UNFINISHED, *_TEXT, *_PACKED):
            break
        rest, around = rest[:at].rstrip(), ending if ending not in _TEXT else around
    stem, dot, last = rest.rpartition(".")
    ending = dot + last
    if stem and (format_of_file(f"x{ending}") or ending in _FOREIGN):
        while stem.endswith(ending):
            stem = stem.removesuffix(ending)
        return stem, ending, around
    return rest, "", around


def is_meant(stem: str) -> bool:
    """Whether a name without its ending, in lower case, is a near miss of `mymodel`: `my_model`, `mymodel (1)`."""
    plain = _DECORATION.sub("", stem)
    return plain.startswith("mymodel") or plain == "model"
