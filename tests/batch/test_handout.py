"""Handing out: what each student gets, the list that `grade` takes back, and what is never touched."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.bank.loader import load_bank
from mockexam.bank.papers import decode
from mockexam.batch import handout as module
from mockexam.batch.discovery import HANDOUT_STATE
from mockexam.batch.handout import Handout, hand_out, items_of, students_of
from mockexam.batch.job import grade_data_seed, own_seed
from mockexam.batch.lists import read_list
from mockexam.batch.planning import plan
from mockexam.cli.main import invoke
from mockexam.errors import UserError
from mockexam.paths import BANK_VARIABLE, HOME_VARIABLE
from tests.batch.conftest import BANK

LINE = "simple_model/tiny_line"
CLASSES = "simple_model/tiny_classes"
NAMES = ("Ann", "Zoë M.", "ann", "../../x", "=cmd|calc", "con", "…")


class Maker:
    """Makes a file of data that says its seed; fails when it is told to."""

    def __init__(self, fail_at: int = -1) -> None:
        self.made: list[tuple[str, str]] = []
        self.fail_at = fail_at

    async def __call__(self, question: str, data_seed: str, folder: Path, told: Callable[[float], None]) -> None:
        if len(self.made) == self.fail_at:
            raise UserError("The data can't be made.")
        told(0.5)
        self.made.append((question, data_seed))
        (folder / "data.csv").write_text(data_seed)


@pytest.fixture(autouse=True)
def _bank(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(BANK_VARIABLE, str(BANK))
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))


def planned(folder: Path, names: tuple[str, ...] = NAMES, *, own: bool = False, zipped: bool = False) -> Handout:
    items = items_of(load_bank(), ["tiny_line", "tiny_classes"], 7)
    return Handout(folder, items, students_of(names, 7, own_data=own), own, zipped)


def run(handout: Handout, maker: Maker) -> list[float]:
    """Hand it out; the progress that was told."""
    told: list[float] = []
    asyncio.run(hand_out(handout, maker, lambda fraction, _: told.append(fraction)))
    return told


def test_all_the_same_data(tmp_path: Path) -> None:
    """Made once; each student has a copy that is theirs alone, in a folder that every system can hold."""
    maker = Maker()
    handout = planned(tmp_path / "class")

    told = run(handout, maker)

    assert maker.made == [(LINE, "seed-7"), (CLASSES, "seed-7")]
    assert told == sorted(told)
    assert told[-1] == 1
    folders = [path for path in (tmp_path / "class").iterdir() if path.is_dir()]
    assert len({path.name.casefold() for path in folders}) == len(NAMES)
    for folder in folders:
        files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        question = ["brief.md", "data/data.csv", "solution.py"]
        assert files == ["README.md", *(f"q{n}_simple_model/{name}" for n in (1, 2) for name in question)]
        assert (folder / "q1_simple_model" / "data" / "data.csv").stat().st_nlink == 1
    assert not list(tmp_path.glob("*x*"))


def test_own_data_come_from_seed_and_name(tmp_path: Path) -> None:
    """The same for the same name, however its letters are composed; never a paper's."""
    maker = Maker()
    run(planned(tmp_path / "class", ("Ann", "Zoë"), own=True), maker)

    seeds = [grade_data_seed(own_seed(7, name)) for name in ("Ann", "Zoë")]
    assert maker.made == [(question, seed) for seed in seeds for question in (LINE, CLASSES)]
    assert own_seed(7, "Zoë") == own_seed(7, " Zoe\N{COMBINING DIAERESIS} ") != own_seed(8, "Zoë")
    assert len({own_seed(7, f"student-{n}") for n in range(1000)}) == 1000
    for seed in (*seeds, "seed-7", "seed-1234"):
        assert seed != seed.upper()  # the code of a paper has only capital letters
        with pytest.raises(UserError):
            decode(seed, "any edition")


@pytest.mark.parametrize("zipped", [False, True])
def test_the_list_comes_back(tmp_path: Path, *, zipped: bool) -> None:
    """GIVEN hand-ins in the places of the list THEN each row is found, with name, question and seed."""
    handout = planned(tmp_path / "class", own=True, zipped=zipped)
    run(handout, Maker())
    listed = tmp_path / "class" / "list.csv"
    for row in read_list(listed)[:3]:
        (tmp_path / "class" / row.model / "mymodel.keras").write_bytes(b"x")

    found = plan(listed, None, None)

    wanted = [(s.name, item.question.id, s.seed) for s in handout.students for item in handout.items]
    assert [(i.name, i.question, i.seed) for i in found.items] == wanted[:3]
    assert [(one.relative, one.question) for one in found.left_out] == [row[:2] for row in wanted[3:]]
    cells = [cell for row in csv.reader(io.StringIO(listed.read_text(encoding="utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_a_zip_each(tmp_path: Path) -> None:
    """The files of a folder, below a folder of the student's name; nothing of the seed or of others."""
    handout = planned(tmp_path / "class", ("Ann", "Zoë"), zipped=True)
    run(handout, Maker())

    with zipfile.ZipFile(tmp_path / "class" / "Zoë.zip") as archive:
        names = archive.namelist()
        assert archive.read("Zoë/q1_simple_model/data/data.csv") == b"seed-7"
    assert {name.partition("/")[0] for name in names} == {"Zoë"}
    assert len(names) == 7
    assert list((tmp_path / "class" / "Zoë").rglob("*.*")) == []


def test_what_was_interrupted_is_continued(tmp_path: Path) -> None:
    """WHEN the same command runs again THEN it makes the rest alone; what is there, hand-ins too, stays as it is."""
    handout = planned(tmp_path / "class", ("Ann", "Bob", "Cid"), own=True)
    with pytest.raises(UserError, match="can't be made"):
        run(handout, Maker(fail_at=3))
    assert sorted(path.name for path in (tmp_path / "class").iterdir()) == [HANDOUT_STATE, "Ann"]
    handed_in = tmp_path / "class" / "Ann" / "q1_simple_model" / "solution.py"
    handed_in.write_text("mine")
    left = tmp_path / "class" / ".handout-killed"
    left.mkdir()

    again = Maker()
    run(handout, again)

    assert {seed for _, seed in again.made} == {grade_data_seed(s.seed) for s in handout.students[1:]}
    assert handed_in.read_text() == "mine"
    assert not left.exists()
    (tmp_path / "class" / "list.csv").write_text("mine")
    run(handout, Maker(fail_at=0))
    assert (tmp_path / "class" / "list.csv").read_text() == "mine"


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """Another hand-out, other files, mockexam's own records."""
    run(planned(tmp_path / "class", ("Ann",)), Maker())
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")

    other = planned(tmp_path / "class", ("Ann",), own=True)
    for handout in (other, planned(tmp_path / "mine"), planned(tmp_path / "home" / "class")):
        with pytest.raises(UserError):
            run(handout, Maker(fail_at=0))
    with pytest.raises(UserError, match="not a folder"):
        run(planned(tmp_path / "mine" / "thesis.txt"), Maker(fail_at=0))
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]
    assert not (tmp_path / "home").exists()


def test_a_full_disk_is_told_before_it_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first student, whose size is known; the command continues when there is room."""
    space = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: space._replace(free=1000))
    handout = planned(tmp_path / "class")
    with pytest.raises(UserError, match="disk space"):
        run(handout, Maker())
    assert [path.name for path in (tmp_path / "class").iterdir() if path.is_dir()] == ["Ann"]

    monkeypatch.undo()
    run(replace(handout), Maker())
    assert (tmp_path / "class" / "list.csv").exists()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the real data; the same seed makes the same data again."""
    for to in ("one", "two"):
        argv = ["bank", "handout", "tiny_line", "--count", "2", "--own-data", "--to", str(tmp_path / to), "--json"]
        assert invoke(argv) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())

    assert [one["name"] for one in first["students"]] == ["student-01", "student-02"]
    assert first["students"] == second["students"]
    assert first["questions"] == [LINE]
    made = {
        to: [
            b"".join(path.read_bytes() for path in sorted((tmp_path / to / name).rglob("data/*")) if path.is_file())
            for name in ("student-01", "student-02")
        ]
        for to in ("one", "two")
    }
    assert made["one"] == made["two"]
    assert made["one"][0] != made["one"][1]


def test_an_exam_is_drawn_by_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same questions for all, a folder each; any seed draws, and an exam stands alone."""
    monkeypatch.delenv(BANK_VARIABLE)
    bank = load_bank()

    drawn = items_of(bank, ["tf_developer"], 10**9)

    assert len({item.folder for item in drawn}) == len({item.question.category for item in drawn}) == 5
    assert [i.question.id for i in items_of(bank, ["tf_developer"], 10**9)] == [i.question.id for i in drawn]
    with pytest.raises(UserError, match="alone"):
        items_of(bank, ["ballast_car", "tf_developer"], 5)
