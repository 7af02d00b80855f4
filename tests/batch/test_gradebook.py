"""Gradebooks for learning platforms."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.bank.loader import load_bank
from mockexam.batch.gradebook import MAPS, ColumnMap, column_map, feedback_text, gradebook, unfilled
from mockexam.batch.results import check_table_path, write_table
from mockexam.errors import UserError
from mockexam.exam.hand_in import HandIn, LeftOut, works_of
from mockexam.exam.scoring import Verdict

LINE, TEXT = "simple_model/ballast_car", "text_classification/water_taxi"
BANK = load_bank()
TITLES = {LINE: "A line", TEXT: "Mail"}
LISTED = [("Ann", {"email": "ann@x.org", "id": "7"}), ("Bob", {"email": "bob@x.org", "id": "8"}),
          ("Cid", {"email": "cid@x.org", "id": "9"})]  # fmt: skip
REFUSED = HandIn("Bob", "b.h5", LINE, Verdict.INVALID_MODEL, message="Wrong shape.", remedy="Use (10,).")
HAND_INS = [
    HandIn("Ann", "a.h5", LINE, Verdict.GRADED, 4, "mae", 0.25, 0.2),
    HandIn("Ann", "a2.h5", TEXT, Verdict.GRADED, 5, "accuracy", 0.9),
    REFUSED,
    HandIn("Bob", "b2.h5", TEXT, Verdict.GRADER_ERROR, message="The grader failed."),
]


def replace_in(name: str, **changes: object) -> ColumnMap:
    """A known map with these changes."""
    return MAPS[name].model_copy(update=changes)


def table(path: Path, columns: str, *, zeros: bool = False) -> list[dict[str, str]]:
    """The rows of a gradebook of Ann, Bob and Cid, who handed in nothing."""
    made = gradebook(column_map(columns, BANK), TITLES, ["Ann", "Bob", "Cid"], LISTED)
    made.write(path, works_of(HAND_INS, [LeftOut("Cid", "has no saved model")]), zeros=zeros)
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_moodle_gets_marks_feedback_and_total(tmp_path: Path) -> None:
    """What has no marks is a dash: Moodle would take an empty cell for a zero."""
    ann, bob, cid = table(tmp_path / "g.csv", "moodle")

    assert (ann["Email address"], ann["ID number"], ann["A line"], ann["Mail"], ann["Total"]) == (
        "ann@x.org", "7", "4", "5", "9",
    )  # fmt: skip
    assert (bob["A line"], bob["Mail"], bob["Total"], cid["A line"]) == ("-", "-", "-", "-")
    assert REFUSED.remedy in bob["A line (feedback)"]


def test_the_feedback_tells_what_was_found(tmp_path: Path) -> None:
    """Who saved under another name did not hand in nothing."""
    made = gradebook(column_map("moodle", BANK), TITLES, ["Ann"], LISTED)
    found = LeftOut("Ann", "handed in nothing named so; there is mymodel (1).keras", LINE, listed=True)
    made.write(tmp_path / "g.csv", works_of([], [found]), zeros=False)
    with (tmp_path / "g.csv").open(newline="", encoding="utf-8-sig") as file:
        (ann,) = csv.DictReader(file)
    assert "mymodel (1).keras" in ann["A line (feedback)"]
    assert "mymodel (1).keras" not in ann["Mail (feedback)"]


def test_the_feedback_tells_which_of_several_models_counts() -> None:
    """Whether it has marks or not."""
    note = "Of several models, the newest counts."
    for one in (HAND_INS[0], REFUSED, HandIn("Dan", "d.h5", LINE)):
        plain, noted = (feedback_text(*works_of([each]), LINE) for each in (one, replace(one, note=note)))
        assert noted.startswith(plain)
        assert noted.endswith(note)


def test_zeros_are_for_refusals_and_nothing_handed_in_alone(tmp_path: Path) -> None:
    """The grader's own fault is never one."""
    _, bob, cid = table(tmp_path / "g.csv", "moodle", zeros=True)

    assert (bob["A line"], bob["Mail"], bob["Total"]) == ("0", "-", "-")
    assert (cid["A line"], cid["Mail"], cid["Total"]) == ("0", "0", "0")


def test_no_zero_while_something_lies_elsewhere(tmp_path: Path) -> None:
    """The teacher unpacks or moves it first; for another question it is nothing."""
    book = gradebook(column_map("moodle", BANK), TITLES, ["Ann"], LISTED)
    found = LeftOut("Ann", "handed in only an archive", LINE, listed=True, misplaced=True)
    book.write(tmp_path / "g.csv", works_of([], [found]), zeros=True)
    with (tmp_path / "g.csv").open(newline="", encoding="utf-8-sig") as file:
        (ann,) = csv.DictReader(file)
    assert (ann["A line"], ann["Mail"], ann["Total"]) == ("-", "0", "-")


def test_no_zero_where_nothing_was_asked(tmp_path: Path) -> None:
    """Another question of the list is no question of theirs: no zero, no feedback, no part of the total."""
    book = gradebook(column_map("moodle", BANK), TITLES, ["Ann", "Bob", "Cid"], LISTED)
    asked = {"Ann": frozenset({LINE, TEXT}), "Bob": frozenset({LINE}), "Cid": frozenset({TEXT})}
    works = works_of(
        [replace(HAND_INS[0], student="Bob")], [LeftOut(name, "has none") for name in ("Ann", "Cid")], asked
    )
    book.write(tmp_path / "g.csv", works, zeros=True)
    with (tmp_path / "g.csv").open(newline="", encoding="utf-8-sig") as file:
        ann, bob, cid = csv.DictReader(file)

    assert (ann["A line"], ann["Mail"], ann["Total"]) == ("0", "0", "0")
    assert (bob["A line"], bob["Mail"], bob["Mail (feedback)"], bob["Total"]) == ("4", "-", "", "4")
    assert (cid["A line"], cid["Mail"], cid["Total"]) == ("-", "0", "0")


def test_canvas_gets_the_points_possible_and_nothing_that_becomes_an_assignment(tmp_path: Path) -> None:
    """A school's `id` is not Canvas's own, under which somebody else may be found."""
    points, ann, *_ = table(tmp_path / "g.csv", "canvas")

    assert points["Student"] == "Points Possible"
    assert (points["A line"], points["Mail"]) == ("5", "5")
    assert (ann["Student"], ann["ID"], ann["SIS Login ID"], ann["A line"]) == ("Ann", "", "ann@x.org", "4")
    assert set(ann) == {*MAPS["canvas"].students, *TITLES.values()}


def test_canvas_gets_its_own_number_under_that_name_alone() -> None:
    book = gradebook(MAPS["canvas"], TITLES, ["Ann"], [("Ann", {"id": "7", "canvas id": "1234", "sis user id": "s7"})])
    assert [book.students["Ann"][head] for head in ("ID", "SIS User ID")] == ["1234", "s7"]


def test_a_map_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(f'marks = "{{title}} [5]"\n[students]\nWho = ["name"]\n[titles]\n"{LINE}" = "Homework 1"\n')

    ann, *_ = table(tmp_path / "g.csv", str(path))

    assert ann == {"Who": "Ann", "Homework 1 [5]": "4", "Mail [5]": "5"}


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('identify = ["Mial"]\n[students]\nWho = ["name"]\nMail = ["email"]\n', "identify"),
        ('[students]\nWho = ["name"]\n[titles]\n"simple_model/balast_car" = "Homework 1"\n', "titles"),
        ('[studnets]\nWho = ["name"]\n', "studnets"),
        ('marks = "{titel}"\n[students]\nWho = ["name"]\n', "marks"),
        ("[students]\nWho = []\n", "students"),
        ('[students]\nWho = "name"\n', "students.Who"),
    ],
)
def test_a_typo_in_a_map_is_told_with_its_key(tmp_path: Path, text: str, key: str) -> None:
    path = tmp_path / "map.toml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        column_map(str(path), BANK)
    assert str(path) in caught.value.location
    assert key in caught.value.location


@pytest.mark.parametrize(
    "columns",
    [
        replace_in("moodle", marks="Points"),
        replace_in("moodle", feedback="{title}"),
        replace_in("moodle", total="Student"),
        replace_in("moodle", titles={LINE: " "}),
    ],
    ids=["marks", "feedback", "total", "title"],
)
def test_no_two_columns_have_one_heading(columns: ColumnMap) -> None:
    """Nor none: a platform would take one for the other."""
    with pytest.raises(UserError, match="column"):
        gradebook(columns, TITLES, ["Ann"], LISTED)


def test_a_title_for_a_part_of_a_questions_id(tmp_path: Path) -> None:
    """As everywhere else."""
    path = tmp_path / "map.toml"
    path.write_text('[students]\nWho = ["name"]\n[titles]\nballast_car = "Homework 1"\n')
    assert column_map(str(path), BANK).titles == {LINE: "Homework 1"}


def test_a_column_that_the_list_can_not_fill_is_told() -> None:
    """A list may lack it on purpose, so it is no error; one of several sources is enough."""
    columns = MAPS["moodle"].model_copy(
        update={"students": {"Who": ("name",), "Mail": ("e-mail", "Email"), "No": ("nr",)}}
    )
    (sentence,) = unfilled(columns, LISTED)
    assert "'No'" in sentence
    assert "`nr`" in sentence
    assert "email" in sentence


@pytest.mark.parametrize(
    ("listed", "what"),
    [
        ([("Ann", {"email": "a@x"}), ("Bob", {"email": ""})], "no Email address: Bob"),
        ([("Ann", {"email": "a@x"}), ("Bob", {"email": "A@x"})], "same Email address"),
        ([("Ann", {"email": "a@x"}), ("Ann", {"email": "b@x"}), ("Bob", {"email": "c@x"})], "two values"),
    ],
)
def test_marks_never_go_to_somebody_else(listed: list[tuple[str, dict[str, str]]], what: str) -> None:
    with pytest.raises(UserError, match=what) as caught:
        gradebook(MAPS["moodle"], TITLES, ["Ann", "Bob"], listed)
    assert "list" in caught.value.location


def test_a_map_of_ones_own_may_write_the_columns_of_the_list_in_capitals() -> None:
    columns = MAPS["moodle"].model_copy(update={"students": {"Mail": ("Email",)}, "identify": ("Mail",)})
    with pytest.raises(UserError, match="two values"):
        gradebook(columns, TITLES, ["Ann"], [("Ann", {"email": "a@x"}), ("Ann", {"email": "b@x"})])


@pytest.mark.parametrize("name", ["blackboard", "missing.toml"])
def test_an_unknown_map(name: str) -> None:
    with pytest.raises(UserError):
        column_map(name, BANK)


def test_hostile_names_run_nothing(tmp_path: Path) -> None:
    names = ["=cmd|' /C calc'!A0", "+1+1", 'a","b']
    gradebook(MAPS["canvas"], TITLES, names).write(
        tmp_path / "c.csv", works_of([], [LeftOut(n, "left nothing", listed=True) for n in names]), zeros=False
    )
    with (tmp_path / "c.csv").open(newline="", encoding="utf-8") as file:
        assert {row[0] for row in csv.reader(file)} >= {"'=cmd|' /C calc'!A0", "'+1+1", 'a","b'}


def test_only_an_own_file_is_replaced(tmp_path: Path) -> None:
    """Not what Canvas has exported, although it begins with the same columns, and not with a column of a teacher's."""
    book = gradebook(MAPS["canvas"], TITLES, ["Ann"])
    own, earlier, export = tmp_path / "own.csv", tmp_path / "table.csv", tmp_path / "export.csv"
    book.write(own, works_of(HAND_INS[:1]), zeros=False)
    write_table(earlier, [], [])
    export.write_text(",".join(book.header) + "\n")
    for fine in (own, tmp_path / "new.csv"):
        check_table_path(fine, [], book.owns)
    gradebook(MAPS["canvas"], {LINE: TITLES[LINE]}, ["Ann"]).write(own, works_of(HAND_INS[:1]), zeros=False)
    check_table_path(own, [], book.owns)
    own.write_bytes(b"".join(line.replace(b"\r\n", b',"seen"\r\n') for line in own.read_bytes().splitlines(True)))
    students = tmp_path / "students.csv"
    students.write_text('"Student"\r\n"Ann"\r\n', newline="")
    for foreign in (export, own, students, earlier):
        with pytest.raises(UserError, match="not a table"):
            check_table_path(foreign, [], book.owns)


def test_questions_of_the_same_title_keep_their_own_column() -> None:
    book = gradebook(MAPS["canvas"], {"a/x": "Ships", "b/x": "Ships"}, ["Ann"])
    assert book.header[-2:] == ("Ships (a/x)", "Ships (b/x)")
