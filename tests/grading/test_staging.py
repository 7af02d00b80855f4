"""Checks of a model file before anything loads it."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from mockexam.errors import GraderFaultError
from mockexam.exam.events import ModelFormat
from mockexam.exam.scoring import Verdict
from mockexam.grading.examiner import staging
from mockexam.grading.examiner.staging import RefusedError


def refusal(path: Path, kind: ModelFormat, max_megabytes: float = 1.0) -> RefusedError:
    """How a model is refused."""
    with pytest.raises(RefusedError) as refused:
        staging.check(staging.look(path, kind), max_megabytes)
    assert refused.value.refusal.remedy
    return refused.value


def archive(path: Path, **parts: int) -> Path:
    """A zip file with members of these sizes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, size in parts.items():
            file.writestr(name.replace("__", "."), bytes(size))
    return path


def test_size_counts_all_files(tmp_path: Path) -> None:
    """Of a file, and of a folder with folders."""
    folder = tmp_path / "mymodel"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(bytes(600_000))
    (folder / "variables" / "variables.data").write_bytes(bytes(500_000))

    assert staging.look(folder, "saved_model").size == 1_100_000


def test_a_whole_file_may_be_larger_than_weights_and_graph(tmp_path: Path) -> None:
    """What else was saved has a limit of its own; only a file over the question's limit is measured more closely."""
    path = tmp_path / "mymodel.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\n")
    for size, own in ((10**6, 0), (10**6 + 1, 10**6), (16 * 10**6, 10**6)):
        os.truncate(path, size)
        staging.check(staging.look(path, "h5"), 1.0)
        assert staging.own_limit(staging.look(path, "h5"), 1.0) == own
    os.truncate(path, 16 * 10**6 + 1)

    refused = refusal(path, "h5").refusal

    assert refused.verdict is Verdict.LIMIT_EXCEEDED
    assert "16.01 MB" in refused.message  # no figure like the limit's


@pytest.mark.parametrize("kind", ["keras", "h5"])
def test_a_file_of_another_kind_is_named(tmp_path: Path, kind: ModelFormat) -> None:
    """What a class hands in is looked at in the same way as what the app receives."""
    path = tmp_path / f"mymodel.{kind}"
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n")
    assert "Git LFS pointer" in refusal(path, kind).refusal.message
    archive(path, mymodel__keras=10)
    assert "around mymodel.keras" in refusal(path, kind).refusal.message


def test_a_saved_model_one_folder_deeper_is_found(tmp_path: Path) -> None:
    """And the remedy names the folder."""
    inner = tmp_path / "mymodel" / "content"
    inner.mkdir(parents=True)
    (inner / "saved_model.pb").write_bytes(b"x")
    assert "content" in refusal(tmp_path / "mymodel", "saved_model").refusal.remedy


def test_an_archive_that_unpacks_to_far_more_is_over_the_limit(tmp_path: Path) -> None:
    """A zip bomb is not unpacked."""
    bomb = archive(tmp_path / "m.keras", config__json=10, model__weights__h5=50_000_000)
    assert bomb.stat().st_size < 100_000
    refused = refusal(bomb, "keras")
    assert refused.refusal.verdict is Verdict.LIMIT_EXCEEDED
    assert "unpacks to 50 MB" in refused.refusal.message


@pytest.mark.parametrize("kind", ["keras", "h5", "saved_model"])
def test_other_things_than_files_are_refused(tmp_path: Path, kind: ModelFormat) -> None:
    """Links, pipes, folders in place of files and files in place of folders; nothing is opened."""
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe", kind).refusal.verdict is Verdict.INVALID_MODEL
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert "link" in refusal(tmp_path / "link", kind).refusal.message
    other = tmp_path / "other"
    if kind == "saved_model":
        other.touch()
    else:
        other.mkdir()
    assert "folder" in refusal(other, kind).refusal.message


def test_what_is_gone_is_no_refusal(tmp_path: Path) -> None:
    """A lost copy is the grader's fault."""
    with pytest.raises(GraderFaultError, match="missing"):
        staging.look(tmp_path / "gone.keras", "keras")


def test_a_stored_model_is_linked_and_any_other_copied(tmp_path: Path) -> None:
    """The store never changes a file; a candidate's own file may change at any moment."""
    store, folder = tmp_path / "store", tmp_path / "job"
    for made in (store, folder):
        made.mkdir()
    for name in ("store/a.keras", "b.keras"):
        (tmp_path / name).write_bytes(b"x")

    stored = staging.place(staging.look(store / "a.keras", "keras"), folder, store)
    assert stored.samefile(store / "a.keras")
    stored.unlink()
    copied = staging.place(staging.look(tmp_path / "b.keras", "keras"), folder, store)
    assert not copied.samefile(tmp_path / "b.keras")
    assert copied.read_bytes() == b"x"
