"""Every mistake an author can make without training names the file, the key and the remedy."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from mockexam.bank.handbook import load_handbook
from mockexam.bank.loader import load_question
from mockexam.bank.verify.locate import QuestionFault, find_folders
from mockexam.bank.verify.static import check_orphans, check_question, check_questions
from mockexam.bank.verify.tables import data_text
from mockexam.errors import UnknownNameError, UserError
from mockexam.paths import scoring_of
from tests.verify.made_up import QUESTION, edit, made_up_bank


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good question."""
    return made_up_bank(tmp_path)


def check(folder: Path) -> list[QuestionFault]:
    """All faults of it."""
    return check_question(folder, load_handbook(folder.parents[1]))


def test_a_good_question_has_no_fault(folder: Path) -> None:
    """Or every fault below would prove nothing."""
    assert check(folder) == []


CHANGES = {
    "misspelt key": ("exams/question.toml", "minutes", "minuets", "question.toml, key minuets", "unknown key"),
    "misspelt rubric": ("scoring/rubric.toml", "[reference]", "[referense]", "rubric.toml", "referense"),
    "bands": ("scoring/rubric.toml", "0.9, 0.5", "0.5, 0.9", "rubric.toml", "must fall"),
    "reference": ("scoring/rubric.toml", "marks = 5", "marks = 4", "rubric.toml", "must be 5"),
    "one partial": ("scoring/rubric.toml", "marks = 2", "marks = 0", "rubric.toml, key jury", "earn 1 to 4"),
    "jury file": ("scoring/rubric.toml", "short.py", "shorter.py", "rubric.toml, key jury.1.file", "missing"),
    "skill": ("exams/question.toml", "train.fit", "train.fitt", "question.toml, key skills", "no skill"),
    "no model shows it": ("exams/question.toml", "train.fit", "train.plot", "question.toml, key skills", "can show"),
    "hints": ("exams/hints.md", "## 3", "## 4", "hints.md, section", "must be '## 3'"),
    "metric": ("exams/brief.md", "mean absolute error (MAE)", "error", "brief.md", "metric, mae"),
    "file name": ("exams/brief.md", "mymodel.keras", "model.keras", "brief.md", "mymodel.keras"),
    "size": ("exams/brief.md", "1 MB", "11 MB", "brief.md, key contract.max_megabytes", "1 MB"),
    "stub saves": ("exams/stub.py", "raise SystemExit", "print", "stub.py, line", "does not stop"),
    "stub function": ("exams/stub.py", "def solution_model", "def solution", "stub.py", "no function"),
    "stub syntax": ("exams/stub.py", "import tensorflow as tf", "import tensorflow as", "stub.py, line 5", "not valid"),
    "half a solution": ("scoring/jury/short.py", "if __name__", "if False", "short.py", "main block"),
    "saves nothing": ("scoring/reference.py", '"mymodel.keras"', '"other.keras"', "reference.py", "saves no"),
    "neighbour": ("scoring/jury/short.py", "import numpy", "from .r import x\nimport numpy", "short.py", "neigh"),
    "seeds": ("scoring/reference.py", "tf.keras.utils.set_random_seed(7)", "tf.fit(7)", "reference.py", "seeds"),
    "maker's import": ("exams/data.py", "import numpy as np", "import pandas as np", "data.py, line", "pandas"),
    "raises": ("exams/data.py", "    progress(1.0)", "    progress(1.0 / 0)", "data.py, line", "ZeroDivisionError"),
    "exits": ("exams/data.py", "    progress(1.0)", "    raise SystemExit", "data.py, line", "SystemExit"),
    "shapes": ("exams/data.py", "(rows, 1))\n    price", "(rows, 2))\n    price", "data.py, make_", "does not fit"),
    "dtype": ("exams/data.py", "length.astype(np.float32)", "length", "data.py, make_holdout", "float64"),
    "labels": ("exams/data.py", "(world, rng, 400)", "(world, rng, 400)[0], None", "data.py, make_holdout", "labels"),
    "train alone": ("exams/data.py", "return sample(world, rng, ROWS)", "return 2 * [np.ones(3)]", "make_train", ""),
    "no function": ("exams/data.py", "def make_holdout", "def make_hold_out", "data.py", "make_holdout"),
    "one world": ("exams/data.py", "World(float(rng.uniform(1.5, 2.5)), float(rng.uniform(0.5, 1.5)))", "World(2, 1)",
                  "data.py, make_world", "same"),
    "one hold-out": ("exams/data.py", "return sample(world, rng, 400)",
                     "return sample(world, np.random.default_rng(1), 400)", "data.py, make_holdout", "same hold-out"),
    "writes nothing": ("exams/data.py", "    np.savetxt", "    (lambda *a, **k: 0)",
                       "data.py, write_train", "no file"),
    "too much": ("exams/data.py", "    progress(1.0)", '    (folder / "x").write_bytes(bytes(26_000_000))',
                 "data.py, write_train", "26.0 MB"),
    "not the same again": ("exams/data.py", "    progress(1.0)", '    (folder / "x").write_text(str(set("abcdefgh")))',
                           "data.py, write_train", "same seed"),
}  # fmt: skip
"""Name: file, old text, new text, a part of where the fault is told to be, a part of what is told."""


@pytest.mark.parametrize("name", CHANGES)
def test_a_mistake_is_told(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """GIVEN a good question WHEN one thing is wrong THEN a fault names the place and a remedy."""
    file, old, new, where, what = CHANGES[name]
    if file != "exams/data.py":  # its processes would find nothing and take a second
        monkeypatch.setattr("mockexam.bank.verify.static.check_data", lambda *_, **__: [])
    root, _, inside = file.partition("/")
    edit((folder if root == "exams" else scoring_of(folder)) / inside, old, new)

    faults = check(folder)

    assert any(where in fault.where and what in fault.what for fault in faults), faults
    assert all(fault.remedy and fault.question == QUESTION for fault in faults)


BREAK: dict[str, tuple[Callable[[Path], object], str]] = {
    "no floor": (
        lambda f: [edit(scoring_of(f) / "rubric.toml", f"marks = {n}", "marks = 3") for n in (0, 1)],
        "no baseline",
    ),
    "no brief": (lambda f: (f / "brief.md").unlink(), "brief.md"),
    "no rubric": (lambda f: (scoring_of(f) / "rubric.toml").unlink(), "missing"),
    "no reference": (lambda f: (scoring_of(f) / "reference.py").unlink(), "reference.py is missing"),
    "stray notes": (lambda f: (f / "notes.txt").write_text("x"), "belongs to nothing"),
    "stray solution": (lambda f: (scoring_of(f) / "jury" / "old.py").write_text("x"), "belongs to nothing"),
    "spoilt evidence": (lambda f: (scoring_of(f) / "calibration.json").write_text("{"), "evidence"),
}


@pytest.mark.parametrize("name", BREAK)
def test_missing_and_stray_files_are_told(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In both folders."""
    monkeypatch.setattr("mockexam.bank.verify.static.check_data", lambda *_, **__: [])  # as above
    change, what = BREAK[name]
    change(folder)

    assert any(what in fault.what for fault in check(folder))


def test_a_file_that_the_data_maker_names_is_its_own(folder: Path) -> None:
    """A small trained network, say."""
    (folder / "backbone.keras").write_bytes(b"x")
    assert [fault.what for fault in check(folder)] == ["This file belongs to nothing."]

    edit(folder / "data.py", "ROWS = 100", 'ROWS = 100\nBACKBONE = "backbone.keras"')
    assert check(folder) == []


SOURCE = """
[[sources]]
file = "fences.csv"
title = "old fences 1.2"
authors = "Ada Hazel, Bo Ash"
licence = "CC0-1.0"
url = "https://example.org/fences"
package = "fences-1.2.tar.gz"
package_sha256 = "{package}"
sha256 = "{copy}"
changes = "every second row"
"""


def with_source(folder: Path, **changed: str) -> None:
    """Let the question stand on a file of others."""
    (folder / "fences.csv").write_bytes(b"length\n3\n")
    edit(folder / "data.py", "ROWS = 100", 'ROWS = 100\nFENCES = "fences.csv"')
    copy = hashlib.sha256(b"length\n3\n").hexdigest()
    text = SOURCE.format(package="a" * 64, copy=copy)
    for key, value in changed.items():
        text = "\n".join(f"{key} = {value}" if line.startswith(f"{key} =") else line for line in text.split("\n"))
    with (folder / "question.toml").open("a") as file:
        file.write(text)
    edit(folder / "brief.md", "## Your task", "From old fences 1.2 by Ada Hazel,\nBo Ash (CC0-1.0).\n\n## Your task")


def test_the_data_of_others_are_told_with_licence_and_hash(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the brief, and in a table for whoever wants to know."""
    monkeypatch.setattr("mockexam.bank.verify.static.check_data", lambda *_, **__: [])
    with_source(folder)

    assert check(folder) == []
    told = data_text([load_question(folder)])
    words = ("old fences 1.2", "Ada Hazel, Bo Ash", "CC0-1.0", "a" * 64, "every second row")
    assert [word for word in words if word not in told] == []


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"sha256": f'"{"b" * 64}"'}, "not the file"),
        ({"file": '"fence.csv"'}, "fence.csv is missing"),
        ({"licence": '"CC-BY-4.0"'}, "licence"),
        ({"title": '"old fences 1.3"', "authors": '"Ada Ash"'}, "title and authors"),
        ({"url": '"ftp://example.org"'}, "url"),
        ({"sha256": f'"{"b" * 63}"'}, "sha256"),
    ],
)
def test_a_wrong_source_is_told(
    changed: dict[str, str], what: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By key and remedy."""
    monkeypatch.setattr("mockexam.bank.verify.static.check_data", lambda *_, **__: [])
    with_source(folder, **changed)

    faults = check(folder)

    assert any(what in fault.what and "sources" in fault.where and fault.remedy for fault in faults), faults


WORKS = "while time.process_time() < begun + 6.5:\n        pass"
WAITS = "time.sleep(0.35)"


@pytest.mark.parametrize(
    ("does", "told"), [(WORKS, {"write_train takes", "progress 1 times"}), (WAITS, set())], ids=["works", "waits"]
)
def test_a_slow_maker_is_told(
    does: str, told: set[str], folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the processor's time, so that a busy machine is no fault. The clocks run 20 times as fast here."""
    clocks = [f"time.{name} = lambda real=time.{name}: 20 * real()" for name in ("monotonic", "process_time")]
    (tmp_path / "sitecustomize.py").write_text("\n".join(["import time", *clocks]))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    slow = f"    import time\n    begun = time.process_time()\n    {does}\n    progress(1.0)"
    edit(folder / "data.py", "    progress(1.0)", slow)

    faults = check(folder)

    assert {part for part in ("write_train takes", "progress 1 times") for f in faults if part in f.what} == told


def test_all_questions_are_checked_and_told_of(tmp_path: Path) -> None:
    """GIVEN one good and one broken question THEN the broken one does not hide the other."""
    made_up_bank(tmp_path, "simple_model/other_one")
    folder = made_up_bank(tmp_path)
    (folder / "stub.py").unlink()
    seen: list[str] = []

    faults = check_questions(find_folders([tmp_path / "exams"]), load_handbook(tmp_path / "exams"), told=seen.append)

    assert {fault.question for fault in faults} == {QUESTION}
    assert sorted(seen) == ["simple_model/fence_line", "simple_model/other_one"]


def test_a_rubric_without_a_question_is_told(tmp_path: Path) -> None:
    """As after a rename in one of the two folders."""
    folder = made_up_bank(tmp_path)
    folder.rename(folder.with_name("hedge_line"))

    assert [fault.question for fault in check_orphans([tmp_path / "exams"])] == [QUESTION]
    assert any("rubric.toml" in fault.where for fault in check(folder.with_name("hedge_line")))


def test_a_name_that_is_none_is_told(tmp_path: Path) -> None:
    """Not with a traceback."""
    folder = made_up_bank(tmp_path)
    folder.rename(folder.with_name("Fence-Line"))

    assert "not a valid name" in check(folder.with_name("Fence-Line"))[0].what


def test_questions_are_found_by_id_part_and_category(tmp_path: Path) -> None:
    """As in the other commands."""
    made_up_bank(tmp_path, "simple_model/other_one")
    folder = made_up_bank(tmp_path)
    roots = [tmp_path / "exams"]

    assert find_folders(roots, [QUESTION]) == find_folders(roots, ["fence"]) == [folder]
    assert len(find_folders(roots, ["simple_model", "fence"])) == 2
    with pytest.raises(UnknownNameError):
        find_folders(roots, ["hedge"])
    with pytest.raises(UserError, match="no questions here"):
        find_folders([tmp_path / "nowhere"])
