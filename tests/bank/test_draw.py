"""The draw of a paper, on a made-up bank of four questions a category."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from mockexam.bank.category import CATEGORIES
from mockexam.bank.draw import (
    exam_categories,
    new_paper,
    paper_of_code,
    paper_of_seed,
    retry_paper,
    retry_rules,
    rules,
)
from mockexam.bank.loader import Bank, NamedExam, find_category, load_bank
from mockexam.bank.models import Exam
from mockexam.errors import ToldError, UnknownNameError

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
NAMED = NamedExam(name="all", path=Path("all.toml"), exam=EXAM)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    root = tmp_path_factory.mktemp("exams")
    for category in CATEGORIES:
        for name in ("ant", "bee", "cow", "dog"):
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
    with pytest.raises(ToldError, match="asks for 5") as told:
        new_paper(bank, NamedExam(name="many", path=Path("many.toml"), exam=exam), {})
    assert "many.toml" in told.value.where


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
    assert "image_classification" in told.value.remedy


def test_questions_by_any_clear_part(bank: Bank) -> None:
    """An id, or a part that only one id has."""
    assert bank.question("time_series/ant").id == "time_series/ant"
    assert bank.question("series/be").id == "time_series/bee"
    with pytest.raises(UnknownNameError, match="ambiguous"):
        bank.question("ant")
    with pytest.raises(UnknownNameError, match="not known"):
        bank.question("yak")


def test_unknown_exam_is_told(bank: Bank) -> None:
    """With the names there are."""
    with pytest.raises(UnknownNameError):
        bank.exam("everything")
    with pytest.raises(ToldError, match="missing"):
        bank.exam("/nowhere/x.toml")


def test_a_changed_file_is_another_edition(bank: Bank, tmp_path: Path) -> None:
    """The bank's version, and with it the codes, depend on every file of every question."""
    import shutil

    shutil.copytree(bank.folder, tmp_path / "copy")
    same = load_bank(tmp_path / "copy")
    assert same.version == bank.version
    (tmp_path / "copy/time_series/ant/brief.md").write_text("changed")
    assert load_bank(tmp_path / "copy").version != bank.version


def test_a_question_that_lacks_a_file_is_left_out_and_told(bank: Bank, tmp_path: Path) -> None:
    """By its name, wherever it is asked for; the others go on."""
    import shutil

    shutil.copytree(bank.folder, tmp_path / "copy")
    (tmp_path / "copy/time_series/ant/hints.md").unlink()

    found = load_bank(tmp_path / "copy")

    assert set(bank.questions) - set(found.questions) == {"time_series/ant"}
    assert "hints.md" in found.unfit["time_series/ant"]
    assert str(tmp_path / "copy/time_series/ant") in found.unfit["time_series/ant"]
    with pytest.raises(ToldError, match=r"left out.*hints\.md"):
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
    with pytest.raises(ToldError, match="another exam"):
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
    with pytest.raises(ToldError, match="asks nothing of the category text_classification"):
        retry_paper(bank, named, bank.question("text_classification/ant"))
