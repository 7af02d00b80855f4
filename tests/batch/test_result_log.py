"""The file of results."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from mockexam.batch.job import BatchItem, ModelContent, holdout_id
from mockexam.batch.results import BatchResult, ResultLog, Verdicted
from mockexam.errors import UserError
from mockexam.exam.scoring import Verdict
from mockexam.paths import StatePaths
from mockexam.workspace.signature import Signature, sign

TODAY = {"mockexam": "1", "tensorflow": "2.21"}
Make = Callable[[str], BatchItem]


A = "a" * 64


def content(sha256: str | None = A) -> ModelContent:
    """A model with this hash that lies nowhere."""
    return ModelContent(Signature((), problem=str(sha256)), sha256)


def result(item: BatchItem, sha256: str | None = A, versions: Mapping[str, str] = TODAY, marks: int = 3) -> BatchResult:
    verdict = Verdicted(verdict=Verdict.GRADED, marks=marks, metric="mae", value=0.5, versions=dict(versions))
    return BatchResult.of(item, verdict, sha256=sha256, at="2026-01-01T00:00:00+00:00")


@pytest.fixture
def open_record(tmp_path: Path) -> Callable[..., ResultLog]:
    def make(versions: Mapping[str, str] = TODAY) -> ResultLog:
        return ResultLog(tmp_path / "results.ndjson", StatePaths(tmp_path / "home"), versions)

    return make


def test_a_second_run_knows_earlier_results(open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """By content, question, data and versions; another name is the same model."""
    item, other = make_item("ann.keras"), make_item("bob.keras")
    made = result(item)
    with open_record() as record:
        record.add(made)
        assert record.known(item, content()) == made

    with open_record() as record:
        assert record.known(item, content()) == made
        assert record.known(other, content()) == made.renamed(other)
        assert record.known(item, content("b" * 64)) is None
        assert record.known(replace(item, question="another/question"), content()) is None
    with open_record({**TODAY, "tensorflow": "2.22"}) as record:
        assert record.known(item, content()) is None


def test_an_unchanged_file_is_known_without_reading_it(
    tmp_path: Path, open_record: Callable[..., ResultLog], make_item: Make
) -> None:
    """Until anything about it changes, even if it has the same size and claims to be as old."""
    item, path = make_item("ann.keras"), tmp_path / "ann.keras"
    path.write_bytes(b"one")
    graded = Verdicted(verdict=Verdict.GRADED, marks=3, value=1, versions=TODAY)
    with open_record() as record:
        record.add(BatchResult.of(item, graded, sha256=A, at="", state=sign(path)))

    with open_record() as record:
        assert record.unchanged(item, sign(path))
        assert not record.unchanged(replace(item, data_seed="seed-9"), sign(path))
        assert not record.unchanged(item, None)
        before = path.stat()
        path.write_bytes(b"two")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert not record.unchanged(item, sign(path))


def test_what_tf_keras_has_graded_is_known_too(open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """Until another tf-keras is installed."""
    today = {**TODAY, "keras": "3.15", "tf-keras": "2.21"}
    item = make_item("ann.h5")
    made = result(item, versions={**TODAY, "keras": "2.21 (tf-keras)"})
    with open_record(today) as record:
        record.add(made)
    with open_record(today) as record:
        assert record.known(item, content()) == made
    with open_record({**today, "tf-keras": "2.22"}) as record:
        assert record.known(item, content()) is None


def test_the_last_of_two_results_counts(open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """A model that was graded with --fresh."""
    item = make_item("ann.keras")
    with open_record() as record:
        record.add(result(item, marks=1))
        record.add(result(item, marks=4))
    with open_record() as record:
        found = record.known(item, content())
    assert found is not None
    assert found.marks == 4


def test_a_torn_line_costs_one_result(tmp_path: Path, open_record: Callable[..., ResultLog], make_item: Make) -> None:
    """GIVEN a line that a crash cut off WHEN the next run adds one THEN both others are whole."""
    item = make_item("ann.keras")
    first, second, third = (result(item, sha256=n * 64) for n in "abc")
    with open_record() as record:
        record.add(first)
        record.add(second)
    path = tmp_path / "results.ndjson"
    path.write_bytes(path.read_bytes()[:-40])

    with open_record() as record:
        assert record.known(item, content("a" * 64))
        assert record.known(item, content("b" * 64)) is None
        record.add(third)
    with open_record() as record:
        assert record.known(item, content("a" * 64))
        assert record.known(item, content("c" * 64))


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
    fault = BatchResult.of(item, Verdicted(verdict=Verdict.GRADER_ERROR), sha256=A, at="")
    with open_record() as record:
        record.add(fault)
        record.add(result(item, sha256=None))
        assert record.known(item, content()) is None
        assert record.known(item, content(None)) is None


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
    item = make_item("ann.keras")
    made = result(item, marks=5)
    (tmp_path / "results.ndjson").write_text(json.dumps(made.fields()) + "\n")
    with open_record() as record:
        assert record.known(item, content()) is None

    with open_record() as record:
        record.add(result(item, marks=1))
    text = (tmp_path / "results.ndjson").read_text()
    (tmp_path / "results.ndjson").write_text(text.replace('"marks": 1', '"marks": 5'))
    with open_record() as record:
        assert record.known(item, content()) is None


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


def test_a_file_of_an_earlier_version_is_continued(
    tmp_path: Path, open_record: Callable[..., ResultLog], make_item: Make
) -> None:
    """Its lines name the data seed `world`, and so do new ones; they don't hold the state of the model."""
    item = replace(make_item("ann.keras"), edition="e", data_seed="seed-7", holdout_seed="grade-7")
    key = b"k" * 32
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "results.key").write_bytes(key)
    fields = {
        "name": "ann.keras", "question": "simple_model/tiny_line", "verdict": "graded", "marks": 4, "metric": "mae",
        "value": 0.25, "next_at": 0.2, "message": "", "remedy": "", "isolation": "bubblewrap", "versions": TODAY,
        "seconds": 1.5, "model": "/in/ann.keras", "world": "seed-7", "seed": 7, "holdout": holdout_id("grade-7"),
        "format": "keras", "sha256": "a" * 64, "edition": "e", "at": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    seal = hmac.new(key, json.dumps(fields, sort_keys=True).encode(), "sha256").hexdigest()
    (tmp_path / "results.ndjson").write_text(json.dumps({**fields, "seal": seal}) + "\n")

    with open_record() as record:
        found = record.known(item, content())

    assert found is not None
    assert (found.marks, found.data_seed) == (4, "seed-7")
    assert found.fields() == {**fields, "model": str(item.path), "answers": ""}
