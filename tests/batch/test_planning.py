"""From a folder or a list to items."""

from __future__ import annotations

import json
import os
import shlex
import zipfile
from pathlib import Path
from typing import Any

import pytest

from mockexam.batch.job import grade_holdout_seed, holdout_id
from mockexam.batch.planning import is_many, plan
from mockexam.errors import UserError
from mockexam.paths import BANK_VARIABLE
from tests.batch.conftest import BANK

LINE = "simple_model/tiny_line"
CLASSES = "simple_model/tiny_classes"


@pytest.fixture(autouse=True)
def _bank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(BANK_VARIABLE, str(BANK))


def put(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def room(folder: Path, code: str = "7K3Q-F2XM") -> Path:
    """A workspace with a model for each of two questions."""
    put(folder / "1-line" / "mymodel.keras", folder / "2-classes" / "mymodel.keras")
    questions = {"1-line": LINE, "2-classes": CLASSES}
    grader = {"version": 1, "paper": code, "exam": "x", "questions": questions}
    (folder / ".mockexam.json").write_text(json.dumps(grader))
    return folder


def test_what_stands_for_many(tmp_path: Path) -> None:
    """Folders and lists; not a SavedModel, which is a folder, nor what is not there."""
    put(tmp_path / "m" / "saved_model.pb", tmp_path / "a.csv", tmp_path / "a.keras")

    assert is_many(tmp_path)
    assert is_many(tmp_path / "a.csv")
    assert is_many(tmp_path / "missing.json")
    assert not is_many(tmp_path / "m")
    assert not is_many(tmp_path / "a.keras")


def test_a_folder_for_one_question(tmp_path: Path) -> None:
    """Names are paths below the folder; the seed tells the numbers."""
    put(tmp_path / "ann" / "mymodel.keras", tmp_path / "bob.h5")

    items = plan(tmp_path, "tiny_line", 7).items

    assert [(i.name, i.question, i.data_seed, i.seed, i.problem) for i in items] == [
        ("ann/mymodel.keras", LINE, "seed-7", 7, ""),
        ("bob.h5", LINE, "seed-7", 7, ""),
    ]
    assert len({(i.edition, i.fingerprint) for i in items}) == 1


def test_workspaces_know_question_and_paper(tmp_path: Path) -> None:
    """As `mockexam grade MODEL` does in one; with --question the others are left out, with --seed its numbers count."""
    room(tmp_path / "ann")
    room(tmp_path / "bob", "AAAA-AAAA")

    all_of_them = plan(tmp_path, None, None)
    one = plan(tmp_path, "tiny_line", None)

    assert [(i.question, i.data_seed) for i in all_of_them.items] == [
        (LINE, "7K3Q-F2XM"),
        (CLASSES, "7K3Q-F2XM"),
        (LINE, "AAAA-AAAA"),
        (CLASSES, "AAAA-AAAA"),
    ]
    assert [i.data_seed for i in one.items] == ["7K3Q-F2XM", "AAAA-AAAA"]
    assert one.others == 2
    assert one.left_out == ()
    assert {i.data_seed for i in plan(tmp_path, None, 3).items} == {"seed-3"}


def test_a_question_that_nobody_handed_in_is_asked_all_the_same(tmp_path: Path) -> None:
    """A row or a paper names it; not what the workspace file of one student alone says."""
    for name in ("ann", "bob"):
        (room(tmp_path / name) / "2-classes" / "mymodel.keras").unlink()
    assert plan(tmp_path, None, None).questions == {LINE, CLASSES}
    assert plan(tmp_path, LINE, None).questions == {LINE}

    described = json.loads((tmp_path / "bob" / ".mockexam.json").read_text())
    described["questions"] = {"1-line": LINE, "3-more": "simple_model/tiny_noise"}
    (tmp_path / "bob" / ".mockexam.json").write_text(json.dumps(described))
    assert plan(tmp_path, None, None).questions == {LINE}

    rows = [{"model": f"ann/{folder}", "name": "Ann", "question": name}
            for folder, name in (("1-line", LINE), ("2-classes", CLASSES))]  # fmt: skip
    (tmp_path / "list.json").write_text(json.dumps(rows))
    assert plan(tmp_path / "list.json", None, 0).questions == {LINE, CLASSES}


def test_a_damaged_workspace_affects_only_its_own_models(tmp_path: Path) -> None:
    """They are not graded on the data of another paper."""
    room(tmp_path / "ann")
    (room(tmp_path / "bob") / ".mockexam.json").write_text("{")

    items = plan(tmp_path, "tiny_line", None).items

    assert [(i.name, bool(i.problem)) for i in items] == [
        ("ann/1-line/mymodel.keras", False),
        ("bob/1-line/mymodel.keras", True),
        ("bob/2-classes/mymodel.keras", True),
    ]


def test_a_question_is_needed(tmp_path: Path) -> None:
    put(tmp_path / "ann.keras", tmp_path / "bob.keras")
    with pytest.raises(UserError, match=r"ann.keras and 1 more"):
        plan(tmp_path, None, None)
    with pytest.raises(UserError, match="not known"):
        plan(tmp_path, "nothing", None)


def test_a_list(tmp_path: Path) -> None:
    """Paths are relative to the list; --question is that of rows without one, and leaves out rows of others."""
    put(tmp_path / "in" / "a.keras", tmp_path / "in" / "b.h5")
    listed = tmp_path / "list.csv"
    listed.write_text("model,question,name\nin/a.keras,tiny_classes,Ann\nin/b.h5,,\nin/c.h5,tiny_line,Cid\n")

    line, classes = (plan(listed, question, 0) for question in ("tiny_line", "tiny_classes"))

    assert [(i.name, i.question, i.path) for i in line.items] == [("in/b.h5", LINE, tmp_path / "in" / "b.h5")]
    assert [i.name for i in classes.items] == ["Ann", "in/b.h5"]
    assert [(one.others, len(one.left_out)) for one in (line, classes)] == [(1, 1), (1, 0)]
    assert line.questions == {LINE}
    assert [student for student, _ in line.listed] == ["in/b.h5", "Cid"]
    listed.write_text("model,question,name\nin/a.keras,tiny_classes,Ann\n")
    with pytest.raises(UserError, match="other questions"):
        plan(listed, "tiny_line", 0)


def test_who_was_asked_what(tmp_path: Path) -> None:
    """As the rows say; a student with a row that names no question may have been asked any."""
    put(tmp_path / "a.keras")
    rows = [("a.keras", LINE, "Ann"), ("b.keras", CLASSES, "Ann"), ("c.keras", LINE, "Bob"), ("d.keras", "", "Cid")]
    (tmp_path / "list.json").write_text(
        json.dumps([dict(zip(("model", "question", "name"), row, strict=True)) for row in rows])
    )

    assert plan(tmp_path / "list.json", None, 0).asked == {"Ann": {LINE, CLASSES}, "Bob": {LINE}}


def test_a_folder_that_was_handed_out_is_graded_by_its_list(tmp_path: Path) -> None:
    """It alone knows question and seed; and a folder that no row names is told."""
    course = tmp_path / "a course"
    put(
        course / "Ann" / "q1" / "mymodel.keras",
        course / "Zed" / "q1" / "mymodel.keras",
        course / ".mockexam-handout.json",
    )
    rows = "Ann/q1,tiny_line,Ann,7\n.,tiny_line,Nobody,7\n"
    (course / "list.csv").write_text(f"model,question,name,seed\n{rows}")

    with pytest.raises(UserError, match="list") as caught:
        plan(course, "tiny_line", 7)
    assert shlex.split(caught.value.hint)[-1] == str(course / "list.csv")

    put(course / "Yan.keras", course / "class.txt")
    (course / "ann").mkdir()
    (note,) = plan(course / "list.csv", None, None).notes
    assert "Yan.keras, Zed, ann" in note
    (course / "list.csv").unlink()
    assert len(plan(course, "tiny_line", 7).items) == 3


def test_a_misspelt_column_is_told(tmp_path: Path) -> None:
    """Not one that is only like ours beside it, nor any other column about the student."""
    put(tmp_path / "a.keras")
    listed = tmp_path / "list.csv"
    listed.write_text("model,questions,seeds,surname,e-mail\na.keras,tiny_line,7,Bauer,a@x\n")
    notes = plan(listed, "tiny_line", None).notes
    assert [note for note in notes if "`seeds`" in note and "`seed`" in note]
    assert [note for note in notes if "`questions`" in note]
    assert not [note for note in notes if "surname" in note or "e-mail" in note]

    listed.write_text("model,question,seed,seeds\na.keras,tiny_line,7,8\n")
    assert plan(listed, None, None).notes == ()


def test_a_seed_that_the_list_contradicts(tmp_path: Path) -> None:
    """It would change nothing: refused with the row. What agrees is fine, and so is a seed for rows without one."""
    put(tmp_path / "a.keras", tmp_path / "b.h5")
    listed = tmp_path / "list.csv"
    listed.write_text("model,question,seed\na.keras,tiny_line,7\nb.h5,tiny_line,7\n")

    with pytest.raises(UserError, match="--seed") as caught:
        plan(listed, None, 8)
    assert "line 2 and 1 more" in caught.value.location

    assert plan(listed, "tiny_line", 7).notes == ()
    listed.write_text("model,question,seed\na.keras,tiny_line,7\nb.h5,tiny_line,\n")
    mixed = plan(listed, None, 8)
    assert [item.seed for item in mixed.items] == [7, 8]
    assert "--seed 8" in mixed.notes[0]


def test_faults_of_a_list(tmp_path: Path) -> None:
    """A list without any model, a question with its row, a name that appears twice."""
    put(tmp_path / "a.keras", tmp_path / "notes.txt")
    listed = tmp_path / "list.csv"
    listed.write_text("model,question\nb.keras,tiny_line\nnotes.txt,tiny_line\n")
    with pytest.raises(UserError, match=r"missing.*b\.keras.*notes\.txt"):
        plan(listed, None, None)

    listed.write_text("model,question\na.keras,tiny_lane\n")
    with pytest.raises(UserError, match="tiny_lane") as unknown:
        plan(listed, None, None)
    assert "line 2" in unknown.value.location

    listed.write_text("model,question,name\na.keras,tiny_line,Ann\na.keras,simple_model/tiny_line,Ann\n")
    with pytest.raises(UserError, match="'Ann' appears twice") as twice:
        plan(listed, None, None)
    assert "line 2 and line 3" in twice.value.location

    listed.write_text("model\na.keras\n")
    with pytest.raises(UserError, match="Which question"):
        plan(listed, None, None)


def test_rows_that_name_the_students_folders(tmp_path: Path) -> None:
    """A model under any name that is received is found there; who handed in nothing is told, the rest is graded."""
    put(tmp_path / "ann" / "q1" / "mymodel.h5", tmp_path / "bob" / "q1" / "mymodel" / "saved_model.pb")
    put(tmp_path / "cid" / "q1" / "model (1).keras", tmp_path / "dan" / "dan" / "q1" / "mymodel.keras")
    put(tmp_path / "eve" / "q1" / "mymodel.keras", tmp_path / "eve" / "q1" / "mymodel.h5")
    (tmp_path / "fay" / "q1").mkdir(parents=True)
    (tmp_path / "fay" / "q1" / "mymodel.keras").symlink_to(tmp_path / "ann" / "q1" / "mymodel.h5")
    (tmp_path / "dan" / "q1").mkdir()
    listed = tmp_path / "list.csv"
    names = ["ann", "bob", "cid", "dan", "eve", "fay", "gus"]
    listed.write_text("model,question,name\n" + "".join(f"{n}/q1,tiny_line,{n}\n" for n in names))

    planned = plan(listed, None, 3)

    assert [(i.name, i.format) for i in planned.items][:2] == [("ann", "h5"), ("bob", "saved_model")]
    assert [i.name for i in planned.items] == ["ann", "bob", "eve"]
    assert [(one.relative, one.question) for one in planned.left_out] == [
        (n, LINE) for n in ("cid", "dan", "fay", "gus")
    ]
    reasons = {one.relative: one.reason for one in planned.left_out}
    assert "model (1).keras" in reasons["cid"]
    assert "dan/q1" in reasons["dan"]
    assert "link" in reasons["fay"]
    assert ["newest" in item.note for item in planned.items] == [item.name == "eve" for item in planned.items]


def test_the_newest_is_that_of_the_newest_date(tmp_path: Path) -> None:
    """Whenever it came to this disk: an unpacked archive keeps the dates, not the order."""
    older, newer = tmp_path / "ann" / "mymodel.keras", tmp_path / "ann" / "mymodel.h5"
    put(newer, older)
    os.utime(older, (1, 1))
    (tmp_path / "list.csv").write_text("model,question\nann,tiny_line\n")

    assert [item.path for item in plan(tmp_path / "list.csv", None, 3).items] == [newer]


@pytest.mark.parametrize(
    "name", ["mymodel (1).keras", "again/mymodel.h5", "mymodel.keras.zip", "data/a.keras", "m.weights.h5"]
)
def test_a_later_file_under_another_name_is_told(tmp_path: Path, name: str) -> None:
    """As a browser names a second download; not an earlier one, nor what came with the question's data."""
    model, other = tmp_path / "ann" / "mymodel.keras", tmp_path / "ann" / name
    put(model, other)
    if other.suffix == ".zip":
        with zipfile.ZipFile(other, "w") as archive:
            archive.writestr("mymodel.keras", "")
    (tmp_path / "list.csv").write_text("model,question\nann,tiny_line\n")

    def note() -> str:
        (item,) = plan(tmp_path / "list.csv", None, 3).items
        assert item.path == model
        return item.note

    os.utime(model, (1, 1))
    assert (name in note()) is not name.startswith(("data/", "m.weights"))
    os.utime(model, (1 << 32, 1 << 32))
    assert note() == ""


def test_a_folder_beside_the_model_that_can_not_be_read_takes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model is there all the same."""
    put(tmp_path / "ann" / "mymodel.keras", tmp_path / "ann" / "closed" / "a.keras")
    (tmp_path / "list.csv").write_text("model,question\nann,tiny_line\n")
    scan = os.scandir

    def forbidden(path: Any = ".") -> Any:
        if "closed" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", forbidden)
    (item,) = plan(tmp_path / "list.csv", None, 3).items
    assert (item.problem, item.note) == ("", "")


def test_a_name_with_accents_is_found_however_they_are_encoded(tmp_path: Path) -> None:
    """A Mac's archive names `u` and the dots apart; who handed in must not have a zero for that."""
    apart, one = "Mu\u0308ller", "M\u00fcller"
    put(tmp_path / apart / "q1" / "mymodel.keras")
    (tmp_path / "list.csv").write_text(f"model,question,name\n{one}/q1,tiny_line,{one}\n", encoding="utf-8")

    planned = plan(tmp_path / "list.csv", None, 3)

    assert [item.path for item in planned.items] == [tmp_path / apart / "q1" / "mymodel.keras"]
    assert planned.left_out == ()


def test_rows_without_a_seed_are_told(tmp_path: Path) -> None:
    """A misspelt heading must not grade a class on other data in silence."""
    put(tmp_path / "a.keras", tmp_path / "b.keras")
    listed = tmp_path / "list.csv"
    listed.write_text("model,question,seed\na.keras,tiny_line,7\nb.keras,tiny_line,\n")

    assert any("1 row " in note and "seed 0" in note for note in plan(listed, None, None).notes)
    assert not any("seed 0" in note for note in plan(listed, None, 7).notes)


def test_what_lies_elsewhere_or_packed_is_told(tmp_path: Path) -> None:
    """A model above its folder or in another one of the same name, and an archive that was not unpacked."""
    put(tmp_path / "ann" / "mymodel.keras", tmp_path / "bob" / "q1" / "q1" / "mymodel.h5", tmp_path / "cid.zip")
    put(tmp_path / "dan" / "q1.zip", tmp_path / "eve" / "q1" / "mymodel.keras")
    names = ("ann", "bob", "cid", "dan", "eve", "fay", "gil", "hal")
    for name, member in (("gil", "gil/q1/data/start.h5"), ("hal", "hal/q1/my_model.keras")):
        (tmp_path / name / "q1").mkdir(parents=True)
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr(f"{name}/q1/solution.py", "")
            archive.writestr(member, "")
    rows = [{"model": f"{name}/q1", "name": name} for name in names]
    (tmp_path / "list.json").write_text(json.dumps(rows))

    planned = plan(tmp_path / "list.json", "tiny_line", 0)

    assert [item.student for item in planned.items] == ["eve"]
    told = {one.student: str(one) for one in planned.left_out}
    found = {"ann": "ann/mymodel.keras", "bob": "bob/q1/q1", "cid": "cid.zip", "dan": "q1.zip", "fay": "no folder fay",
             "hal": "hal.zip"}  # fmt: skip
    assert all(place in told[name] for name, place in found.items()), told
    assert "zip" not in told["gil"], "it is what was handed out"


ELSEWHERE = {
    "deeper": "Ann/q1/models/mymodel.keras",
    "another name of the folder": "Ann/q1_more/mymodel.keras",
    "beside the folder, renamed by the browser": "Ann/mymodel (1).keras",
    "an archive in the student's folder": "Ann/hand-in.zip",
    "beside the student's folder": "Ann.keras",
    "an archive that came twice": "Ann (1).zip",
    "as Moodle names folders": "Ann_123_assignsubmission_file_/q1/mymodel.keras",
    "misnamed": "Ann/q1/ballast.keras",
    "among the data": "Ann/q1/data/mymodel.keras",
    "with an ending of the browser's": "Ann/mymodel.keras.txt",
}


@pytest.mark.parametrize("path", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_a_hand_in_elsewhere_is_no_nothing(tmp_path: Path, path: str) -> None:
    """It is named, and no zero; what is another row's is not, nor training data, nor what begins alike."""
    rows = [("Ann", "q1"), ("Ann", "q2"), ("Anna", "q1"), ("Bob", "q1")]
    put(*(tmp_path / student / question / "mymodel.keras" for student, question in rows[1:-1]), tmp_path / path)
    put(tmp_path / "Bob" / "q1" / "data" / "start.h5", tmp_path / "Bobby.keras", tmp_path / "Bob" / "notes.txt")
    questions = {"q1": "tiny_line", "q2": "tiny_classes"}
    entries = [{"model": f"{name}/{place}", "question": questions[place], "name": name} for name, place in rows]
    (tmp_path / "list.json").write_text(json.dumps(entries))

    planned = plan(tmp_path / "list.json", None, 0)

    assert [(item.student, item.path.parent.name) for item in planned.items] == rows[1:-1]
    ann, bob = planned.left_out
    assert path.partition("/q1/mymodel")[0].removeprefix("Ann/q1/") in str(ann)
    assert ("unpack" in str(ann)) == path.endswith("zip")
    assert (ann.misplaced, bob.misplaced) == (True, False)


def test_a_hand_in_in_somebody_elses_folder_is_told_as_the_owners(tmp_path: Path) -> None:
    """Also where that other has handed in everything; what is told so does not count for nobody."""
    put(tmp_path / "Hugo" / "q1" / "mymodel.keras", tmp_path / "Hugo" / "Gina_7_file_" / "q1" / "mymodel.keras")
    put(tmp_path / "Ida (1).keras", tmp_path / "stranger.keras", tmp_path / ".mockexam-handout.json")
    names = ("Gina", "Hugo", "Ida")
    for name in names:
        (tmp_path / name / "q1").mkdir(parents=True, exist_ok=True)
    rows = [{"model": f"{name}/q1", "name": name} for name in names]
    (tmp_path / "list.json").write_text(json.dumps(rows))

    planned = plan(tmp_path / "list.json", "tiny_line", 0)

    assert [item.student for item in planned.items] == ["Hugo"]
    assert [(one.student, one.misplaced) for one in planned.left_out] == [("Gina", True), ("Ida", True)]
    assert "Hugo/Gina_7_file_" in str(planned.left_out[0])
    (unnamed,) = [note for note in planned.notes if "counts for nobody" in note]
    assert "stranger" in unnamed
    assert "Ida" not in unnamed


def test_a_name_that_no_folder_can_spell_is_compared_too(tmp_path: Path) -> None:
    """What a platform names by the student; the longest name in the list has it."""
    put(
        tmp_path / "Al" / "q1" / "mymodel.keras", tmp_path / "J. R. Ewing.keras", tmp_path / "Ann-Marie_1_file" / "a.h5"
    )
    names = {"Al": "Al", "J. R. Ewing": "J_ R_ Ewing", "Ann": "Ann", "Ann-Marie": "Ann-Marie"}
    for folder in names.values():
        (tmp_path / folder).mkdir(exist_ok=True)
    rows = [{"model": f"{folder}/q1", "name": name} for name, folder in names.items()]
    (tmp_path / "list.json").write_text(json.dumps(rows))

    left_out = plan(tmp_path / "list.json", "tiny_line", 0).left_out

    assert [(one.student, one.misplaced) for one in left_out] == [
        ("J. R. Ewing", True), ("Ann", False), ("Ann-Marie", True),
    ]  # fmt: skip


def test_a_folder_that_is_not_there_is_no_zero(tmp_path: Path) -> None:
    """The list, or who moved the folder, is wrong; nor does one that can't be read stop the others."""
    put(tmp_path / "Ann" / "q1" / "mymodel.keras", tmp_path / ".mockexam-handout.json")
    (tmp_path / "Cid").mkdir()
    rows = [{"model": f"{name}/q1", "name": name} for name in ("Ann", "Bob", "Cid")]
    (tmp_path / "list.json").write_text(json.dumps(rows))

    bob, cid = plan(tmp_path / "list.json", "tiny_line", 0).left_out

    assert "no folder Bob" in str(bob)
    assert (bob.misplaced, cid.misplaced) == (True, False)


def test_files_in_one_folder_belong_to_their_rows_alone(tmp_path: Path) -> None:
    """Who is missing has nothing of the others, but what has the file's name without its ending."""
    put(tmp_path / "in" / "ann.keras", tmp_path / "in" / "stranger.keras", tmp_path / "in" / "cid" / "saved.keras")
    (tmp_path / "list.csv").write_text("model,name\nin/ann.keras,Ann\nin/bob.keras,Bob\nin/cid.keras,Cid\n")

    planned = plan(tmp_path / "list.csv", "tiny_line", 0)

    assert [item.student for item in planned.items] == ["Ann"]
    assert [(one.student, one.misplaced) for one in planned.left_out] == [("Bob", False), ("Cid", True)]


def test_a_folder_that_can_not_be_read_is_no_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its student may have handed in a model: never a zero."""
    put(tmp_path / "ann" / "q1" / "mymodel.keras", tmp_path / "bob" / "q1" / "mymodel.keras")
    rows = [{"model": f"{name}/q1", "name": name} for name in ("ann", "bob")]
    (tmp_path / "list.json").write_text(json.dumps(rows))
    scan, stat = os.scandir, os.stat

    def forbidden(path: object) -> None:
        if "bob" in str(path):
            raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", lambda path: forbidden(path) or scan(path))
    monkeypatch.setattr(
        os, "stat", lambda path, **more: (str(path) != str(tmp_path / "bob") and forbidden(path)) or stat(path, **more)
    )
    (tmp_path / ".mockexam-handout.json").touch()
    for top in (tmp_path, tmp_path / "list.json"):
        planned = plan(top, "tiny_line", 0)
        problems = {item.student: item.problem for item in planned.items}
        assert problems["ann"] == ""
        assert "can't be read" in problems["bob"]
        assert planned.left_out == ()


def test_a_row_has_its_own_seed(tmp_path: Path) -> None:
    """It goes before --seed, and before what a workspace file says that somebody handed in; empty means --seed."""
    put(tmp_path / "in" / "a.keras", tmp_path / "in" / "b.keras", tmp_path / "in" / "c.keras")
    (tmp_path / "in" / ".mockexam.json").write_text("{")
    listed = tmp_path / "list.csv"
    listed.write_text("model,question,seed\nin/a.keras,tiny_line,0\nin/b.keras,tiny_line,41\nin/c.keras,tiny_line,\n")

    items = plan(listed, None, 7, "ours").items

    assert [(i.seed, i.data_seed, i.problem) for i in items] == [
        (0, "seed-0", ""),
        (41, "seed-41", ""),
        (7, "seed-7", ""),
    ]
    assert [i.holdout_seed for i in items] == [grade_holdout_seed(n, "ours") for n in (0, 41, 7)]
    assert [bool(i.problem) for i in plan(listed, None, None).items] == [False, False, True]


def test_one_name_twice_though_nothing_was_handed_in(tmp_path: Path) -> None:
    """The list is wrong all the same."""
    put(tmp_path / "a.keras")
    listed = tmp_path / "list.csv"
    listed.write_text("model,question,name\na.keras,tiny_line,Ann\nb.keras,tiny_line,Ann\n")
    with pytest.raises(UserError, match="'Ann' appears twice"):
        plan(listed, None, None)


def test_names_that_would_spoil_a_line(tmp_path: Path) -> None:
    """Students choose names of files: what moves the cursor is not printed, what is no text is not marked."""
    put(tmp_path / "a\x1b[2J.keras", tmp_path / "b\udcff.keras")

    items = plan(tmp_path, "tiny_line", None).items

    assert [i.name for i in items] == ["a\ufffd[2J.keras", "b\ufffd.keras"]
    assert [bool(i.problem) for i in items] == [False, True]


def test_a_holdout_seed_changes_the_holdout_and_its_name_in_results(tmp_path: Path) -> None:
    """Another hold-out, the same training data; results of one seed are not reused for another."""
    put(tmp_path / "bob.h5")

    open_, ours, theirs = (plan(tmp_path, "tiny_line", 7, secret).items[0] for secret in (None, "ours", "theirs"))

    assert {item.data_seed for item in (open_, ours, theirs)} == {"seed-7"}
    assert open_.holdout_seed == grade_holdout_seed(7, None)
    kept = {holdout_id(item.holdout_seed) for item in (open_, ours, theirs)}
    assert len(kept) == 3
    assert not any("ours" in one for one in kept)


@pytest.mark.parametrize("kind", ["deep", "pipe", "half a character", "a link"])
def test_a_hostile_workspace_file_affects_only_its_own_models(tmp_path: Path, kind: str) -> None:
    """A submission brings its own workspace file."""
    for name in ("ann", "bob"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mymodel.keras").write_bytes(b"x")
    grader = tmp_path / "ann" / ".mockexam.json"
    if kind == "deep":
        grader.write_text("[" * 200_000)
    elif kind == "pipe":
        os.mkfifo(grader)
    elif kind == "a link":
        grader.symlink_to("/dev/zero")
    else:
        grader.write_text(json.dumps({"version": 1, "paper": "\ud800", "exam": "", "questions": {}}))
    planned = plan(tmp_path, "tiny_line", None)
    problems = {item.name: bool(item.problem) for item in planned.items}
    assert problems["bob/mymodel.keras"] is False
    assert problems.get("ann/mymodel.keras", True) is True


@pytest.mark.parametrize("model", ["~nobody-of-this-name/x.keras", "a" * 5000 + ".keras", "\x1b[31mx.keras", "\ud800"])
def test_hostile_paths_in_a_list(tmp_path: Path, model: str) -> None:
    (tmp_path / "l.json").write_text(json.dumps([{"model": model, "question": "tiny_line"}]))
    with pytest.raises(UserError, match="missing") as told:
        plan(tmp_path / "l.json", None, None)
    assert str(told.value).replace("\n", "").isprintable()
