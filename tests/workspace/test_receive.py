"""Receiving: whole and durable copies, or nothing."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.workspace import receive
from mockexam.workspace.layout import SUBMISSION_NAMES
from mockexam.workspace.receive import Store, hash_of
from mockexam.workspace.scan import DetectedModel
from mockexam.workspace.signature import sign
from tests.workspace.conftest import KerasWorker


def detected(path: Path, number: int = 1, *, never_still: bool = False) -> DetectedModel:
    """A sighting of a candidate as it stands."""
    signature = sign(path)
    assert signature is not None
    return DetectedModel(number, path, SUBMISSION_NAMES[path.name], signature, never_still)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", "a1")


@pytest.fixture
def model(samples: Path, tmp_path: Path) -> Path:
    """A copy of a real model that may be changed."""
    return Path(shutil.copy(samples / "mymodel.keras", tmp_path))


def test_a_model_that_trips_our_code_is_told(model: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its receipt fails alone: the last sweep goes on to the next."""

    def trip(*_: object) -> str:
        raise RuntimeError("tripped")

    monkeypatch.setattr(receive, "copy_model", trip)
    with pytest.raises(UserError, match="RuntimeError: tripped"):
        store.receive(detected(model))


def names(store: Store) -> list[str]:
    return sorted(entry.name for entry in store.folder.iterdir())


@pytest.mark.parametrize("name", SUBMISSION_NAMES)
def test_a_received_model_is_the_same_and_loads(name: str, samples: Path, store: Store, keras: KerasWorker) -> None:
    """The copy has the name by its hash, the same bytes, no right to write, and loads."""
    stored = store.receive(detected(samples / name, 3))
    assert stored is not None
    copy = store.root / stored.relative
    ending = Path(name).suffix
    assert names(store) == [f"q3-{stored.sha256[:12]}{ending}"]
    assert stored.relative == f"a1/q3-{stored.sha256[:12]}{ending}"
    assert hash_of(copy) == stored.sha256 == hash_of(samples / name)
    files = [p for p in (copy, *copy.rglob("*")) if p.is_file()]
    assert sum(f.stat().st_size for f in files) == stored.size
    assert all(stat.S_IMODE(f.stat().st_mode) == 0o444 for f in files)
    assert keras.do("load", copy) == 0.5


@pytest.mark.parametrize("name", SUBMISSION_NAMES)
def test_the_same_bytes_are_kept_once(name: str, samples: Path, store: Store) -> None:
    """A second receipt of the same bytes is known and makes no second copy; another question has its own."""
    first = store.receive(detected(samples / name))
    again = store.receive(detected(samples / name))
    other = store.receive(detected(samples / name, 2))
    assert first is not None
    assert again is not None
    assert other is not None
    assert (first.known, again.known, other.known) == (False, True, False)
    assert first.relative == again.relative
    assert len(names(store)) == 2


def test_a_tampered_copy_is_replaced(model: Path, store: Store) -> None:
    """A stored model that was changed does not stand for the bytes it once had."""
    first = store.receive(detected(model))
    assert first is not None
    copy = store.root / first.relative
    copy.chmod(0o644)
    copy.write_bytes(b"other")
    again = store.receive(detected(model))
    assert again is not None
    assert not again.known
    assert hash_of(copy) == again.sha256


@pytest.mark.parametrize("change", ["rewritten", "replaced", "gone", "folder", "touched"])
def test_a_changed_source_is_not_received(change: str, model: Path, store: Store) -> None:
    """Whatever happened to the source since it was sighted: look again, and nothing is left in the store."""
    seen = detected(model)
    if change == "rewritten":
        model.write_bytes(model.read_bytes()[::-1])
    elif change == "replaced":
        shutil.copy(model, model.with_name("new"))
        model.with_name("new").replace(model)
    elif change == "touched":
        os.utime(model)
    else:
        model.unlink()
        if change == "folder":
            model.mkdir()
    assert store.receive(seen) is None
    assert names(store) == []


def test_a_change_while_copying_is_noticed(model: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A save that begins while the copy is made spoils it, though the path was right at its begin."""
    seen = detected(model)
    real = os.write

    def write(descriptor: int, chunk: bytes) -> int:
        with model.open("r+b") as file:
            file.write(b"XX")
        return real(descriptor, chunk)

    monkeypatch.setattr(os, "write", write)
    assert store.receive(seen) is None
    assert names(store) == []


def test_an_incomplete_model_is_not_stored(model: Path, store: Store) -> None:
    """Even if a sighting says otherwise, the copy must be whole."""
    model.write_bytes(model.read_bytes()[:-1])
    assert store.receive(detected(model)) is None
    assert names(store) == []


@pytest.mark.parametrize("name", SUBMISSION_NAMES)
def test_a_full_disk_is_told_and_leaves_nothing(
    name: str, samples: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk fills up while copying, it is told, nothing is left, and the next try succeeds."""
    real = os.write

    def write(descriptor: int, chunk: bytes) -> int:
        if len(chunk) > 500:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(UserError, match="disk is full"):
            store.receive(detected(samples / name))
    assert names(store) == []
    assert store.receive(detected(samples / name)) is not None


def test_a_disk_with_no_room_is_told_before_copying(model: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some room is always left for the record."""
    monkeypatch.setattr(receive, "SPARE_BYTES", 10**18)
    with pytest.raises(UserError, match="disk is full"):
        store.receive(detected(model))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting needs root")
def test_a_really_full_disk(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system of 64 kB, a model of 600 kB is told as not fitting."""
    place = tmp_path / "small"
    place.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        monkeypatch.setattr(receive, "SPARE_BYTES", -(10**9))
        store = Store(place / "store", "a1")
        with model.open("r+b") as file:
            content = file.read()
            file.seek(0)
            file.write(content[:4] + bytes(600_000))
        with pytest.raises(UserError, match="disk is full"):
            store.receive(detected(model))
        assert names(store) == []
    finally:
        subprocess.run(["umount", place], check=True)


def test_a_store_that_can_not_be_made_is_told(model: Path, tmp_path: Path) -> None:
    """A file in the place of the store is told with its place."""
    (tmp_path / "store").write_text("")
    with pytest.raises(UserError, match="could not be received"):
        Store(tmp_path / "store", "a1").receive(detected(model))


def test_too_large_is_told(model: Path, store: Store) -> None:
    """More than the limit is told, not copied."""
    with model.open("r+b") as file:
        file.truncate(3 * 10**9)
    with pytest.raises(UserError, match=r"too large to be received: 3\.0 GB"):
        store.receive(detected(model))


def test_kill_at_any_moment_leaves_whole_models_only(samples: Path, store: Store) -> None:
    """Killed with -9 while receiving again and again, the store holds whole models and what `clean` removes."""
    script = (
        "import sys, shutil\nfrom pathlib import Path\nfrom mockexam.workspace.receive import Store\n"
        "from mockexam.workspace.scan import DetectedModel\nfrom mockexam.workspace.signature import sign\n"
        "store = Store(Path(sys.argv[1]), 'a1')\n"
        "for n in range(10**6):\n    for name, form in (('mymodel.keras', 'keras'), ('mymodel', 'saved_model')):\n"
        "        path = Path(sys.argv[2], name)\n"
        "        assert store.receive(DetectedModel(n, path, form, sign(path)))\n"
        "    n or print('go', flush=True)\n"
    )
    expected = {hash_of(samples / "mymodel.keras"), hash_of(samples / "mymodel")}
    leftovers = 0
    for round_ in range(8):
        with subprocess.Popen([sys.executable, "-c", script, store.root, samples], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"go\n"
            time.sleep(0.03 + 0.017 * round_)
            process.send_signal(signal.SIGKILL)
        leftovers += sum(name.startswith("tmp-") for name in names(store))
        store.clean()
        for name in names(store):
            assert hash_of(store.folder / name) in expected
        assert len(names(store)) >= 1
    assert leftovers >= 1, "no kill came while something was under way: the test shows nothing"


def test_cleaning_removes_read_only_leftovers(store: Store) -> None:
    """What a crash left is removed, even without the right to write; received models stay."""
    left = store.folder / "tmp-x" / "mymodel"
    left.mkdir(parents=True)
    (left / "saved_model.pb").write_text("x")
    left.chmod(0o555)
    (store.folder / "q1-abc.keras").write_text("x")
    store.clean()
    assert names(store) == ["q1-abc.keras"]


def test_a_hurried_sighting_waits_for_a_whole_state(samples: Path, model: Path, store: Store) -> None:
    """A model that is never still is received in the next whole state, not in the one that was detected."""
    seen = detected(model, never_still=True)
    os.utime(model)
    assert store.receive(seen) is not None
    model.write_bytes(b"PK\x03\x04")
    assert store.receive(detected(model, never_still=True)) is None
