"""Putting an earlier submission back: all of it, and nothing of the candidate's is lost for it."""

from __future__ import annotations

import errno
import os
import stat
import time
from pathlib import Path

import pytest

from mockexam.errors import UserError
from mockexam.workspace import restore_submission as module
from mockexam.workspace.receive import make_read_only
from mockexam.workspace.restore_submission import restore_submission

SCRIPTS = {"solution.py": b"print(1)\n", "lib/net.py": b"layers = 3\n"}


def write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


class Kept:
    """A submission in the store, and the folder that it goes back to."""

    def __init__(self, place: Path) -> None:
        self.model = place / "store" / "q1-abc.keras"
        self.saved_model = place / "store" / "q1-def"
        self.scripts = place / "store" / "q1-code-abc"
        self.folder = place / "room" / "q1"
        self.told: list[str] = []
        write(self.model.parent, {"q1-abc.keras": b"weights"})
        write(self.saved_model, {"saved_model.pb": b"graph", "variables/variables.index": b"index"})
        write(self.scripts, SCRIPTS)
        for path in (self.model, self.saved_model, self.scripts):
            make_read_only(path)
            os.utime(path, (1, 1))
        self.folder.mkdir(parents=True)

    def restore_submission(self, **changes: object) -> tuple[str, ...]:
        """Put the file and the scripts back, or what is named instead."""
        given: dict[str, object] = {
            "model": self.model,
            "scripts": self.scripts,
            "model_name": "mymodel.keras",
            "folder": self.folder,
        }
        return restore_submission(**(given | changes), tell=self.told.append)  # type: ignore[arg-type]


ALL = {**SCRIPTS, "mymodel.keras": b"weights"}
SAVED = {**SCRIPTS, "mymodel/saved_model.pb": b"graph", "mymodel/variables/variables.index": b"index"}


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


def test_into_an_empty_folder(kept: Kept) -> None:
    """All is there, may be written, is as new as a save; the model comes last. A second time there is nothing to do."""
    assert kept.restore_submission() == ("solution.py", "lib/net.py", "mymodel.keras")
    assert content(kept.folder) == ALL
    for path in kept.folder.rglob("*"):
        assert path.stat().st_mode & stat.S_IWUSR
    assert time.time() - (kept.folder / "mymodel.keras").stat().st_mtime < 5
    assert kept.restore_submission() == ()
    assert kept.told == []


def test_a_saved_model(kept: Kept) -> None:
    """A folder comes back as a folder that may be written, beside or instead of another one."""
    assert kept.restore_submission(model=kept.saved_model, model_name="mymodel")[-1] == "mymodel"
    assert content(kept.folder) == SAVED
    write(kept.folder, {"mymodel/saved_model.pb": b"other"})
    assert kept.restore_submission(model=kept.saved_model, model_name="mymodel") == ("mymodel",)
    assert content(kept.folder) == {
        **SAVED,
        "mymodel.bak-1/saved_model.pb": b"other",
        "mymodel.bak-1/variables/variables.index": b"index",
    }


def test_what_differs_is_moved_aside(kept: Kept) -> None:
    """Each time under a name of its own, and that is told; what is equal or no part of it stays."""
    write(kept.folder, {"solution.py": b"mine", "solution.py.bak-1": b"older", "mymodel.keras": b"mine", "x.py": b"x"})
    write(kept.folder, {"lib/net.py": SCRIPTS["lib/net.py"]})
    assert kept.restore_submission() == ("solution.py", "mymodel.keras")
    mine = {"solution.py.bak-1": b"older", "solution.py.bak-2": b"mine", "mymodel.keras.bak-1": b"mine", "x.py": b"x"}
    assert content(kept.folder) == {**ALL, **mine}
    assert kept.told == [
        "The existing solution.py was renamed to solution.py.bak-2.",
        "The existing mymodel.keras was renamed to mymodel.keras.bak-1.",
    ]


def test_an_equal_model_looks_saved_anew(kept: Kept) -> None:
    """So that the watcher sees it: putting a submission back makes it the last one."""
    kept.restore_submission()
    os.utime(kept.folder / "mymodel.keras", (1, 1))
    os.utime(kept.folder / "solution.py", (1, 1))
    assert kept.restore_submission() == ()
    assert time.time() - (kept.folder / "mymodel.keras").stat().st_mtime < 5
    assert (kept.folder / "solution.py").stat().st_mtime == 1


def test_links_and_wrong_kinds_give_way(kept: Kept, tmp_path: Path) -> None:
    """Nothing is written through a link, even to equal bytes; a file where a folder is needed, and the other way."""
    outside = {"net.py": SCRIPTS["lib/net.py"], "model": b"weights"}
    write(tmp_path / "outside", outside)
    (kept.folder / "lib").symlink_to(tmp_path / "outside")
    (kept.folder / "mymodel.keras").symlink_to(tmp_path / "outside" / "model")
    write(kept.folder, {"solution.py/x": b"x"})
    kept.restore_submission()
    assert {n: c for n, c in content(kept.folder).items() if ".bak" not in n} == ALL
    assert content(tmp_path / "outside") == outside
    assert (kept.folder / "lib.bak-1").is_symlink()
    assert (kept.folder / "mymodel.keras.bak-1").is_symlink()
    assert (kept.folder / "solution.py.bak-1" / "x").read_bytes() == b"x"


@pytest.mark.parametrize("gone", [True, False])
def test_a_model_that_is_kept_no_more(gone: bool, kept: Kept) -> None:
    """Only the code comes back, and that is told; a model in the folder stays."""
    write(kept.folder, {"mymodel.keras": b"mine"})
    kept.model.unlink()
    assert kept.restore_submission(**({} if gone else {"model": None})) == ("solution.py", "lib/net.py")
    assert content(kept.folder) == {**SCRIPTS, "mymodel.keras": b"mine"}
    assert kept.told == ["The model mymodel.keras of this submission is no longer stored. Only its code is restored."]


@pytest.mark.parametrize("scripts", [None, Path("/nowhere")])
def test_a_model_without_scripts(scripts: Path | None, kept: Kept) -> None:
    """Submissions from before scripts were kept; with neither there is nothing to put back."""
    assert kept.restore_submission(scripts=scripts) == ("mymodel.keras",)
    with pytest.raises(UserError, match="Neither the model nor the code"):
        kept.restore_submission(scripts=scripts, model=None)


def test_a_folder_that_is_gone_is_made(kept: Kept) -> None:
    """With all above it."""
    kept.folder.rmdir()
    kept.folder.parent.rmdir()
    kept.restore_submission()
    assert content(kept.folder) == ALL


def test_a_file_in_the_folders_place(kept: Kept) -> None:
    """Is told and left alone, also further up."""
    kept.folder.rmdir()
    kept.folder.write_text("x")
    for place in (kept.folder, kept.folder / "below"):
        with pytest.raises(UserError, match="can't be restored") as told:
            kept.restore_submission(folder=place)
        assert told.value.hint
    assert kept.folder.read_text() == "x"


def test_impossible_places(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only place, no path at all, the folder of the records, a name with a path in it."""
    with pytest.raises(UserError, match="can't be restored"):
        kept.restore_submission(folder=Path("/proc/mockexam"))
    with pytest.raises(UserError, match="valid folder path"):
        kept.restore_submission(folder=tmp_path / "nul\0byte")
    monkeypatch.setenv("MOCKEXAM_HOME", str(tmp_path))
    with pytest.raises(UserError, match="keeps its records"):
        kept.restore_submission()
    monkeypatch.delenv("MOCKEXAM_HOME")
    for name in ("../mymodel.keras", "solution.py", ""):
        with pytest.raises(UserError, match="valid model name"):
            kept.restore_submission(model_name=name)
    assert content(kept.folder) == {}


def test_a_full_disk_changes_nothing(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """All is copied before anything is moved; what was half copied goes."""
    write(kept.folder, {"solution.py": b"mine"})
    real = os.write

    def write_some(descriptor: int, chunk: bytes) -> int:
        if bytes(chunk) == b"weights":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(descriptor, chunk)

    monkeypatch.setattr(os, "write", write_some)
    with pytest.raises(UserError, match="disk is full") as told:
        kept.restore_submission()
    assert "try again" in told.value.hint
    assert content(kept.folder) == {"solution.py": b"mine"}


def test_what_can_not_be_put_in_place_is_put_as_it_was(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails, what was moved aside for it is back under its name."""
    write(kept.folder, {"solution.py": b"mine"})
    real = Path.rename

    def rename(path: Path, target: Path) -> Path:
        if target.name == "solution.py" and path.parent != target.parent:
            raise PermissionError(errno.EACCES, "Permission denied")
        return real(path, target)

    monkeypatch.setattr(Path, "rename", rename)
    with pytest.raises(UserError, match="permission denied"):
        kept.restore_submission()
    assert content(kept.folder) == {"solution.py": b"mine"}


def test_a_copy_that_can_not_be_read_is_told(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when it is pruned at this moment."""
    monkeypatch.setattr(module, "sign", lambda _: None)
    with pytest.raises(UserError, match="stored copy can't be read"):
        kept.restore_submission()
    assert content(kept.folder) == {}


def test_what_a_crash_left_is_removed(kept: Kept) -> None:
    """A folder that was being filled when the app was killed goes with the next try."""
    write(kept.folder, {".put-back-x1/0": b"half"})
    kept.restore_submission()
    assert content(kept.folder) == ALL
