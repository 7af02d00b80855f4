"""Making, completing and mending workspaces."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from mockexam import paths
from mockexam.errors import UserError
from mockexam.exam.paper import Counts, Mode, Paper, PaperItem, Rules
from mockexam.workspace import setup
from mockexam.workspace.layout import Workspace, find_workspace, read_workspace_file
from mockexam.workspace.question_files import missing, repair
from mockexam.workspace.scan import scan
from mockexam.workspace.scripts import find_scripts
from mockexam.workspace.setup import unpack
from tests import factories

if TYPE_CHECKING:
    from mockexam.bank.loader import Bank

RULES = Rules(exam="tf_developer", title="TensorFlow Developer", duration=18000, pass_mark=90, counts=Counts.BEST)


class Maker:
    """Makes data as the examiner does: file after file, telling how far it is."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.fail_at: int | None = None
        """Raise this errno after the first file."""

    async def __call__(self, question: str, folder: Path, progress: Callable[[float], None]) -> None:
        assert folder.is_dir()
        assert not any(folder.iterdir())
        (folder / "train.csv").write_text(question)
        progress(0.5)
        await asyncio.sleep(0)
        if self.fail_at is not None:
            raise OSError(self.fail_at, os.strerror(self.fail_at))
        (folder / "images").mkdir()
        (folder / "images" / "1.png").write_bytes(b"png")
        progress(1.0)
        self.made.append(question)


class Room:
    """A bank, a paper and a place to unpack to."""

    def __init__(self, tmp_path: Path) -> None:
        self.paper = factories.paper((1, 2))
        self.exams = tmp_path / "exams"
        for item in self.paper.items:
            folder = self.exams / item.question
            folder.mkdir(parents=True)
            (folder / "stub.py").write_text(f"# stub {item.number}\n")
            (folder / "brief.md").write_text(f"# Brief {item.number}\n")
        self.workspace = Workspace(tmp_path / "home" / "work")
        self.maker = Maker()
        self.progress: list[tuple[float, str]] = []

    @property
    def item(self) -> PaperItem:
        return self.paper.items[0]

    @property
    def folder(self) -> Path:
        return self.workspace.question(self.item.folder)

    async def unpack(
        self, workspace: Path | None = None, paper: Paper | None = None, *, rules: Rules = RULES, mode: Mode = Mode.EXAM
    ) -> None:
        bank = cast("Bank", SimpleNamespace(question=lambda name: SimpleNamespace(folder=self.exams / name)))
        await unpack(
            Workspace(workspace) if workspace else self.workspace,
            paper or self.paper,
            bank,
            self.maker,
            lambda fraction, text: self.progress.append((fraction, text)),
            rules=rules,
            mode=mode,
        )

    async def repair(self, *, over: bool = False) -> tuple[str, ...]:
        return await repair(self.workspace, self.item, self.paper.code, self.maker, over=over, bank_folder=self.exams)

    def files(self) -> dict[str, bytes]:
        root = self.workspace.root
        return {str(p.relative_to(root)): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "state"))
    return Room(tmp_path)


class TestUnpack:
    """From nothing, or from what is there."""

    async def test_a_new_workspace(self, room: Room) -> None:
        """Everything is there, and progress runs from 0 to 1 with the questions' names."""
        await room.unpack()
        assert set(room.files()) == {".mockexam.json", "README.md", ".vscode/settings.json"} | {
            f"{item.folder}/{name}"
            for item in room.paper.items
            for name in ("solution.py", "brief.md", "data/train.csv", "data/images/1.png", ".vscode/settings.json")
        }
        assert (room.folder / "solution.py").read_text() == "# stub 1\n"
        fractions = [fraction for fraction, _ in room.progress]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)
        assert any("Question 2" in text for _, text in room.progress)
        readme = room.workspace.readme.read_text()
        assert all(word in readme for word in ("7K3Q-F2XM", "5 h", "90 %", "never pauses", room.item.folder))
        paths = (str(room.folder), sys.executable)
        assert max(len(line) for line in readme.splitlines() if not any(path in line for path in paths)) <= 120

    @pytest.mark.parametrize("duration", [3600.0, None])
    async def test_the_readme_of_a_retry(self, room: Room, duration: float | None) -> None:
        """It has no pass mark and no weights; without a limit of time no clock either."""
        await room.unpack(rules=replace(RULES, duration=duration), mode=Mode.RETRY)
        readme = room.workspace.readme.read_text()
        assert "yours for the retry" in readme
        assert not any(word in readme for word in ("exam.\n", "pass", "weight"))
        assert "{" not in readme
        clock = [word in readme for word in ("clock", "time left", "never pauses", "before the end")]
        assert set(clock) == {duration is not None}
        assert ("no time limit" in readme) == (duration is None)

    async def test_again_changes_nothing(self, room: Room) -> None:
        """The same paper's workspace is continued: nothing is overwritten, nothing is made twice."""
        await room.unpack()
        (room.folder / "solution.py").write_text("my work")
        (room.folder / "data" / "train.csv").write_text("my notes")
        room.workspace.readme.write_text("mine")
        before = room.files()
        await room.unpack()
        assert room.files() == before
        assert len(room.maker.made) == 2

    async def test_what_is_missing_is_added(self, room: Room) -> None:
        """A lost brief, data and folder come back; the rest stays."""
        await room.unpack()
        before = room.files()
        (room.folder / "brief.md").unlink()
        shutil.rmtree(room.folder / "data")
        shutil.rmtree(room.workspace.question(room.paper.items[1].folder))
        await room.unpack()
        assert room.files() == before

    @pytest.mark.parametrize(("number", "words"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "permission denied")])
    async def test_failed_data_leave_no_half_folder(self, number: int, words: str, room: Room) -> None:
        """When making data fails, no data folder is there, and the next try goes on."""
        room.maker.fail_at = number
        with pytest.raises(UserError, match=words):
            await room.unpack()
        assert not [p for p in room.workspace.root.rglob("*") if p.name.lstrip(".").startswith("data")]
        room.maker.fail_at = None
        await room.unpack()
        assert missing(room.workspace, room.item) == ()

    async def test_a_cancelled_start_leaves_no_half_folder(self, room: Room) -> None:
        """Leaving while data are made leaves nothing that looks like data; leftovers of a crash are removed later."""
        task = asyncio.create_task(room.unpack())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        (room.folder / ".data-crashed").mkdir(parents=True)
        await room.unpack()
        assert sorted(p.name for p in room.folder.iterdir()) == [".vscode", "brief.md", "data", "solution.py"]

    async def test_an_empty_folder_is_used(self, room: Room) -> None:
        """A folder that someone made for it is taken."""
        room.workspace.root.mkdir(parents=True)
        await room.unpack()
        assert missing(room.workspace, room.item) == ()


class TestInterpreter:
    """The Python with TensorFlow is named wherever a candidate runs a script."""

    async def test_editors_get_this_environments_python(self, room: Room) -> None:
        """Whether they open the workspace or a question's folder; a script always runs in its own folder."""
        await room.unpack()
        top, *others = (
            json.loads((folder / ".vscode" / "settings.json").read_text())
            for folder in (room.workspace.root, *(room.workspace.question(i.folder) for i in room.paper.items))
        )
        assert top == {
            "python.defaultInterpreterPath": sys.executable, "python.terminal.executeInFileDir": True,
        }  # fmt: skip
        assert others == [{"python.defaultInterpreterPath": sys.executable}] * 2

    async def test_a_python_of_ones_own(self, room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """By its link, since a virtual environment is known by that; a bare name is looked up."""
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "mypython").symlink_to(sys.executable)
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
        monkeypatch.setenv("MOCKEXAM_PYTHON", "mypython")
        await room.unpack()
        settings = json.loads((room.folder / ".vscode" / "settings.json").read_text())
        assert settings["python.defaultInterpreterPath"] == str(tmp_path / "bin" / "mypython")
        assert f"{tmp_path}/bin/mypython solution.py\n" in room.workspace.readme.read_text()

    async def test_the_readmes_command_runs_the_script(self, room: Room, tmp_path: Path) -> None:
        """As it stands there, in a folder with blanks and quotes."""
        root = tmp_path / "it's my exam" / "$HOME"
        await room.unpack(root)
        folder = Workspace(root).question(room.item.folder)
        (folder / "solution.py").write_text("import os, sys; print(os.getcwd()); print(sys.executable)")
        block = (root / "README.md").read_text().split("```")[1]
        done = subprocess.run(["sh", "-e"], input=block, capture_output=True, text=True, check=True, cwd="/")
        assert done.stdout.splitlines() == [str(folder), sys.executable]

    @pytest.mark.parametrize("folder", [".vscode", "q1_simple_model/.vscode"])
    async def test_own_settings_are_never_overwritten(self, folder: str, room: Room, tmp_path: Path) -> None:
        """A file, a link to nowhere, a link to a folder elsewhere, and a file where the folder should be all stay."""
        await room.unpack()
        place = room.workspace.root / folder
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        (place / "settings.json").write_text("{}")
        await room.unpack()
        assert (place / "settings.json").read_text() == "{}"
        (place / "settings.json").unlink()
        (place / "settings.json").symlink_to(tmp_path / "nowhere")
        await room.unpack()
        assert (place / "settings.json").is_symlink()
        shutil.rmtree(place)
        place.symlink_to(elsewhere)
        await room.unpack()
        assert not any(elsewhere.iterdir())
        place.unlink()
        place.write_text("mine")
        await room.unpack()
        assert place.read_text() == "mine"

    async def test_what_editors_keep_is_no_work(self, room: Room) -> None:
        """Neither a model nor a script in the editors' folders is received, hinted at or stored."""
        await room.unpack()
        before = scan(room.workspace, room.paper.items), [s.name for s in find_scripts(room.folder)]
        for folder in (room.workspace.root, room.folder):
            for name in (".vscode", ".idea"):
                (folder / name).mkdir(exist_ok=True)
                for file in ("mymodel.keras", "model.h5", "saved_model.pb", "notes.py"):
                    (folder / name / file).write_bytes(b"x")
        after = scan(room.workspace, room.paper.items), [s.name for s in find_scripts(room.folder)]
        assert after == before == (before[0], ["solution.py"])
        assert not before[0].models
        assert not before[0].hints


class TestRefused:
    """Places where no workspace can be, each with its own words; nothing there is touched."""

    @pytest.mark.parametrize("content", [None, "{broken", '{"version": 99}', "[]"])
    async def test_a_folder_of_someone_else(self, content: str | None, room: Room) -> None:
        room.workspace.root.mkdir(parents=True)
        (room.workspace.root / "thesis.tex").write_text("x")
        if content is not None:
            room.workspace.file.write_text(content)
        before = room.files()
        with pytest.raises(UserError, match="not empty" if content is None else "workspace file") as told:
            await room.unpack()
        assert str(room.workspace.root) in told.value.location
        assert "--workspace" in told.value.hint
        assert room.files() == before

    async def test_another_paper(self, room: Room) -> None:
        await room.unpack()
        before = room.files()
        with pytest.raises(UserError, match="another paper: 7K3Q-F2XM"):
            await room.unpack(paper=factories.paper((1, 2), code="AAAA-F2XM"))
        assert room.files() == before

    async def test_a_file(self, room: Room, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        for place in (tmp_path / "file", tmp_path / "file" / "below"):
            with pytest.raises(UserError, match="must be a folder") as told:
                await room.unpack(place)
            assert told.value.location == str(tmp_path / "file")

    async def test_a_file_in_a_questions_place(self, room: Room) -> None:
        await room.unpack()
        shutil.rmtree(room.folder)
        room.folder.write_text("x")
        with pytest.raises(UserError, match="folder of a question"):
            await room.unpack()

    async def test_inside_the_records(self, room: Room, tmp_path: Path) -> None:
        (tmp_path / "link").symlink_to(tmp_path / "state")
        for place in (tmp_path / "state", tmp_path / "state" / "a" / "b", tmp_path / "link" / "work"):
            with pytest.raises(UserError, match="keeps its records"):
                await room.unpack(place)
        assert not (tmp_path / "state").exists()

    @pytest.mark.parametrize("name", ["x" * 300, "nul\0byte", "half\udcff"])
    async def test_an_impossible_name(self, name: str, room: Room, tmp_path: Path) -> None:
        with pytest.raises(UserError):
            await room.unpack(tmp_path / name)

    async def test_an_unwritable_place(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(setup, "NEEDED_BYTES", 0)  # /proc has no room to tell of
        with pytest.raises(UserError, match=r"can't be|not writable") as error:  # the second without root's rights
            await room.unpack(Path("/proc/mockexam"))
        assert error.value.location.startswith("/proc")

    async def test_too_little_room(self, room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(setup, "NEEDED_BYTES", 10**18)
        with pytest.raises(UserError, match="disk space"):
            await room.unpack()
        assert not room.workspace.root.exists()


class TestRepair:
    """What got lost comes back; what is there is never lost."""

    async def test_missing_tells_what_is_gone(self, room: Room) -> None:
        await room.unpack()
        assert missing(room.workspace, room.item) == ()
        (room.folder / "solution.py").rename(room.folder / "solution.ipynb")  # a notebook in its place
        assert missing(room.workspace, room.item) == ()
        (room.folder / "brief.md").unlink()
        (room.folder / "data" / "train.csv").unlink()
        assert missing(room.workspace, room.item) == ("brief.md", "data")
        shutil.rmtree(room.workspace.root)
        assert missing(room.workspace, room.item) == ("folder", "solution.py", "brief.md", "data")

    async def test_a_deleted_workspace_comes_back_question_by_question(self, room: Room) -> None:
        """Even the workspace file is rewritten, so that `grade` knows the paper again."""
        await room.unpack()
        before = (room.folder / "solution.py").read_bytes()
        shutil.rmtree(room.workspace.root)
        assert await room.repair() == ("folder", "solution.py", "brief.md", "data")
        assert (room.folder / "solution.py").read_bytes() == before
        assert missing(room.workspace, room.item) == ()
        found = find_workspace(room.folder / "mymodel.keras")
        assert found is not None
        assert (found.code, found.question) == (room.paper.code, room.item.question)

    async def test_own_work_is_not_touched(self, room: Room) -> None:
        await room.unpack()
        (room.folder / "solution.py").write_text("my work")
        assert await room.repair() == ()
        assert (room.folder / "solution.py").read_text() == "my work"

    async def test_over_keeps_a_copy_each_time(self, room: Room) -> None:
        """A fresh stub over one's own work: every earlier state is kept under its own name."""
        await room.unpack()
        for n in (1, 2):
            (room.folder / "solution.py").write_text(f"my work {n}")
            assert await room.repair(over=True) == ("solution.py",)
            assert (room.folder / "solution.py").read_text() == "# stub 1\n"
        assert (room.folder / "solution.py.bak-1").read_text() == "my work 1"
        assert (room.folder / "solution.py.bak-2").read_text() == "my work 2"
        assert await room.repair(over=True) == ()

    async def test_damaged_data_are_kept_beside_the_new_ones(self, room: Room) -> None:
        await room.unpack()
        (room.folder / "data" / "train.csv").rename(room.folder / "data" / "renamed.csv")
        assert await room.repair() == ("data",)
        assert (room.folder / "data" / "train.csv").is_file()
        assert (room.folder / "data.bak-1" / "renamed.csv").is_file()

    async def test_things_in_the_way_are_kept(self, room: Room) -> None:
        """A folder called solution.py and a file called data give way."""
        await room.unpack()
        (room.folder / "solution.py").unlink()
        (room.folder / "solution.py").mkdir()
        (room.folder / "solution.py" / "x").write_text("x")
        shutil.rmtree(room.folder / "data")
        (room.folder / "data").write_text("y")
        assert await room.repair() == ("solution.py", "data")
        assert (room.folder / "solution.py.bak-1" / "x").read_text() == "x"
        assert (room.folder / "data.bak-1").read_text() == "y"

    async def test_a_full_disk_is_told(self, room: Room) -> None:
        await room.unpack()
        shutil.rmtree(room.folder / "data")
        room.maker.fail_at = errno.ENOSPC
        with pytest.raises(UserError, match="disk is full"):
            await room.repair()
        assert missing(room.workspace, room.item) == ("data",)


class TestWorkspaceFile:
    """What the workspace file says of a path."""

    async def test_it_is_found_from_below(self, room: Room, tmp_path: Path) -> None:
        await room.unpack()
        deep = find_workspace(room.folder / "data" / "images" / "gone.png")
        assert deep is not None
        assert (deep.code, deep.question) == ("7K3Q-F2XM", room.item.question)
        top = find_workspace(room.workspace.root)
        assert top is not None
        assert top.question is None
        assert find_workspace(tmp_path / "elsewhere" / "m.keras") is None

    async def test_it_notes_the_data(self, room: Room) -> None:
        await room.unpack()
        described = read_workspace_file(room.workspace)
        assert described is not None
        assert described.exam == "tf_developer"
        assert described.data == {item.folder: ("images", "train.csv") for item in room.paper.items}
