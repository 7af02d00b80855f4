"""Files as Windows has them: paths joined by backslashes, open files that can't be moved, code pages."""

from __future__ import annotations

import io
import sys
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from mockexam import entry, files
from mockexam.grading.predictor.gate.check import check
from tests.grading.gate import small_files


def with_backslashes(source: Path, target: Path) -> Path:
    """The archive with its weights joined as Keras did on Windows: the groups of a layer are one name."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith(".h5"):
                into = io.BytesIO()
                with h5py.File(io.BytesIO(content)) as slashes, h5py.File(into, "w") as backslashes:
                    _join(slashes, backslashes, "")
                content = into.getvalue()
            new.writestr(name, content)
    return target


def _join(slashes: Any, backslashes: Any, above: str) -> None:
    for name, item in slashes.items():
        path = f"{above}\\{name}" if above else name
        if isinstance(item, h5py.Dataset):
            backslashes.require_group(above)[name] = item[()]
        else:
            backslashes.require_group(path)
            _join(item, backslashes, path)


def weights(archive: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with zipfile.ZipFile(archive) as members, h5py.File(io.BytesIO(members.read("model.weights.h5"))) as file:
        file.visititems(lambda name, item: found.update({name: item[()]} if isinstance(item, h5py.Dataset) else {}))
    return found


def test_weights_joined_by_backslashes_are_found(tmp_path: Path) -> None:
    """The copy to load holds the same numbers under the names that Keras asks for, and nothing else is copied."""
    plain = small_files.keras(tmp_path / "plain.keras")
    windows = with_backslashes(plain, tmp_path / "windows.keras")
    assert any("\\" in name for name in weights(windows))

    loaded = check(str(windows), "keras", str(tmp_path))

    assert loaded != str(windows)
    before, after = weights(plain), weights(loaded)
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[name], after[name]) for name in before)


class Sharing:
    """`os.replace` and its kin as Windows has them while another program has the file open."""

    def __init__(self, refusals: int) -> None:
        self.left = refusals

    def __call__(self, *_: object) -> None:
        if self.left:
            self.left -= 1
            raise PermissionError(13, "Permission denied")
        self.left = -1


@pytest.mark.parametrize(("refusals", "moved"), [(0, True), (3, True), (10**9, False)])
def test_an_open_file_is_moved_a_moment_later(refusals: int, moved: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(files, "_SHARING_SECONDS", 0.3)
    act = Sharing(refusals)
    if moved:
        files._insist(act)
        assert act.left == -1
    else:
        with pytest.raises(PermissionError):
            files._insist(act)


def test_elsewhere_a_refusal_is_final(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    act = Sharing(1)
    with pytest.raises(PermissionError):
        files._insist(act)


def test_what_is_written_waits_for_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record is whole after its reader has closed it."""
    path, closed = tmp_path / "run.json", threading.Event()
    path.write_text("old")
    really = files.os.replace

    def replace(source: Any, target: Any) -> None:
        if not closed.is_set():
            raise PermissionError(13, "Permission denied", str(source), 32, str(target))
        really(source, target)

    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(files.os, "replace", replace)
    threading.Timer(0.2, closed.set).start()
    begun = time.monotonic()
    files.write_atomic(path, "new")

    assert path.read_text() == "new"
    assert time.monotonic() - begun >= 0.15
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.json"]


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [("3/5 · MAE ±0.1 → 4", "cp1252", "3/5 · MAE ±0.1 -> 4"), ("✓ ready…", "cp437", "+ ready..."),
     ("Q1 ×2 – ü", "ascii", "Q1 x2 - \\u00fc"), ("да 🙂", "cp1252", "\\u0434\\u0430 \\ud83d\\ude42")],
)  # fmt: skip
def test_a_code_page_ends_nothing(text: str, encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    entry._take_any_character()
    sys.stdout.write(text)
    sys.stdout.flush()

    assert raw.getvalue().decode(encoding) == shown
