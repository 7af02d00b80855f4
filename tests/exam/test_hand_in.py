"""What a class has handed in."""

from __future__ import annotations

from dataclasses import replace

from mockexam.exam.hand_in import HandIn, LeftOut, Standing, name_order, same_answers, same_bytes, same_remedy, works_of
from mockexam.exam.scoring import Verdict


def graded(student: str, marks: int, value: float = 0.5, **more: str) -> HandIn:
    return HandIn(student, f"{student}.keras", "q", Verdict.GRADED, marks, "mae", value, None, **more)


def refused(student: str, message: str, remedy: str) -> HandIn:
    return HandIn(student, f"{student}.keras", "q", Verdict.INVALID_MODEL, message=message, remedy=remedy)


FAULT = HandIn("ann", "ann.keras", "q", Verdict.GRADER_ERROR, message="The grader failed.")


def test_the_best_model_counts() -> None:
    """Whatever else a student hands in; a fault of the grader hides behind marks, but not behind a refusal."""
    [work] = works_of([refused("ann", "m", "r"), graded("ann", 2), graded("ann", 4), FAULT])
    assert work.result("q") == 4
    [work] = works_of([refused("ann", "m", "r"), FAULT])
    assert work.result("q") is Standing.NOT_GRADED
    [work] = works_of([refused("ann", "m", "r")])
    assert work.result("q") is Standing.REFUSED
    assert work.result("other") is Standing.NOTHING


def test_among_equal_marks_the_nearest_to_the_next_counts() -> None:
    far, near = (replace(graded("ann", 3, value), next_at=0.4) for value in (0.9, 0.5))
    [work] = works_of([far, near])
    assert work.counted("q") == near


def test_students_without_a_model_are_there() -> None:
    """By name, if something was left out; else in the order given."""
    found = LeftOut("ann", "has no saved model")
    works = works_of([graded("bob", 1)], [found])
    assert [(work.name, len(work.hand_ins), work.left_out) for work in works] == [("ann", 0, (found,)), ("bob", 1, ())]
    assert [work.name for work in works_of([graded("zoe", 1), graded("ann", 1)])] == ["zoe", "ann"]


def test_names_are_sorted_by_their_letters() -> None:
    """As a class list is: accents and capitals aside."""
    assert sorted(["Zoe", "Čeněk", "dan", "Ann", "Ängel"], key=name_order) == ["Ängel", "Ann", "Čeněk", "dan", "Zoe"]


def test_why_nothing_counts() -> None:
    """What the list's row for this question found, not what lies elsewhere."""
    (ann,) = works_of([], [LeftOut("ann", "handed in a.zip", "q", listed=True)])
    assert (ann.why_nothing("q"), ann.why_nothing("other")) == ("Handed in a.zip.", "Nothing handed in.")


def test_a_question_of_others_is_not_missing() -> None:
    (ann,) = works_of([graded("ann", 2)], asked={"ann": frozenset({"q"})})
    assert [ann.result(question) for question in ("q", "other")] == [2, Standing.NOT_ASKED]


def test_refusals_are_grouped_by_what_to_do() -> None:
    """Details of one model do not make a reason of its own."""
    groups = same_remedy([
        refused("ann", "It is broken.", "Save it again."),
        refused("bob", "Shape 3.", "Use shape 4 (see layer a)."),
        refused("cid", "Shape 5.", "Use shape 28 (see layer b)."),
    ])  # fmt: skip
    assert [group.students for group in groups] == [("bob", "cid"), ("ann",)]
    assert groups[0].messages == (("Shape 3.", 1), ("Shape 5.", 1))


def test_the_same_file_is_told_of_several_students_only() -> None:
    same = [graded(name, 1, sha256="a", answers="x") for name in ("ann", "ann", "bob")]
    assert [group.students for group in same_bytes(same)] == [("ann", "bob")]
    assert same_bytes(same[:2]) == ()
    assert same_bytes([replace(one, sha256=None) for one in same]) == ()
    assert same_answers(same) == (), "one file: told above"


def test_the_same_answers_on_the_same_sample() -> None:
    """Equal marks or an equal metric make no group."""
    first = graded("ann", 3, sha256="a", answers="x", sample="seed-1 h")
    same = replace(first, student="bob", sha256="b")
    assert [group.students for group in same_answers([first, same])] == [("ann", "bob")]
    for other in (replace(same, answers="y"), replace(same, answers=""), replace(same, sample="seed-2 h")):
        assert same_answers([first, other]) == ()
