"""Packs of questions that other distributions bring along."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.bank.category import rank_of
from mockexam.bank.loader import Bank, find_question, load_bank, question_folder
from mockexam.bank.models import SHIPPED
from mockexam.bank.packs import find_packs
from mockexam.bank.papers import _edition, new_paper, paper_of_code, paper_of_seed
from mockexam.errors import UnknownNameError, UserError
from tests.packs import KETTLE, PACKAGE, PEARS, declare, install

Break = Callable[[Path], object]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages on the path, empty yet."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.fixture
def package(site: Path) -> Path:
    """The example pack's package, installed."""
    return install(site)


def test_a_pack_is_found_and_none_of_its_code_runs(site: Path, package: Path) -> None:
    """Neither the package nor the one around it is imported, whatever they would do."""
    outer = site / "outer"
    outer.mkdir()
    for folder in (package, outer):
        (folder / "__init__.py").write_text("raise SystemExit('imported')")
    package.rename(outer / "inner")
    (outer / "single.py").write_text("raise SystemExit('imported')")
    declare(site, "deep = outer.inner\nsingle = outer.single:thing\nzip = outer.single.none", "others")
    for part in ("exams", "scoring"):
        shutil.copytree(outer / "inner" / part, outer / part)

    found = find_packs()

    assert [(p.name, p.distribution, p.folder) for p in found.packs] == [
        ("deep", "others", outer / "inner"), ("single", "others", outer),
    ]  # fmt: skip
    assert {(b.name, b.distribution) for b in found.broken} == {
        ("kitchen", "mockexam-pack-kitchen"), ("zip", "others"),
    }  # fmt: skip
    assert not {"outer", "outer.inner", PACKAGE} & set(sys.modules)


def test_its_questions_stand_among_the_shipped(package: Path) -> None:
    """In the order of categories and ids, each knowing where it comes from; `version` covers them."""
    shipped, bank = load_bank(Path(load_bank().folder)), load_bank()

    assert [p.name for p in bank.packs] == ["kitchen"]
    assert bank.broken == ()
    assert set(bank.questions) == {*shipped.questions, KETTLE, PEARS}
    assert list(bank.questions) == sorted(bank.questions, key=lambda q: (rank_of(q.partition("/")[0]), q))
    assert {q.pack for q in shipped.questions.values()} == {SHIPPED}
    assert (bank.question("kettle").pack, bank.question("kettle").folder) == ("kitchen", package / "exams" / KETTLE)
    assert bank.version == load_bank().version != shipped.version
    with (package / "exams" / PEARS / "data.py").open("a") as file:
        file.write("# Other pears.\n")
    assert load_bank().version != bank.version


def test_an_id_finds_its_question(package: Path) -> None:
    """By the very id, as the marker and the workspace look for it; what is nowhere is told, with packs left out."""
    assert question_folder(KETTLE) == find_question(KETTLE).folder == package / "exams" / KETTLE
    shipped = next(iter(load_bank().questions))
    assert question_folder(shipped) == find_question(shipped).folder == load_bank().folder / shipped

    (package / "scoring" / PEARS / "rubric.toml").write_text("metric = ")
    with pytest.raises(UserError) as told:
        find_question(KETTLE)
    assert "kitchen is left out: The file is not valid TOML" in told.value.hint


def test_exams_go_by_pack_and_name(site: Path, package: Path) -> None:
    """The pack may be left out as long as that is clear; a shipped exam needs no pack."""
    bank = load_bank()
    assert list(bank.exams) == ["tf_developer", "classics", "kitchen:tea_break"]
    assert bank.exam("tea_break") is bank.exam("kitchen:tea_break") is bank.exams["kitchen:tea_break"]

    (site / "other" / "exams").mkdir(parents=True)
    (site / "other" / "scoring").mkdir()
    for name in ("tea_break", "tf_developer"):
        shutil.copy(package / "exams" / "tea_break.toml", site / "other" / "exams" / f"{name}.toml")
    declare(site, "other = other", "another")
    bank = load_bank()
    assert bank.exam("tf_developer").exam.title == "TensorFlow Developer"
    with pytest.raises(UnknownNameError) as told:
        bank.exam("tea_break")
    assert told.value.hint == "It fits: kitchen:tea_break, other:tea_break."


def test_papers_are_drawn_from_packs_too(package: Path) -> None:
    """By the shipped exam as well as by the pack's own; with other packs it is another edition."""
    bank = load_bank()
    exam = bank.exam("tf_developer")
    drawn = {item.question for seed in range(40) for item in paper_of_seed(bank, exam, seed).items}
    assert {KETTLE, PEARS} < drawn
    assert set(load_bank(bank.folder).questions) & drawn

    tea = new_paper(bank, bank.exam("tea_break"), {})
    assert [(i.question, i.weight) for i in tea.items] == [(KETTLE, 1), (PEARS, 2)]
    assert paper_of_code(bank, bank.exam("tea_break"), tea.code) == tea
    alone = load_bank(bank.folder)
    assert _edition(bank, exam.exam) != _edition(alone, exam.exam)


def _twice(package: Path) -> None:
    shipped = load_bank(load_bank().folder).of_category("simple_model")[0]
    for part, kept in (("exams", KETTLE), ("scoring", KETTLE)):
        (package / part / kept).rename(package / part / shipped.id)


def _empty(package: Path) -> None:
    shutil.rmtree(package / "exams")
    (package / "exams").mkdir()


BROKEN: dict[str, tuple[Break, str, str]] = {
    "no exams": (lambda p: shutil.rmtree(p / "exams"), "no folder exams/", PACKAGE),
    "no scoring": (lambda p: shutil.rmtree(p / "scoring"), "no folder scoring/", PACKAGE),
    "nothing in it": (
        _empty,
        "neither questions nor exams",
        "exams",
    ),
    "no module": (shutil.rmtree, f"no package or module '{PACKAGE}'", f"kitchen = {PACKAGE}"),
    "bad TOML": (
        lambda p: (p / "exams" / KETTLE / "question.toml").write_text("title = "),
        "not valid TOML",
        f"{KETTLE}/question.toml",
    ),
    "misspelt key": (
        lambda p: (p / "exams" / "tea_break.toml").write_text('titel = "Tea"'),
        "unknown key 'titel'",
        "tea_break.toml, key",
    ),
    "not text": (lambda p: (p / "exams" / PEARS / "question.toml").write_bytes(b"\xff"), "not UTF-8", PEARS),
    "file missing": (lambda p: (p / "exams" / PEARS / "hints.md").unlink(), "has no hints.md", PEARS),
    "rubric missing": (
        lambda p: (p / "scoring" / PEARS / "rubric.toml").unlink(),
        "has no rubric",
        f"scoring/{PEARS}/rubric.toml",
    ),
    "bands out of order": (
        lambda p: (p / "scoring" / PEARS / "rubric.toml").write_text(
            (p / "scoring" / PEARS / "rubric.toml").read_text().replace("0.97", "0.5")
        ),
        "is not valid",
        f"scoring/{PEARS}/rubric.toml",
    ),
    "name of a question": (
        lambda p: (p / "exams" / PEARS).rename(p / "exams" / "learning_dataset" / "Ripe-Pears"),
        "'Ripe-Pears' is not a valid name",
        "Ripe-Pears",
    ),
    "misspelt category": (
        lambda p: (p / "exams" / "simple_model").rename(p / "exams" / "simple_models"),
        "'simple_models' is not a category",
        "simple_models",
    ),
    "id of a shipped question": (_twice, "two questions simple_model/", "simple_model/"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_pack_is_told_and_left_out(how: str, package: Path) -> None:
    """The bank is whole without it; what, where and the remedy are told."""
    whole = load_bank(load_bank().folder)
    change, what, where = BROKEN[how]
    change(package)

    bank = load_bank()

    assert (bank.packs, bank.version, list(bank.exams)) == ((), whole.version, ["tf_developer", "classics"])
    (broken,) = bank.broken
    assert broken.name == "kitchen"
    assert what in broken.message
    assert where in broken.location
    assert "uninstall mockexam-pack-kitchen" in broken.hint
    assert str(broken).startswith("The question pack kitchen is left out: ")


def test_of_two_packs_that_clash_the_first_by_name_stands(site: Path, package: Path) -> None:
    """Two questions of one id; and two packs of one name."""
    shutil.copytree(package, site / "copied")
    declare(site, "attic = copied", "attic-questions")
    bank = load_bank()
    assert [p.name for p in bank.packs] == ["attic"]
    assert [(b.name, b.message) for b in bank.broken] == [
        ("kitchen", f"There are two questions {KETTLE}, one of them from attic.")
    ]

    declare(site, "attic = nowhere\nattic = copied\nmockexam = copied\nBad Name = copied\n= copied", "zoo")
    bank = load_bank()
    assert [(p.name, p.distribution) for p in bank.packs] == [("attic", "attic-questions")]
    assert sorted((b.name, b.distribution) for b in bank.broken) == [
        ("", "zoo"), ("Bad Name", "zoo"), ("attic", "zoo"), ("attic", "zoo"), ("kitchen", "mockexam-pack-kitchen"),
        ("mockexam", "zoo"),
    ]  # fmt: skip


def test_damaged_distributions_harm_nobody(site: Path, package: Path) -> None:
    """Whatever lies in the metadata of others, the good pack is found."""
    for number, content in enumerate((b"\xff\xfe mockexam.packs", b"[mockexam.packs\nx", b"[mockexam.packs]\n[[\n=\n")):
        info = site / f"damaged{number}-1.dist-info"
        info.mkdir()
        (info / "entry_points.txt").write_bytes(content)
    (site / "folder-1.dist-info" / "entry_points.txt").mkdir(parents=True)

    bank: Bank = load_bank()

    assert [p.name for p in bank.packs] == ["kitchen"]
    assert KETTLE in bank.questions
