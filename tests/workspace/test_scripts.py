"""Keeping scripts: byte for byte, whole or not at all, and never in the way of a receipt."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockexam.workspace import receive, scripts
from mockexam.workspace.receive import Store
from mockexam.workspace.scripts import find_scripts, read_scripts, store_scripts

ODD = {
    "solution.py": "print('Grüße')\n".encode("latin-1"),
    "wide.py": "x = 1\n".encode("utf-16"),
    "marked.py": "\ufeffx = 'é'\r\n".encode(),
    "empty.py": b"",
    "zero.py": b"a\0b",
    "notes.ipynb": b'{"cells": []}',
    "lib/deep/er.py": b"y = 2",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A question's folder."""
    made = tmp_path / "q1_simple"
    made.mkdir()
    return made


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", "a1")


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def names(folder: Path) -> list[str]:
    return [script.name for script in find_scripts(folder)]


def test_kept_byte_for_byte_and_read_only(folder: Path, store: Store) -> None:
    """Whatever the encoding, the copy has the same bytes, a name by their hash, and no right to write."""
    write(folder, ODD)
    kept = store_scripts(folder, store, 3)
    assert kept.startswith("a1/q3-code-")
    assert len(kept) == len("a1/q3-code-") + 12
    assert content(store.root / kept) == ODD
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (store.root / kept).rglob("*") if p.is_file()}
    assert modes == {0o444}
    assert [p.name for p in store.folder.iterdir()] == [Path(kept).name]


def test_read_as_text(folder: Path, store: Store) -> None:
    """Bytes that are no UTF-8 are replaced, the mark at the begin of a file is no text; solution.py comes first."""
    write(folder, ODD)
    read = read_scripts(store.root / store_scripts(folder, store, 3))
    text = {script.name: script.text for script in read}
    assert text["solution.py"] == "print('Gr��e')\n"
    assert text["marked.py"] == "x = 'é'\r\n"
    assert text["zero.py"] == "a\0b"
    assert (read[0].name, read[-1].name) == ("solution.py", "lib/deep/er.py")
    assert read_scripts(store.root / "gone") == ()


def test_the_same_scripts_are_kept_once(folder: Path, store: Store) -> None:
    """No second copy of the same; another one for a change, for a new name, and for another question."""
    write(folder, {"solution.py": b"1"})
    first = store_scripts(folder, store, 1)
    assert store_scripts(folder, store, 1) == first
    (folder / "solution.py").rename(folder / "other.py")
    others = {store_scripts(folder, store, 1), store_scripts(folder, store, 2)}
    assert first not in others
    assert len(others) == 2
    write(folder, {"other.py": b"2"})
    store_scripts(folder, store, 1)
    assert len(list(store.folder.iterdir())) == 4


def test_a_tampered_copy_is_replaced(folder: Path, store: Store) -> None:
    """A copy that was changed does not stand for the scripts it once held."""
    write(folder, {"solution.py": b"1"})
    kept = store.root / store_scripts(folder, store, 1)
    (kept / "solution.py").chmod(0o644)
    (kept / "solution.py").write_bytes(b"2")
    assert store.root / store_scripts(folder, store, 1) == kept
    assert content(kept) == {"solution.py": b"1"}


def test_what_is_no_work_of_the_candidate_is_left_out(folder: Path, tmp_path: Path) -> None:
    """Data, environments, caches, copies moved aside, models, hidden things, links, pipes, and what lies too deep."""
    own = ["solution.py", "my data/UPPER.PY", "src/data/loader.py"]
    other = ["data/make.py", ".hidden/a.py", "._solution.py", "__pycache__/a.py", "node_modules/a.py", "notes.txt"]
    other += ["env/pyvenv.cfg", "env/lib/a.py", "lib.bak-1/a.py", "solution.py.bak-1", "mymodel/a.py", "a.pyc"]
    write(folder, dict.fromkeys([*own, *other, "/".join("abcdefgh") + "/deep.py"], b"x"))
    (tmp_path / "outside").mkdir()
    write(tmp_path / "outside", {"secret.py": b"x"})
    (folder / "link").symlink_to(tmp_path / "outside")
    (folder / "link.py").symlink_to(tmp_path / "outside" / "secret.py")
    os.mkfifo(folder / "pipe.py")
    assert names(folder) == own


def test_a_file_too_large_is_left_out_and_told(folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a megabyte, or over five in all, over two hundred files: the rest is kept, and what is not is told."""
    monkeypatch.setattr(scripts, "MAX_FILES", 6)
    mega = bytes(1_000_000)
    write(folder, {"big.ipynb": mega + b"1", **{f"m{n}.py": mega for n in range(5)}, "n.py": b"1", "solution.py": b"s"})
    told: list[str] = []
    kept = store_scripts(folder, store, 1, tell=told.append)
    assert sorted(content(store.root / kept)) == ["m0.py", "m1.py", "m2.py", "m3.py", "n.py", "solution.py"]
    assert told == [
        "big.ipynb is larger than 1 MB: it is not stored with the submission.",
        "m4.py is not stored with the submission: the scripts exceed 5 MB in total.",
    ]
    write(folder, {"z.py": b"1"})
    told.clear()
    assert store_scripts(folder, store, 1, tell=told.append) == kept
    assert told[-1] == "Only 6 scripts are stored with a submission; the others are left out."


def test_a_crowded_folder_is_not_searched_to_its_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of pictures beside the script do not hide it, nor are subfolders searched without end."""
    monkeypatch.setattr(scripts, "_MAX_NAMES", 50)
    write(folder, {**{f"p{n}.png": b"" for n in range(60)}, "solution.py": b"", "lib/a.py": b"", "pics/b.py": b""})
    write(folder, {f"pics/{n}.png": b"" for n in range(60)})
    assert names(folder) == ["solution.py", "lib/a.py"]


def test_nothing_to_keep(folder: Path, store: Store) -> None:
    """Without scripts nothing is made, and nothing is told; nor if the folder is gone."""
    told: list[str] = []
    assert store_scripts(folder, store, 1, tell=told.append) == ""
    assert store_scripts(folder / "gone", store, 1, tell=told.append) == ""
    assert not store.folder.exists()
    assert told == []


def test_a_file_that_can_not_be_read_costs_only_itself(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One script without rights, one that vanished: the others are kept."""
    write(folder, dict.fromkeys(("solution.py", "shut.py", "went.py"), b"x"))
    real = scripts.open_regular

    def opened(path: Path) -> object:
        if path.name == "shut.py":
            raise PermissionError(errno.EACCES, "Permission denied")
        if path.name == "went.py":
            raise FileNotFoundError(errno.ENOENT, "No such file")
        return real(path)

    monkeypatch.setattr(scripts, "open_regular", opened)
    told: list[str] = []
    kept = store_scripts(folder, store, 1, tell=told.append)
    assert sorted(content(store.root / kept)) == ["solution.py"]
    assert told == ["shut.py could not be stored with the submission: Permission denied."]


def test_a_script_that_is_just_being_saved_is_read_again(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not half of the old one and half of the new one."""
    write(folder, {"solution.py": b"old"})
    real, looks = os.fstat, [0]

    def fstat(descriptor: int) -> os.stat_result:
        looks[0] += 1
        if looks[0] == 3:  # it was opened and read
            (folder / "solution.py").write_bytes(b"new text")
        return real(descriptor)

    monkeypatch.setattr(os, "fstat", fstat)
    kept = store_scripts(folder, store, 1)
    assert content(store.root / kept) == {"solution.py": b"new text"}


def test_a_full_disk_is_told_and_leaves_nothing(folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """No error reaches the caller; the next try keeps them."""
    write(folder, ODD)
    told: list[str] = []
    real = os.write

    def write_some(descriptor: int, chunk: bytes) -> int:
        if len(chunk) == len(ODD["notes.ipynb"]):
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write_some)
        assert store_scripts(folder, store, 1, tell=told.append) == ""
    assert told == ["The scripts could not be stored with the submission: No space left on device."]
    assert list(store.folder.iterdir()) == []
    with monkeypatch.context() as patch:
        patch.setattr(receive, "SPARE_BYTES", 10**18)
        assert store_scripts(folder, store, 1, tell=told.append) == ""
    assert content(store.root / store_scripts(folder, store, 1)) == ODD


def test_a_store_that_can_not_be_made(folder: Path, tmp_path: Path) -> None:
    """A file in its place is told, not raised."""
    write(folder, ODD)
    (tmp_path / "store").write_text("")
    told: list[str] = []
    assert store_scripts(folder, Store(tmp_path / "store", "a1"), 1, tell=told.append) == ""
    assert len(told) == 1


def test_names_that_can_not_be_printed(folder: Path, store: Store) -> None:
    """They are kept under their own names, and shown without what a terminal would obey."""
    raw = os.fsdecode(b"caf\xe9 \x1b[31m\n.py")
    write(folder, {raw: b"x"})
    kept = store.root / store_scripts(folder, store, 1)
    assert content(kept) == {raw: b"x"}
    assert [s.name for s in read_scripts(kept)] == ["caf� �[31m�.py"]


def test_kill_at_any_moment_leaves_whole_copies_only(folder: Path, store: Store) -> None:
    """Killed with -9 while keeping again and again, the store holds whole copies and what `clean` removes."""
    write(folder, {f"lib{n}/a.py": b"x" * 1000 for n in range(20)})
    program = (
        "import sys\nfrom pathlib import Path\nfrom mockexam.workspace.receive import Store\n"
        "from mockexam.workspace.scripts import store_scripts\nstore = Store(Path(sys.argv[1]), 'a1')\n"
        "print('go', flush=True)\n"
        "for n in range(10**6): assert store_scripts(Path(sys.argv[2]), store, n)\n"
    )
    leftovers = 0
    for round_ in range(3):
        with subprocess.Popen([sys.executable, "-c", program, store.root, folder], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"go\n"
            time.sleep(0.03 + 0.017 * round_)
            process.send_signal(signal.SIGKILL)
        leftovers += len(list(store.folder.glob("tmp-*")))
        store.clean()
        for kept in store.folder.iterdir():
            assert content(kept) == content(folder)
    assert leftovers >= 1, "no kill came while something was under way: the test shows nothing"


parts = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8)
usual = parts.filter(lambda part: not part.startswith(".") and part not in scripts._NEVER and part != "data")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.dictionaries(usual.map(lambda part: f"{part}.py"), st.binary(max_size=50), min_size=1, max_size=4))
def test_any_scripts_come_back(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever their names and bytes."""
    place = tmp_path_factory.mktemp("any")
    write(place / "q", files)
    kept = store_scripts(place / "q", Store(place / "store", "a1"), 1)
    assert content(place / "store" / kept) == files
