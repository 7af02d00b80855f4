"""Is a model all there? Asked of real saves, whole, cut short, and of things that only bear the name."""

from __future__ import annotations

import io
import os
import random
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import h5py
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockexam.exam.events import ModelFormat
from mockexam.workspace.completeness import Completeness, SaveState, completeness_of
from mockexam.workspace.layout import SUBMISSION_NAMES
from mockexam.workspace.signature import sign
from tests.workspace.conftest import KerasWorker


def look(path: Path, *, thorough: bool = True) -> Completeness:
    """Check whatever lies at a path."""
    signature = sign(path)
    assert signature is not None
    form: ModelFormat = SUBMISSION_NAMES[path.name]
    return completeness_of(path, form, signature, thorough=thorough)


@pytest.mark.parametrize("name", SUBMISSION_NAMES)
def test_real_saves_are_complete(name: str, samples: Path) -> None:
    """What Keras saves in each format is complete, and need not be waited for longer than usual."""
    found = look(samples / name)
    assert found.complete
    assert found.still_seconds == 0.5


@pytest.mark.parametrize("name", ["mymodel.keras", "mymodel.h5"])
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_cut_file_is_never_complete(name: str, data: st.DataObject, samples: Path, tmp_path: Path) -> None:
    """Cut anywhere, a file is not complete, and says why."""
    whole = (samples / name).read_bytes()
    cut = tmp_path / name
    cut.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    found = look(cut)
    assert not found.complete
    assert found.reason


def test_a_graph_cut_after_its_version_is_not_complete(samples: Path, tmp_path: Path) -> None:
    """Its first two bytes are a message by themselves."""
    folder = tmp_path / "mymodel"
    shutil.copytree(samples / "mymodel", folder)
    graph = folder / "saved_model.pb"
    graph.write_bytes(graph.read_bytes()[:2])
    found = look(folder)
    assert not found.complete
    assert "cut short" in found.reason


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_cut_saved_model_is_complete_only_if_it_loads(
    data: st.DataObject, samples: Path, tmp_path: Path, keras: KerasWorker
) -> None:
    """Cutting any of its files makes a SavedModel incomplete, but for the fingerprint, which loading does not need."""
    folder = tmp_path / "mymodel"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(samples / "mymodel", folder)
    names = ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"]
    path = folder / data.draw(st.sampled_from([*names, "fingerprint.pb"]))
    whole = path.read_bytes()
    path.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    if look(folder).complete:
        assert path.name == "fingerprint.pb"
        assert keras.do("load", folder) is not None


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_damaged_bytes_never_crash(data: st.DataObject, samples: Path, tmp_path: Path) -> None:
    """Whatever bytes stand in it, the check ends with a result."""
    name = data.draw(st.sampled_from(sorted(SUBMISSION_NAMES)))
    target = tmp_path / name
    if target.is_dir():
        shutil.rmtree(target)
    if name == "mymodel":
        shutil.copytree(samples / name, target)
        names = ["saved_model.pb", "variables/variables.index", "fingerprint.pb"]
        broken = target / data.draw(st.sampled_from(names))
    else:
        broken = target
        shutil.copy(samples / name, target)
    content = bytearray(broken.read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    broken.write_bytes(content)
    assert isinstance(look(target).state, SaveState)


def test_changed_weights_in_an_archive_are_noticed(samples: Path, tmp_path: Path) -> None:
    """The thorough look compares the checksum of the weights; the quick one does not read them."""
    content = bytearray((samples / "mymodel.keras").read_bytes())
    content[len(content) // 2] ^= 0xFF
    target = tmp_path / "mymodel.keras"
    target.write_bytes(content)
    assert look(target, thorough=False).complete
    assert look(target).state is SaveState.BROKEN


def test_a_failed_save_leaves_an_archive_without_weights(samples: Path, tmp_path: Path) -> None:
    """A valid zip without weights is told as an interrupted save, at once."""
    target = tmp_path / "mymodel.keras"
    with zipfile.ZipFile(samples / "mymodel.keras") as whole, zipfile.ZipFile(target, "w") as archive:
        for name in ("metadata.json", "config.json"):
            archive.writestr(name, whole.read(name))
    found = look(target)
    assert found.state is SaveState.BROKEN
    assert "no weights" in found.reason


def test_a_zip_bomb_is_not_unpacked(samples: Path, tmp_path: Path) -> None:
    """A member that unpacks to gigabytes does not keep the look busy."""
    target = tmp_path / "mymodel.keras"
    with zipfile.ZipFile(samples / "mymodel.keras") as whole, zipfile.ZipFile(target, "w") as archive:
        archive.writestr("metadata.json", whole.read("metadata.json"))
        archive.writestr("config.json", whole.read("config.json"))
        with archive.open(zipfile.ZipInfo("model.weights.h5"), "w") as member:
            member.write(b"")
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("extra", "w") as member:
        for _ in range(300):
            member.write(bytes(1_000_000))
    begun = time.process_time()
    look(target)
    assert time.process_time() - begun < 0.3


class TestWrongThings:
    """Things under a received name that are no model: a clear reason, no crash, no waiting."""

    @pytest.mark.parametrize(
        ("name", "other", "says"),
        [
            ("mymodel.h5", "mymodel.keras", "Rename it to mymodel.keras"),
            ("mymodel", "mymodel.keras", "for a SavedModel folder"),
            ("mymodel.keras", "mymodel", "it is a folder"),
            ("mymodel.h5", "mymodel", "it is a folder"),
        ],
    )
    def test_another_format(self, name: str, other: str, says: str, samples: Path, tmp_path: Path) -> None:
        target = tmp_path / name
        shutil.copytree(samples / other, target) if other == "mymodel" else shutil.copy(samples / other, target)
        found = look(target)
        assert found.state is SaveState.BROKEN
        assert says in found.reason

    def test_an_hdf5_file_as_tensorflow_2_12_names_it(self, samples: Path, tmp_path: Path) -> None:
        shutil.copy(samples / "mymodel.h5", tmp_path / "mymodel.keras")
        assert look(tmp_path / "mymodel.keras").state is SaveState.COMPLETE

    @pytest.mark.parametrize("name", SUBMISSION_NAMES)
    def test_links(self, name: str, samples: Path, tmp_path: Path) -> None:
        (tmp_path / name).symlink_to(samples / name)
        assert "Copy the file itself" in look(tmp_path / name).reason

    def test_a_link_within_a_folder(self, samples: Path, tmp_path: Path) -> None:
        shutil.copytree(samples / "mymodel", tmp_path / "mymodel")
        graph = tmp_path / "mymodel" / "saved_model.pb"
        graph.unlink()
        graph.symlink_to(samples / "mymodel" / "saved_model.pb")
        assert "Copy the file itself" in look(tmp_path / "mymodel").reason

    @pytest.mark.parametrize("name", SUBMISSION_NAMES)
    def test_pipes_and_sockets(self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)  # a socket's path is short
        os.mkfifo(name)
        assert "not a regular file" in look(Path(name)).reason
        Path(name).unlink()
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(name)
            assert "not a regular file" in look(Path(name)).reason

    @pytest.mark.parametrize("name", ["mymodel.keras", "mymodel.h5"])
    def test_empty_and_foreign_files(self, name: str, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(b"")
        assert "empty" in look(tmp_path / name).reason
        (tmp_path / name).write_bytes(bytes(5000))
        assert look(tmp_path / name).state is SaveState.INCOMPLETE
        (tmp_path / name).write_text("print('hello')\n" * 100)
        found = look(tmp_path / name)
        assert found.state is SaveState.BROKEN
        assert "model.save" in found.reason

    @pytest.mark.parametrize("name", ["mymodel.keras", "mymodel.h5"])
    def test_a_download_of_something_else(self, name: str, tmp_path: Path) -> None:
        (tmp_path / name).write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n")
        assert "Git LFS pointer" in look(tmp_path / name).reason
        (tmp_path / name).write_bytes(b"<!doctype html><title>Sign in</title>")
        assert "web page" in look(tmp_path / name).reason
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(f"models/{name}", "x")
        assert f"a zip archive around {name}" in look(tmp_path / name).reason

    def test_a_saved_model_one_folder_deeper(self, tmp_path: Path) -> None:
        inner = tmp_path / "mymodel" / "content" / "mymodel"
        inner.mkdir(parents=True)
        (inner / "saved_model.pb").write_bytes(b"x")
        found = look(tmp_path / "mymodel")
        assert found.state is SaveState.BROKEN
        assert "content/mymodel up" in found.reason

    def test_a_zip_of_something_else(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "mymodel.keras", "w") as archive:
            archive.writestr("archive/notes.txt", "x")
        assert "not a Keras file" in look(tmp_path / "mymodel.keras").reason

    @pytest.mark.parametrize("name", ["mymodel.keras", "mymodel.h5"])
    def test_a_file_of_20_gb(self, name: str, tmp_path: Path) -> None:
        with (tmp_path / name).open("wb") as file:
            file.truncate(20 * 10**9)
        found = look(tmp_path / name)
        assert found.state is SaveState.BROKEN
        assert "too large: 20.0 GB" in found.reason

    def test_a_folder_that_is_no_model(self, tmp_path: Path) -> None:
        folder = tmp_path / "mymodel"
        folder.mkdir()
        assert "no saved_model.pb" in look(folder).reason
        for n in range(2100):
            (folder / f"{n}.jpg").write_bytes(b"")
        assert "more than 2000 files" in look(folder).reason

    def test_deep_folders(self, tmp_path: Path) -> None:
        deep = tmp_path.joinpath("mymodel", *"abcdefghijkl")
        deep.mkdir(parents=True)
        assert "nests" in look(tmp_path / "mymodel").reason

    def test_an_unpacked_keras_file(self, samples: Path, tmp_path: Path) -> None:
        with zipfile.ZipFile(samples / "mymodel.keras") as archive:
            archive.extractall(tmp_path / "mymodel")
        assert "unpacked .keras" in look(tmp_path / "mymodel").reason


class TestHdf5:
    """HDF5 files of every age, and files that are open for writing."""

    @pytest.mark.parametrize("version", ["earliest", "v108", "v110", "latest"])
    def test_every_superblock(self, version: str, tmp_path: Path) -> None:
        target = tmp_path / "mymodel.h5"
        with h5py.File(target, "w", libver=version) as file:
            file["x"] = list(range(1000))
        whole = target.read_bytes()
        assert look(target).complete
        target.write_bytes(whole[:-1])
        assert look(target).state is SaveState.INCOMPLETE

    @pytest.mark.skipif(sys.platform != "linux", reason="the list of locks is Linux's")
    def test_a_file_open_for_writing_is_not_complete_yet(self, tmp_path: Path) -> None:
        """A flushed but open file looks whole; the writer's lock tells that it is not, and is not disturbed."""
        target = tmp_path / "mymodel.h5"
        with h5py.File(target, "w") as file:
            file["x"] = list(range(1000))
            file.flush()
            found = look(target)
            assert found.state is SaveState.INCOMPLETE
            assert "open for writing" in found.reason
        assert look(target).complete


class TestExportOrder:
    """A SavedModel whose pieces may not belong together is waited for a little longer."""

    def test_old_graph_beside_new_variables(self, samples: Path, tmp_path: Path) -> None:
        folder = tmp_path / "mymodel"
        shutil.copytree(samples / "mymodel", folder)
        os.utime(folder / "saved_model.pb", (1, 1))
        found = look(folder)
        assert found.complete
        assert found.still_seconds == 3

    def test_without_a_fingerprint(self, samples: Path, tmp_path: Path) -> None:
        """Some versions write none."""
        folder = tmp_path / "mymodel"
        shutil.copytree(samples / "mymodel", folder)
        (folder / "fingerprint.pb").unlink()
        assert look(folder).complete

    def test_while_variables_are_merged(self, samples: Path, tmp_path: Path) -> None:
        folder = tmp_path / "mymodel"
        shutil.copytree(samples / "mymodel", folder)
        (folder / "variables" / "variables_temp").mkdir()
        assert look(folder).state is SaveState.INCOMPLETE


def test_killed_saves_are_never_complete(samples: Path, tmp_path: Path) -> None:
    """Copies killed at random moments are whole or told as not."""
    source = (samples / "mymodel.keras").read_bytes()
    script = (
        "import sys, time\nsource = open(sys.argv[1], 'rb').read()\nwith open(sys.argv[2], 'wb', buffering=0) as f:\n"
        "    print('go', flush=True)\n    for i in range(0, len(source), 512):\n"
        "        f.write(source[i:i+512]); time.sleep(0.002)\n"
    )
    target = tmp_path / "mymodel.keras"
    chance = random.Random(3)
    for _ in range(4):
        with subprocess.Popen(
            [sys.executable, "-c", script, samples / "mymodel.keras", target], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.06))
            process.kill()
        assert look(target).complete == (target.read_bytes() == source)


def test_a_huge_directory_is_not_read(tmp_path: Path) -> None:
    """An archive whose end claims a list of contents of many megabytes is refused unread."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("metadata.json", "{}")
    content = bytearray(made.getvalue())
    at = content.rfind(b"PK\x05\x06")
    content[at + 12 : at + 16] = (50_000_000).to_bytes(4, "little")
    (tmp_path / "mymodel.keras").write_bytes(content)
    assert "far too long" in look(tmp_path / "mymodel.keras").reason
