"""The file of results."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from mockexam.batch.job import BatchItem
from mockexam.batch.results import BatchResult, ResultLog, Verdicted
from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict
from mockexam.paths import StatePaths

TODAY = {"mockexam": "1", "tensorflow": "2.21"}
Make = Callable[[str], BatchItem]


def result(
    item: BatchItem, sha256: str | None = "a" * 64, versions: Mapping[str, str] = TODAY, marks: int = 3
) -> BatchResult:
    verdict = Verdicted(verdict=Verdict.GRADED, marks=marks, metric="mae", value=0.5, versions=dict(versions))
    return BatchResult.of(item, verdict, sha256=sha256, at="2026-01-01T00:00:00+00:00")


@pytest.fixture
def open_record(tmp_path: Path) -> Callable[..., ResultLog]:
    def make(versions: Mapping[str, str] = TODAY) -> ResultLog:
        return ResultLog(tmp_path / "results.ndjson", StatePaths(tmp_path / "home"), versions)

    return make


def test_a_second_run_knows_earlier_results(open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """By content, question, data and versions; another name is the same model."""
    made = result(make_item("ann.keras"))
    with open_record() as record:
        record.add(made)
        assert record.get(made.key) == made

    with open_record() as record:
        assert record.get(made.key) == made
        assert record.get(("b" * 64, *made.key[1:])) is None
    with open_record({**TODAY, "tensorflow": "2.22"}) as record:
        assert record.get(made.key) is None


def test_what_tf_keras_has_graded_is_known_too(open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """Until another tf-keras is installed."""
    today = {**TODAY, "keras": "3.15", "tf-keras": "2.21"}
    made = result(make_item("ann.h5"), versions={**TODAY, "keras": "2.21 (tf-keras)"})
    with open_record(today) as record:
        record.add(made)
    with open_record(today) as record:
        assert record.get(made.key) == made
    with open_record({**today, "tf-keras": "2.22"}) as record:
        assert record.get(made.key) is None


def test_the_last_of_two_results_counts(open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """A model that was graded with --fresh."""
    item = make_item("ann.keras")
    with open_record() as record:
        record.add(result(item, marks=1))
        record.add(result(item, marks=4))
    with open_record() as record:
        found = record.get(result(item).key)
    assert found is not None
    assert found.marks == 4


def test_a_torn_line_costs_one_result(tmp_path: Path, open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """GIVEN a line that a crash cut off WHEN the next run adds one THEN both others are whole."""
    first, second, third = (result(make_item(n), sha256=n * 64) for n in "abc")
    with open_record() as record:
        record.add(first)
        record.add(second)
    path = tmp_path / "results.ndjson"
    path.write_bytes(path.read_bytes()[:-40])

    with open_record() as record:
        assert record.get(first.key)
        assert record.get(second.key) is None
        record.add(third)
    with open_record() as record:
        assert record.get(first.key)
        assert record.get(third.key)


def test_a_run_that_was_killed_in_its_first_line(
    tmp_path: Path, open_record: Callable[..., ResultLog], make_item: Make
) -> None:
    path = tmp_path / "results.ndjson"
    path.write_bytes(json.dumps(result(make_item("a")).fields()).encode()[:50])
    with open_record() as record:
        record.add(result(make_item("a")))


def test_faults_and_links_are_tried_again(open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """A fault of the grader never counts, and without a hash nobody knows whether it is the same model."""
    item = make_item("a.keras")
    fault = BatchResult.of(item, Verdicted(verdict=Verdict.GRADER_ERROR), sha256="a" * 64, at="")
    with open_record() as record:
        record.add(fault)
        record.add(result(item, sha256=None))
        assert record.get(fault.key) is None
        assert record.get(result(item, sha256=None).key) is None


def test_another_file_is_left_alone(tmp_path: Path, open_record: Callable[..., ResultLog]) -> None:
    path = tmp_path / "results.ndjson"
    path.write_text("my thesis\nchapter one")
    with pytest.raises(UserError, match="no results of mockexam"), open_record():
        pass
    assert path.read_text() == "my thesis\nchapter one"


def test_one_run_at_a_time(open_record: Callable[..., ResultLog]) -> None:
    with open_record(), pytest.raises(UserError, match="Another mockexam"), open_record():
        pass
    with open_record() as record:
        pass
    assert not record.path.exists(), "nothing came of it, nothing is left"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with (
        pytest.raises(UserError, match="can't be saved"),
        ResultLog(tmp_path / "no" / "r.ndjson", StatePaths(tmp_path), TODAY),
    ):
        pass


def test_a_line_that_was_not_sealed_here_is_graded_again(
    tmp_path: Path, open_record: Callable[..., ResultLog], make_item: Make
) -> None:
    """The file is beside the submissions: one of them may have brought it."""
    made = result(make_item("ann.keras"), marks=5)
    (tmp_path / "results.ndjson").write_text(json.dumps(made.fields()) + "\n")
    with open_record() as record:
        assert record.get(made.key) is None

    with open_record() as record:
        record.add(result(make_item("ann.keras"), marks=1))
    text = (tmp_path / "results.ndjson").read_text()
    (tmp_path / "results.ndjson").write_text(text.replace('"marks": 1', '"marks": 5'))
    with open_record() as record:
        assert record.get(made.key) is None


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_nothing_is_written_through_a_link_or_a_pipe(
    tmp_path: Path, open_record: Callable[..., ResultLog], kind: str
) -> None:
    """An archive may bring a link to a file that a shell runs."""
    if kind == "link":
        (tmp_path / "results.ndjson").symlink_to(tmp_path / "elsewhere")
    else:
        os.mkfifo(tmp_path / "results.ndjson")
    with pytest.raises(UserError, match="can't be saved"), open_record():
        pass
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_of_an_earlier_version_is_continued(tmp_path: Path, open_record: Callable[..., ResultLog]) -> None:
    """Its lines name the data seed `world`, and so do new ones."""
    key = b"k" * 32
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "results.key").write_bytes(key)
    fields = {
        "name": "ann.keras", "question": "simple_model/tiny_line", "verdict": "graded", "marks": 4, "metric": "mae",
        "value": 0.25, "next_at": 0.2, "message": "", "remedy": "", "isolation": "bubblewrap", "versions": TODAY,
        "seconds": 1.5, "model": "/in/ann.keras", "world": "seed-7", "seed": 7, "holdout": "0123456789abcdef",
        "format": "keras", "sha256": "a" * 64, "edition": "e", "at": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    seal = hmac.new(key, json.dumps(fields, sort_keys=True).encode(), "sha256").hexdigest()
    (tmp_path / "results.ndjson").write_text(json.dumps({**fields, "seal": seal}) + "\n")

    with open_record() as record:
        found = record.get(("a" * 64, "keras", "simple_model/tiny_line", "e", "seed-7", "0123456789abcdef"))

    assert found is not None
    assert (found.marks, found.data_seed) == (4, "seed-7")
    assert found.fields() == fields
