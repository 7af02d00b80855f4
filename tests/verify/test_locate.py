"""A question whose data or marks changed since it was verified is noticed; one that was reworded is not."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from mockexam.bank.handbook import load_handbook
from mockexam.bank.loader import digest, load_bank, load_question
from mockexam.bank.rubric import EVIDENCE, Evidence, Solution, SolutionRun, read_evidence, rubric_of
from mockexam.bank.verify import script_checks
from mockexam.bank.verify.locate import evidence_digest, stale
from mockexam.bank.verify.static import check_question, first_fault
from mockexam.bank.verify.verification import write_evidence
from mockexam.errors import UserError
from mockexam.paths import scoring_of
from tests.verify.made_up import edit, made_up_bank

BYTES = ["exams/data.py", "exams/stub.py", "scoring/reference.py", "scoring/jury/short.py"]
"""Files of which every byte counts."""
TERMS = {
    "size limit": ("exams/question.toml", "max_megabytes = 1", "max_megabytes = 2"),
    "dtype": ("exams/question.toml", "float32", "int32"),
    "bands": ("scoring/rubric.toml", "0.9, 0.5", "0.8, 0.5"),
    "expected marks": ("scoring/rubric.toml", "marks = 2", "marks = 3"),
    "metric": ("scoring/rubric.toml", '"mae"', '"rmse"'),
}
PROSE = {
    "title": ("exams/question.toml", 'title = "', 'title = "Other '),
    "summary": ("exams/question.toml", 'summary = "', 'summary = "Other '),
    "meaning": ("exams/question.toml", 'meaning = "', 'meaning = "other '),
    "minutes": ("exams/question.toml", "minutes = ", "minutes = 1"),
    "brief": ("exams/brief.md", "#", "# Other\n\n#"),
    "hints": ("exams/hints.md", "## 2", "Another word.\n\n## 2"),
    "why": ("scoring/rubric.toml", 'why = "', 'why = "Other '),
}


SOLUTIONS = ("reference.py", "jury/short.py", "stub")


def verified(folder: Path) -> None:
    """Give the question a calibration of its files as they are."""
    question = load_question(folder)
    seen = SolutionRun(seed=1, verdict="graded", marks=5, value=0.0, train_seconds=1, peak_megabytes=1)
    evidence = Evidence(
        files=evidence_digest(question, rubric_of(question), SOLUTIONS),
        machine="here",
        versions={},
        date=date(2026, 11, 21),
        seeds=(1,),
        metric="mae",
        models={name: Solution(expected=5, runs=(seen,)) for name in SOLUTIONS},
    )
    write_evidence(scoring_of(folder) / EVIDENCE, evidence)


def test_a_question_without_evidence_is_stale(tmp_path: Path) -> None:
    """And the command that helps is named."""
    question = load_question(made_up_bank(tmp_path))
    assert f"bank verify {question.id}" in stale(question)


def test_a_verified_question_is_not_stale(tmp_path: Path) -> None:
    """Nor do caches make it so."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "data.pyc").write_bytes(b"x")

    assert stale(load_question(folder)) == ""


def inside(folder: Path, name: str) -> Path:
    """A file of a question, named as from the root of a bank."""
    root, _, rest = name.partition("/")
    return (folder if root == "exams" else scoring_of(folder)) / rest


@pytest.mark.parametrize("name", BYTES)
def test_a_byte_more_makes_it_stale(name: str, tmp_path: Path) -> None:
    """In the data maker and in whatever was run."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    path = inside(folder, name)
    path.write_bytes(path.read_bytes() + b"\n")

    assert "has changed" in stale(load_question(folder))


@pytest.mark.parametrize("name", TERMS)
def test_other_terms_make_it_stale(name: str, tmp_path: Path) -> None:
    """Contract and rubric decide the marks."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    file, old, new = TERMS[name]
    edit(inside(folder, file), old, new)

    assert "has changed" in stale(load_question(folder))


@pytest.mark.parametrize("name", PROSE)
def test_prose_may_be_reworded(name: str, tmp_path: Path) -> None:
    """What was verified stands, and the question is the same."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    before = load_question(folder).fingerprint
    file, old, new = PROSE[name]
    edit(inside(folder, file), old, new)

    assert stale(load_question(folder)) == ""
    assert load_question(folder).fingerprint == before


@pytest.mark.parametrize("changed", [False, True])
def test_a_calibration_of_version_1_counts_every_file(changed: bool, tmp_path: Path) -> None:
    """As packs of before hold it: one more word in the brief and it speaks of other files."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    path = scoring_of(folder) / EVIDENCE
    found = read_evidence(path)
    assert found is not None
    files = digest(
        f"{root}/{file.relative_to(where).as_posix()}\0{hashlib.sha256(file.read_bytes()).hexdigest()}"
        for root, where in (("exams", folder), ("scoring", scoring_of(folder)))
        for file in sorted(where.rglob("*"))
        if file.is_file() and file != path
    )
    write_evidence(path, found.model_copy(update={"version": 1, "files": files}))
    if changed:
        edit(folder / "brief.md", "#", "# Other\n\n#")

    assert ("has changed" in stale(load_question(folder))) is changed


def test_a_solution_that_is_gone_proves_nothing(tmp_path: Path) -> None:
    """The file that can't be read is named."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    (scoring_of(folder) / "jury" / "short.py").unlink()

    with pytest.raises(UserError) as told:
        stale(load_question(folder))
    assert "short.py" in told.value.location


def test_a_solution_that_was_taken_out_of_the_rubric_makes_it_stale(tmp_path: Path) -> None:
    """Its script may be gone as well."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    rubric = scoring_of(folder) / "rubric.toml"
    entries = rubric.read_text(encoding="utf-8").split("\n\n")
    rubric.write_text("\n\n".join(e for e in entries if "short.py" not in e), encoding="utf-8")
    (scoring_of(folder) / "jury" / "short.py").unlink()

    assert "has changed" in stale(load_question(folder))


def test_a_file_that_the_data_maker_may_read_makes_it_stale(tmp_path: Path) -> None:
    """Any file beside data.py but the prose."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    (folder / "words.txt").write_text("one two")

    assert "has changed" in stale(load_question(folder))


def test_reworded_prose_is_checked_without_looking_at_the_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hint that can't be read is found before a paper is drawn; verified data are not made again for it."""
    folder = made_up_bank(tmp_path)
    verified(folder)
    monkeypatch.setattr(
        "mockexam.bank.verify.static.check_data", lambda *_, **__: pytest.fail("the data were verified")
    )
    handbook = load_handbook(folder.parents[1])
    assert first_fault(folder, handbook) == ""

    edit(folder / "hints.md", "## 3", "## 4")

    assert "hints.md" in first_fault(folder, handbook)


@pytest.mark.parametrize(("proved", "makings"), [(False, 2), (True, 1)])
def test_data_are_made_twice_until_the_question_is_verified(
    proved: bool, makings: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second making shows whether an order depends on a set, which is so for as long as the code is the same."""
    folder = made_up_bank(tmp_path)
    if proved:
        verified(folder)
    made = []
    monkeypatch.setattr(script_checks, "_make_data", lambda *_, **__: made.append(1) or {"faults": [], "made": {}})

    assert check_question(folder, load_handbook(folder.parents[1])) == []
    assert len(made) == makings


def test_no_shipped_question_has_changed_since_it_was_verified() -> None:
    """A question whose calibration speaks of other files proves nothing."""
    bank = load_bank()
    verified_ones = [q for q in bank.questions.values() if read_evidence(scoring_of(q.folder) / EVIDENCE)]

    assert [stale(q) for q in verified_ones if stale(q)] == []
