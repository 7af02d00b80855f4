"""The page of a class."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.bank.loader import load_bank
from mockexam.bank.rubric import rubric_of
from mockexam.errors import UserError
from mockexam.exam.hand_in import HandIn, LeftOut, same_answers, same_bytes, works_of
from mockexam.exam.scoring import Verdict
from mockexam.review.html.teacher_page import check_page_path, teacher_page

CAR = "simple_model/ballast_car"
EVIL = '<script>alert("x")</script>'


def graded(student: str, value: float, marks: int, *, sha256: str = "", answers: str = "") -> HandIn:
    return HandIn(
        student, f"{student}/m.keras", CAR, Verdict.GRADED, marks, "mse", value, sha256=sha256, sample="seed-1 h",
        answers=answers,
    )  # fmt: skip


def page(hand_ins: list[HandIn], left_out: list[LeftOut] | None = None) -> str:
    return teacher_page(works_of(hand_ins, left_out or []), load_bank(), "seed-1")


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<style.*?</style>", "", html)).split())


def test_a_class_on_one_page() -> None:
    """Marks, refusals with their remedy, who handed in nothing, and a part for each student."""
    refused = HandIn("Cid", "Cid/m.keras", CAR, Verdict.INVALID_MODEL, message="Wrong shape.", remedy="Use (10,).")
    bob = replace(graded("Bob", 0.5, 0), note="Of two models, the newest counts.")
    html = page([graded("Ann", 0.5, 0), bob, refused], [LeftOut("Dan", "has no saved model")])

    text = text_of(html)
    assert "4 students" in text
    assert text.count("Use (10,).") >= 2, "in the list of refusals and for Cid"
    assert "Dan has no saved model." in text
    assert text.count("Of two models") == 1
    for number, name in enumerate(("Ann", "Bob", "Cid", "Dan"), 1):
        assert f'id="s{number}"' in html
        assert name in text


LINE = "simple_model/first_line"


def test_a_question_that_nobody_handed_in_has_its_place() -> None:
    text = text_of(teacher_page(works_of([graded("Ann", 0.5, 3)]), load_bank(), "seed-1", asked=[CAR, LINE]))
    assert load_bank().question(LINE).title in text
    assert "Total: 3 of 5 marks; 1 question without marks" in text


def test_a_question_of_other_students_is_neither_lacking_nor_counted() -> None:
    asked = {"Ann": frozenset({CAR}), "Bob": frozenset({CAR, LINE})}
    works = works_of([graded("Ann", 0.5, 3), graded("Bob", 0.5, 4)], asked=asked)
    html = teacher_page(works, load_bank(), "seed-1", asked=[CAR, LINE])

    lacking = html[html.index('id="nothing"') : html.index('id="alike"')]
    assert "Bob" in lacking
    assert "Ann" not in lacking
    text = text_of(html)
    assert "Total: 3 of 5 marks Bob" in text
    assert "Total: 4 of 5 marks; 1 question without marks" in text
    assert "not asked" in text
    assert "not asked" not in text_of(page([graded("Ann", 0.5, 3)]))


def test_what_lies_in_the_wrong_place_stands_with_its_question() -> None:
    found = LeftOut("Ann", "handed in nothing named so; there is model.zip", CAR, listed=True)
    html = teacher_page(works_of([], [found]), load_bank(), "seed-1", asked=[CAR, LINE])
    part = text_of(html[html.index('id="s1"') :])
    assert part.count("there is model.zip") == part.count("Nothing handed in.") == 1


def test_the_tiles_count_what_the_lists_show() -> None:
    """Each model that was refused, with its question; each student who lacks a model for some question."""
    wrong = [
        HandIn(name, f"{name}/{n}.keras", question, Verdict.INVALID_MODEL, message="Wrong shape.")
        for name, n, question in (("Ann", 1, CAR), ("Ann", 2, CAR), ("Bob", 1, LINE))
    ]
    html = page([*wrong, graded("Cid", 0.5, 0)], [LeftOut("Dan", "has no saved model")])

    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html))
    refused, missing = (
        text_of(re.findall(rf'(?s)<section id="{name}".*?</section>', html)[0]) for name in ("refused", "nothing")
    )
    assert facts["Refused models"] == "3"
    assert "3 models" in refused
    assert "Ann (2 models), Bob" in refused.replace(" ,", ",")
    assert all(load_bank().question(name).title in refused for name in (CAR, LINE))
    assert facts["Students lacking a model"] == "4"
    assert all(name in missing for name in ("Ann", "Bob", "Cid", "Dan"))


def test_it_needs_nothing_but_itself_and_runs_nothing_of_a_student() -> None:
    """Names come from students."""
    html = page([graded(EVIL, 0.5, 0)], [LeftOut("=cmd", f"is an archive: {EVIL}", listed=True)])

    assert EVIL not in html
    assert not re.findall(r'(?:src|href)="(?!#)[^"]*"', html)


def test_alike_is_a_fact_about_several_students() -> None:
    """One student's copies are no news; the same file is not told a second time as the same answers."""
    same = [graded("Ann", 0.5, 0, sha256="1", answers="x"), graded("Bob", 0.5, 0, sha256="1", answers="x")]
    other = graded("Cid", 0.5, 0, sha256="2", answers="x")
    own = graded("Ann", 0.5, 0, sha256="3", answers="y")

    assert [group.students for group in same_bytes([*same, own, own])] == [("Ann", "Bob")]
    assert same_answers(same) == ()
    assert [group.students for group in same_answers([*same, other, own])] == [("Ann", "Bob", "Cid")]


def test_what_counts_is_the_best_model() -> None:
    """A refusal beside it costs nothing."""
    refused = HandIn("Ann", "Ann/n.keras", CAR, Verdict.INVALID_MODEL, message="Wrong shape.")
    (ann,) = works_of([graded("Ann", 0.5, 2), refused, graded("Ann", 0.4, 3)])

    assert ann.result(CAR) == 3


def test_a_refusal_is_no_zero_in_the_total() -> None:
    """Two questions, one of them refused: the total is of the other alone, and of none there is none."""
    wrong = [HandIn(name, "", LINE, Verdict.INVALID_MODEL, message="Wrong shape.") for name in ("Ann", "Bob")]
    text = text_of(page([graded("Ann", 0.5, 3), *wrong]))

    assert "Total: 3 of 5 marks" in text
    assert "Total: no marks" in text
    assert "of 10" not in text


def test_it_replaces_only_such_a_page(tmp_path: Path) -> None:
    old, thesis = tmp_path / "class.html", tmp_path / "thesis.html"
    old.write_text(page([graded("Ann", 0.5, 0)]))
    thesis.write_text("<title>My thesis</title>")

    check_page_path(old, taken=[])
    check_page_path(tmp_path / "new.html", taken=[])
    for path, taken in ((thesis, []), (old, [old]), (tmp_path / "missing" / "x.html", [])):
        with pytest.raises(UserError):
            check_page_path(path, taken=taken)


def test_five_thousand_students_stay_small_and_quick() -> None:
    """The metric is drawn over the bands, once for all; bands that would give other marks are not drawn."""
    rubric = rubric_of(load_bank().question(CAR))
    hand_ins = [
        replace(graded(f"student {n}", n / 5, rubric.marks(n / 5)), metric=rubric.metric) for n in range(5000)
    ]  # fmt: skip
    begun = time.process_time()
    html = page(hand_ins)
    assert time.process_time() - begun < 10, "seconds; 0.3 on a quiet machine"
    assert len(html.encode()) < 5_000_000
    assert html.count("<svg") < 100
    assert 'class="column"' in html
    other = [replace(one, marks=(one.marks or 0) ^ 1) for one in hand_ins[:9]]
    assert 'class="column"' not in page(other)
