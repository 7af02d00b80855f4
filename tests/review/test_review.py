"""The one door to the record: naming attempts, an empty record, scripts, diffs and restoring."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.errors import UnknownNameError, UserError
from mockexam.paths import StatePaths
from mockexam.review.selection import find_attempt, find_submission
from mockexam.review.service import Review
from tests.factories import FakeClock
from tests.review.conftest import Past

KNOWN = ["20260101-7K3QF2", "20260101-7K3QF2-2", "20260301-9ABCXY", "20261112-7K0000"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("last", 3), ("LAST", 3), ("20260101-7K3QF2", 0), ("20260301", 2), ("9abc-xy", 2), ("9ABC", 2), ("f2-2", 1),
        ("7k00", 3),
    ],
)  # fmt: skip
def test_an_attempt_is_found_by_part_of_its_name(name: str, found: int) -> None:
    """Of its id or of its paper's code, as it is printed, whatever the case."""
    assert find_attempt(name, KNOWN) == KNOWN[found]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2026", "ambiguous"), ("7k3q", "20260101-7K3QF2-2"), ("20260301-9ABCYX", "Use one of: 20260301-9ABCXY"),
        ("", "not known"), ("-", "not known"), ("zzzz", "20261112-7K0000"),
    ],
)  # fmt: skip
def test_a_name_that_fits_none_or_many(name: str, expected: str) -> None:
    """The nearest, or the newest, are listed."""
    with pytest.raises(UnknownNameError) as error:
        find_attempt(name, KNOWN)
    assert expected in str(error.value)


def test_thousands_of_names_are_not_all_listed() -> None:
    """An error is a few lines."""
    many = [f"2026{n:04}-ABCDEF" for n in range(3000)]
    for name in ("2026", "qqq"):
        with pytest.raises(UnknownNameError) as error:
            find_attempt(name, many)
        assert len(str(error.value)) < 300


def test_an_empty_record_is_not_made_by_looking(tmp_path: Path) -> None:
    """Nothing is on record, nothing fails, and no file appears."""
    review = Review(StatePaths(tmp_path / "home"), FakeClock())
    assert review.outcomes() == ()
    assert review.disk().total == 0
    assert review.progress().totals == ()
    assert [s.mean for s in review.progress().standings] == [None] * 5
    assert review.readiness().plan
    with pytest.raises(UserError, match="no attempts yet"):
        review.detail("last")
    assert not (tmp_path / "home").exists()


def test_totals_are_of_exams_alone(past: Past) -> None:
    """Oldest first, in per cent, with the pass mark of then."""
    totals = past.review.progress().totals
    assert [t.attempt for t in totals] == past.ids[::3]
    assert totals[-1].percent > totals[0].percent
    assert {t.pass_mark for t in totals} == {90}


def test_scripts_and_differences(past: Past) -> None:
    """A submission's script, against another's, and against the reference."""
    review = past.review
    first, second = [s.id for s in review.detail("last").questions[0].submissions][:2]
    (script,) = review.scripts("last", first)
    assert script.name == "solution.py"
    assert "UNITS = 8\n" in script.text
    lines = review.diff("last", first, second)
    assert [(one.kind, one.text) for one in lines if one.kind in {"old", "new"}] == [
        ("old", "UNITS = 8"), ("new", "UNITS = 16"),
    ]  # fmt: skip
    assert any(one.kind == "new" and "import json" in one.text for one in review.diff("last", first))
    assert "import tensorflow" in review.reference("last", 1).text


def test_a_submission_by_its_number_in_the_list_of_models(past: Past) -> None:
    """Alone where only one question has so many, else with its question; an id's part is still one."""
    review = past.review
    detail = next(d for d in map(review.detail, past.ids) if len(d.questions) > 1 and d.questions[1].submissions)
    question = detail.questions[1]
    for place, submission in enumerate(question.submissions, 1):
        assert find_submission(f"q{question.item.number}-{place}", detail.submissions) is submission
    with pytest.raises(UnknownNameError, match="ambiguous") as several:
        find_submission("1", detail.submissions)
    assert question.submissions[0].id in str(several.value)
    of_one = review.detail("last").questions[0].submissions
    assert review.diff("last", "1", "2") == review.diff("last", of_one[0].id, of_one[1].id)
    assert find_submission(of_one[1].id[:9], of_one) is of_one[1]
    again = (of_one[1], replace(of_one[0], saved_again=of_one[1].elapsed + 1))  # as they stand after that
    assert find_submission("1", again).id == find_submission("last", again).id == of_one[0].id


def test_what_cannot_be_compared_says_why(past: Past, running: Past) -> None:
    """No stored script, no such question, a reference that is closed or gone."""
    old = past.ids[0]
    gone = past.review.detail(old).questions[0].submissions[0].id
    with pytest.raises(UserError, match="no stored scripts"):
        past.review.diff(old, gone)
    with pytest.raises(UserError, match="no question 7"):
        past.review.reference("last", 7)
    number = next(q.item.number for q in past.review.detail(old).questions if not q.bands)
    with pytest.raises(UserError, match="no longer in the question bank"):
        past.review.reference(old, number)
    with pytest.raises(UserError, match="running attempt"):
        running.review.reference("last", 1)
    with pytest.raises(UnknownNameError, match="submission 'zz'"):
        past.review.scripts("last", "zz")


def test_a_submission_is_put_back(past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Model and scripts, where it is asked for; files that differ are moved aside and reported."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(past.home))
    review, reports = past.review, list[str]()
    submission = review.detail("last").questions[0].submissions[0]
    (tmp_path / "solution.py").write_text("mine")
    names = review.restore("last", submission.id, tmp_path, tell=reports.append)
    assert set(names) == {"solution.py", "mymodel.keras"}
    assert submission.model is not None
    assert (tmp_path / "mymodel.keras").read_bytes() == submission.model.read_bytes()
    assert (tmp_path / "solution.py.bak-1").read_text() == "mine"
    assert any("solution.py.bak-1" in text for text in reports)
    with pytest.raises(UserError, match="workspace of this attempt no longer exists"):
        review.restore("last", submission.id)


def test_a_page_never_takes_the_place_of_something_else(past: Past, tmp_path: Path) -> None:
    """An older page is replaced; a script, or a folder, is not."""
    page, script = tmp_path / "review.html", tmp_path / "solution.py"
    script.write_text("mine")
    past.review.write_html(page)
    before = page.stat().st_mtime_ns
    past.review.write_html(page, "last")
    assert page.stat().st_mtime_ns > before
    for target in (script, tmp_path, tmp_path / "nowhere" / "review.html"):
        with pytest.raises(UserError):
            past.review.write_html(target, "last")
    assert script.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["review.html", "solution.py"]


def test_the_record_can_be_changed_through_it(past: Past, tmp_path: Path) -> None:
    """Delete, prune, export and import reach the record."""
    review = Review(StatePaths(shutil.copytree(past.home, tmp_path / "home")), FakeClock())
    newest = past.ids[-1]
    assert review.prune(dry=True).models > 0
    review.export([newest], tmp_path / "kept.zip")
    assert review.delete(["last"]).attempts == (newest,)
    assert review.attempts() == past.ids[:-1]
    assert review.import_(tmp_path / "kept.zip").new == (newest,)
    assert review.attempts() == past.ids
    assert review.broken(newest) is None
    assert review.broken(past.ids[5]) is not None
