"""Finds the scripts in a question's folder, stores them with a submission, and reads them back.

Scripts are what a learner wrote: `.py` files and notebooks, also in subfolders. Those over the limits are left out.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from mockexam.files import is_set_aside, remove, sync_folder
from mockexam.workspace import notebook
from mockexam.workspace.layout import DATA, SOLUTION, SUBMISSION_NAMES
from mockexam.workspace.receive import Store, write_new
from mockexam.workspace.signature import open_regular

MAX_FILE_BYTES = 1_000_000
MAX_NOTEBOOK_BYTES = 50_000_000
"""A notebook up to this size is stored without its outputs if it is over the limit of a file."""
MAX_BYTES = 5_000_000
"""Of all scripts of a question together."""
MAX_FILES = 200

_ENDINGS = (".py", ".ipynb")
_MAX_DEPTH = 8
_MAX_NAMES = 20_000
"""This many names in subfolders are looked at; the question's folder itself is always read whole."""
_NEVER = frozenset({"__pycache__", "node_modules", "site-packages", *SUBMISSION_NAMES})
_ENVIRONMENT_FILES = ("pyvenv.cfg", "conda-meta")
_READS = 3
_TRY_AGAIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ScriptFile:
    """A script as it is shown."""

    name: str
    """Relative to the question's folder, with `/`; unprintable characters are replaced."""
    text: str
    """Of a notebook its code. Invalid UTF-8 is replaced."""


@dataclass(frozen=True, slots=True)
class FoundScript:
    """A script in a folder."""

    name: str
    """Relative, with `/`."""
    path: Path
    size: int
    """Bytes."""
    modified_ns: int


def store_scripts(
    question_folder: Path, store: Store, number: int, *, tell: Callable[[str], None] = lambda _: None
) -> str:
    """Store the scripts of a question's folder; returns the new folder, relative to the store's root.

    That is `<attempt>/q<number>-code-<12 digits of the hash>`, read-only, and the same for the same scripts. Empty if
    there are none or they can't be stored. Never raises OSError: `tell` receives, in the learner's words, what went
    wrong or was left out. Blocks for some milliseconds: call it in a thread.
    """
    try:
        scripts = _collect(question_folder, tell)
        return _store(scripts, store, number) if scripts else ""
    except OSError as error:
        tell(f"The scripts could not be stored with the submission: {error.strerror or error}.")
        return ""


def read_scripts(folder: Path) -> tuple[ScriptFile, ...]:
    """The scripts in a folder, those near the top first; empty if it is gone or can't be read."""
    return tuple(_shown(name, content) for name, content in _collect(folder, lambda _: None))


def _shown(name: str, content: bytes) -> ScriptFile:
    text = content.decode("utf-8-sig", errors="replace")
    return ScriptFile(printable(name), notebook.shown(text) if name.lower().endswith(notebook.ENDING) else text)


def find_scripts(folder: Path) -> Iterator[FoundScript]:
    """The scripts below a folder, by depth and name, `solution.py` first. Links are not followed. Never raises OSError.

    Left out: the training data, hidden things, virtual environments, caches, saved models and `.bak` copies.
    """
    looked = 0
    level: list[tuple[str, str]] = [(os.fspath(folder), "")]
    for depth in range(_MAX_DEPTH):
        below: list[tuple[str, str]] = []
        for path, prefix in level:
            entries = _list(path)
            looked += len(entries) if depth else 0
            if looked > _MAX_NAMES:
                return
            for entry in entries:
                # Some file systems must be asked for the kind of an entry, and may refuse.
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        below += [(entry.path, f"{prefix}{entry.name}/")] if _is_own(entry, depth) else []
                    elif entry.name.lower().endswith(_ENDINGS) and entry.is_file(follow_symlinks=False):
                        stat = entry.stat(follow_symlinks=False)
                        yield FoundScript(prefix + entry.name, Path(entry.path), stat.st_size, stat.st_mtime_ns)
        level = below


def digest_of(script: FoundScript) -> str:
    """A digest of its content; of one over the limit only size and time. Never raises OSError."""
    if script.size <= MAX_FILE_BYTES:
        with contextlib.suppress(OSError), open_regular(script.path) as file:
            return hashlib.sha256(file.read(MAX_FILE_BYTES + 1)).hexdigest()
    return f"{script.size} {script.modified_ns}"


def _list(path: str) -> list[os.DirEntry[str]]:
    """The visible entries of a folder, `solution.py` first; empty if it is gone or can't be read."""
    try:
        with os.scandir(path) as entries:
            shown = [e for e in entries if not e.name.startswith(".")]
    except (OSError, ValueError):
        return []
    return sorted(shown, key=lambda e: (e.name != SOLUTION, e.name))


def _is_own(entry: os.DirEntry[str], depth: int) -> bool:
    """Whether a folder may hold what the candidate wrote."""
    if entry.name in _NEVER or is_set_aside(entry.name) or (depth == 0 and entry.name == DATA):
        return False
    return not any(os.path.lexists(os.path.join(entry.path, mark)) for mark in _ENVIRONMENT_FILES)


def _collect(folder: Path, tell: Callable[[str], None]) -> list[tuple[str, bytes]]:
    """Names and contents within the limits. A file that can't be read is left out."""
    collected: list[tuple[str, bytes]] = []
    total = 0
    for script in find_scripts(folder):
        if len(collected) == MAX_FILES:
            tell(f"Only {MAX_FILES} scripts are stored with a submission; the others are left out.")
            break
        name = printable(script.name)
        try:
            content = _read(script.path) if script.size <= MAX_FILE_BYTES else _without_outputs(script)
        except FileNotFoundError:
            continue
        except OSError as error:
            tell(f"{name} could not be stored with the submission: {error.strerror or error}.")
            continue
        if content is None or len(content) > MAX_FILE_BYTES:
            tell(f"{name} is larger than {MAX_FILE_BYTES // 1_000_000} MB: it is not stored with the submission.")
            continue
        if script.size > MAX_FILE_BYTES:
            over = f"{name} is larger than {MAX_FILE_BYTES // 1_000_000} MB"
            tell(f"{over}: it is stored with the submission without its outputs and pictures.")
        if total + len(content) > MAX_BYTES:
            tell(f"{name} is not stored with the submission: the scripts exceed {MAX_BYTES // 1_000_000} MB in total.")
        else:
            collected.append((script.name, content))
            total += len(content)
    return collected


def _without_outputs(script: FoundScript) -> bytes | None:
    """The notebook without its outputs; None for any other file, and if it is far too large. Raises OSError."""
    if script.size > MAX_NOTEBOOK_BYTES or not script.name.lower().endswith(notebook.ENDING):
        return None
    try:
        text = _read(script.path, MAX_NOTEBOOK_BYTES).decode("utf-8-sig", errors="replace")
        return notebook.without_outputs(text).encode(errors="replace")
    except notebook.NotebookError:
        return None


def _read(path: Path, most: int = MAX_FILE_BYTES) -> bytes:
    """A file's bytes, at most one over the limit; read again if it is just being saved. Raises OSError."""
    for _ in range(_READS):
        with open_regular(path) as file:
            before = os.fstat(file.fileno())
            content = file.read(most + 1)
            after = os.fstat(file.fileno())
        if before.st_mtime_ns == after.st_mtime_ns and before.st_size == after.st_size:
            break
        time.sleep(_TRY_AGAIN_SECONDS)
    return content


def _store(scripts: list[tuple[str, bytes]], store: Store, number: int) -> str:
    digest = _digest(scripts)
    final = store.folder / f"q{number}-code-{digest[:12]}"
    relative = final.relative_to(store.root).as_posix()
    if os.path.lexists(final):
        if _digest(_collect(final, lambda _: None)) == digest:
            return relative
        remove(final)  # it was tampered with
    store.folder.mkdir(parents=True, exist_ok=True)
    with store.temporary_folder(sum(len(content) for _, content in scripts)) as temporary:
        copy = temporary / "code"
        folders = {copy}
        copy.mkdir()
        for name, content in scripts:
            for parent in reversed(PurePosixPath(name).parents[:-1]):
                (copy / parent).mkdir(exist_ok=True)
                folders.add(copy / parent)
            write_new(content, copy / name)
        for folder in folders:
            sync_folder(folder)
        store.commit(copy, final)
    return relative


def _digest(scripts: list[tuple[str, bytes]]) -> str:
    """SHA-256 as hex over names, sizes and contents."""
    hashed = hashlib.sha256()
    for name, content in sorted(scripts):
        hashed.update(os.fsencode(name) + b"\0%d\0" % len(content) + content)
    return hashed.hexdigest()


def printable(text: str) -> str:
    """Text that others wrote, without characters that move the cursor or can't be encoded."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
