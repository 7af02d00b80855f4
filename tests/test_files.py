"""Files: whole or not at all, nothing lost, and reasons that can be read."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from mockexam import files
from mockexam.files import atomic_writer, is_disk_full, move_aside, reason_of, remove, sync_folder, write_atomic


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("content", [b"\xffnew", "néw\n"])
def test_a_file_is_replaced_and_nothing_else_stays(tmp_path: Path, content: bytes | str) -> None:
    """Bytes as they are, text as UTF-8 with its line ends."""
    path = tmp_path / ("a" * 250)
    path.write_text("old")
    write_atomic(path, content)
    assert path.read_bytes() == (content if isinstance(content, bytes) else content.encode())
    assert names(tmp_path) == {path.name}


def test_a_mode_gives_way_to_the_umask(tmp_path: Path) -> None:
    """As any program's file; a private one is private from its first byte."""
    before = os.umask(0o027)
    try:
        write_atomic(tmp_path / "a", "x")
        with atomic_writer(tmp_path / "b", mode=0o600) as file:
            assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str) -> None:
    """A full disk, at whichever step: nothing half written, no temporary file."""
    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(os, broken, full)
    with pytest.raises(OSError, match="space"):
        write_atomic(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == {"a"}


def test_an_interrupt_leaves_the_old_file(tmp_path: Path) -> None:
    """Ctrl-C while it is written."""
    (tmp_path / "a").write_text("old")
    writing = atomic_writer(tmp_path / "a")
    writing.__enter__().write(b"half")
    with pytest.raises(KeyboardInterrupt):
        writing.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == {"a"}


def test_the_content_is_on_the_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a power cut could leave the name with nothing in it."""
    seen: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: seen.append("fsync"))
    monkeypatch.setattr(os, "replace", lambda *_: seen.append("replace"))
    write_atomic(tmp_path / "a", "new")
    assert seen == ["fsync", "replace"]


@pytest.mark.parametrize("links", [True, False])
def test_without_overwriting_what_came_meanwhile_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """With hard links or without, a link that leads nowhere included."""
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", full)
    with atomic_writer(tmp_path / "a", overwrite=False) as file:
        file.write(b"first")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for taken in ("a", "link"):
        with pytest.raises(FileExistsError), atomic_writer(tmp_path / taken, overwrite=False) as file:
            file.write(b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert names(tmp_path) == {"a", "link"}


def test_moved_aside_nothing_is_lost(tmp_path: Path) -> None:
    """Files, folders and links keep their content under the next free name; an empty folder just goes."""
    path = tmp_path / "a"
    assert move_aside(path) is None
    path.write_text("one")
    assert move_aside(path) == tmp_path / "a.bak-1"
    path.mkdir()
    assert move_aside(path) is None
    (path / "b").mkdir(parents=True)
    assert move_aside(path) == tmp_path / "a.bak-2"
    path.symlink_to(tmp_path / "nowhere")
    assert move_aside(path) == tmp_path / "a.bak-3"
    (tmp_path / "empty").mkdir()
    path.symlink_to(tmp_path / "empty")
    assert move_aside(path) == tmp_path / "a.bak-4"
    assert names(tmp_path) == {"a.bak-1", "a.bak-2", "a.bak-3", "a.bak-4", "empty"}
    assert (tmp_path / "a.bak-1").read_text() == "one"


def test_read_only_folders_go_and_links_leave_their_targets(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_text("x")
    (tmp_path / "target").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    for path in (tmp_path / "a" / "b" / "c", tmp_path / "a" / "b", tmp_path / "a"):
        path.chmod(0o444 if path.is_file() else 0o555)
    assert all(remove(tmp_path / name) for name in ("a", "link", "never"))
    assert names(tmp_path) == {"target"}


def test_what_stays_is_not_reported_as_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("x")
    monkeypatch.setattr(files, "_unlink", full)
    assert not remove(tmp_path / "a")


def test_a_folder_is_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its descriptor is closed, also when that fails."""
    opened: list[int] = []

    def fsync(descriptor: int) -> None:
        opened.append(descriptor)
        full()

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="space"):
        sync_folder(tmp_path)
    with pytest.raises(OSError, match="[Bb]ad file descriptor"):
        os.fstat(opened[0])


def test_reasons_are_plain_and_never_empty() -> None:
    """Known codes in our words, others in the system's, an error without a code in its own."""
    assert reason_of(OSError(errno.ENOSPC, "No space left on device")) == "the disk is full"
    assert reason_of(OSError(errno.ELOOP, os.strerror(errno.ELOOP))) == os.strerror(errno.ELOOP)
    assert reason_of(OSError("odd")) == "odd"
    assert [is_disk_full(OSError(code, "")) for code in (errno.ENOSPC, errno.EDQUOT, errno.EIO)] == [True, True, False]
