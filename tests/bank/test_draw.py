"""The draw of a paper, on a made-up bank of four questions a category."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from mockexam import paths
from mockexam.bank.category import CATEGORIES
from mockexam.bank.loader import (
    Bank,
    NamedExam,
    find_category,
    former_fingerprint,
    load_bank,
    load_question,
    read_earlier,
)
from mockexam.bank.models import Exam
from mockexam.bank.packs import InstalledPacks
from mockexam.bank.papers import (
    OtherEditionError,
    exam_categories,
    new_paper,
    paper_of_code,
    paper_of_seed,
    retry_paper,
    retry_rules,
    rules,
)
from mockexam.errors import UnknownNameError, UserError
from mockexam.exam.paper import Counts

QUESTION = """
title = "{title}"
summary = "A made-up question"
minutes = 10
skills = ["train.fit"]
[contract]
max_megabytes = 1.0
[contract.input]
shape = [1]
dtype = "float32"
meaning = "a number"
[contract.output]
shape = [1]
form = "values"
meaning = "a number"
"""

EXAM = Exam.model_validate(
    {
        "title": "All five",
        "duration_minutes": 300,
        "questions": [{"category": c, "weight": w} for w, c in enumerate(CATEGORIES, 1)],
    }
)
OWN_EXAM = """
title = "Mine"
duration_minutes = 60
pass_mark = 60
[[questions]]
category = "simple_model"
weight = 3
count = 2
[[questions]]
category = "time_series"
weight = 2
"""
NAMED = NamedExam(name="all", path=Path("all.toml"), exam=EXAM)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return made_up(tmp_path_factory.mktemp("exams"), ("ant", "bee", "cow", "dog"))


def made_up(root: Path, names: Sequence[str]) -> Bank:
    """A bank with questions of these names in each category."""
    for category in CATEGORIES:
        for name in names:
            folder = root / category / name
            folder.mkdir(parents=True)
            (folder / "question.toml").write_text(QUESTION.format(title=name))
            for file in ("brief.md", "stub.py", "data.py", "hints.md"):
                (folder / file).write_text(f"{category} {name}")
    return load_bank(root)


def test_a_code_replays_its_paper(bank: Bank) -> None:
    """Whatever was seen before."""
    paper = new_paper(bank, NAMED, {"simple_model/ant": 3}, random.Random(1))
    assert paper_of_code(bank, NAMED, paper.code) == paper
    assert paper_of_code(bank, NAMED, paper.code.lower()) == paper


def test_a_paper_keeps_to_the_exam(bank: Bank) -> None:
    """Numbers, categories and weights as in the file."""
    paper = paper_of_seed(bank, NAMED, 5)
    assert [(i.number, i.category, i.weight) for i in paper.items] == [(n, c, n) for n, c in enumerate(CATEGORIES, 1)]
    assert len({i.folder for i in paper.items}) == 5


def test_seeds_draw_different_papers(bank: Bank) -> None:
    """All four questions of a category come up about equally often."""
    drawn = [paper_of_seed(bank, NAMED, seed).items[0].question for seed in range(400)]
    assert all(60 <= drawn.count(q) <= 140 for q in set(drawn))
    assert len(set(drawn)) == 4


def test_unseen_questions_come_first(bank: Bank) -> None:
    """With three of four seen in each category, the fourth is drawn in all of them."""
    seen = {f"{c}/{name}": 1 for c in CATEGORIES for name in ("ant", "bee", "dog")}
    for start in range(5):
        paper = new_paper(bank, NAMED, seen, random.Random(start))
        assert [i.question for i in paper.items] == [f"{c}/cow" for c in CATEGORIES]


def test_no_question_comes_again_before_all_were_met(tmp_path: Path) -> None:
    """With eight in a category and one chance in 32768, the last of each is found."""
    bank = made_up(tmp_path, ("ant", "bee", "cow", "dog", "eel", "fox", "gnu", "hen"))
    seen: dict[str, int] = {}
    for start in range(8):
        paper = new_paper(bank, NAMED, seen, random.Random(start))
        assert not seen.keys() & {item.question for item in paper.items}
        seen |= {item.question: 1 for item in paper.items}


def test_two_slots_of_a_category_are_searched_no_longer_than_needed(tmp_path: Path) -> None:
    """GIVEN one unseen question in each category, which gives two, THEN the search knows what is best."""
    bank = made_up(tmp_path, ("ant", "bee", "cow", "dog", "eel", "fox", "gnu", "hen"))
    slots = [{"category": category, "weight": weight} for category in CATEGORIES for weight in (1, 2)]
    exam = Exam.model_validate({"title": "Pairs", "duration_minutes": 300, "questions": slots})
    seen = {name: 1 for name in bank.questions if not name.endswith("/hen")}
    tries = 0

    class Counted(random.Random):
        def randrange(self, *given: int) -> int:
            nonlocal tries
            tries += 1
            return super().randrange(*given)

    paper = new_paper(bank, NamedExam(name="pairs", path=Path("pairs.toml"), exam=exam), seen, Counted(1))

    assert {f"{category}/hen" for category in CATEGORIES} <= {item.question for item in paper.items}
    assert tries < 20_000


def test_least_seen_when_all_are_seen(bank: Bank) -> None:
    """Nobody is stuck when the bank is exhausted."""
    seen = dict.fromkeys(bank.questions, 2) | {f"{c}/bee": 1 for c in CATEGORIES}
    assert {i.title for i in new_paper(bank, NAMED, seen, random.Random(3)).items} == {"bee"}


def test_two_of_a_category_differ(bank: Bank) -> None:
    """A slot with count two, and two slots of one category, never draw a question twice."""
    exam = Exam.model_validate(
        {
            "title": "Four",
            "duration_minutes": 1,
            "questions": [
                {"category": "time_series", "weight": 1, "count": 2},
                {"category": "time_series", "weight": 5, "count": 2},
            ],
        }
    )
    named = NamedExam(name="four", path=Path("four.toml"), exam=exam)
    for seed in range(20):
        assert len({i.question for i in paper_of_seed(bank, named, seed).items}) == 4


def test_too_few_questions_are_told(bank: Bank) -> None:
    """With the file and the key."""
    exam = Exam.model_validate(
        {"title": "Many", "duration_minutes": 1, "questions": [{"category": "time_series", "weight": 1, "count": 5}]}
    )
    with pytest.raises(UserError, match="needs 5 more") as told:
        new_paper(bank, NamedExam(name="many", path=Path("many.toml"), exam=exam), {})
    assert "many.toml" in told.value.location


def test_rules_are_copied(bank: Bank) -> None:
    """Minutes become seconds."""
    assert rules(NAMED).duration == 18000
    assert rules(NAMED).pass_mark == 90


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("simple", "simple_model"),
        ("dataset", "learning_dataset"),
        ("image", "image_classification"),
        ("Text", "text_classification"),
        ("time", "time_series"),
        ("series", "time_series"),
        ("time series", "time_series"),
    ],
)
def test_categories_by_any_clear_word(name: str, category: str) -> None:
    """Any unambiguous beginning, or a word of it."""
    assert find_category(name) == category


@pytest.mark.parametrize("name", ["classification", "x", ""])
def test_unclear_categories_are_told(name: str) -> None:
    """With the ones that fit."""
    with pytest.raises(UnknownNameError) as told:
        find_category(name)
    assert "image_classification" in told.value.hint


def test_questions_by_any_clear_part(bank: Bank) -> None:
    """An id, or a part that only one id has."""
    assert bank.question("time_series/ant").id == "time_series/ant"
    assert bank.question("series/be").id == "time_series/bee"
    with pytest.raises(UnknownNameError, match="ambiguous"):
        bank.question("ant")
    with pytest.raises(UnknownNameError, match="not known") as told:
        bank.question("yak")
    assert "Did you mean" not in told.value.hint
    for misspelt in ("time_series/bea e", "bete"):
        with pytest.raises(UnknownNameError) as told:
            bank.question(misspelt)
        assert "Did you mean time_series/bee?" in told.value.hint


def test_unknown_exam_is_told(bank: Bank) -> None:
    """With the names there are."""
    with pytest.raises(UnknownNameError):
        bank.exam("everything")
    with pytest.raises(UserError, match="no such exam"):
        bank.exam("/nowhere/x.toml")


def test_changed_data_are_another_edition(bank: Bank, tmp_path: Path) -> None:
    """The bank's version and the codes depend on what makes the data, and on no prose."""
    shutil.copytree(bank.folder, tmp_path / "copy")
    code = paper_of_seed(bank, NAMED, 7).code
    for name in ("brief.md", "hints.md", "stub.py"):
        (tmp_path / "copy/time_series/ant" / name).write_text("changed")
    reworded = load_bank(tmp_path / "copy")
    assert reworded.version == bank.version
    assert paper_of_code(reworded, NAMED, code) == paper_of_code(bank, NAMED, code)
    (tmp_path / "copy/time_series/ant/data.py").write_text("changed")
    changed = load_bank(tmp_path / "copy")
    assert changed.version != bank.version
    with pytest.raises(UserError, match="another exam"):
        paper_of_code(changed, NAMED, code)


def changed_exam(**changes: object) -> NamedExam:
    """The exam with some keys changed."""
    return NamedExam(name="all", path=Path("all.toml"), exam=Exam.model_validate({**EXAM.model_dump(), **changes}))


@pytest.mark.parametrize(
    ("key", "value"), [("pass_mark", 80), ("title", "Other"), ("duration_minutes", 60), ("counts", Counts.LAST)]
)
def test_what_is_not_drawn_leaves_the_code(bank: Bank, key: str, value: object) -> None:
    """Pass mark, title, time and what counts are no part of the paper."""
    paper = paper_of_seed(bank, NAMED, 11)
    assert paper_of_code(bank, changed_exam(**{key: value}), paper.code) == paper


PLACES = EXAM.model_dump()["questions"]


@pytest.mark.parametrize(
    "places",
    [
        PLACES[:4],
        [*PLACES[1:], PLACES[0]],
        [{**PLACES[0], "weight": 2}, *PLACES[1:]],
        [{**PLACES[0], "count": 2}, *PLACES[1:]],
        [{**PLACES[0], "only": ("simple_model/ant", "simple_model/bee")}, *PLACES[1:]],
    ],
    ids=["categories", "order", "weight", "count", "only"],
)
def test_what_is_drawn_makes_another_code(bank: Bank, places: list[dict[str, object]]) -> None:
    """The exam's places with their weights are the paper."""
    code = paper_of_seed(bank, NAMED, 11).code
    with pytest.raises(UserError, match="another exam"):
        paper_of_code(bank, changed_exam(questions=tuple(places)), code)


@pytest.mark.parametrize("code", ["3RJ0-JWB5", "3RJ0-0000"])
def test_a_code_of_another_edition_is_told(code: str) -> None:
    """Such as one of the bank when it had twenty questions: its paper can't be drawn again."""
    shipped = load_bank(found=InstalledPacks())
    with pytest.raises(OtherEditionError, match="another edition"):
        paper_of_code(shipped, shipped.exam("tf_developer"), code)


def test_earlier_fingerprints_stand_for_the_same_data_until_these_change(bank: Bank, tmp_path: Path) -> None:
    """Listed for a fingerprint, or the hash of all files as they are."""
    folder = shutil.copytree(bank.folder, tmp_path / "copy") / "time_series" / "ant"
    ant = bank.question("time_series/ant")
    assert ant.is_edition(former_fingerprint(folder))
    (folder.parents[1] / "_earlier").mkdir()
    (folder.parents[1] / "_earlier/fingerprints.toml").write_text(
        f'["{ant.id}"]\nfingerprint = "{ant.fingerprint}"\nearlier = ["{"a" * 64}"]\n'
    )
    for loaded in (load_question(folder), load_bank(folder.parents[1]).question(ant.id)):
        assert [loaded.is_edition(of * 64) for of in "ab"] == [True, False]
        assert loaded.is_edition(ant.fingerprint)
    (folder / "data.py").write_text("changed")
    assert not load_question(folder).is_edition("a" * 64)
    assert not load_question(folder).is_edition(ant.fingerprint)


def test_the_shipped_list_holds_for_the_questions_as_they_are() -> None:
    """A question whose data change on purpose loses its entry: its attempts on record are of other data then."""
    listed = read_earlier(paths.exams_dir())
    shipped = load_bank(found=InstalledPacks()).questions
    assert {name: shipped[name].fingerprint for name in listed} == {n: e.fingerprint for n, e in listed.items()}


def test_a_question_that_lacks_a_file_is_left_out_and_told(bank: Bank, tmp_path: Path) -> None:
    """By its name, wherever it is asked for; the others go on."""
    shutil.copytree(bank.folder, tmp_path / "copy")
    (tmp_path / "copy/time_series/ant/hints.md").unlink()

    found = load_bank(tmp_path / "copy")

    assert set(bank.questions) - set(found.questions) == {"time_series/ant"}
    assert "hints.md" in found.unfit["time_series/ant"]
    assert str(tmp_path / "copy/time_series/ant") in found.unfit["time_series/ant"]
    with pytest.raises(UserError, match=r"left out.*hints\.md"):
        found.question("time_series/ant")


def test_the_paper_of_a_retry(bank: Bank) -> None:
    """One question at the exam's weight, with new numbers each time, in no edition of the exam."""
    question = bank.question("time_series/cow")
    papers = [retry_paper(bank, NAMED, question, random.Random(seed)) for seed in range(20)]
    assert len({paper.code for paper in papers}) == 20
    for paper in papers:
        (item,) = paper.items
        assert (item.number, item.question, item.weight, item.folder) == (1, question.id, 5, "q1_time_series")
        assert item.fingerprint == question.fingerprint
    other = retry_paper(bank, NAMED, bank.question("time_series/dog"), random.Random(0))
    assert other.code != papers[0].code
    with pytest.raises(UserError, match="another exam"):
        paper_of_code(bank, NAMED, papers[0].code)


@pytest.mark.parametrize(("category", "minutes"), [("simple_model", 20), ("time_series", 100)])
def test_the_time_of_a_retry(category: str, minutes: int) -> None:
    """The question's share of the exam by weight; none at all if it is untimed. The exam's name and marks stay."""
    timed, untimed = (retry_rules(NAMED, category, timed=t) for t in (True, False))
    assert (timed.duration, untimed.duration) == (minutes * 60, None)
    assert (timed.exam, timed.pass_mark, timed.counts) == (rules(NAMED).exam, 90, rules(NAMED).counts)
    assert untimed.title.startswith("Retry: ")


def test_the_shares_of_an_exam_add_up(bank: Bank) -> None:
    """Over all questions of an exam, several of a category among them, the shares are the exam's duration."""
    exam = Exam.model_validate(
        {
            "title": "Mixed",
            "duration_minutes": 70,
            "questions": [
                {"category": "time_series", "weight": 2, "count": 3},
                {"category": "simple_model", "weight": 1},
            ],
        }
    )
    named = NamedExam(name="mixed", path=Path("mixed.toml"), exam=exam)
    series, simple = (retry_rules(named, c, timed=True).duration or 0 for c in exam_categories(exam))
    assert 3 * series + simple == 70 * 60
    with pytest.raises(UserError, match="has no question of the category text_classification"):
        retry_paper(bank, named, bank.question("text_classification/ant"))
