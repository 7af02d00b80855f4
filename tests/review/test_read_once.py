"""A document is made of one reading: the record is opened at most twice, no detail or rubric is made or read again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mockexam.bank import rubric
from mockexam.bank.loader import load_bank
from mockexam.entry import run
from mockexam.exam.paper import Mode
from mockexam.review import detail_builder
from mockexam.store import journal
from tests.histories import make_history
from tests.review.conftest import Past


@dataclass
class Counts:
    """What was read."""

    openings: int = 0
    details: Counter[str] = field(default_factory=Counter)
    """By attempt."""
    rubrics: Counter[Path] = field(default_factory=Counter)


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counts:
    """Counts from below the review: connections, attempts read whole, and rubrics read."""
    load_bank()  # what the bank itself reads is not the review's
    found = Counts()
    connect, read_attempt, read_toml = journal.connect, detail_builder.read_attempt, rubric.read_toml

    def counted_connect(*args: Any, **named: Any) -> Any:
        found.openings += 1
        return connect(*args, **named)

    def counted_attempt(*args: Any) -> Any:
        found.details[args[1]] += 1
        return read_attempt(*args)

    def counted_toml(path: Path, *args: Any) -> Any:
        found.rubrics[path] += 1
        return read_toml(path, *args)

    monkeypatch.setattr(journal, "connect", counted_connect)
    monkeypatch.setattr(detail_builder, "read_attempt", counted_attempt)
    monkeypatch.setattr(rubric, "read_toml", counted_toml)
    return found


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Past:
    """Long enough for an exam that was passed."""
    home = tmp_path_factory.mktemp("past")
    return Past(home, make_history(home, 40))


@pytest.fixture
def exams(past: Past, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """Two exams of five questions each, the second passed; commands find their record."""
    monkeypatch.setenv("MOCKEXAM_HOME", str(past.home))
    found = [o for o in past.review.outcomes() if o.mode is Mode.EXAM and len(o.questions) == 5]
    newest = next(o.attempt for o in reversed(found) if o.passed)
    return next(o.attempt for o in found if o.attempt != newest), newest


FORMS = {
    "text": [],
    "json": ["--json"],
    "html": ["--html", "page.html"],
    "certificate": ["--certificate", "page.html", "--name", "Ada Lovelace"],
    "diff": ["--diff", "SUBMISSION", "--json"],
    "diff of two": ["--diff", "SUBMISSION", "--against", "SUBMISSION"],
    "restore": ["--restore", "SUBMISSION", "--into", "folder"],
    "compare": ["--compare", "OTHER"],
    "compare as json": ["--compare", "OTHER", "--json"],
}


@pytest.mark.parametrize("form", FORMS)
def test_what_a_command_shows_is_read_once(
    past: Past, exams: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, request: Any
) -> None:
    """The record is opened twice at most: to find the attempt, and to read it."""
    monkeypatch.chdir(tmp_path)
    other, attempt = exams
    submission = next(s.id for s in past.review.detail(attempt).submissions if s.scripts and s.model)
    counts: Counts = request.getfixturevalue("counts")
    words = [{"SUBMISSION": submission, "OTHER": other}.get(word, word) for word in FORMS[form]]

    assert run(["review", attempt, *words]) == 0

    assert counts.openings <= 2
    assert set(counts.details) == {attempt, *([other] if other in words else [])}
    assert set(counts.details.values()) == {1}
    assert len(counts.rubrics) >= 3
    assert set(counts.rubrics.values()) == {1}


def test_the_page_of_all_attempts_opens_the_record_once(exams: tuple[str, str], tmp_path: Path, counts: Counts) -> None:
    """It needs no attempt whole."""
    assert exams
    assert run(["review", "--html", str(tmp_path / "page.html")]) == 0
    assert (counts.openings, counts.details, counts.rubrics) == (1, Counter(), Counter())


def test_a_detail_at_hand_is_not_read_again(past: Past, exams: tuple[str, str], tmp_path: Path, counts: Counts) -> None:
    """It stands for its attempt in every call."""
    review = past.review
    one, other = (review.detail(name) for name in exams)
    submission = next(s for s in other.submissions if s.scripts and s.model)
    before = counts.openings, counts.details.total(), counts.rubrics.total()

    review.compare(one, other)
    review.diff(other, submission.id)
    review.reference(other, submission.number)
    review.restore(other, submission.id, tmp_path)
    review.write_html(tmp_path / "page.html", other)
    review.write_html(tmp_path / "page.html", other, "Ada Lovelace")
    assert review.scripts(other, submission.id)

    assert (counts.openings, counts.details.total(), counts.rubrics.total()) == before
    assert set(counts.rubrics.values()) == {1}
